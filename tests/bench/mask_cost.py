"""Measures what a mask costs: made for the first time, remembered, and where nothing is to be masked.

    python tests/bench/mask_cost.py                        # o200k: 200,000 tokens
    python tests/bench/mask_cost.py --family cl100k --gguf FOLDER
    build/engines/torch/bin/python tests/bench/mask_cost.py    # with xgrammar, which vLLM brings: `make test-engines` first

The types are those of the standard library as `dir` shows them, from 5 to 350 members. For each a receiver ends, a dot
follows, and its members are written a letter at a time; at each place the mask is made anew (*cold*: all that was
remembered is forgotten, except what belongs to the vocabulary) and asked for again (*memoized*). llguidance and xgrammar
answer the easier question beside it, in the same process: which tokens may come next if the text is a dot, one of these
members and a bracket. Their masks are bitmaps of native code; their compilation of the members is shown apart. Times are of
the CPU, those of compiling of all threads together.
"""

from __future__ import annotations

import argparse
import builtins
import importlib
import random
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.decoding_vocabularies import Family, families, install

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks, names_in_order
from tracemend.analysis.monitors.tables import SymbolTable, TableType

MODULES = [
    "os",
    "re",
    "json",
    "ast",
    "argparse",
    "pathlib",
    "logging",
    "socket",
    "ssl",
    "decimal",
    "datetime",
    "threading",
    "asyncio",
    "unittest",
    "email",
]
PLACES_A_TYPE = 6
CODE = b"""total = sum(price for price in prices if price > 0)
    # The price of all, "as it was": nothing here is masked.
    message = f"{total} of {len(prices)} {unknown.value}" + 'text ' * 3
    return [unknown.name, message, 1.5e3]
"""


