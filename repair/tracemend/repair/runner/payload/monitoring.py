"""What a test executes, by `sys.monitoring` (PEP 669); Python 3.12 and later.

Events are switched on for the code objects of the project alone, each location switches itself off when it is first
hit, and `restart_events` arms all of them again for the next test. Nothing else runs slower: an event that is on
everywhere would have each function of pytest and the standard library instrumented again after each restart. A module
that is imported during a test is seen when the loader returns its code. (An audit hook would see more, but it is called
at each `id()` too, of which there is one in each event.)
"""

from __future__ import annotations

import dis
import importlib.machinery
import sys
from types import CodeType, FunctionType
from typing import Any, Callable, Iterable, Tuple

from .spectrum import Spectrum

Callback = Callable[[CodeType, int], Any]

TOOL_NAME = "tracemend"
_RESUME = dis.opmap.get("RESUME", -1)


class MonitoringCollector:
    """Fills a spectrum."""

    def __init__(self, spectrum: Spectrum, with_lines: bool) -> None:
        self._spectrum = spectrum
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self._tool = free_tool(self._monitoring)
        self._events: Any = self._monitoring.events
        self._with_lines = with_lines

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe; `functions` are the live ones of the project."""
        self._monitoring.use_tool_id(self._tool, TOOL_NAME)
        on_start, on_line = self._make_callbacks()
        self._monitoring.register_callback(self._tool, self._events.PY_START, on_start)
        self._monitoring.register_callback(self._tool, self._events.LINE, on_line)
        self._monitoring.register_callback(self._tool, self._events.PY_RETURN, self._on_loaded)
        for function in functions:
            self._arm(function.__code__)
        self._monitoring.set_local_events(self._tool, self._spectrum.starter, self._events.PY_START)
        loading = importlib.machinery.SourceFileLoader.get_code.__code__
        self._monitoring.set_local_events(self._tool, loading, self._events.PY_RETURN)

    def begin(self) -> None:
        """A test begins: arm every location again."""
        self._spectrum.clear()
        self._monitoring.restart_events()

    def stop(self) -> None:
        """Stop observing."""
        for event in (self._events.PY_START, self._events.LINE, self._events.PY_RETURN):
            self._monitoring.register_callback(self._tool, event, None)
        self._monitoring.free_tool_id(self._tool)

    def _make_callbacks(self) -> Tuple[Callback, Callback]:
        """Return what is called at first hits, which is what spectra cost: its names are local."""
        lines, disable = self._spectrum.lines, self._monitoring.DISABLE

        def on_entry(code: CodeType, offset: int) -> Any:
            lines[id(code)]
            return disable

        def on_entry_at_first_line(code: CodeType, offset: int) -> Any:
            lines[id(code)].append(code.co_firstlineno)
            return disable

        def on_line(code: CodeType, line: int) -> Any:
            lines[id(code)].append(line)
            return disable

        return on_entry_at_first_line if self._with_lines else on_entry, on_line

    def _on_loaded(self, loader: CodeType, offset: int, code: object) -> None:
        if isinstance(code, CodeType):
            self._arm(code)

    def _arm(self, code: CodeType) -> None:
        events, both = self._events, self._events.LINE | self._events.PY_START
        for part in self._spectrum.add_code(code):
            wanted = (both if _starts_at_once(part) else events.LINE) if self._with_lines else events.PY_START
            self._monitoring.set_local_events(self._tool, part, wanted)


def _starts_at_once(code: CodeType) -> bool:
    """Return whether the body begins on the line of RESUME, as in `lambda: 1`: 3.13 has no event for that line."""
    instructions = code.co_code
    resume = next((at for at in range(0, len(instructions), 2) if instructions[at] == _RESUME), 0)
    first = next((line for _, end, line in code.co_lines() if end > resume + 2), None)
    return first == code.co_firstlineno


def free_tool(monitoring: Any) -> int:
    """Return a tool id that nobody uses; 0, 1, 2 and 5 are reserved for kinds of tools by PEP 669."""
    for tool in (3, 4, 2, 5, 1, 0):
        if monitoring.get_tool(tool) is None:
            return tool
    raise RuntimeError("all six tool ids of sys.monitoring are in use")
