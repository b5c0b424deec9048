"""Which of the project's code runs while it is imported and collected: that code cannot be swapped any more."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any, Set

from .monitoring import TOOL_NAME, free_tool
from .patching import CodeKey
from .paths import ProjectPaths


class StartRecorder:
    """Records which of the project's code runs while the project is imported and collected."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self.executed: Set[CodeKey] = set()
        self._foreign: Set[str] = set()  # Files that are not the project's, as their code objects spell them.
        self._tracer: Any = None
        self._monitoring: Any = getattr(sys, "monitoring", None)

    def start(self) -> None:
        """Begin to record."""
        if self._monitoring is None:
            self._tracer = self._make_tracer()
            sys.settrace(self._tracer)
            return
        self._tool = free_tool(self._monitoring)
        event = self._monitoring.events.PY_START
        self._monitoring.use_tool_id(self._tool, TOOL_NAME)
        self._monitoring.register_callback(self._tool, event, self._on_start)
        self._monitoring.set_events(self._tool, event)

    def stop(self) -> None:
        """Stop recording, leaving a tracer that the project itself has set."""
        if self._monitoring is not None:
            self._monitoring.set_events(self._tool, 0)
            self._monitoring.free_tool_id(self._tool)
        elif sys.gettrace() is self._tracer:
            sys.settrace(None)

    def _on_start(self, code: CodeType, offset: int) -> Any:
        self._note(code)
        return self._monitoring.DISABLE

    def _make_tracer(self) -> Any:
        """Return what is called at each call of a function, most of which are pytest's own: it costs one look."""
        foreign, note = self._foreign, self._note

        def on_call(frame: FrameType, event: str, argument: Any) -> None:
            if frame.f_code.co_filename not in foreign:
                note(frame.f_code)

        return on_call

    def _note(self, code: CodeType) -> None:
        path = self._paths.relative(code.co_filename)
        if path is None:
            self._foreign.add(code.co_filename)
        else:
            self.executed.add((path, code.co_firstlineno, code.co_name))
