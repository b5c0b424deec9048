"""The engine: failing tests in, proven and explained patches out.

`Engine.fix` is the whole story: warm the runners, establish the baseline, mend group after group, then prove that the
best patches also hold together. It reports through a listener and stops soon after its cancel flag is set; whatever
was proven until then is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from tracemend.repair.baseline import Baseline, establish_baseline
from tracemend.repair.events import BaselineDone, Collected, FailureDone, FailureStarted, Started
from tracemend.repair.ground import Ground, Listener
from tracemend.repair.localize.changes import changed_lines
from tracemend.repair.localize.grouping import group_failures
from tracemend.repair.mending import mend
from tracemend.repair.patch import merge_patches
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.reports import FailureReport, FixOptions, FixReport
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.confirm import run_fresh
from tracemend.repair.runner.results import Collection, CollectionError, RunResult, TestResult
from tracemend.repair.runner.settings import Project, RunnerSettings
from tracemend.repair.search.naturalness import TokenModel
from tracemend.repair.workspace import Workspace

FRESH_WALL_S = 120.0


class Engine:
    """Repairs one project. The constructor does nothing; `fix` does everything and cleans up after itself."""

    def __init__(self, project: Project, settings: RunnerSettings, options: FixOptions) -> None:
        self.project = project
        self.settings = settings
        self.options = options

    def fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        """Mend what fails. Raises `runner.client.RunnerError` when the tests cannot be run at all."""
        started = time.monotonic()
        with ExitStack() as stack:
            first = stack.enter_context(Runner.start(self.project, self.settings))
            watcher = _CancelWatcher(cancel)
            stack.callback(watcher.stop)
            watcher.watch(first)
            collection = first.collection
            listener(Started(collection.python, collection.pytest, collection.containment))
            listener(Collected(len(collection.tests), len(collection.errors)))
            others = _Helpers(self.project, self.settings, self.options.jobs - 1, watcher)
            stack.callback(others.close)
            baseline = self._baseline(first, collection, listener)
            failures = list(_collection_failures(collection.errors)) + list(_flaky_failures(baseline))
            notes = list(collection.notes)
            if baseline.failing and not cancel.is_set():
                ground = self._ground(collection, baseline, [first, *others.runners()], listener, cancel)
                failures += self._mend_all(ground, started)
                notes += ground.notes
            containment = collection.containment
        return FixReport(self.project, containment, tuple(failures), time.monotonic() - started, tuple(notes))

    def _baseline(self, runner: Runner, collection: Collection, listener: Listener) -> Baseline:
        tests = [one.test for one in collection.tests]

        def fresh_run(chosen: Sequence[str]) -> RunResult:
            return run_fresh(self.project, self.settings, chosen, None, wall_s=FRESH_WALL_S, hash_seed=1)

        started = time.monotonic()
        baseline = establish_baseline(runner, tests, fresh_run)
        red = len(baseline.failing) + len(baseline.flaky)
        listener(BaselineDone(len(baseline.passing), red, time.monotonic() - started))
        return baseline

    def _ground(
        self,
        collection: Collection,
        baseline: Baseline,
        runners: Sequence[Runner],
        listener: Listener,
        cancel: threading.Event,
    ) -> Ground:
        workspace = Workspace(self.project.root, {one.path for one in collection.tests})
        executed = {path for lines in baseline.spectra.lines.values() for path in lines}
        texts = [module.text for path in sorted(executed) if (module := workspace.editable(path))]
        return Ground(
            project=self.project,
            settings=self.settings,
            options=self.options,
            workspace=workspace,
            runners=runners,
            baseline=baseline,
            changed=changed_lines(self.project.root),
            operators=all_operators(),
            model=TokenModel(texts),
            listener=listener,
            cancel=cancel,
            tests=tuple(one.test for one in collection.tests),
        )

    def _mend_all(self, ground: Ground, started: float) -> list[FailureReport]:
        """Mend the groups one after the other; a group that an earlier patch mended is done already."""
        baseline = ground.baseline
        editable = {
            path
            for functions in baseline.spectra.functions.values()
            for path, _ in functions
            if ground.workspace.is_editable(path)
        }
        groups = group_failures(baseline.failing, baseline.passing, baseline.spectra, editable)
        reports: list[FailureReport] = []
        done: set[str] = set()
        for index, whole_group in enumerate(groups, start=1):
            group = [one for one in whole_group if one.test not in done]
            deadline = self._deadline(started)
            if not group:
                continue
            if ground.cancel.is_set() or deadline <= time.monotonic():
                reports.append(_not_tried(group, ground.cancel.is_set()))
                continue
            ground.listener(FailureStarted(group[0].test, index, len(groups)))
            rest = [one.test for one in baseline.failing if one not in group and one.test not in done]
            report = mend(ground, group, rest, deadline)
            ground.listener(FailureDone(report.test, report.status))
            reports.append(report)
            if report.status == "mended":
                done.update(report.tests)
                left = [one for one in group if one.test not in done]
                if left:
                    groups.append(tuple(left))
            else:
                done.update(report.tests)
        return self._prove_together(ground, reports)

    def _deadline(self, started: float) -> float:
        deadline = time.monotonic() + self.options.max_time_s
        if self.options.budget_s is not None:
            deadline = min(deadline, started + self.options.budget_s)
        return deadline

    def _prove_together(self, ground: Ground, reports: list[FailureReport]) -> list[FailureReport]:
        """Run everything with the best patch of each failure; what turns green only then is mended by them together."""
        best = [one.patches[0].patch for one in reports if one.patches]
        if (len(best) < 2 and not any(one.status == "unmended" for one in reports)) or not best:
            return reports
        merged = merge_patches(best)
        if merged is None:
            ground.notes.append(
                "The best patches edit the same lines; apply them one at a time and run again."
            )
            return reports
        result = ground.run_fresh(None, merged.sources)
        if result.ended != "finished" or (broken := ground.regressions(result, merged.sources)):
            listed = f" ({', '.join(broken[:3])})" if result.ended == "finished" else ""
            ground.notes.append(f"The best patches do not hold together{listed}; apply them one at a time.")
            return reports
        ground.notes.append(
            f"All {len(best)} best patches together: {sum(one.green for one in result.tests.values())} tests pass in a fresh process."
        )
        return [_mended_together(report, result.tests) for report in reports]


class _Helpers:
    """The further runners, started while the first one already works."""

    def __init__(
        self, project: Project, settings: RunnerSettings, count: int, watcher: _CancelWatcher
    ) -> None:
        self._started: list[Runner] = []
        self._threads = [
            threading.Thread(target=self._start, args=(project, settings, watcher), daemon=True)
            for _ in range(max(0, count))
        ]
        for thread in self._threads:
            thread.start()

    def _start(self, project: Project, settings: RunnerSettings, watcher: _CancelWatcher) -> None:
        runner = Runner.start(project, settings)
        watcher.watch(runner)
        self._started.append(runner)

    def runners(self) -> list[Runner]:
        for thread in self._threads:
            thread.join()
        return list(self._started)

    def close(self) -> None:
        for runner in self.runners():
            runner.close()


class _CancelWatcher:
    """Cancels the runners as soon as the flag is set, whatever the engine is waiting for."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._runners: list[Runner] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="cancel-watcher")
        self._thread.start()

    def watch(self, runner: Runner) -> None:
        self._runners.append(runner)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self._cancel.wait(0.1):
                for runner in list(self._runners):
                    runner.cancel()
                return


