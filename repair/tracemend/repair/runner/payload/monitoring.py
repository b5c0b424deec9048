"""What a test executes, by `sys.monitoring` (PEP 669); Python 3.12 and later.

Events are switched on for the code objects of the project alone, each location switches itself off when it is first
hit, and `restart_events` arms all of them again for the next test. Nothing else runs slower: an event that is on
everywhere would have each function of pytest and the standard library instrumented again after each restart. A module
that is imported during a test is seen when the loader returns its code. (An audit hook would see more, but it is called
at each `id()` too, of which there is one in each event.)
"""

from __future__ import annotations

import importlib.machinery
import sys
from types import CodeType, FunctionType
from typing import Any, Callable, Iterable

from .spectrum import Spectrum

TOOL_NAME = "tracemend"


class MonitoringCollector:
    """Fills a spectrum."""

    def __init__(self, spectrum: Spectrum, with_lines: bool) -> None:
        self._spectrum = spectrum
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self._tool = free_tool(self._monitoring)
        events = self._monitoring.events
        self._event = events.LINE if with_lines else events.PY_START

    def start(self, functions: Iterable[FunctionType]) -> None:
        """Begin to observe; `functions` are the live ones of the project."""
        self._monitoring.use_tool_id(self._tool, TOOL_NAME)
        self._monitoring.register_callback(self._tool, self._event, self._callback())
        for function in functions:
            self._arm(function.__code__)
        loading, returns = importlib.machinery.SourceFileLoader.get_code, self._monitoring.events.PY_RETURN
        self._monitoring.register_callback(self._tool, returns, self._on_loaded)
        self._monitoring.set_local_events(self._tool, loading.__code__, returns)

    def begin(self) -> None:
        """A test begins: arm every location again."""
        self._spectrum.clear()
        self._monitoring.restart_events()

    def stop(self) -> None:
        """Stop observing."""
        for event in (self._event, self._monitoring.events.PY_RETURN):
            self._monitoring.register_callback(self._tool, event, None)
        self._monitoring.free_tool_id(self._tool)

    def _callback(self) -> Callable[[CodeType, int], Any]:
        """Return what is called at each first hit, which is what spectra cost: nothing is looked up twice in it."""
        lines, disable = self._spectrum.lines, self._monitoring.DISABLE

        def on_line(code: CodeType, line: int) -> Any:
            lines[id(code)].append(line)
            return disable

        def on_start(code: CodeType, offset: int) -> Any:
            lines[id(code)]
            return disable

        return on_line if self._event == self._monitoring.events.LINE else on_start

    def _on_loaded(self, loader: CodeType, offset: int, code: object) -> None:
        if isinstance(code, CodeType):
            self._arm(code)

    def _arm(self, code: CodeType) -> None:
        for part in self._spectrum.add_code(code):
            self._monitoring.set_local_events(self._tool, part, self._event)


def free_tool(monitoring: Any) -> int:
    """Return a tool id that nobody uses; 0, 1, 2 and 5 are reserved for kinds of tools by PEP 669."""
    for tool in (3, 4, 2, 5, 1, 0):
        if monitoring.get_tool(tool) is None:
            return tool
    raise RuntimeError("all six tool ids of sys.monitoring are in use")
