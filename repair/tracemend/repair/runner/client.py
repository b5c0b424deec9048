"""The warm runner of one project: `Runner.start(project)`, then `run`, `spectra` and `request` as often as wanted.

A patch is first tried by swapping code into the collected process; where that would not be exact the child says so,
and a second process, which holds third-party imports alone, runs pytest from its start over the patched project. Both
are started when first needed and again whenever one dies. One runner serves one call at a time; use one a core.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

from tracemend.repair.runner import errors
from tracemend.repair.runner.attempt import Attempt, Order, attempt
from tracemend.repair.runner.decoding import Spectrum
from tracemend.repair.runner.results import Collection, RunResult, Spectra, TestResult
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings
from tracemend.repair.runner.starting import Collected, StartUp
from tracemend.repair.runner.tally import Tally, ended_of
from tracemend.repair.runner.worker import Worker

Stage = Literal["collected", "imported"]

DEFAULT_WALL_S = 600.0

# A limit is this many times the last green time of the test, and never below or above these.
LIMIT_FACTOR, LIMIT_CAP_S = 6.0, 30.0
# An endless loop burns CPU and meets the tight floor; wall time is short only on an idle machine, so its floor is wide.
CPU_FLOOR_S, WALL_FLOOR_S = 0.15, 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a runner is doing; `total` is 0 while it is not known."""

    stage: Literal["starting", "running"]
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]
OnResult = Callable[[TestResult], None]
IsGivenUp = Callable[[], bool]