def _collection_failures(errors: Sequence[CollectionError]) -> list[FailureReport]:
    return [
        FailureReport(
            test=error.path,
            status="error",
            tests=(error.path,),
            reason=f"pytest cannot collect this file: {error.exception}: {error.message}".strip(": "),
        )
        for error in errors
    ]


def _flaky_failures(baseline: Baseline) -> list[FailureReport]:
    return [
        FailureReport(
            test, "flaky", (test,), reason=f"Not mended, because the verdict is not the code's: {why}."
        )
        for test, why in baseline.flaky.items()
    ]


def _not_tried(group: Sequence[TestResult], cancelled: bool) -> FailureReport:
    why = "the run was cancelled" if cancelled else "the time budget was spent"
    names = tuple(one.test for one in group)
    return FailureReport(names[0], "unmended", names, reason=f"Not tried: {why}.")


def _mended_together(report: FailureReport, results: Mapping[str, TestResult]) -> FailureReport:
    if report.status != "unmended" or not all(
        test in results and results[test].green for test in report.tests
    ):
        return report
    return FailureReport(
        test=report.test,
        status="mended",
        tests=report.tests,
        reason="Green once the patches of the other failures are applied together; it needs no patch of its own.",
        seconds=report.seconds,
        candidates=report.candidates,
        suspects=report.suspects,
    )
