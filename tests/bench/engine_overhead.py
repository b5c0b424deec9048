"""What a guide costs of an engine's time: CPU time per token with and without it, in vLLM and transformers.

    build/engines/torch/bin/python tests/bench/engine_overhead.py --engine transformers
    build/engines/torch/bin/python tests/bench/engine_overhead.py --engine vllm --hidden 768 --layers 12
    build/engines/torch/bin/python tests/bench/engine_overhead.py --engine vllm --by-step --batches 1 4 8

The environment is made by tests/engines/environments.py. The model is a blank one, as big as asked; what it writes is
played to it: in both runs a processor of the benchmark's own lifts the tokens of a real module, one after the other, so
that both write the same text and names behind dots come as often as they do in real code. Runs come in pairs, one with and
one without a guide, which of them first by turns; printed is the median of the pairs' ratios, with its 95 % interval by
order statistics, which asks nothing of the distribution of a busy machine's noise. That noise only ever adds, so that the
quiet runs are compared as well: the lower quartiles of both kinds, with an interval by bootstrap over the pairs. Beside
them stands the CPU time that was spent inside the guide itself, which does not depend on the size of the model.

With `--by-step` the guide is switched on and off from one step of a run to the next instead: which of two neighbours has it
is drawn by chance. They lie milliseconds apart, so that what else the machine does is nearly the same for both, and there
are hundreds of pairs where there were dozens. A step with the guide reads the token of the step without it as well, hence
the cost is not understated; what a request costs before its first step is not in it, and is told apart.
"""

from __future__ import annotations

import argparse
import functools
import glob
import inspect
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.models import blank_model
from engines.runners import prepare_runner

prepare_runner()

import fnmatch
import itertools
import os
import re

import torch

from tracemend.analysis.decoding.adapters.requests import request_fields
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary
from tracemend.analysis.monitors.tables import SymbolTable, TableType

TOKENS = 32
PROMPT_TOKENS = 32
PAIRS = 100
RESAMPLED = 2000
LIFT = 50.0
MODULES = (os, os.path, re, fnmatch, itertools, sys)


@dataclass(frozen=True)
class Played:
    """A prompt, the text it is the end of, and the tokens that the model is made to write behind it."""

    prompt: str
    before: str
    tokens: list[int]


