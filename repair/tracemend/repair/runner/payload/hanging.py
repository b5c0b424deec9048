"""Time limits of tests, and saying where a test hangs just before it is ended for that.

The hard limit is CPU time by ITIMER_PROF, whose signal Python code cannot swallow; wall time is the tool's to limit.
Killed so, a process takes along what it knew. So at `SOFT_SHARE` of either limit a handler sends the stack and what
the test has executed so far, and ends the process. It does not raise an exception into the test: that could be caught,
and whatever ran afterwards would prove nothing.

Python runs handlers between two bytecodes of the main thread, which code that stays in C (a regular expression, say)
never comes back to. There the hard limit strikes, and `faulthandler`, which is C itself, writes the stack into the
run's output before the signal does its work; the server reads it there (`dumped_frames`).
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
from types import FrameType
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from .paths import ProjectPaths
from .reports import frame_at, shortened, stack_of

SOFT_SHARE = 0.7
HUNG = 75  # The exit code of a process that has said where it hangs.

_HAS_TIMERS = hasattr(signal, "setitimer")
_DUMPED_FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$', re.MULTILINE)


class TimeLimits:
    """The limits of the tests of one request; `tell` is called in a test that hangs, None where nobody asks."""

    def __init__(
        self, paths: ProjectPaths, request: Dict[str, Any], tell: Optional[Callable[[Dict[str, Any]], None]]
    ) -> None:
        self._paths = paths
        self._request = request
        self._tell = tell

    def start(self, test: str) -> None:
        """The test begins."""
        self.handle_signals()  # Each time: tests have alarms of their own.
        self.start_timers(test)

    def handle_signals(self) -> None:
        """Have this process, and those that it forks, say where they hang once the timers of a test run out."""
        if _HAS_TIMERS and self._tell is not None:
            signal.signal(signal.SIGVTALRM, self._on_signal)
            signal.signal(signal.SIGALRM, self._on_signal)

    def start_timers(self, test: str) -> None:
        """The test begins, in a process that handles the signals already; timers are not inherited by a fork."""
        if not _HAS_TIMERS:
            return
        cpu_s = self._limit(test, "cpu_s", 10.0)
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        if self._tell is not None:
            signal.setitimer(signal.ITIMER_VIRTUAL, SOFT_SHARE * cpu_s)
            signal.setitimer(signal.ITIMER_REAL, SOFT_SHARE * self._limit(test, "test_wall_s", 3600.0))

    def stop(self) -> None:
        """The test has ended."""
        if _HAS_TIMERS:
            for timer in (signal.ITIMER_PROF, signal.ITIMER_VIRTUAL, signal.ITIMER_REAL):
                signal.setitimer(timer, 0)

    def _limit(self, test: str, kind: str, default: float) -> float:
        own = self._request.get(kind, {}).get(test)
        return float(self._request.get("default_" + kind, default) if own is None else own)

    def _on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        assert self._tell is not None, "the handler stands only where somebody is to be told"
        limit = "cpu" if number == signal.SIGVTALRM else "wall"
        self._tell({"limit": limit, "frames": stack_of(frame, self._paths)})
        os._exit(HUNG)


def dump_stack_when_killed() -> None:
    """Have the hard limit's signal write the stack to descriptor 2 before it kills."""
    if _HAS_TIMERS and hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGPROF, file=2, all_threads=False, chain=True)


def dumped_frames(output: str, paths: ProjectPaths) -> List[Dict[str, Any]]:
    """Return the last stack that was dumped into `output`, none where there is none."""
    _, found, dump = output.rpartition("(most recent call first):")
    frames = [
        frame_at(filename, int(line), function, paths)
        for filename, line, function in _DUMPED_FRAME.findall(dump if found else "")
    ]
    return shortened(frames[::-1])


def executed_by(frames: List[Dict[str, Any]], functions: Iterable[Tuple[str, int, str]]) -> Dict[str, Any]:
    """Return the least that a test executed which was found in these frames, as a spectrum.

    `functions` are the (path, first line, name) of those that are known: a frame does not tell where its function
    begins.
    """
    blocks = []
    for one in frames:
        starts = [
            first
            for path, first, name in functions
            if (path, name) == (one["path"], one["function"]) and first <= one["line"]
        ]
        if starts:
            blocks.append((one["path"], max(starts), [one["line"]]))
    return {"new": blocks, "executed": list(range(len(blocks)))}
