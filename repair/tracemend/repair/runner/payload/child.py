"""One forked run as its server sees it: how it is killed, how its end is heard of, and where it prints.

`Forked` is the ordinary run, a child of the server itself; `holding.HeldRun` is its counterpart for one that a child of
the server has forked. The server supervises both alike.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import warnings
from typing import NamedTuple, Optional

REAP_S = 2.0


class Ending(NamedTuple):
    """How a run ended: the status that `wait` gives, and its CPU time with that of what it waited for."""

    status: int
    cpu_s: float


KILLED = Ending(int(signal.SIGKILL), 0.0)


class Forked:
    """A run that is a child of this process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def kill(self) -> None:
        """Kill the child, which has not been reaped yet, and what it started in its process group."""
        self.end_group()
        os.kill(self._pid, signal.SIGKILL)

    def reap(self, within_s: float) -> Optional[Ending]:
        """Wait for the child at most `within_s`; return how it ended."""
        deadline = time.monotonic() + within_s
        pause = 0.0002
        while True:
            try:
                found, status, usage = os.wait4(self._pid, os.WNOHANG)
            except ChildProcessError:
                return Ending(0, 0.0)
            if found:
                return Ending(status, usage.ru_utime + usage.ru_stime)
            if time.monotonic() >= deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 2, 0.01)

    def end_group(self) -> None:
        """Kill what is left of its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)


def fork_quietly() -> int:
    """Fork. From 3.12 on Python warns of that in a threaded process, which `-W error` would raise."""
    if sys.version_info < (3, 12):
        return os.fork()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def cpu_seconds() -> float:
    """Return the CPU time of this process and of the children that it has waited for."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def open_output(scratch: str) -> int:
    """Return a descriptor for what the child prints past pytest's capture: in memory, bounded by RLIMIT_FSIZE."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("tracemend-output")
    return os.open(os.path.join(scratch, "output"), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)


def read_tail(descriptor: int, count: int) -> str:
    """Return the last `count` bytes of what was printed."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, count, max(0, size - count)).decode("utf-8", "replace")
