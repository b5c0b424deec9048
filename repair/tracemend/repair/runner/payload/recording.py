"""Recording the inputs that tests give to functions: deep copies, taken when the function is entered.

The pool of each function is small and kept diverse: inputs of equal content count once, and when it is full, an input
of a new shape (types, sizes, signs) takes the place of one of the shape that is most common.
"""

from __future__ import annotations

import copy
import inspect
import sys
import time
import types
from typing import Any, Callable, Mapping, NamedTuple, Sequence

from .blocks import FileBlocks, blocks_of
from .calling import CallLimit, Signature, signature_of, time_limit
from .canonical import TooLarge, digest
from .layouts import ATOMS
from .values import builtin_base, describe_exception, type_name

COPY_CPU_S = 0.2  # Of one input.
COPY_BUDGET_S = 1.5  # Of all inputs of a function,
COPY_CALL_S = 0.001  # each of which counts at least so much.
MAX_REASONS = 3


class Target(NamedTuple):
    """A function to observe, by its file and qualified name; `number` is its place in the request."""

    number: int
    path: str
    qualname: str


class Recorded(NamedTuple):
    """The values of the parameters at one call."""

    origin: str
    digest: str
    shape: tuple[Any, ...]
    values: list[Any]


class Pool:
    """The inputs kept for one function."""

    def __init__(self, code: types.CodeType, capacity: int) -> None:
        self.code = code
        self.signature: Signature = signature_of(code)
        self.reasons: list[str] = []
        self._budget_s = COPY_BUDGET_S
        self.calls: dict[str, Recorded] = {}
        self._capacity = capacity

    def add(self, origin: str, values: Sequence[Any]) -> None:
        """Keep a deep copy of `values`, unless they cannot be copied or add nothing."""
        if self._budget_s <= 0:
            return
        started = time.process_time()
        try:
            with time_limit(COPY_CPU_S):
                made = copy.deepcopy(list(values))
                key = digest(made)
        except (CallLimit, Exception) as error:  # noqa: BLE001 (a user's `__deepcopy__` may raise anything)
            why = str(error) if type(error) is TooLarge else describe_exception(error)
            reason = f"an input was not copied: {why}"
            if reason not in self.reasons and len(self.reasons) < MAX_REASONS:
                self.reasons.append(reason)
            return
        finally:
            self._budget_s -= COPY_CALL_S + time.process_time() - started
        self._keep(Recorded(origin, key, tuple(shape_of(one) for one in made), made))

    def _keep(self, one: Recorded) -> None:
        known = self.calls.get(one.digest)
        if known is not None and known.origin == one.origin:
            return
        if known is None and len(self.calls) >= self._capacity and not self._make_room(one.shape):
            return
        # A call that a passing test makes is right, whoever else makes it.
        if known is None or one.origin == "passing":
            self.calls[one.digest] = one

    def _make_room(self, shape: tuple[Any, ...]) -> bool:
        counts: dict[tuple[Any, ...], int] = {}
        for one in self.calls.values():
            counts[one.shape] = counts.get(one.shape, 0) + 1
        crowded = max(counts, key=lambda key: counts[key])
        if counts[crowded] <= counts.get(shape, 0) + 1:
            return False
        del self.calls[next(key for key in reversed(list(self.calls)) if self.calls[key].shape == crowded)]
        return True


class Recorder:
    """Watches calls of the targets while tests run."""

    def __init__(
        self,
        relative_path: Callable[[str], str | None],
        sources: Mapping[str, str],
        targets: Sequence[Target],
        capacity: int,
    ) -> None:
        self._sources = sources
        self._relative_path = relative_path
        self._targets = {(one.path, one.qualname): one for one in targets}
        self._capacity = capacity
        self._pools: dict[int, Pool] = {}
        self._known: dict[tuple[str, str, int], Target | None] = {}
        self._blocks: dict[str, FileBlocks] = {}
        self._origin = ""

    def run(self, origin: str, run_tests: Callable[[], object]) -> None:
        """Call `run_tests` and keep the inputs of the targets as `origin`."""
        self._origin = origin
        outer = sys.gettrace()
        sys.settrace(self._on_call)
        try:
            run_tests()
        finally:
            sys.settrace(outer)

    def calls_of(self, target: Target) -> list[Recorded]:
        """Return the inputs kept for `target`."""
        return list(self._pools[target.number].calls.values()) if target.number in self._pools else []

    def reasons_of(self, target: Target) -> list[str]:
        """Return why inputs were left out."""
        return self._pools[target.number].reasons if target.number in self._pools else []

    def code_of(self, target: Target) -> tuple[types.CodeType, Signature]:
        """Return the code that was entered, and its parameters."""
        pool = self._pools[target.number]
        return pool.code, pool.signature

    def _on_call(self, frame: types.FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        target = self._target(code)
        if target is None or frame.f_trace is not None:
            return
        if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            frame.f_trace_lines = False
            frame.f_trace = _ignore  # Marks the frame: it is entered again at each resumption.
        pool = self._pools.get(target.number)
        if pool is None:
            pool = self._pools[target.number] = Pool(code, self._capacity)
        if code.co_firstlineno == pool.code.co_firstlineno:  # Not so for the setter of a property.
            values = frame.f_locals
            pool.add(self._origin, [values[name] for name in pool.signature.names])

    def _target(self, code: types.CodeType) -> Target | None:
        key = (code.co_filename, code.co_name, code.co_firstlineno)
        if key not in self._known:
            path = self._relative_path(code.co_filename)
            self._known[key] = None if path is None else self._named_target(path, code)
        return self._known[key]

    def _named_target(self, path: str, code: types.CodeType) -> Target | None:
        if path not in self._blocks:
            self._blocks[path] = blocks_of(path, code.co_filename, self._sources)
        qualname = self._blocks[path].functions.get((code.co_name, code.co_firstlineno), "")
        return self._targets.get((path, qualname))


def shape_of(value: Any) -> tuple[str, int]:
    """Return the type and a size class of a value."""
    base = builtin_base(value)
    if base in (int, float):
        return type_name(value), (value > 0) - (value < 0)
    if base in ATOMS and base not in (str, bytes):
        return type_name(value), 0
    return type_name(value), min(3, int(base.__len__(value))) if base is not None else 0


def _ignore(frame: types.FrameType, event: str, argument: object) -> None:
    return None
