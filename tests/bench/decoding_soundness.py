"""Measures the guides and masks of decoding on real code: is what really stands there ever taken for wrong?

    python tests/bench/decoding_soundness.py --functions 130 --least-loads 8 --gguf FOLDER     # > 20,000 loads; resumes
    python tests/bench/decoding_soundness.py --packages toolz,rich --families p50k,cl100k
    python tests/bench/decoding_soundness.py --members-only --gguf FOLDER    # more vocabularies: see decoding_vocabularies

Whole bodies of functions are cut out of the packages of the oracle's bench, the symbol table of the hole is built from
what is left, and the body is written again token by token, as each vocabulary splits it. A token is masked wrongly if the
mask lacks it, a name if the guide takes it for a violation. That is a harder test than asking at each place of the whole
file: attributes that only the body assigns, and what it rebinds, are not known beforehand.

At some sites with a closed receiver members that the monitor allows are then written in the vocabulary's own way, in the
way that takes the longest token first, and in one by chance: all of it must pass the masks (*reachable*).

The symbol table of a hole costs a third of a CPU second, so that a run takes a while: what was found in each package is
kept below `--work` as it is done, and a run with equal options goes on from there. `--least-loads` leaves short bodies
out, which asks more of each table: in long ones more is bound anew.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.decoding_vocabularies import Family, families, longest_first, split_by_chance
from bench.mask_cost import standard_library_table
from bench.oracle_figures import wilson
from bench.oracle_packages import PACKAGES, Package, packages_named, prepare
from bench.oracle_sites import SourceFile, read_files
from bench.projects import cache_dir

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import Mask, TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary
from tracemend.analysis.monitors.protocol import Hole
from tracemend.analysis.monitors.table_building import build_table
from tracemend.analysis.symbols.environment import probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.oracle import Oracle

WORK = Path(__file__).parents[2] / "build" / "decoding"
MAX_BODY = 6000
_NAME_LETTERS = string.ascii_letters + string.digits + "_"
SHARE_WITH_MEMBERS = 0.05  # Of the sites, those at which legal members are written,
TYPES = 40
MEMBERS_A_SITE = 12  # at most so many, drawn at random.


@dataclass(frozen=True)
class Body:
    """The body of a function: where it stands in the text of its file, and the attributes in it."""

    file: SourceFile
    start: int
    end: int
    loads: frozenset[int]  # Where in the body the names of attributes that are read begin.
    stores: frozenset[int]

    @property
    def text(self) -> str:
        """The body, without the indentation of its first line."""
        return self.file.text[self.start : self.end]


@dataclass(frozen=True)
class Writer:
    """A vocabulary with several ways of splitting text, its own first."""

    name: str
    vocabulary: Vocabulary
    encoders: tuple[Callable[[str], list[int]], ...]

    @classmethod
    def of(cls, family: Family, chance: random.Random) -> Writer:
        """Return a writer in the vocabulary of `family`."""
        vocabulary = family.vocabulary
        encoders = (family.encode, longest_first(vocabulary), split_by_chance(vocabulary, chance))
        return cls(family.name, vocabulary, encoders)


@dataclass
class Count:
    """What happened in one vocabulary."""

    loads: int = 0  # Those that were written, up to the first violation of a body.
    wrong: int = 0  # Names that a mask or the guide took for wrong, each counted once.
    active: int = 0  # Loads whose receiver is known and closed when its name has ended.
    triggered: int = 0  # Of these, those at whose name's first byte a mask was there.
    behind_dot_only: int = (
        0  # Of these, those at which a token ended right behind the dot (published MGD's trigger).
    )
    masked_loads: int = 0
    masked_stores: int = 0
    masked_other: int = 0
    violations: int = 0
    tokens: int = 0
    masks: int = 0
    silenced: int = 0
    members: int = 0
    unreachable: int = 0
    misses: list[dict[str, object]] = field(default_factory=list)


def main() -> None:
    """Replay all packages, or write members of the standard library, and print the table."""
    options = _options()
    wanted = options.families.split(",") if options.families else ()
    chance = random.Random(options.seed)
    chosen = [Writer.of(one, chance) for one in families(options.gguf) if not wanted or one.name in wanted]
    masks = {one.name: TokenMasks(one.vocabulary, cache_dir() / "decoding") for one in chosen}
    counts = {one.name: Count() for one in chosen}
    if options.members_only:
        _write_standard_library(chosen, masks, counts, chance)
        for name, one in masks.items():
            counts[name].silenced = one.silenced
    else:
        packages = packages_named(options.packages)
        python = prepare(packages)
        for package in packages:
            found = _kept(options, package, chosen) or _replay_package(
                options, package, python, chosen, masks
            )
            counts = {name: _sum(counts[name], one) for name, one in found.items()}
            print(f"{package.name}: {_progress(found)}", file=sys.stderr, flush=True)
    print(_tables(chosen, counts))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", default="", help=f"of {', '.join(one.name for one in PACKAGES)}")
    parser.add_argument("--functions", type=int, default=130, help="function bodies a package")
    parser.add_argument("--least-loads", type=int, default=1, help="attributes that a body must read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--families", default="", help="of the vocabularies, by name")
    parser.add_argument("--gguf", type=Path, help="a folder of GGUF files with more vocabularies")
    parser.add_argument(
        "--members-only", action="store_true", help="only those of the standard library's types"
    )
    parser.add_argument(
        "--work", type=Path, default=WORK, help="where what was found is kept, one file a package"
    )
    return parser.parse_args()


def _kept(options: argparse.Namespace, package: Package, chosen: list[Writer]) -> Mapping[str, Count] | None:
    """Return what an earlier run with equal options found in a package."""
    path = _result_path(options, package)
    if not path.is_file():
        return None
    found = {name: Count(**one) for name, one in json.loads(path.read_text("utf-8")).items()}
    wanted = [one.name for one in chosen]
    return {name: found[name] for name in wanted} if found.keys() >= set(wanted) else None


def _result_path(options: argparse.Namespace, package: Package) -> Path:
    drawn = f"{options.functions}-{options.least_loads}-{options.seed}"
    work: Path = options.work
    return work / f"soundness-{package.name}-{package.version}-{drawn}.json"


def _replay_package(
    options: argparse.Namespace,
    package: Package,
    python: Path,
    chosen: list[Writer],
    masks: Mapping[str, TokenMasks],
) -> Mapping[str, Count]:
    """Write bodies of one package in all vocabularies, with one table for each body, and keep what was found."""
    chance = random.Random(f"{options.seed}:{package.name}")
    silenced = {name: one.silenced for name, one in masks.items()}
    counts = {one.name: Count() for one in chosen}
    index = Index(package.root, probe_environment(python), cache=cache_dir() / "oracle" / "index")
    oracle = Oracle(index)
    for body in _drawn(package, options, chance):
        guide = _guide(oracle, body)
        for family in chosen:
            _replay(guide.fork(), body, family, masks[family.name], counts[family.name], chance)
    index.close()
    for name, count in counts.items():
        count.silenced = masks[name].silenced - silenced[name]
    path = _result_path(options, package)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: asdict(one) for name, one in counts.items()}, indent=1), "utf-8")
    return counts


def _sum(first: Count, second: Count) -> Count:
    """Return what two counts say together."""
    return Count(**{name: value + getattr(second, name) for name, value in vars(first).items()})


def _progress(found: Mapping[str, Count]) -> str:
    return ", ".join(f"{name} {one.loads} loads, {one.wrong} wrong" for name, one in found.items())


def _drawn(package: Package, options: argparse.Namespace, chance: random.Random) -> Iterator[Body]:
    """Yield bodies drawn at random, those of one file together."""
    bodies = [
        body
        for file in read_files(package, with_tests=False)
        for body in _bodies(file)
        if len(body.loads) >= options.least_loads
    ]
    for place in sorted(chance.sample(range(len(bodies)), min(options.functions, len(bodies)))):
        yield bodies[place]


def _bodies(file: SourceFile) -> Iterator[Body]:
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        statements = node.body[bool(ast.get_docstring(node)) :]
        if not statements or statements[0].lineno == node.lineno:
            continue
        start = file.lines.offset(statements[0].lineno, statements[0].col_offset)
        last = statements[-1]
        assert last.end_lineno is not None and last.end_col_offset is not None
        end = file.lines.offset(last.end_lineno, last.end_col_offset)
        loads, stores = _attributes(file, statements, start)
        is_first_on_line = not file.text[file.text.rfind("\n", 0, start) + 1 : start].strip()
        if loads and end - start <= MAX_BODY and is_first_on_line:
            yield Body(file, start, end, loads, stores)


def _attributes(
    file: SourceFile, statements: list[ast.stmt], start: int
) -> tuple[frozenset[int], frozenset[int]]:
    """Return where the names of attributes begin that are read, and of those that are not."""
    loads, stores = set(), set()
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Attribute):
            assert node.end_lineno is not None and node.end_col_offset is not None
            place = file.lines.offset(node.end_lineno, node.end_col_offset) - len(node.attr)
            if file.text.startswith(
                node.attr, place
            ):  # Positions inside f-strings are inexact before Python 3.12.
                (loads if isinstance(node.ctx, ast.Load) else stores).add(place - start)
    return frozenset(loads), frozenset(stores)


def _guide(oracle: Oracle, body: Body) -> Guide:
    """Return a guide at the hole that the body leaves in its file."""
    before, after = body.file.text[: body.start], body.file.text[body.end :]
    document = _document(body.file).edited(before + after)
    table = build_table(oracle, Hole(document, len(before)))
    return Guide(table, before=before, after=after)


@lru_cache(maxsize=1)
def _document(file: SourceFile) -> Document:
    """Return the whole file, as it was open before the body was cut out."""
    return Document(file.text, str(file.path), file.module)


def _replay(
    guide: Guide, body: Body, family: Writer, masks: TokenMasks, count: Count, chance: random.Random
) -> None:
    """Write the body token by token. Behind a name that is taken for wrong the rest is not judged."""
    text = body.text
    if not text.isascii():
        return
    place = 0
    wrong: set[int] = set()
    for number in family.encoders[0](text):
        token = family.vocabulary.tokens[number]
        before, end = guide.fork(), place + len(token)
        mask = masks.mask(guide)
        count.tokens += 1
        count.masks += mask is not None
        inside = [one for one in body.loads if place <= one < end]
        count.loads += len(inside)
        for start in inside:
            _count_site(before, body, start, place, mask, count)
        if mask is not None and not _passes(mask, number):
            wrong.add(_miss(body, place, end, "mask", count))
        violation = guide.feed(token)
        if violation is not None:
            count.violations += 1
            wrong.add(_miss(body, violation.start, violation.end, violation.why, count))
            break
        if len(inside) == 1 and chance.random() < SHARE_WITH_MEMBERS:
            _write_members(before, text[place : inside[0]], family, masks, count, chance)
        place = end
    count.wrong += len(wrong)


def _count_site(guide: Guide, body: Body, start: int, place: int, mask: Mask | None, count: Count) -> None:
    """Count a load whose name begins in the next token, at `start` of the body."""
    at_name = guide.fork()
    at_name.feed(body.text[place:start].encode())
    if at_name.legal is None:
        return
    count.active += 1
    count.triggered += mask is not None
    count.behind_dot_only += place == start


def _passes(mask: Mask, number: int) -> bool:
    if mask.allowed is not None:
        return bool((mask.allowed == number).any())
    return not bool((mask.forbidden == number).any())


def _miss(body: Body, place: int, end: int, why: str, count: Count) -> int:
    """Note text that was taken for wrong, as what stands there really: a load, a store, or anything else.

    Returns where the name begins that was hit, to tell the misses of one name from those of several.
    """
    touched = {
        kind: any(one < end and place < one + _name_size(body.text, one) for one in places)
        for kind, places in (("store", body.stores), ("load", body.loads))
    }
    if why == "mask":
        count.masked_stores += touched["store"]
        count.masked_loads += touched["load"] and not touched["store"]
        count.masked_other += not touched["load"] and not touched["store"]
    text = body.text[max(place - 60, 0) : place] + "<|>" + body.text[place : place + 30]
    line = body.file.lines.line_of(body.start + place)
    count.misses.append({"file": str(body.file.path), "line": line, "why": why, "text": text})
    names = (
        one for one in body.loads | body.stores if one < end and place < one + _name_size(body.text, one)
    )
    return min(names, default=place)


def _name_size(text: str, start: int) -> int:
    return len(text[start:]) - len(text[start:].lstrip(_NAME_LETTERS))


def _write_members(
    guide: Guide, front: str, family: Writer, masks: TokenMasks, count: Count, chance: random.Random
) -> None:
    """Write legal members in several ways, and count those that a mask stops. `front` ends in the dot."""
    at_name = guide.fork()
    at_name.feed(front.encode())
    legal = sorted(at_name.legal or ())
    for member in chance.sample(legal, min(len(legal), MEMBERS_A_SITE)):
        count.members += 1
        ways = (encode(f"{front}{member}(") for encode in family.encoders)
        count.unreachable += not all(_is_reachable(guide.fork(), numbers, family, masks) for numbers in ways)


def _write_standard_library(
    chosen: list[Writer], masks: dict[str, TokenMasks], counts: dict[str, Count], chance: random.Random
) -> None:
    """Write members of types of the standard library, which have more of them than those of most packages."""
    table = standard_library_table(chance, TYPES)
    for number in range(len(table.types)):
        guide = Guide(table, before=f"y = n{number}")
        for family in chosen:
            _write_members(guide.fork(), ".", family, masks[family.name], counts[family.name], chance)


def _is_reachable(guide: Guide, numbers: list[int], family: Writer, masks: TokenMasks) -> bool:
    for number in numbers:
        mask = masks.mask(guide)
        if mask is not None and not _passes(mask, number):
            return False
        if guide.feed(family.vocabulary.tokens[number]) is not None:
            return False
    return True


def _tables(chosen: list[Writer], counts: dict[str, Count]) -> str:
    lines = [
        "| vocabulary | tokens | loads | wrong | sound % (95 %) | masked load, store, other | violations |"
        + " active | trigger % | MGD's trigger % | members | unreachable | silenced |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for family in chosen:
        one = counts[family.name]
        low, high = wilson(one.loads - one.wrong, one.loads)
        sound = 100 * (1 - one.wrong / max(one.loads, 1))
        ours = 100 * one.triggered / max(one.active, 1)
        published = 100 * one.behind_dot_only / max(one.active, 1)
        lines.append(
            f"| {family.name} | {one.tokens} | {one.loads} | {one.wrong} | {sound:.3f} ({100 * low:.3f}-{100 * high:.3f}) |"
            f" {one.masked_loads}, {one.masked_stores}, {one.masked_other} | {one.violations} | {one.active} |"
            f" {ours:.2f} | {published:.1f} | {one.members} | {one.unreachable} | {one.silenced} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