def main() -> None:
    """Measure one vocabulary, and print the table."""
    options = _options()
    family = next(one for one in families(options.gguf) if one.name == options.family)
    started = time.process_time()
    masks = TokenMasks(family.vocabulary)
    print(
        f"{family.name}: {len(family.vocabulary.tokens)} tokens, read in {time.process_time() - started:.2f} CPU s"
    )
    times: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(options.seed)
    table = standard_library_table(chance, options.types)
    for number, one in enumerate(table.types):
        for place, before in _places(f"n{number}", sorted(one.members), chance):
            _measure(masks, Guide(table, before=before), place, times)
    _measure_inactive(masks, family, table, times)
    _measure_llguidance(family, table, chance, times)
    _measure_xgrammar(family, table, chance, times)
    print(_rows(times))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--family", default="o200k")
    parser.add_argument("--gguf", type=Path, help="a folder of GGUF files with more vocabularies")
    parser.add_argument("--types", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def standard_library_table(chance: random.Random, number: int) -> SymbolTable:
    """Return a table of so many real types; the name n3 has the third of them."""
    objects: list[object] = [getattr(builtins, name) for name in dir(builtins)]
    for name in MODULES:
        module = importlib.import_module(name)
        objects += [module, *(one for one in vars(module).values() if isinstance(one, type))]
    kinds = {frozenset(name for name in dir(one) if not name.startswith("__")) for one in objects}
    closed = sorted((kind for kind in kinds if len(kind) >= 5), key=sorted)
    types = tuple(TableType("T", kind, False) for kind in chance.sample(closed, min(number, len(closed))))
    return SymbolTable(types, {f"n{number}": number for number in range(len(types))}, {}, False)


def _places(name: str, members: list[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the kind of each place to measure at, and the text before it."""
    yield "in front of the dot", f"y = {name}"
    yield "behind the dot", f"y = {name}."
    for member in chance.sample(members, min(len(members), PLACES_A_TYPE)):
        size = chance.randint(1, len(member))
        kind = "in a member" if member[:size] not in members else "behind a member"
        yield kind, f"y = {name}.{member[:size]}"


def _measure(masks: TokenMasks, guide: Guide, place: str, times: dict[str, list[float]]) -> None:
    masks.mask(guide)
    masks.forget()
    names_in_order.cache_clear()
    times[f"cold, {place}"].append(_time(lambda: masks.mask(guide), 1))
    times["memoized"].append(_time(lambda: masks.mask(guide), 50))


def _measure_inactive(
    masks: TokenMasks, family: Family, table: SymbolTable, times: dict[str, list[float]]
) -> None:
    """Measure along text in which nothing is masked, and what reading a token costs."""
    guide = Guide(table, before="def f(prices, unknown):\n    ")
    for number in family.encode(CODE.decode()) * 8:
        token = family.vocabulary.tokens[number]
        times["inactive"].append(_time(lambda: masks.mask(guide), 50))
        times["reading a token"].append(_time(lambda token=token: guide.fork().feed(token), 5))  # type: ignore[misc]
        times["copying a guide"].append(_time(guide.fork, 5))
        guide.feed(token)


def _measure_llguidance(
    family: Family, table: SymbolTable, chance: random.Random, times: dict[str, list[float]]
) -> None:
    """Measure the masks of llguidance for a dot, one of the members, and a bracket, if it is installed for us."""
    if family.encoding is None:
        print("llguidance is measured with the vocabularies of OpenAI alone")
        return
    install("llguidance==1.9.1")
    import llguidance
    from llguidance.tiktoken import lltokenizer_from_encoding

    print(f"llguidance {version('llguidance')}")
    tokenizer = lltokenizer_from_encoding(family.encoding)
    for one in table.types:
        members = sorted(one.members)
        grammar = llguidance.LLMatcher.grammar_from_regex(_member_expression(members))
        started = time.process_time()
        matcher = llguidance.LLMatcher(tokenizer, grammar)
        times["llguidance: compiling"].append((time.process_time() - started) * 1e6)
        for number in family.encode(f".{chance.choice(members)}("):
            times["llguidance: mask"].append(_time(matcher.compute_bitmask, 1))
            if not matcher.consume_token(number):
                break


def _measure_xgrammar(
    family: Family, table: SymbolTable, chance: random.Random, times: dict[str, list[float]]
) -> None:
    """Measure the masks of xgrammar for the same, where this interpreter has it: it comes with gigabytes of torch."""
    try:
        import xgrammar
    except ImportError:
        print("xgrammar is not measured: this interpreter has none")
        return
    print(f"xgrammar {version('xgrammar')}")
    tokens = family.vocabulary.tokens
    info = xgrammar.TokenizerInfo(list(tokens), stop_token_ids=sorted(family.vocabulary.special)[:1])
    compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
    bitmask = xgrammar.allocate_token_bitmask(1, len(tokens))
    for one in table.types:
        members = sorted(one.members)
        started = time.process_time()
        compiled = compiler.compile_regex(_member_expression(members))
        times["xgrammar: compiling"].append((time.process_time() - started) * 1e6)
        matcher = xgrammar.GrammarMatcher(compiled)
        for number in family.encode(f".{chance.choice(members)}("):
            times["xgrammar: mask"].append(_time(partial(matcher.fill_next_token_bitmask, bitmask), 1))
            if not matcher.accept_token(number):
                break


def _member_expression(members: list[str]) -> str:
    return rf"\.({'|'.join(map(re.escape, members))})\("


def _time(call: Callable[[], Any], repeated: int) -> float:
    """Return the CPU time of one call, in microseconds."""
    started = time.thread_time_ns()
    for _ in range(repeated):
        call()
    return (time.thread_time_ns() - started) / repeated / 1000


def _rows(times: dict[str, list[float]]) -> str:
    cold = [one for name, some in times.items() if name.startswith("cold") for one in some]
    rows = ["| what | n | p50 us | p90 us | p99 us | max us |", "|---|---|---|---|---|---|"]
    for name, some in sorted({**times, "cold, all": cold}.items()):
        cuts = statistics.quantiles(some, n=100)
        rows.append(
            f"| {name} | {len(some)} | {cuts[49]:.1f} | {cuts[89]:.1f} | {cuts[98]:.1f} | {max(some):.0f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
