"""Which lines and functions of the project each test executes.

From Python 3.12 on `monitoring` collects that; the collector here, for earlier Pythons, rests on `sys.settrace`. It
leaves a function alone once all of its lines have been seen in this test.
"""

from __future__ import annotations

import dis
import sys
import threading
from types import CodeType, FrameType, FunctionType
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Union

from .monitoring import MonitoringCollector
from .spectrum import Spectrum

TraceFunction = Callable[[FrameType, str, Any], Any]


def make_collector(spectrum: Spectrum, with_lines: bool) -> Union[MonitoringCollector, "TracingCollector"]:
    """Return the collector that this Python allows."""
    if sys.version_info >= (3, 12):
        return MonitoringCollector(spectrum, with_lines)
    return TracingCollector(spectrum, with_lines)


class TracingCollector:
    """Collects by `sys.settrace`; before Python 3.12.

    The trace function is called at each call of any Python function, so it asks one question first: is there nothing
    more to learn of this code? That holds for all code that is not the project's, and for what this test has executed
    already; of lines, once it has executed all of them.
    """

    def __init__(self, spectrum: Spectrum, with_lines: bool) -> None:
        self._spectrum = spectrum
        self._with_lines = with_lines
        self._places: Dict[int, _Place] = {}  # The project's functions, by id of the code object.
        self._done: Set[int] = (
            set()
        )  # Ids of the code objects of which there is nothing more to learn in this test.
        self._kept: List[CodeType] = []  # So that no id is used again.
        self._on_call = self._on_call_for_lines() if with_lines else self._on_call_for_functions()

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe, in threads that start from now on too."""
        for function in functions:
            self._learn(function.__code__)
        starter = self._spectrum.starter
        self._places[id(starter)] = _Place(starter, set(), self._spectrum.lines, self._done)
        threading.settrace(self._on_call)

    def begin(self) -> None:
        """A test begins: every line is unseen again. At the recursion limit the last test may have lost the tracer."""
        for ident in self._spectrum.lines:
            self._done.discard(ident)
            place = self._places[ident]
            place.unseen |= place.lines
        self._spectrum.clear()
        sys.settrace(self._on_call)

    def stop(self) -> None:
        """Stop observing."""
        sys.settrace(None)
        threading.settrace(None)

    def _on_call_for_functions(self) -> TraceFunction:
        done, enter = self._done, self._enter

        def on_call(frame: FrameType, event: str, argument: Any) -> None:
            if id(frame.f_code) not in done:
                enter(frame.f_code)
                done.add(id(frame.f_code))

        return on_call

    def _on_call_for_lines(self) -> TraceFunction:
        done, enter = self._done, self._enter

        def on_call(frame: FrameType, event: str, argument: Any) -> Optional[TraceFunction]:
            if id(frame.f_code) in done:
                return None
            return enter(frame.f_code)

        return on_call

    def _enter(self, code: CodeType) -> Optional[TraceFunction]:
        """Note that the test executes `code`, and return what watches its lines; None where none is left to see."""
        ident = id(code)
        place = self._places.get(ident) or self._learn(code)
        if place is None:
            self._done.add(ident)
            return None
        self._spectrum.lines[ident]
        if place.unseen:
            return place.on_line
        self._done.add(ident)
        return None

    def _learn(self, code: CodeType) -> Optional["_Place"]:
        for part in self._spectrum.add_code(code):
            self._places[id(part)] = _Place(part, _lines_of(part), self._spectrum.lines, self._done)
        self._kept.append(code)
        return self._places.get(id(code))


class _Place:
    """A function of the project, which of its lines this test has not reached yet, and what watches for them."""

    __slots__ = ("lines", "on_line", "unseen")

    def __init__(self, code: CodeType, lines: Set[int], found: Dict[int, List[int]], done: Set[int]) -> None:
        self.lines = frozenset(lines)
        self.unseen: Set[int] = lines
        self.on_line = _watch(id(code), self.unseen, found, done)


def _lines_of(code: CodeType) -> Set[int]:
    lines = {line for _, line in dis.findlinestarts(code) if line}
    if len(lines) > 1:
        lines.discard(code.co_firstlineno)  # The def itself is no line event of its body.
    return lines


def _watch(ident: int, unseen: Set[int], found: Dict[int, List[int]], done: Set[int]) -> TraceFunction:
    """Return a local trace function that moves lines from `unseen` to `found`; one serves all calls of a function."""

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        line = frame.f_lineno
        if line in unseen:
            unseen.discard(line)
            found[ident].append(line)
            if not unseen:
                done.add(ident)
                frame.f_trace = None
                return None
        return on_line

    return on_line
