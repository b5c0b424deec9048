"""The crew: all runners of one job, warm and fresh, and the one flag that stops each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from tracemend.repair.runner.client import Progress, Runner
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings

POLL_S = 0.1


class Cancelled(Exception):
    """The job was cancelled before its runner was warm."""


class Crew:
    """Starts runners, watches the cancel flag for them, and closes them. Use it as a context manager."""

    def __init__(self, project: Project, settings: RunnerSettings, cancel: threading.Event) -> None:
        self.project = project
        self.settings = settings
        self._cancel = cancel
        self._warm: list[Runner] = []
        self._apart: list[Runner] = []
        self._at_work: list[Runner] = []
        self._in_background: list[threading.Thread] = []
        self._supplying = threading.Lock()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True, name="cancel-watcher")
        self._watcher.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closed.set()  # Runners that are not ready yet give up.
        for thread in self._in_background:
            while thread.is_alive():
                self._cancel_all()  # Nobody waits for what is still asked there.
                thread.join(POLL_S)
        for runner in (*self._warm, *self._apart):
            runner.close()
        self._watcher.join()

    def start(self) -> Runner:
        """Warm up one runner. Raises `RunnerError` or `Cancelled`."""
        runner = Runner.start(self.project, self.settings, on_progress=self._give_up_when_cancelled)
        self._warm.append(runner)
        self._at_work.append(runner)
        return runner

    def start_apart(self, project: Project, settings: RunnerSettings) -> Runner:
        """Warm up a runner for other tests than the crew's, which `supply` does not give. Raises as `start` does."""
        runner = Runner.start(project, settings, on_progress=self._give_up_when_cancelled)
        self._apart.append(runner)
        self._at_work.append(runner)
        return runner

    def supply(self, count: int, give: Callable[[Runner], None]) -> None:
        """Give up to `count` runners beside the first to `give`, in the background: the warm ones, then new ones.

        One that fails to start is done without: the first runner is enough to work with, and reports what is wrong.
        """
        self.in_background(lambda: self._supply(count, give))

    def in_background(self, work: Callable[[], object]) -> None:
        """Do `work` in a thread that ends before this crew does; what a runner cannot do there is done without."""

        def quietly() -> None:
            with suppress(RunnerError, Cancelled):
                work()

        thread = threading.Thread(target=quietly, daemon=True, name="crew")
        self._in_background.append(thread)
        thread.start()

    def run_fresh(
        self,
        tests: Sequence[str] | None,
        sources: Mapping[str, str] | None = None,
        *,
        limits: Mapping[str, Limits] | None = None,
        wall_s: float,
        hash_seed: int = 1,
    ) -> RunResult:
        """Run `tests` (None: the whole selection) in a pytest that starts over the patched `sources`.

        In the fresh process nothing has run before, and sets of strings are ordered otherwise than in the search.
        """
        with (
            Runner(self.project, self.settings, forks=False, hash_seed=hash_seed) as runner,
            self._watched(runner),
        ):
            return runner.run_from_start(tests, sources=sources, limits=limits, wall_s=wall_s)

    @contextmanager
    def _watched(self, runner: Runner) -> Iterator[None]:
        self._at_work.append(runner)
        try:
            yield
        finally:
            self._at_work.remove(runner)

    def _supply(self, count: int, give: Callable[[Runner], None]) -> None:
        with self._supplying:  # Else a second search would start what the first one is starting already.
            for index in range(1, count + 1):
                give(self._warm[index] if index < len(self._warm) else self.start())

    def _give_up_when_cancelled(self, progress: Progress) -> None:
        if self._cancel.is_set() or (progress.stage == "starting" and self._closed.is_set()):
            raise Cancelled

    def _watch(self) -> None:
        """Cancel whatever runs while the flag is set; again and again, for a new call may begin any time."""
        while not self._closed.wait(POLL_S):
            if self._cancel.is_set():
                self._cancel_all()

    def _cancel_all(self) -> None:
        for runner in list(self._at_work):
            runner.cancel()
