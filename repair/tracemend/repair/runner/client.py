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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tracemend.repair.runner import decoding, errors
from tracemend.repair.runner.attempt import Attempt, Order, attempt
from tracemend.repair.runner.payload import channel
from tracemend.repair.runner.results import (
    Collection,
    Containment,
    Ended,
    Failure,
    Outcome,
    Route,
    RunResult,
    Spectra,
    TestResult,
)
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings
from tracemend.repair.runner.worker import Worker, WorkerGone

HEARTBEAT_S = 0.5
DEFAULT_WALL_S = 600.0
REQUEST_GRACE_S = 2.0

# A limit is this many times the last green time of the test, and never below or above these.
LIMIT_FACTOR, LIMIT_FLOOR_S, LIMIT_CAP_S = 6.0, 0.3, 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a runner is doing; `total` is 0 while it is not known."""

    stage: Literal["starting", "collecting", "running"]
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]


class Runner:
    """A warm, contained pytest of one project."""

    def __init__(self, project: Project, settings: RunnerSettings, on_progress: OnProgress | None) -> None:
        """Use `Runner.start`."""
        self.project = project
        self.settings = settings
        self._on_progress = on_progress or (lambda progress: None)
        self._forks = hasattr(os, "fork") and not settings.force_spawn
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._active: Worker | None = None
        self._serving = False
        self._closed = False
        self._workers: dict[str, Worker] = {}
        self._preload: list[str] = []
        self._anchors: tuple[str, ...] = ()
        self._collection: Collection | None = None

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
        runner = cls(project, settings or RunnerSettings(), on_progress)
        try:
            runner._workers["collected"] = runner._warm("collected")
        except BaseException:
            runner.close()
            raise
        return runner

    @property
    def collection(self) -> Collection:
        """The tests and what else is known since the start."""
        assert self._collection is not None, "Runner.start has collected"
        return self._collection

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
        """Run `tests` in this order, over the patched `sources` ({project-relative path: new text})."""
        request = {"op": "run", "sources": dict(sources or {}), "fail_fast": fail_fast, "detail": detail}
        result, _ = self._run(request, tests, limits or {}, wall_s)
        return result

    def spectra(
        self,
        tests: Sequence[str],
        *,
        lines: bool = True,
        limits: Mapping[str, Limits] | None = None,
        wall_s: float | None = None,
    ) -> Spectra:
        """Run `tests` and return what each executed: lines and functions, or (much cheaper) functions alone."""
        result, seen = self._run({"op": "spectra", "lines": lines}, tests, limits or {}, wall_s)
        return Spectra(
            result,
            {test: spectrum[0] for test, spectrum in seen.items()},
            {test: spectrum[1] for test, spectrum in seen.items()},
        )

    def request(self, op: str, payload: Mapping[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Have operation `op` done in a fork and return its reply; raises `errors.RequestFailed`.

        `payload` may name `tests` (needed where the patch cannot be swapped in) and `sources`.
        """
        tests = list(payload.get("tests_needed") or _node_ids(payload.get("tests") or ()))
        with self._lock:
            deadline = self._begin(wall_s)
            order = Order(
                {**payload, "op": op}, None, {}, Limits(wall_s, wall_s), wall_s, watches_tests=False
            )
            found = self._attempt("collected", order, deadline)
            if found.how == "reload":
                selection = self._selection_of(tests)
                order = replace(order, request={**order.request, "selection": selection})
                found = self._attempt("imported", order, deadline)
        if found.how != "done":
            raise errors.RequestFailed(_ended_of(found), found.problem)
        return dict(found.reply)

    def cancel(self) -> None:
        """End the call in progress at once, from any thread; without one, nothing happens."""
        if not self._lock.locked():
            return
        self._cancelled.set()
        worker = self._active
        if worker is not None:
            if self._serving and worker.forks:
                worker.send({"op": "kill"})
            else:
                worker.kill()

    def close(self) -> None:
        """End all processes; a call in progress ends as cancelled."""
        self._closed = True
        self.cancel()
        with self._lock:
            while self._workers:
                _, worker = self._workers.popitem()
                worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # --- running -------------------------------------------------------------------------------------------------

    def _run(
        self,
        request: dict[str, Any],
        tests: Sequence[str],
        limits: Mapping[str, Limits],
        wall_s: float | None,
    ) -> tuple[RunResult, dict[str, Any]]:
        """Run `tests`, in a new fork after each that hangs or crashes, by reload where swapping is not exact."""
        with self._lock:
            began = time.monotonic()
            deadline = self._begin(wall_s)
            tally = _Tally(tuple(dict.fromkeys(tests)), bool(request.get("fail_fast")), self._on_progress)
            stage = "collected"
            while tally.pending and tally.ended == "finished":
                order = Order(request, tally.pending, limits, self.settings.default_limits)
                if stage == "imported":
                    selection = self._selection_of(tally.pending)
                    collect_s = max(5.0, 5 * self.collection.seconds + 2)
                    order = replace(order, request={**request, "selection": selection}, collect_s=collect_s)
                found = self._attempt(stage, order, deadline, tally.note)
                if found.how == "reload":
                    stage = "imported"
                else:
                    tally.add(found)
            return tally.result(request.get("sources") or {}, time.monotonic() - began), tally.spectra

    def _begin(self, wall_s: float | None) -> float:
        if self._closed:
            raise errors.RunnerError("the runner is closed")
        self._cancelled.clear()
        return time.monotonic() + (DEFAULT_WALL_S if wall_s is None else wall_s)

    def _attempt(
        self,
        stage: str,
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
        self._active, self._serving = worker, True
        try:
            if self._cancelled.is_set():
                worker.send({"op": "kill"})
            found = attempt(worker, order, deadline=deadline, cancelled=self._cancelled, on_result=on_result)
        except BaseException:
            worker.close()
            raise
        finally:
            self._active, self._serving = None, False
        if found.worker_gone or not worker.forks:
            if found.how == "crashed" and worker.output:
                found.problem += f":\n{worker.output[-2000:]}"
            worker.close()
        else:
            self._workers[stage] = worker
        return found

    def _selection_of(self, tests: Iterable[str]) -> list[str]:
        """Return the command line that collects the files of `tests` under the same names."""
        paths = {one.test: one.path for one in self.collection.tests}
        files = dict.fromkeys(paths.get(test, test.split("::")[0]) for test in tests)
        return [*self._anchors, *files] if files else [*self._anchors, *self.project.selection]

    # --- starting ------------------------------------------------------------------------------------------------

    def _warm(self, stage: str) -> Worker:
        """Start a worker and wait until it is warm."""
        deadline = time.monotonic() + self.settings.startup_s
        try:
            worker = Worker(
                self.project,
                self.settings,
                stage=stage,
                forks=self._forks,
                selection=self.project.selection,
            )
        except OSError as error:
            raise errors.UnusableInterpreter(
                f"{self.project.python} does not start ({error.strerror or error}); name another with --python"
            ) from error
        self._active = worker
        try:
            root, containment = self._contained(worker, deadline)
            if stage == "collected":
                self._take_collection(self._await(worker, "collected", deadline), root, containment)
            else:
                self._await(worker, "ready", deadline)
                if not self._preloaded(worker, deadline):
                    worker.close()
                    return self._warm(stage)
        except BaseException:
            worker.close()
            raise
        finally:
            self._active = None
        return worker

    def _contained(self, worker: Worker, deadline: float) -> tuple[str, Containment]:
        message = self._await(worker, "contained", deadline, "starting")
        return decoding.text(message.get("root")), decoding.containment(message.get("level"))

    def _preloaded(self, worker: Worker, deadline: float) -> bool:
        """Load third-party modules ahead; False where one of them imports the project itself."""
        if not self._preload:
            return True
        worker.send({"op": "preload", "modules": self._preload})
        message = self._await(worker, "preloaded", deadline)
        if message.get("tainted"):
            self._preload = []
            return False
        return True

    def _take_collection(self, message: channel.Message, root: str, containment: Containment) -> None:
        rootdir = decoding.text(message.get("rootdir"))
        inifile = message.get("inifile")
        anchors = [f"--rootdir={_inside(rootdir, root)}"]
        if inifile is not None:
            anchors += ["-c", _inside(decoding.text(inifile), root)]
        self._anchors = tuple(anchors)
        self._preload = [decoding.text(one) for one in decoding.sequence(message.get("third_party"))]
        self._collection = Collection(
            tuple(decoding.collected_test(one) for one in decoding.sequence(message.get("tests"))),
            tuple(decoding.collection_error(one) for one in decoding.sequence(message.get("errors"))),
            containment,
            decoding.text(message.get("python")),
            decoding.text(message.get("pytest")),
            str(self.project.root / _inside(rootdir, root)),
            decoding.number(message.get("seconds")),
            tuple(decoding.text(one) for one in decoding.sequence(message.get("notes"))),
        )

    def _await(
        self,
        worker: Worker,
        event: str,
        deadline: float,
        stage: Literal["starting", "collecting"] = "collecting",
    ) -> channel.Message:
        """Wait for a start-up event; raises the fitting `RunnerError` when something else comes."""
        while time.monotonic() < deadline:
            self._on_progress(Progress(stage))
            try:
                received = worker.receive(HEARTBEAT_S)
            except (WorkerGone, channel.Malformed) as error:
                raise self._broken_start(worker, error) from error
            if received is None or received[0] != channel.SERVER:
                continue
            message = received[1]
            if message.get("event") == event:
                return message
            if message.get("event") == "refused":
                raise self._refusal(message, worker)
        raise errors.StartupTimeout(
            f"importing and collecting the tests took longer than {self.settings.startup_s:g} s; "
            "select fewer files or raise the start-up limit" + _quoted(worker.output)
        )

    def _refusal(self, message: channel.Message, worker: Worker) -> errors.RunnerError:
        python = self.project.python
        kind = message.get("kind")
        if kind == "sandbox":
            return errors.SandboxMissing(decoding.text(message.get("message")))
        if kind == "no-pytest":
            return errors.NoPytest(
                f"{python} has no pytest; install it there: {python} -m pip install pytest"
            )
        if kind == "old-pytest":
            version = decoding.text(message.get("message"))
            return errors.OldPytest(
                f"pytest {version} in {python} is too old; upgrade it: {python} -m pip install -U 'pytest>=7'"
            )
        worker.exit_code()  # Its last words arrive when it ends.
        return errors.UsageError("pytest cannot start; it says" + _quoted(worker.output))

    def _broken_start(self, worker: Worker, error: Exception) -> errors.RunnerError:
        code = worker.exit_code()
        hint = "" if worker.output else f" ({error})"
        return errors.UnusableInterpreter(
            f"{self.project.python} ended with exit code {code} while starting{hint}; tracemend needs Python 3.9 "
            "or later with pytest 7 or later, name another interpreter with --python" + _quoted(worker.output)
        )


class _Tally:
    """Adds attempts up to the result of a run."""

    def __init__(self, tests: tuple[str, ...], fail_fast: bool, on_progress: OnProgress) -> None:
        self.pending = list(tests)
        self.spectra: dict[str, Any] = {}
        self.ended: Ended = "finished"
        self._results: dict[str, TestResult] = {}
        self._total = len(tests)
        self._fail_fast = fail_fast
        self._on_progress = on_progress
        self._route: Route = "none"
        self._problem = ""
        self._cpu_s = 0.0
        self._loaded: set[str] = set()
        self._finished_cleanly = False

    def note(self, result: TestResult) -> None:
        """Take in one result as it comes."""
        self._results[result.test] = result
        self._on_progress(Progress("running", len(self._results), self._total))

    def add(self, found: Attempt) -> None:
        """Take in a whole attempt and decide what is left to run."""
        self._cpu_s += found.cpu_s
        self.spectra.update(found.spectra)
        self._results.update(found.results)
        self._loaded.update(found.loaded)
        if found.route in ("swap", "reload", "fresh"):
            self._route = found.route  # type: ignore[assignment]
        if found.how in ("timeout", "crashed") and found.current is not None:
            self._results[found.current] = _broken_test(found)
        elif found.how != "done":
            self.ended, self._problem = _ended_of(found), found.problem
        self.pending = [test for test in self.pending if test not in self._results]
        if self._fail_fast and any(not one.green for one in self._results.values()):
            self.ended = "stopped" if self.pending and self.ended == "finished" else self.ended
            self.pending = []
        elif found.how == "done" and self.pending:
            self.ended, self._problem = "crashed", "the run ended without running all of its tests"
        self._finished_cleanly = found.how == "done"

    def result(self, sources: Mapping[str, str], seconds: float) -> RunResult:
        """Return the whole."""
        unused = sorted(set(sources) - self._loaded)
        imported = not any(one.failure and one.failure.phase == "setup" for one in self._results.values())
        if unused and imported and self._finished_cleanly:
            self._problem = f"these tests never load {', '.join(unused)}"
        return RunResult(self._results, self.ended, self._route, seconds, self._cpu_s, self._problem)


def limits_for(baseline: RunResult) -> dict[str, Limits]:
    """Derive the limits of each test from its time in a baseline run.

    A green test gets six times its time; a red one, which may have stopped early, what the median green test of its
    file needs, or six times its own time where that is more.
    """
    by_file: dict[str, list[TestResult]] = {}
    for result in baseline.tests.values():
        if result.outcome in ("passed", "xfailed", "xpassed"):
            by_file.setdefault(result.test.split("::")[0], []).append(result)
    limits = {}
    for test, result in baseline.tests.items():
        like = [result]
        if not result.green:
            like += by_file.get(test.split("::")[0], [])
        own = 0.0 if result.outcome == "timeout" else result.seconds
        own_cpu_s = 0.0 if result.outcome == "timeout" else result.cpu_s
        others = like[1:]
        wall_s = max(own, statistics.median(one.seconds for one in others) if others else 0.0)
        cpu_s = max(own_cpu_s, statistics.median(one.cpu_s for one in others) if others else 0.0)
        limits[test] = Limits(_limit(wall_s), _limit(cpu_s))
    return limits


def _limit(seconds: float) -> float:
    return min(LIMIT_CAP_S, LIMIT_FACTOR * seconds + LIMIT_FLOOR_S)


def _broken_test(found: Attempt) -> TestResult:
    """Return the result of the test in which a run hung or died."""
    assert found.current is not None, "a test was running"
    outcome: Outcome = "timeout" if found.how == "timeout" else "crashed"
    exception = "TimeLimit" if outcome == "timeout" else "ProcessDied"
    return TestResult(found.current, outcome, failure=Failure("call", exception, found.problem))


def _ended_of(found: Attempt) -> Ended:
    if found.how in ("timeout", "out of time"):
        return "timeout"
    return "cancelled" if found.how == "cancelled" else "crashed"


def _node_ids(tests: Iterable[Any]) -> list[str]:
    """Return the node ids among `tests`, which may carry flags of the operation's own."""
    return [test if isinstance(test, str) else str(test[0]) for test in tests]


def _inside(path: str, root: str) -> str:
    """Return `path` relative to `root` where it lies inside, as it is otherwise."""
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else path


def _quoted(output: str) -> str:
    return f":\n{output.strip()[-3000:]}" if output.strip() else ""
