"""The values of one test's run, block by block, as LDB shows them to a debugger (Zhong et al., ACL 2024).

`trace` runs the tests of a request under `sys.settrace` and tells, for the functions of the project alone: the
arguments at entry, the locals that changed at the first visits of each block, what was returned or raised, and for
each exception that left the outermost project frame (so: for the failure) the locals of every project frame. Besides
it sums up which types and values each name of each function had.

Reading locals is what costs, not the events, so only the first visits of a block are read. The *last* visits before a
failure are got by a second run: the first tells how many events there were (`events`), the second is asked for a
window that begins a little before that (`window_from`). A run is deterministic enough for this, and it is cheap.

The trace function must not change what it watches: it never calls user code (see `values`), keeps no object of the
user alive but small immutable ones, and raises only `TraceLimit`, when an endless test has run for long enough.
"""

from __future__ import annotations

import contextlib
import dis
import inspect
import signal
import sys
import time
from types import CodeType, FrameType, TracebackType
from typing import Any, Callable, Iterator, Mapping, NamedTuple, NoReturn, Protocol

from .blocks import FileBlocks, blocks_of
from .layouts import ATOMS
from .values import describe_exception, public_attributes, represent, state_of, type_name

CLOCK_CHECK_EVERY = 1024
MAX_EXITS = 8
MAX_FAILURE_FRAMES = 16
MAX_FAILURE_LOCALS = 40
MAX_FACT_VALUES = 5
MAX_FACT_UPDATES = 64
MAX_SELF_ATTRIBUTES = 30
MAX_LOCALS = 60


class Context(Protocol):
    """What the fork server offers to an operation in a forked child."""

    def run_tests(self, nodeids: list[str]) -> list[dict[str, Any]]:
        """Run these tests and return their result dictionaries."""

    def relative_path(self, filename: str) -> str | None:
        """Return the project-relative posix path of a code object's file, None outside the project."""

    def install(self, sources: dict[str, str]) -> str:
        """Put patched sources into the running process; returns "swap" where that was exact, else raises."""

    def uninstall(self) -> None:
        """Undo an exact `install`."""


class TraceLimit(BaseException):
    """Ends a test that runs for longer than its trace may; a `BaseException` so that few handlers stop it."""


class TraceLimits(NamedTuple):
    """The bounds of one trace. `window_from` asks for every event from that one on, besides the first visits."""

    visits_per_block: int = 16
    frames_per_function: int = 48
    max_steps: int = 4000
    max_bytes: int = 400_000
    max_events: int = 2_000_000
    wall_s: float = 8.0
    window_from: int = -1
    window_steps: int = 400


