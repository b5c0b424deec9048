"""The progress bar of a folder's test runs: shown when a run lasts, with a cancel button that ends it."""

from __future__ import annotations

import asyncio

from tracemend.repair.live.state import LiveState

from .folders import Folder
from .progress_bars import Bar, ProgressBars

SHOWN_AFTER_S = 1.0


class RunBar:
    """Follows the state of one folder. Event loop only."""

    def __init__(self, folder: Folder, bars: ProgressBars, loop: asyncio.AbstractEventLoop) -> None:
        self._folder = folder
        self._bars = bars
        self._loop = loop
        self._bar: Bar | None = None
        self._busy_since: float | None = None
        self._tests = 0

    def follow(self, state: LiveState | None) -> None:
        """Show, go on with, or take away the bar."""
        if state is None or state.phase not in ("starting", "running"):
            self.close()
            return
        now = self._loop.time()
        if self._busy_since is None:
            self._busy_since = now
            self._loop.call_later(SHOWN_AFTER_S, self._look_again)
        self._tests = max(self._tests, len(state.running))
        if now - self._busy_since >= SHOWN_AFTER_S:
            self._report(state)

    def close(self) -> None:
        """Take the bar away."""
        self._busy_since, self._tests = None, 0
        if self._bar is not None:
            self._bar.end()
            self._bar = None

    def _look_again(self) -> None:
        live = self._folder.live
        if self._busy_since is not None and live is not None:
            self.follow(live.state())

    def _report(self, state: LiveState) -> None:
        if self._bar is None:
            self._bar = self._bars.bar(f"tracemend: {self._folder.name}", self._cancel)
        if state.phase == "starting":
            self._bar.report(state.message or "starting")
            return
        done = self._tests - len(state.running)
        fraction = done / self._tests if self._tests else None
        self._bar.report(f"{done} of {self._tests} tests", fraction)

    def _cancel(self) -> None:
        if self._folder.live is not None:
            self._folder.live.cancel()
