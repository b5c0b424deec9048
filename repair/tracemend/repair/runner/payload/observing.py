"""What functions do before and after each patch, on inputs that the tests gave them and on fresh ones like these.

This is the falsifier's eye: tests are an imperfect judge, and a wrong patch that passes them mostly differs from a
right one on inputs near those of the tests. One request (1) runs tests on the original code and records deep copies of
the arguments of the functions in question, (2) derives fresh inputs (`mutating`), (3) calls the original and each
patched version on copies of all inputs (`calling`) and tells the outcomes.

Each version is called in a process of its own (`forked`), so that what one leaves behind in memory reaches no other, and
one that hangs in C or ends its process spoils one input and not the request. The original is called twice: an input on
which it differs from itself (time, identity, global state) is unstable and says nothing about patches.

A patch that cannot be swapped in is refused here. The tool side then asks once more, with that patch as
`request["sources"]`: the server has imported the project with it, and "the original" is the patched code.
"""

from __future__ import annotations

import copy
import functools
import itertools
import random
import sys
import time
import types
from typing import Any, Callable, Mapping, NamedTuple, Sequence

from .blocks import FileBlocks, blocks_of
from .calling import (
    CallLimit,
    NotCallable,
    Outcome,
    Signature,
    call,
    forget_caches,
    locate,
    time_limit,
    without_defaults,
)
from .canonical import digest
from .forked import run_in_order
from .mutating import fresh_calls
from .recording import COPY_CPU_S, Recorder, Target
from .tracing import Context

FRESH_ATTEMPTS = 6
MAX_TIMEOUTS = 6
STALL_FLOOR_S = 5.0  # Above what a call may take by the clock, see `calling`.


class Limits(NamedTuple):
    """The bounds of one request."""

    max_recorded: int = 40  # Recorded inputs of each function.
    max_fresh: int = 60  # Fresh inputs of each function.
    per_call_cpu_s: float = 0.2
    wall_s: float = 10.0


class Input(NamedTuple):
    """One input of one function: a call that a test made or a fresh one like it."""

    target: Target
    function: Callable[..., Any]
    signature: Signature
    origin: str  # "failing", "passing" or "fresh".
    values: Sequence[Any]