def trace(request: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Run `request["tests"]` traced and return what was seen; `request["sources"]` are in place already."""
    sources: dict[str, str] = dict(request.get("sources") or {})
    limits = TraceLimits(**{name: request[name] for name in TraceLimits._fields if name in request})
    tracer = Tracer(context.relative_path, sources, limits)
    results = tracer.run(lambda: context.run_tests(request["tests"]))
    return {"results": results, **tracer.report()}


class Tracer:
    """Watches one thread and collects steps, observed facts and exits by exception."""

    def __init__(
        self, relative_path: Callable[[str], str | None], sources: Mapping[str, str], limits: TraceLimits
    ) -> None:
        self.limits = limits
        self.events = 0
        self.depth = 0  # Project frames on the stack.
        self.frames = 0
        self.skipped = 0  # Visits of blocks that were counted and not read.
        self.truncated = False
        self.steps: list[list[Any]] = []
        self.exits: list[dict[str, Any]] = []
        self.functions: list[TracedFunction] = []
        self._stopped = False
        self._bytes = 0
        self._window_left = limits.window_steps
        self._deadline = time.monotonic() + limits.wall_s
        self._relative_path = relative_path
        self._sources = sources
        self._files: dict[str, TracedFile | None] = {}

    def run(self, run_tests: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """Call `run_tests` with this tracer on, and note the failure that pytest stored for post-mortem debugging."""
        outer = sys.gettrace()
        try:
            with self._limited_time():
                sys.settrace(self.on_call)
                results = run_tests()
        finally:
            sys.settrace(outer)
        # Near the recursion limit the trace function cannot run any more and is switched off, but pytest keeps the
        # exception of the test's call phase here (since pytest 3.5).
        error = getattr(sys, "last_value", None)
        if error is not None and not self._stopped:
            self.exits = [self.describe_exit(describe_exception(error), frames_of(error.__traceback__))]
        return results

    def report(self) -> dict[str, Any]:
        """Return what was collected as plain lists and dictionaries."""
        return {
            "functions": [[one.path, one.qualname, one.first_line] for one in self.functions],
            "steps": self.steps,
            "observed": [one.observed() for one in self.functions],
            "exits": self.exits,
            "events": self.events,
            "skipped": self.skipped,
            "truncated": self.truncated,
        }

    def on_call(self, frame: FrameType, event: str, argument: object) -> Any:
        """The global trace function: pick the project's functions, leave everything else untraced."""
        resumed = frame.f_trace  # A generator comes back with the trace function that it had.
        if resumed is not None:
            self.depth += 1
            return resumed
        code = frame.f_code
        file = self._file(code.co_filename)
        function = file.function(code, self.functions) if file else None
        if function is None:
            return None
        self.depth += 1
        return FrameTracer(self, function, frame).on_event

    def tick(self, frame: FrameType) -> None:
        """Count an event; ends the test when it had its share."""
        self.events += 1
        late = self.events % CLOCK_CHECK_EVERY == 0 and time.monotonic() > self._deadline
        if late or self.events >= self.limits.max_events:
            self._stop(frame)

    @contextlib.contextmanager
    def _limited_time(self) -> Iterator[None]:
        """End the test in time: a loop in one line has no events (`while True: pass` in 3.10 and 3.11), nor has waiting."""
        if not hasattr(signal, "setitimer"):
            yield
            return
        outer = signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, self.limits.wall_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL if outer is None else outer)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        if frame is not None:
            self._stop(frame)

    def _stop(self, frame: FrameType) -> NoReturn:
        sys.settrace(None)  # On its way out the exception would be taken for the test's own.
        self._stopped = self.truncated = True
        told = f"still running after {self.events} blocks"
        self.exits = [self.describe_exit(told, callers_of(frame))]
        raise TraceLimit(told)

    def wants(self, visit: int, frame_number: int) -> bool:
        """Say whether this visit of a block is to be read."""
        if 0 <= self.limits.window_from <= self.events and self._window_left > 0:
            self._window_left -= 1
            return True
        early = visit <= self.limits.visits_per_block and frame_number <= self.limits.frames_per_function
        full = len(self.steps) >= self.limits.max_steps or self._bytes >= self.limits.max_bytes
        self.truncated = self.truncated or (early and full)
        self.skipped += not early or full
        return early and not full

    def add(self, step: list[Any], values: dict[str, str]) -> None:
        """Store a step with its values."""
        self._bytes += 40 + sum(len(name) + len(text) + 8 for name, text in values.items())
        self.steps.append([*step, list(values.items())])

    def describe_exit(self, error: str, frames: list[tuple[FrameType, int]]) -> dict[str, Any]:
        """Return the locals of every project frame that an error has gone through, outermost first."""
        own = [
            (file, frame, line) for frame, line in frames if (file := self._file(frame.f_code.co_filename))
        ]
        if len(own) > MAX_FAILURE_FRAMES:
            own = own[:4] + own[4 - MAX_FAILURE_FRAMES :]
        shown = [
            [file.path, line, file.qualname(frame.f_code), list(read_locals(frame).items())]
            for file, frame, line in own
        ]
        return {"error": error, "frames": shown}

    def _file(self, filename: str) -> TracedFile | None:
        if filename not in self._files:
            path = self._relative_path(filename)
            blocks = None if path is None else blocks_of(path, filename, self._sources)
            self._files[filename] = TracedFile(path, blocks) if path is not None and blocks else None
        return self._files[filename]