class Switch:
    """Says at each step of a run whether the guide works, and keeps the CPU time from one step to the next."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._began: list[float] = []
        self._is_on: list[bool] = []
        self.runs: list[
            list[tuple[float, float]]
        ] = []  # Of each run, the seconds without and with the guide.

    def begin(self) -> None:
        """Begin a run."""
        self._began, self._is_on = [], []

    def step(self) -> bool:
        """Begin a step, and say whether the guide works in it."""
        self._began.append(time.process_time())
        is_second = len(self._is_on) % 2 == 1
        self._is_on.append(not self._is_on[-1] if is_second else self._chance.random() < 0.5)
        return self._is_on[-1]

    def end(self) -> None:
        """Keep the pairs of the run. The last step has no end, and the first ones warm up."""
        seconds = [after - before for before, after in itertools.pairwise(self._began)]
        pairs = []
        for place in range(2, len(seconds) - 1, 2):
            pair = dict(zip(self._is_on[place : place + 2], seconds[place : place + 2], strict=True))
            pairs.append((pair[False], pair[True]))
        self.runs.append(pairs)


class Stopwatch:
    """Adds up the CPU time of this thread inside some functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def reset(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, watched."""

        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            started = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - started

        return watched


INSIDE = Stopwatch()
SWITCH = Switch()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("transformers", "vllm"), required=True)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 8])
    parser.add_argument("--by-step", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder = blank_model(arguments.hidden, arguments.layers)
    writing = {"transformers": with_transformers, "vllm": with_vllm}[arguments.engine](
        folder, by_step=arguments.by_step
    )
    for batch in arguments.batches:
        if arguments.by_step:
            print_by_step(arguments.engine, writing, batch, arguments.pairs)
            continue
        INSIDE.reset()
        free, guided = paired(writing, batch, arguments.pairs)
        inside = INSIDE.seconds / (arguments.pairs + 1) / (batch * TOKENS)
        shares = sorted(100 * (b / a - 1) for a, b in zip(free, guided, strict=True))
        low, high = interval_of_median(shares)
        quiet, quiet_low, quiet_high = quiet_share(free, guided)
        print(
            f"{arguments.engine:12}  {arguments.hidden}x{arguments.layers}  batch {batch}: "
            f"{1000 * statistics.median(free):7.3f} ms per token; with a guide "
            f"{statistics.median(shares):+.2f} % ({low:+.2f} to {high:+.2f}, {arguments.pairs} pairs), "
            f"of quiet runs {quiet:+.2f} % ({quiet_low:+.2f} to {quiet_high:+.2f}); "
            f"inside the guide {1e6 * inside:.1f} us ({100 * inside / statistics.median(free):.2f} %)",
            flush=True,
        )


def paired(write: Callable[[int, bool], int], batch: int, pairs: int) -> tuple[list[float], list[float]]:
    """Return CPU seconds per token of runs without and with guides, in pairs after one of each to warm up."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(pairs + 1):
        for is_guided in (turn % 2 == 0, turn % 2 == 1):
            started = time.process_time()
            written = write(batch, is_guided)
            if turn:
                seconds[is_guided].append((time.process_time() - started) / written)
    return seconds[False], seconds[True]


def print_by_step(engine: str, write: Callable[[int, bool], int], batch: int, runs: int) -> None:
    """Print what a guide adds to a step, by pairs of neighbours."""
    write(batch, True)
    INSIDE.reset()
    SWITCH.runs.clear()
    for _ in range(runs):
        SWITCH.begin()
        write(batch, True)
        SWITCH.end()
    pairs = [pair for run in SWITCH.runs for pair in run]
    low, high = interval_of_median(sorted(100 * (b / a - 1) for a, b in pairs))
    median = statistics.median(100 * (b / a - 1) for a, b in pairs)
    total, total_low, total_high = share_of_totals(SWITCH.runs)
    step = statistics.median(a for a, _ in pairs)
    inside = INSIDE.seconds / (runs * TOKENS)
    print(
        f"{engine:12}  batch {batch}: {1000 * step:7.3f} ms a step; with a guide {median:+.2f} % "
        f"({low:+.2f} to {high:+.2f}, {len(pairs)} pairs), all of the time {total:+.2f} % "
        f"({total_low:+.2f} to {total_high:+.2f}); inside the guide {1e6 * inside:.0f} us a step "
        f"({100 * inside / step:.2f} %), requests included",
        flush=True,
    )


def share_of_totals(runs: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float, float]:
    """Return how many per cent all steps with a guide took longer than all without, and its interval by bootstrap over runs.

    Of each kind the slowest twentieth is left out: what another process did to the caches is not the guide's.
    """

    def share(some: Sequence[Sequence[tuple[float, float]]]) -> float:
        sums = []
        for kind in (0, 1):
            seconds = sorted(pair[kind] for run in some for pair in run)
            sums.append(sum(seconds[: len(seconds) * 19 // 20]))
        return 100 * (sums[1] / sums[0] - 1)

    chance = random.Random(1)
    drawn = sorted(share(chance.choices(runs, k=len(runs))) for _ in range(RESAMPLED))
    return share(runs), drawn[RESAMPLED // 40], drawn[-RESAMPLED // 40]


def interval_of_median(ordered: Sequence[float]) -> tuple[float, float]:
    """Return the narrowest pair of equally far order statistics that holds the median with at least 95 % confidence.

    How many of n values lie below the median is binomially distributed with p = 1/2, whatever their distribution.
    """
    size = len(ordered)
    rank, below = 0, math.comb(size, 0) / 2**size
    while rank < size // 2 and below + math.comb(size, rank + 1) / 2**size <= 0.025:
        rank += 1
        below += math.comb(size, rank) / 2**size
    return ordered[rank], ordered[size - 1 - rank]


def quiet_share(free: Sequence[float], guided: Sequence[float]) -> tuple[float, float, float]:
    """Return how many per cent the lower quartile of the guided runs lies above that of the others, and its interval."""

    def share(pairs: Sequence[tuple[float, float]]) -> float:
        quarters = (statistics.quantiles(some, n=4)[0] for some in zip(*pairs, strict=True))
        without, with_guide = quarters
        return 100 * (with_guide / without - 1)

    pairs, chance = list(zip(free, guided, strict=True)), random.Random(1)
    drawn = sorted(share(chance.choices(pairs, k=len(pairs))) for _ in range(RESAMPLED))
    return share(pairs), drawn[RESAMPLED // 40], drawn[-RESAMPLED // 40]


def table() -> SymbolTable:
    """Return what is known in the module that is played: the members of the modules it imports."""
    types = [TableType(module.__name__, frozenset(dir(module)), is_open=False) for module in MODULES]
    types[0] = TableType("os", types[0].members, is_open=False, member_types={"path": 1})
    names = {module.__name__: place for place, module in enumerate(MODULES) if module is not os.path}
    return SymbolTable(tuple(types), names)


def played(tokenizer: Any, number: int) -> list[Played]:
    """Return some prompts with what follows them, from different places of one real module."""
    ids: list[int] = tokenizer(inspect.getsource(glob), add_special_tokens=False).input_ids
    starts = [600 + place * (len(ids) - 600 - TOKENS) // max(number, 1) for place in range(number)]
    return [
        Played(
            tokenizer.decode(ids[start - PROMPT_TOKENS : start]),
            tokenizer.decode(ids[:start]),
            ids[start : start + TOKENS],
        )
        for start in starts
    ]


def with_transformers(folder: Path, *, by_step: bool) -> Callable[[int, bool], int]:
    """Return a function that writes a batch and returns how many tokens that were."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessorList

    from tracemend.analysis.decoding.adapters.sequences import TokenFollower
    from tracemend.analysis.decoding.adapters.transformers_processor import GuidedLogitsProcessor

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    masks = TokenMasks(Vocabulary.of_huggingface(tokenizer))

    guide = INSIDE.timed(lambda processor, ids, scores: processor(ids, scores))

    def write(batch: int, is_guided: bool) -> int:
        some = played(tokenizer, batch)
        inputs = tokenizer([one.prompt for one in some], return_tensors="pt", padding=True)
        width = inputs.input_ids.shape[1]

        def lift(input_ids: Any, scores: Any) -> Any:
            place = input_ids.shape[1] - width
            for row, one in enumerate(some):
                scores[row, one.tokens[place]] += LIFT
            return scores

        processors: list[Any] = [lift]
        if is_guided:
            guides = [Guide(table(), before=one.before) for one in some]
            processor = GuidedLogitsProcessor(masks, guides)
            if by_step:  # The pools of beam search look for the step before, which was not shown to them.
                processor._pools = [TokenFollower(one, masks.vocabulary) for one in guides]
            processors.append(
                lambda ids, scores: guide(processor, ids, scores) if not by_step or SWITCH.step() else scores
            )
        output = model.generate(
            **inputs,
            max_new_tokens=TOKENS,
            do_sample=False,
            logits_processor=LogitsProcessorList(processors),
        )
        check([row[width:].tolist() for row in output], some)
        return batch * TOKENS

    return write


def with_vllm(folder: Path, *, by_step: bool) -> Callable[[int, bool], int]:
    """The same in vLLM, by the runner that the environment names."""
    from vllm import LLM, SamplingParams
    from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

    from tracemend.analysis.decoding.adapters.vllm_plugin import GuidePlugin

    class Lift(AdapterLogitsProcessor):
        """Lifts what `extra_args` says is to be written."""

        def is_argmax_invariant(self) -> bool:
            return False

        def new_req_logits_processor(self, params: Any) -> Any:
            tokens = params.extra_args["played"]

            def lift(output: Sequence[int], logits: Any) -> Any:
                logits[tokens[len(output)]] += LIFT
                return logits

            return lift

    for name in ("update_state", "add_request", "apply"):
        setattr(GuidePlugin, name, INSIDE.timed(getattr(GuidePlugin, name)))
    if (
        by_step
    ):  # The second of two instances, which vLLM makes of a plug-in that is also named, has no masks.
        apply = GuidePlugin.apply
        GuidePlugin.apply = lambda self, logits, context=None: (
            apply(self, logits, context) if self._masks is None or SWITCH.step() else logits
        )
    engine = LLM(
        f"{folder}",
        logits_processors=[Lift, GuidePlugin],
        max_model_len=2048,
        max_num_seqs=8,
        enforce_eager=True,
        dtype="float32",
    )
    tokenizer = engine.get_tokenizer()

    def write(batch: int, is_guided: bool) -> int:
        some = played(tokenizer, batch)
        parameters = [
            SamplingParams(
                max_tokens=TOKENS,
                temperature=0.0,
                ignore_eos=True,
                extra_args={
                    "played": one.tokens,
                    **(request_fields(table(), before=one.before) if is_guided else {}),
                },
            )
            for one in some
        ]
        answers = engine.generate([one.prompt for one in some], parameters, use_tqdm=False)
        check([list(answer.outputs[0].token_ids) for answer in answers], some)
        return batch * TOKENS

    return write


def check(written: Sequence[list[int]], some: Sequence[Played]) -> None:
    """Raise unless what was written is what was played: a guide must not change sound code."""
    for ids, one in zip(written, some, strict=True):
        if ids != one.tokens:
            raise SystemExit("The engine wrote something else than what was played to it.")


if __name__ == "__main__":
    main()
