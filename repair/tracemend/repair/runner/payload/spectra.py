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
    """Collects by `sys.settrace`; before Python 3.12."""

    def __init__(self, spectrum: Spectrum, with_lines: bool) -> None:
        self._spectrum = spectrum
        self._with_lines = with_lines
        self._places: Dict[int, Optional[_Place]] = {}  # By id of the code object; None where it is not ours.
        self._kept: List[CodeType] = []
        self._on_call = self._make_on_call()

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe, in threads that start from now on too."""
        for function in functions:
            self._place_of(function.__code__)
        starter = self._spectrum.starter
        self._places[id(starter)] = _Place(starter, set(), self._spectrum.lines)
        threading.settrace(self._on_call)

    def begin(self) -> None:
        """A test begins: every line is unseen again. At the recursion limit the last test may have lost the tracer."""
        for ident in self._spectrum.lines:
            place = self._places[ident]
            if place is not None:
                place.unseen |= place.lines
        self._spectrum.clear()
        sys.settrace(self._on_call)

    def stop(self) -> None:
        """Stop observing."""
        sys.settrace(None)
        threading.settrace(None)

    def _make_on_call(self) -> TraceFunction:
        """Return the global trace function; it is called at every call, so that its names are local."""
        places, place_of, lines, with_lines = (
            self._places,
            self._place_of,
            self._spectrum.lines,
            self._with_lines,
        )

        def on_call(frame: FrameType, event: str, argument: Any) -> Optional[TraceFunction]:
            ident = id(frame.f_code)
            place = places[ident] if ident in places else place_of(frame.f_code)
            if place is None:
                return None
            lines[ident]
            return place.on_line if with_lines and place.unseen else None

        return on_call

    def _place_of(self, code: CodeType) -> Optional["_Place"]:
        for part in self._spectrum.add_code(code):
            self._places[id(part)] = _Place(part, _lines_of(part), self._spectrum.lines)
        self._kept.append(code)
        return self._places.setdefault(id(code), None)


class _Place:
    """A function of the project, which of its lines this test has not reached yet, and what watches for them."""

    __slots__ = ("lines", "on_line", "unseen")

    def __init__(self, code: CodeType, lines: Set[int], found: Dict[int, List[int]]) -> None:
        self.lines = frozenset(lines)
        self.unseen: Set[int] = lines
        self.on_line = _watch(id(code), self.unseen, found)


def _lines_of(code: CodeType) -> Set[int]:
    lines = {line for _, line in dis.findlinestarts(code) if line}
    if len(lines) > 1:
        lines.discard(code.co_firstlineno)  # The def itself is no line event of its body.
    return lines


def _watch(ident: int, unseen: Set[int], found: Dict[int, List[int]]) -> TraceFunction:
    """Return a local trace function that moves lines from `unseen` to `found`; one serves all calls of a function."""

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        line = frame.f_lineno
        if line in unseen:
            unseen.discard(line)
            found[ident].append(line)
            if not unseen:
                frame.f_trace = None
                return None
        return on_line

    return on_line