class TracedFile:
    """A project file with its blocks and the functions of it that were entered."""

    def __init__(self, path: str, blocks: FileBlocks) -> None:
        self.path = path
        self.blocks = blocks
        self._functions: dict[tuple[str, int], TracedFunction | None] = {}

    def qualname(self, code: CodeType) -> str:
        """Return the qualified name of the function that `code` is the body of."""
        return self.blocks.functions.get((code.co_name, code.co_firstlineno), code.co_name)

    def function(self, code: CodeType, known: list[TracedFunction]) -> TracedFunction | None:
        """Return the function of `code`; None for module and class bodies and comprehensions."""
        key = (code.co_name, code.co_firstlineno)
        if key not in self._functions:
            qualname = self.blocks.functions.get(key)
            self._functions[key] = None
            if qualname is not None:
                self._functions[key] = TracedFunction(len(known), self.path, qualname, code, self.blocks)
                known.append(self._functions[key])  # type: ignore[arg-type]
        return self._functions[key]


class TracedFunction:
    """A function of the project with what was observed of its names."""

    def __init__(self, index: int, path: str, qualname: str, code: CodeType, blocks: FileBlocks) -> None:
        self.index = index
        self.path = path
        self.qualname = qualname
        self.first_line = code.co_firstlineno
        self.blocks = blocks
        self.calls = 0
        self.facts: dict[str, Fact] = {}
        self.receiver = "self" if code.co_argcount and code.co_varnames[0] == "self" else ""
        self.is_generator = bool(code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))

    def observe(self, name: str, value: object, text: str) -> None:
        """Add what `value` shows of `name`."""
        fact = self.facts.get(name)
        if fact is None:
            fact = self.facts[name] = Fact()
        fact.update(value, text)

    def observed(self) -> list[list[Any]]:
        """Return the facts: [name, types by frequency, attributes, values] each."""
        return [[name, *fact.as_list()] for name, fact in self.facts.items()]

    def observe_receiver(self, receiver: object) -> None:
        """Add what the attributes of `self` show."""
        for name, value in list(state_of(receiver).items())[:MAX_SELF_ATTRIBUTES]:
            self.observe(f"self.{name}", value, represent(value))


class Fact:
    """What one name of one function was seen to be."""

    def __init__(self) -> None:
        self.types: dict[str, int] = {}
        self.attributes: list[str] = []
        self.values: list[str] = []
        self.updates = 0

    def update(self, value: object, text: str) -> None:
        """Count the type of `value`; its attributes replace those of the value before."""
        name = type_name(value)
        self.types[name] = self.types.get(name, 0) + 1
        self.updates += 1
        if self.updates <= MAX_FACT_UPDATES:
            if self.types[name] == 1 or type(value) not in ATOMS:
                self.attributes = public_attributes(value)
            if text not in self.values and len(self.values) < MAX_FACT_VALUES:
                self.values.append(text)

    def as_list(self) -> list[list[str]]:
        """Return [types by frequency, attributes, values]."""
        return [sorted(self.types, key=lambda name: -self.types[name]), self.attributes, self.values]


