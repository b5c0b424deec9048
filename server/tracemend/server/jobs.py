"""Background work: at most a few at a time, each of which can be cancelled, superseded and watched.

A `Job` is the token that work carries: it asks `cancelled` between steps, tells `report` how far it is, and registers
with `on_cancel` what ends its child processes. `Jobs` runs work in daemon threads, so that nothing that hangs can keep
the server from leaving (an executor's threads are joined at exit). `Lane` runs work strictly in order, for what must
not overtake each other, such as the edits of a file and the run that follows them.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from .problems import Cancelled

logger = logging.getLogger(__name__)

MAX_WORKERS = 4

Reporter = Callable[[str, float | None], None]
Done = Callable[[Any, BaseException | None], None]


class Job:
    """One piece of work, seen from inside and outside. All methods may be called from any thread."""

    def __init__(self, name: str, reporter: Reporter | None = None) -> None:
        self.name = name
        self._reporter = reporter
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._on_cancel: list[Callable[[], None]] = []

    def cancelled(self) -> bool:
        """Whether the work should end as soon as it can."""
        return self._cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` if the work should end."""
        if self._cancelled.is_set():
            raise Cancelled(self.name)

    def report(self, message: str, fraction: float | None = None) -> None:
        """Tell whoever watches how far the work is; `fraction` is between 0 and 1, None where nobody knows."""
        if self._reporter is not None and not self.cancelled():
            self._reporter(message, fraction)

    def wait(self, timeout_s: float) -> bool:
        """Sleep for at most `timeout_s`; return at once, and True, when cancelled."""
        return self._cancelled.wait(timeout_s)

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the job is cancelled, at once if it already is. It must be quick and not raise."""
        with self._lock:
            if not self._cancelled.is_set():
                self._on_cancel.append(callback)
                return
        callback()

    def cancel(self) -> None:
        """Ask the work to end. Cancelling twice is cancelling once."""
        with self._lock:
            if self._cancelled.is_set():
                return
            self._cancelled.set()
            callbacks, self._on_cancel = self._on_cancel, []
        for callback in callbacks:
            callback()


class Jobs:
    """Runs jobs in at most `max_workers` threads, in the order in which they came.

    Work that was cancelled before its turn is not begun; its `done` is called nevertheless, with `Cancelled`, so that
    whoever waits is always answered.
    """

    def __init__(self, max_workers: int = MAX_WORKERS) -> None:
        self._max_workers = max_workers
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Job, Callable[[], Any], Done]] = deque()
        self._running: set[Job] = set()
        self._by_key: dict[str, Job] = {}
        self._workers = 0

    def start(self, job: Job, work: Callable[[], Any], done: Done, *, key: str | None = None) -> None:
        """Run `work` for `job`, then call `done(result, error)` in the worker's thread.

        An unfinished job that was started with the same `key` is superseded: it is cancelled first.
        """
        superseded = None
        with self._lock:
            if key is not None:
                superseded = self._by_key.get(key)
                self._by_key[key] = job
            self._waiting.append((job, work, self._forgetting(key, job, done)))
            if self._workers < self._max_workers:
                self._workers += 1
                threading.Thread(target=self._serve, name="tracemend-job", daemon=True).start()
        if superseded is not None:
            superseded.cancel()

    def cancel_all(self) -> None:
        """Cancel everything that runs or waits."""
        with self._lock:
            jobs = [*self._running, *(job for job, _, _ in self._waiting)]
        for job in jobs:
            job.cancel()

    def _forgetting(self, key: str | None, job: Job, done: Done) -> Done:
        """Return `done` that first forgets the key, unless a later job has taken it."""

        def forget(result: Any, error: BaseException | None) -> None:
            with self._lock:
                if key is not None and self._by_key.get(key) is job:
                    del self._by_key[key]
            done(result, error)

        return forget

    def _serve(self) -> None:
        """Work until nothing waits. A worker leaves under the lock, so that `start` counts right."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._workers -= 1
                    return
                job, work, done = self._waiting.popleft()
                self._running.add(job)
            try:
                _carry_out(job, work, done)
            finally:
                with self._lock:
                    self._running.discard(job)


class Lane:
    """Carries out calls one after another in a thread of its own; a call that fails is logged and the next one follows."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def call(self, action: Callable[[], object]) -> None:
        """Carry out `action` after everything that was asked for before."""
        self._calls.put(action)

    def close(self) -> None:
        """Let the thread end after what was asked for; it is not waited for."""
        self._calls.put(None)

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end, and return whether it did."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        while (action := self._calls.get()) is not None:
            try:
                action()
            except Exception:
                logger.exception("%s: a call failed", self._name)


def _carry_out(job: Job, work: Callable[[], Any], done: Done) -> None:
    """Run one job to its end and tell `done`, which must not keep the worker from the next one."""
    result, error = None, None
    try:
        job.raise_if_cancelled()
        result = work()
    except BaseException as raised:  # noqa: BLE001 - carried over to `done`, which answers for it.
        error = raised
    try:
        done(result, error)
    except Exception:
        logger.exception("%s: nobody could be told how it ended", job.name)