class Runner:
    """A warm, contained pytest of one project."""

    def __init__(
        self,
        project: Project,
        settings: RunnerSettings | None = None,
        *,
        forks: bool = True,
        hash_seed: int = 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Make a runner that has started nothing yet; most callers want `Runner.start`."""
        self.project = project
        self.settings = settings or RunnerSettings()
        self._forks = forks and hasattr(os, "fork") and not self.settings.force_spawn
        self._hash_seed = hash_seed
        self._on_progress = on_progress or (lambda progress: None)
        self._lock = threading.Lock()
        self._state = threading.Lock()  # What `cancel` reads and does; held for moments only.
        self._busy = False
        self._cancelled = threading.Event()
        self._active: Worker | None = None
        self._serving = False
        self._closed = False
        self._workers: dict[Stage, Worker] = {}
        self._spares: dict[Stage, Worker] = {}  # Without fork: the next ones, which warm up meanwhile.
        self._collected: Collected | None = None
        self._preload: tuple[str, ...] = ()

    @classmethod
    def start(
        cls,
        project: Project,
        settings: RunnerSettings | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Self:
        """Start pytest in the project's interpreter and collect; raises `errors.RunnerError`.

        `on_progress` is called at least twice a second while starting, and may raise to give up.
        """
        runner = cls(project, settings, on_progress=on_progress)
        try:
            runner._workers["collected"] = runner._warm("collected")
        except BaseException:
            runner.close()
            raise
        return runner

    @property
    def collection(self) -> Collection:
        """The tests and what else is known since the start."""
        assert self._collected is not None, "Runner.start has collected"
        return self._collected.collection

    def run(
        self,
        tests: Sequence[str],
        *,
        sources: Mapping[str, str] | None = None,
        limits: Mapping[str, Limits] | None = None,
        fail_fast: bool = False,
        detail: bool = False,
        wall_s: float | None = None,
    ) -> RunResult:
        """Run `tests` in this order, over the patched `sources` ({project-relative path: new text}).

        A test that hangs or takes its process down gets that verdict, and the rest runs in a new process.
        """
        request = {"op": "run", "sources": dict(sources or {}), "fail_fast": fail_fast, "detail": detail}
        return self._run("collected", request, tests, limits or {}, wall_s)[0]

    def run_from_start(
        self,
        tests: Sequence[str] | None,
        *,
        sources: Mapping[str, str] | None = None,
        limits: Mapping[str, Limits] | None = None,
        detail: bool = False,
        wall_s: float | None = None,
    ) -> RunResult:
        """Run `tests`, or all that pytest collects, in a pytest that starts over the patched `sources`.

        With `forks=False` this is the last word on a patch: the process imports the patched files from the start, runs
        the tests that it has collected itself, and is thrown away. Another `hash_seed` than in the search, which orders
        sets of strings otherwise, shows a patch that passed by luck.
        """
        request = {"op": "run", "sources": dict(sources or {}), "detail": detail, "route": "fresh"}
        return self._run("imported", request, tests, limits or {}, wall_s)[0]

    def spectra(
        self,
        tests: Sequence[str],
        *,
        lines: bool = True,
        apart: bool = False,
        sources: Mapping[str, str] | None = None,
        limits: Mapping[str, Limits] | None = None,
        wall_s: float | None = None,
        on_result: OnResult | None = None,
        is_given_up: IsGivenUp | None = None,
    ) -> Spectra:
        """Run `tests` and return what each executed: lines and functions, or (much cheaper) functions alone.

        `apart` gives each test a process in which no other has run. `on_result` is called with each result at once. A
        caller that may be told to stop before its call has begun, which `cancel` would not reach, says so in `is_given_up`.
        """
        request = {"op": "spectra", "lines": lines, "apart": apart, "sources": dict(sources or {})}
        return _spectra(
            *self._run("collected", request, tests, limits or {}, wall_s, on_result, is_given_up=is_given_up)
        )

    def spectra_of_files(
        self,
        files: Sequence[str],
        *,
        sources: Mapping[str, str] | None = None,
        wall_s: float | None = None,
        on_result: OnResult | None = None,
        is_given_up: IsGivenUp | None = None,
    ) -> Spectra:
        """Run all tests that a pytest which starts over the patched `sources` collects in `files`, new ones too.

        A file that cannot be collected has a result under its own path. Functions alone are recorded.
        """
        request = {"op": "spectra", "lines": False, "sources": dict(sources or {})}
        return _spectra(
            *self._run("imported", request, None, {}, wall_s, on_result, files, is_given_up=is_given_up)
        )

    def request(self, op: str, payload: Mapping[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Have operation `op` done in a fork and return its reply; raises `errors.RequestFailed`.

        `payload` may name `sources`, and then `tests`, whose files are imported where the patch cannot be swapped in.
        """
        with self._call(wall_s) as deadline:
            order = Order({**payload, "op": op}, None, {}, Limits(wall_s, wall_s), wall_s, False)
            found = self._attempt("collected", order, deadline)
            if found.how == "reload":
                selection = self._selection(_node_ids(payload.get("tests") or ()))
                order = replace(order, request={**order.request, "selection": selection})
                found = self._attempt("imported", order, deadline)
        if found.how != "done":
            raise errors.RequestFailed(ended_of(found), found.problem)
        return dict(found.reply)

    @property
    def has_warm_imports(self) -> bool:
        """True where `warm_imports` has nothing to do."""
        return not self._forks or "imported" in self._workers

    def warm_imports(self) -> None:
        """Start, unless it runs, the second process, which the first patch that cannot be swapped in would wait for."""
        with self._call(None):
            if self._forks and "imported" not in self._workers:
                self._workers["imported"] = self._warm("imported")

    def cancel(self) -> None:
        """End the call in progress at once, from any thread; without one, nothing happens."""
        with self._state:
            if not self._busy:
                return
            self._cancelled.set()
            worker = self._active
            if worker is None:
                return
            if self._serving and worker.forks:
                worker.send({"op": "kill"})
            else:
                worker.kill()

    def close(self) -> None:
        """End all processes; a call in progress ends as cancelled."""
        with self._state:
            self._closed = True
        self.cancel()
        with self._lock:
            for worker in [*self._workers.values(), *self._spares.values()]:
                worker.close()
            self._workers.clear()
            self._spares.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _run(
        self,
        stage: Stage,
        request: dict[str, Any],
        tests: Sequence[str] | None,
        limits: Mapping[str, Limits],
        wall_s: float | None,
        on_result: OnResult | None = None,
        files: Sequence[str] | None = None,
        is_given_up: IsGivenUp | None = None,
    ) -> tuple[RunResult, dict[str, Spectrum]]:
        """Run `tests` attempt by attempt, from the start of pytest where swapping is not exact.

        Without `tests` all that pytest collects is run: in `files`, or in the whole selection.
        """
        with self._call(wall_s, is_given_up) as deadline:
            began = time.monotonic()
            tally = Tally(
                tests,
                fail_fast=bool(request.get("fail_fast")),
                on_result=partial(self._tell, on_result),
            )
            while tally.open:
                order = Order(request, tally.pending, limits, self.settings.default_limits)
                if stage == "imported":
                    selection = self._selection(files if tally.pending is None else tally.pending)
                    order = replace(
                        order, request={**request, "selection": selection}, collect_s=self._collect_s()
                    )
                found = self._attempt(stage, order, deadline, tally.note)
                if found.how == "reload":
                    stage = "imported"
                else:
                    tally.add(found)
            return tally.result(request.get("sources") or {}, time.monotonic() - began), tally.spectra

    def _tell(self, on_result: OnResult | None, result: TestResult, done: int, total: int) -> None:
        self._on_progress(Progress("running", done, total))
        if on_result is not None:
            on_result(result)

    @contextmanager
    def _call(self, wall_s: float | None, is_given_up: IsGivenUp | None = None) -> Iterator[float]:
        """Make what is done inside the one call in progress, which `cancel` ends; the value is its deadline."""
        with self._lock:
            with self._state:
                if self._closed:
                    raise errors.RunnerError("the runner is closed")
                self._busy = True
                self._cancelled.clear()
            try:
                if is_given_up is not None and is_given_up():
                    self._cancelled.set()
                yield time.monotonic() + (DEFAULT_WALL_S if wall_s is None else wall_s)
            finally:
                with self._state:
                    self._busy = False

    def _attend(self, worker: Worker | None, *, serving: bool = False) -> None:
        """Note which process a cancel has to end; none, if so, means that what is sent from now on is another call's."""
        with self._state:
            self._active, self._serving = worker, serving

    def _attempt(
        self,
        stage: Stage,
        order: Order,
        deadline: float,
        on_result: Callable[[TestResult], None] | None = None,
    ) -> Attempt:
        """Make one attempt in a worker of `stage`, which is started where there is none."""
        try:
            worker = self._workers.pop(stage, None) or self._warm(stage)
        except errors.RunnerError:
            if self._cancelled.is_set():
                return Attempt("cancelled", "cancelled")
            raise
        if (
            self._cancelled.is_set()
        ):  # Since the attempt before this one: nothing is running that had to be killed.
            self._workers[stage] = worker
            return Attempt("cancelled", "cancelled")
        self._attend(worker, serving=True)
        try:
            found = attempt(worker, order, deadline=deadline, cancelled=self._cancelled, on_result=on_result)
        except BaseException:
            worker.close()
            raise
        finally:
            self._attend(None)
        if found.worker_gone or not worker.forks:
            if found.how in ("crashed", "refused") and worker.output:
                found.problem += f":\n{worker.output[-2000:]}"
            worker.close()
        else:
            self._workers[stage] = worker
        if not self._forks and self._collected is not None and not self._closed:
            self._spares[stage] = self._launch(stage)
        return found

    def _selection(self, tests: Iterable[str] | None) -> list[str]:
        """Return the command line that collects the files of `tests` (None: everything) under the same names."""
        anchors = self._collected.anchors if self._collected else ()
        if tests is None:
            return [*anchors, *self.project.selection]
        if self._collected is None:
            return list(dict.fromkeys(tests))
        paths = {one.test: one.path for one in self.collection.tests}
        return [*anchors, *dict.fromkeys(paths.get(test, test.split("::")[0]) for test in tests)]

    def _collect_s(self) -> float:
        """Return how long a pytest that starts anew may take until its first test."""
        if self._collected is None:
            return self.settings.startup_s
        return min(self.settings.startup_s, max(5.0, 5 * self.collection.seconds + 2))

    def _warm(self, stage: Stage) -> Worker:
        """Start a worker, or take the spare one, and wait until it is warm."""
        worker = self._spares.pop(stage, None) or self._launch(stage)
        self._attend(worker)
        if self._cancelled.is_set():
            worker.kill()
        start_up = StartUp(
            worker,
            self.project,
            self.settings.startup_s,
            lambda: self._on_progress(Progress("starting")),
        )
        try:
            if stage == "collected":
                self._collected = start_up.collect()
                self._preload = self._collected.preload
            elif not start_up.preload(self._preload):
                worker.close()
                self._preload = ()
                return self._warm(stage)
        except BaseException:
            worker.kill()  # Busy with imports, it would not hear that this is the end.
            worker.close()
            raise
        finally:
            self._attend(None)
        return worker

    def _launch(self, stage: Stage) -> Worker:
        try:
            return Worker(
                self.project, self.settings, stage=stage, forks=self._forks, hash_seed=self._hash_seed
            )
        except OSError as error:
            raise errors.UnusableInterpreter(
                f"{self.project.python} does not start ({error.strerror or error}); name another with --python"
            ) from error


def limits_for(baseline: RunResult) -> dict[str, Limits]:
    """Derive the limits of each test from its time in a baseline run.

    A green test gets six times its time. A red one, which may have stopped early, gets what the median green test of
    its file needs, or six times its own time where that is more.
    """
    by_file: dict[str, list[TestResult]] = {}
    for result in baseline.tests.values():
        if result.outcome in ("passed", "xfailed", "xpassed"):
            by_file.setdefault(result.test.split("::")[0], []).append(result)
    return {
        test: _limits_of(result, [] if result.green else by_file.get(test.split("::")[0], []))
        for test, result in baseline.tests.items()
    }


def _spectra(result: RunResult, seen: Mapping[str, Spectrum]) -> Spectra:
    return Spectra(
        result,
        {test: spectrum.lines for test, spectrum in seen.items()},
        {test: spectrum.functions for test, spectrum in seen.items()},
        frozenset(test for test, spectrum in seen.items() if spectrum.processes),
    )


def _limits_of(result: TestResult, alike: Sequence[TestResult]) -> Limits:
    wall_s = [0.0] if result.outcome == "timeout" else [result.seconds]
    cpu_s = [0.0] if result.outcome == "timeout" else [result.cpu_s]
    if alike:
        wall_s.append(statistics.median(one.seconds for one in alike))
        cpu_s.append(statistics.median(one.cpu_s for one in alike))
    return Limits(_limit(max(wall_s), WALL_FLOOR_S), _limit(max(cpu_s), CPU_FLOOR_S))


def _limit(seconds: float, floor_s: float) -> float:
    return min(LIMIT_CAP_S, LIMIT_FACTOR * seconds + floor_s)


def _node_ids(tests: Iterable[Any]) -> list[str]:
    """Return the node ids among `tests`, which may carry flags of the operation's own."""
    return [test if isinstance(test, str) else str(test[0]) for test in tests]
