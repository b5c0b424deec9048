"""When a search has lasted long enough to be worth further runners.

Warming up a runner, and asking for a second opinion beside it, takes about as much CPU as `LONG_CPU_S`. So a search that
waits until it has spent as much itself costs at most twice what knowing beforehand would (the "ski rental" argument).
What counts is work and not the clock: on a busy machine a second passes before a short search has tried ten candidates,
and more processes would make it slower still. The clock counts only for tests that wait rather than compute.
"""

from __future__ import annotations

import threading
import time

LONG_CPU_S, LONG_WALL_S = 1.0, 10.0


class Patience:
    """What a search may spend before it gets help. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began_s = time.monotonic()
        self._own_cpu_before_s = time.process_time()
        self._runs_cpu_s = 0.0
        self._has_ended = False

    def spend(self, run_cpu_s: float) -> None:
        """Take in the CPU time of one run."""
        with self._lock:
            self._runs_cpu_s += run_cpu_s

    def ends_now(self) -> bool:
        """Say once that the search has become a long one."""
        with self._lock:
            if self._has_ended:
                return False
            cpu_s = self._runs_cpu_s + time.process_time() - self._own_cpu_before_s
            self._has_ended = cpu_s > LONG_CPU_S or time.monotonic() - self._began_s > LONG_WALL_S
            return self._has_ended