def observe(request: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answer an observation request; see the module's text and `runner/observations.py` for its shape."""
    limits = Limits(**{name: request[name] for name in Limits._fields if name in request})
    deadline = time.monotonic() + limits.wall_s
    targets = [Target(index, one["path"], one["qualname"]) for index, one in enumerate(request["functions"])]
    observer = Observer(context, dict(request.get("sources") or {}), limits, request.get("seed", 0))
    observer.record(targets, request["tests"], frozenset(request["failing"]), deadline - limits.wall_s / 2)
    variants: list[Mapping[str, str]] = list(request["variants"])
    outcomes = observer.compare([{}, {}, *variants], deadline)
    unstable = [
        index for index, (one, other) in enumerate(zip(outcomes[0], outcomes[1])) if one[:2] != other[:2]
    ]
    return {
        "inputs": [
            [one.target.number, one.origin, one.signature.shown(one.values)] for one in observer.inputs
        ],
        "outcomes": [outcomes[0], *outcomes[2:]],
        "unstable": unstable,
        "unsupported": observer.unsupported,
    }


class Observer:
    """The inputs of one request and what is needed to call the functions on them."""

    def __init__(self, context: Context, sources: Mapping[str, str], limits: Limits, seed: int) -> None:
        self.inputs: list[Input] = []
        self.unsupported: list[list[str]] = []
        self._context = context
        self._limits = limits
        self._sources = sources
        self._random = random.Random(seed)
        self._modules = project_modules(context)

    def record(
        self, targets: Sequence[Target], tests: Sequence[str], failing: frozenset[str], deadline: float
    ) -> None:
        """Run `tests`, the `failing` ones first, and collect inputs of `targets`, fresh ones included."""
        recorder = Recorder(self._context.relative_path, self._sources, targets, self._limits.max_recorded)
        for test in sorted(tests, key=lambda one: one not in failing):
            if time.monotonic() < deadline:
                run_test = functools.partial(self._context.run_tests, [test])
                recorder.run("failing" if test in failing else "passing", run_test)
        found = [self._inputs_of(target, recorder) for target in targets]
        # One of each function in turn, so that no function is left out where time runs out.
        turns = itertools.zip_longest(*found)
        self.inputs = [one for turn in turns for one in turn if one is not None]

    def compare(self, variants: Sequence[Mapping[str, str]], deadline: float) -> list[list[Outcome]]:
        """Return the outcomes of each input under each variant; an empty variant is the original."""
        outcomes = []
        for index, sources in enumerate(variants):
            share = max(0.2, (deadline - time.monotonic()) / (len(variants) - index))
            outcomes.append(self._outcomes(sources, share))
        return outcomes

    def _inputs_of(self, target: Target, recorder: Recorder) -> list[Input]:
        calls = recorder.calls_of(target)
        subject = f"{target.path}::{target.qualname}"
        self.unsupported += [[subject, reason] for reason in recorder.reasons_of(target)]
        if not calls:
            self.unsupported.append([subject, "no test called it with arguments that can be copied"])
            return []
        code, signature = recorder.code_of(target)
        try:
            function = locate(self._modules[target.path], target.qualname, code)
        except (NotCallable, KeyError) as error:
            self.unsupported.append([subject, str(error)])
            return []
        known = {one.digest for one in calls}
        found = [(one.origin, one.values) for one in calls]
        found += [
            ("fresh", values) for values in self._fresh([one.values for one in calls], signature, known)
        ]
        return [
            Input(target, function, signature, origin, without_defaults(function, signature, values))
            for origin, values in found
        ]

    def _fresh(
        self, calls: Sequence[Sequence[Any]], signature: Signature, known: set[str]
    ) -> list[list[Any]]:
        """Derive fresh inputs from the recorded ones, and where these are few, once more from the derived."""
        found: list[list[Any]] = []
        mutable = [name not in ("cls", signature.star) for name in signature.names]
        for seeds in (calls, found):
            candidates = fresh_calls(list(seeds), self._random, mutable=mutable)
            for values in itertools.islice(candidates, self._limits.max_fresh * FRESH_ATTEMPTS):
                if len(found) >= self._limits.max_fresh:
                    return found
                made, key = copied(values)
                if made is not None and key not in known:
                    known.add(key)
                    found.append(made)
        return found

    def _outcomes(self, sources: Mapping[str, str], wall_s: float) -> list[Outcome]:
        def prepare() -> Callable[[int], Outcome]:
            if sources:
                self._context.install(dict(sources))
            forget_caches(list(self._modules.values()))
            texts = {**self._sources, **sources}
            return _Caller(self.inputs, self._limits, _RaisingLines(self._context.relative_path, texts))

        stall_s = STALL_FLOOR_S + 15 * self._limits.per_call_cpu_s
        return run_in_order(prepare, len(self.inputs), wall_s=wall_s, stall_s=stall_s)


def copied(values: list[object]) -> tuple[list[object] | None, str]:
    """Return a deep copy of `values` and its digest, None where they cannot be copied."""
    try:
        with time_limit(COPY_CPU_S):
            made = copy.deepcopy(values)
            return made, digest(made)
    except (CallLimit, Exception):  # noqa: BLE001 (a user's `__deepcopy__` may raise anything)
        return None, ""


def project_modules(context: Context) -> dict[str, types.ModuleType]:
    """Return the loaded modules of the project by path."""
    found = {}
    for module in list(sys.modules.values()):
        filename = vars(module).get("__file__") if isinstance(module, types.ModuleType) else None
        path = context.relative_path(filename) if isinstance(filename, str) else None
        if path is not None:
            found[path] = module
    return found


class _Caller:
    """Calls one version on one input after the other; gives a function up that hangs again and again."""

    def __init__(self, inputs: Sequence[Input], limits: Limits, raising_lines: _RaisingLines) -> None:
        self._inputs = inputs
        self._limits = limits
        self._raising_lines = raising_lines
        self._timeouts: dict[int, int] = {}

    def __call__(self, index: int) -> Outcome:
        one = self._inputs[index]
        hung = self._timeouts.get(one.target.number, 0)
        if hung >= MAX_TIMEOUTS:
            return Outcome("unsupported", text="not tried: the function hung on too many inputs before")
        cpu_s = self._limits.per_call_cpu_s
        outcome = call(one.function, one.signature, one.values, cpu_s, self._raising_lines.is_deliberate)
        self._timeouts[one.target.number] = hung + (outcome.kind == "timeout")
        return outcome


class _RaisingLines:
    """Knows whether an exception comes from a `raise` or `assert` of the project."""

    def __init__(self, relative_path: Callable[[str], str | None], sources: Mapping[str, str]) -> None:
        self._relative_path = relative_path
        self._sources = sources
        self._blocks: dict[str, FileBlocks] = {}

    def is_deliberate(self, error: BaseException) -> bool:
        """Return whether the innermost frame of `error` stands on a raising statement of the project."""
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        if traceback is None:
            return False
        filename = traceback.tb_frame.f_code.co_filename
        path = self._relative_path(filename)
        return path is not None and traceback.tb_lineno in self._read(path, filename).raises

    def _read(self, path: str, filename: str) -> FileBlocks:
        if path not in self._blocks:
            self._blocks[path] = blocks_of(path, filename, self._sources)
        return self._blocks[path]
