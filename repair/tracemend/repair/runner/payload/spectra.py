"""Which lines and functions of the project each test executes, and which code ran before any test.

From Python 3.12 on this rests on `sys.monitoring` (PEP 669): LINE events are switched on for the project's code objects
alone, every location switches itself off after its first hit, and `restart_events` arms all of them again for the next
test. Code that appears during a test (a module imported late) is found by its module body's PY_START. Earlier Pythons
get a `sys.settrace` collector that leaves a function alone once all of its lines have been seen in this test.
"""

from __future__ import annotations

import dis
import sys
import threading
from types import CodeType, FrameType, FunctionType
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple, Union

from .patching import CodeKey, nested_code
from .paths import ProjectPaths

TOOL_NAME = "tracemend"
_OPTIMIZED = 0x1  # CO_OPTIMIZED: a function rather than a module or class body.


class Spectrum:
    """What one test executed."""

    def __init__(self) -> None:
        self.lines: Dict[str, Set[int]] = {}
        self.functions: Set[Tuple[str, int]] = set()

    def clear(self) -> None:
        """Forget everything: the next test begins."""
        self.lines.clear()
        self.functions.clear()

    def to_json(self) -> Dict[str, Any]:
        """Return the spectrum as plain lists."""
        return {
            "lines": {path: sorted(lines) for path, lines in self.lines.items()},
            "functions": sorted(self.functions),
        }


class MonitoringCollector:
    """Collects by `sys.monitoring`; Python 3.12 and later."""

    def __init__(self, paths: ProjectPaths, spectrum: Spectrum, with_lines: bool) -> None:
        self._paths = paths
        self._spectrum = spectrum
        self._with_lines = with_lines
        self._armed: Set[int] = set()  # Code objects by id; hashing one means hashing its constants.
        self._kept: List[CodeType] = []
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self._tool = _free_tool(self._monitoring)

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe; `functions` are the live ones of the project."""
        monitoring, events = self._monitoring, self._monitoring.events
        monitoring.use_tool_id(self._tool, TOOL_NAME)
        monitoring.register_callback(self._tool, events.PY_START, self._on_start)
        monitoring.register_callback(self._tool, events.LINE, self._on_line)
        if self._with_lines:
            for function in functions:
                self._arm(function.__code__)
        monitoring.set_events(self._tool, events.PY_START)

    def begin(self) -> None:
        """A test begins: arm every location again."""
        self._spectrum.clear()
        self._monitoring.restart_events()

    def stop(self) -> None:
        """Stop observing."""
        self._monitoring.set_events(self._tool, 0)
        self._monitoring.free_tool_id(self._tool)

    def _on_start(self, code: CodeType, offset: int) -> Any:
        path = self._paths.relative(code.co_filename)
        if path is not None:
            if code.co_flags & _OPTIMIZED:
                self._spectrum.functions.add((path, code.co_firstlineno))
            if self._with_lines and id(code) not in self._armed:
                self._arm(code)
        return self._monitoring.DISABLE

    def _on_line(self, code: CodeType, line: int) -> Any:
        path = self._paths.relative(code.co_filename)
        if path is not None:
            self._spectrum.lines.setdefault(path, set()).add(line)
        return self._monitoring.DISABLE

    def _arm(self, code: CodeType) -> None:
        if id(code) in self._armed:
            return
        self._armed.add(id(code))
        self._kept.append(code)
        if code.co_flags & _OPTIMIZED:
            self._monitoring.set_local_events(self._tool, code, self._monitoring.events.LINE)
        for part in nested_code(code):
            self._arm(part)


class TracingCollector:
    """Collects by `sys.settrace`; before Python 3.12."""

    def __init__(self, paths: ProjectPaths, spectrum: Spectrum, with_lines: bool) -> None:
        self._paths = paths
        self._spectrum = spectrum
        self._with_lines = with_lines
        self._places: Dict[int, Optional[_Place]] = {}  # By id of the code object.
        self._kept: List[CodeType] = []

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe, in threads that start from now on too."""
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)

    def begin(self) -> None:
        """A test begins: every line is unseen again."""
        self._spectrum.clear()
        for place in self._places.values():
            if place is not None:
                place.unseen |= place.lines

    def stop(self) -> None:
        """Stop observing."""
        sys.settrace(None)
        threading.settrace(None)

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        try:
            place = self._places[id(code)]
        except KeyError:
            place = self._places[id(code)] = self._place_of(code)
            self._kept.append(code)
        if place is None:
            return None
        if place.is_function:
            self._spectrum.functions.add((place.path, code.co_firstlineno))
        if not self._with_lines or not place.unseen or not place.is_function:
            return None
        lines = self._spectrum.lines.setdefault(place.path, set())
        unseen = place.unseen

        def on_line(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                lines.add(frame.f_lineno)
                unseen.discard(frame.f_lineno)
                if not unseen:
                    frame.f_trace = None
                    return None
            return on_line

        return on_line

    def _place_of(self, code: CodeType) -> Optional["_Place"]:
        path = self._paths.relative(code.co_filename)
        return None if path is None else _Place(path, code)


class _Place:
    """Where a code object of the project stands, and which of its lines this test has not reached yet."""

    __slots__ = ("is_function", "lines", "path", "unseen")

    def __init__(self, path: str, code: CodeType) -> None:
        self.path = path
        self.is_function = bool(code.co_flags & _OPTIMIZED)
        lines = {line for _, line in dis.findlinestarts(code) if line}
        if len(lines) > 1:
            lines.discard(code.co_firstlineno)  # The def itself is no line event of its body.
        self.lines = frozenset(lines)
        self.unseen = set(self.lines)


class StartRecorder:
    """Records which of the project's code runs while the project is imported and collected."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self.executed: Set[CodeKey] = set()
        self._monitoring: Any = getattr(sys, "monitoring", None)

    def start(self) -> None:
        """Begin to record."""
        if self._monitoring is None:
            sys.settrace(self._on_call)
            return
        self._tool = _free_tool(self._monitoring)
        event = self._monitoring.events.PY_START
        self._monitoring.use_tool_id(self._tool, TOOL_NAME)
        self._monitoring.register_callback(self._tool, event, self._on_start)
        self._monitoring.set_events(self._tool, event)

    def stop(self) -> None:
        """Stop recording, leaving a tracer that the project itself has set."""
        if self._monitoring is not None:
            self._monitoring.set_events(self._tool, 0)
            self._monitoring.free_tool_id(self._tool)
        elif sys.gettrace() == self._on_call:
            sys.settrace(None)

    def _on_start(self, code: CodeType, offset: int) -> Any:
        self._note(code)
        return self._monitoring.DISABLE

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> None:
        self._note(frame.f_code)

    def _note(self, code: CodeType) -> None:
        path = self._paths.relative(code.co_filename)
        if path is not None:
            self.executed.add((path, code.co_firstlineno, code.co_name))


def make_collector(
    paths: ProjectPaths, spectrum: Spectrum, with_lines: bool
) -> Union[MonitoringCollector, TracingCollector]:
    """Return the collector that this Python allows."""
    if sys.version_info >= (3, 12):
        return MonitoringCollector(paths, spectrum, with_lines)
    return TracingCollector(paths, spectrum, with_lines)


def _free_tool(monitoring: Any) -> int:
    """Return a tool id that nobody uses; 0, 1, 2 and 5 are reserved for kinds of tools by PEP 669."""
    for tool in (3, 4, 2, 5, 1, 0):
        if monitoring.get_tool(tool) is None:
            return tool
    raise RuntimeError("all six tool ids of sys.monitoring are in use")