class FrameTracer:
    """The local trace function of one frame, with what was last shown of its locals."""

    def __init__(self, tracer: Tracer, function: TracedFunction, frame: FrameType) -> None:
        self._tracer = tracer
        self._function = function
        tracer.frames += 1
        function.calls += 1
        self._number = tracer.frames
        self._call = function.calls
        self._depth = tracer.depth
        self._visits: dict[int, int] = {}
        self._statement = 0
        self._raising = False
        self._exit: dict[str, Any] | None = None  # How the exception in flight would look from outside.
        self._shown: dict[str, str] = {}
        self._atoms: dict[str, object] = {}
        tracer.tick(frame)
        if tracer.wants(1, function.calls):
            self._add("call", 1, function.first_line, self._changes(frame))
            self._observe_receiver(frame)

    def on_event(self, frame: FrameType, event: str, argument: Any) -> Any:
        """The local trace function: a statement begins, an exception passes, or the frame is left."""
        if event == "line":
            self._on_line(frame)
        elif event == "exception":
            self._on_exception(frame, argument)
        elif event == "return":
            self._on_return(frame, argument)
        return self.on_event

    def _on_line(self, frame: FrameType) -> None:
        self._raising = False
        blocks = self._function.blocks
        statement = blocks.statements.get(frame.f_lineno, frame.f_lineno)
        if statement == self._statement:
            return
        self._statement = statement
        tracer = self._tracer
        tracer.tick(frame)
        if statement in blocks.heads:
            visit = self._visits[statement] = self._visits.get(statement, 0) + 1
            if tracer.wants(visit, self._call):
                self._add("block", visit, statement, self._changes(frame))

    def _on_exception(self, frame: FrameType, raised: tuple[type, BaseException, TracebackType]) -> None:
        tracer = self._tracer
        if tracer.depth <= 1 and not isinstance(raised[1], (StopIteration, GeneratorExit)):
            self._exit = tracer.describe_exit(describe_exception(raised[1]), frames_of(raised[2]))
        if self._raising:
            return  # The same exception on its way out of a `with` or `finally`.
        self._raising = True
        visit = self._visits[-1] = self._visits.get(-1, 0) + 1
        if tracer.wants(visit, self._call):
            values = {"raise": describe_exception(raised[1]), **self._changes(frame)}
            self._add("raise", visit, frame.f_lineno, values)
            self._observe_receiver(frame)

    def _on_return(self, frame: FrameType, result: object) -> None:
        tracer = self._tracer
        tracer.depth = max(0, tracer.depth - 1)
        if self._raising:
            if tracer.depth == 0 and self._exit is not None:
                tracer.exits = [*tracer.exits[1 - MAX_EXITS :], self._exit]
            return
        visit = self._visits[-2] = self._visits.get(-2, 0) + 1
        if tracer.wants(visit, self._call):
            kind = "yield" if self._function.is_generator and _is_yielding(frame) else "return"
            self._add(kind, visit, frame.f_lineno, {kind: represent(result), **self._changes(frame)})
            self._observe_receiver(frame)

    def _add(self, kind: str, visit: int, line: int, values: dict[str, str]) -> None:
        step = [kind, self._function.index, self._number, self._call, self._depth, visit, line]
        self._tracer.add(step, values)

    def _changes(self, frame: FrameType) -> dict[str, str]:
        """Return the locals whose text differs from what was last shown of them in this frame."""
        changed = {}
        for name, value in list(frame.f_locals.items())[:MAX_LOCALS]:
            if not name.isidentifier():
                continue  # `@py_assert1` of pytest's assertion rewriting, `.0` of generator expressions.
            if name in self._atoms and self._atoms[name] is value:
                continue
            text = represent(value)
            self._function.observe(name, value, text)
            if type(value) in ATOMS:
                self._atoms[name] = value
            else:
                self._atoms.pop(name, None)
            if self._shown.get(name) != text:
                self._shown[name] = changed[name] = text
        return changed

    def _observe_receiver(self, frame: FrameType) -> None:
        receiver = self._function.receiver
        if receiver and receiver in frame.f_locals:
            self._function.observe_receiver(frame.f_locals[receiver])


def frames_of(traceback: TracebackType | None) -> list[tuple[FrameType, int]]:
    """Return the frames of a traceback with their lines, outermost first."""
    frames = []
    while traceback is not None:
        frames.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return frames


def callers_of(frame: FrameType | None) -> list[tuple[FrameType, int]]:
    """Return a running frame and its callers with their lines, outermost first."""
    frames = []
    while frame is not None:
        frames.append((frame, frame.f_lineno))
        frame = frame.f_back
    return frames[::-1]


def read_locals(frame: FrameType) -> dict[str, str]:
    """Return a frame's locals as text."""
    named = [(name, value) for name, value in frame.f_locals.items() if name.isidentifier()]
    return {name: represent(value) for name, value in named[:MAX_FAILURE_LOCALS]}


def _is_yielding(frame: FrameType) -> bool:
    code = frame.f_code.co_code
    return 0 <= frame.f_lasti < len(code) and dis.opname[code[frame.f_lasti]] == "YIELD_VALUE"
