"""The engine: failing tests in, proven and explained patches out.

`Engine.fix` is the whole story: warm the runners, establish the baseline, mend group after group, then prove that the
best patches also hold together; what is still red is tried once more on top of them. It reports through a listener
and stops soon after its cancel flag is set; whatever was proven until then is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from tracemend.analysis.syntax.source import decode_source
from tracemend.repair.baseline import Baseline, establish_baseline
from tracemend.repair.events import BaselineDone, Collected, FailureDone, FailureStarted, Started
from tracemend.repair.explain.reasons import collection_reason
from tracemend.repair.ground import Ground, Listener
from tracemend.repair.localize.changes import changed_lines
from tracemend.repair.localize.grouping import group_failures
from tracemend.repair.mending import mend
from tracemend.repair.patch import FileChange, Patch, merge_patches, rebase_patch
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.reports import FailureReport, FixOptions, FixReport
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.confirm import run_fresh
from tracemend.repair.runner.results import Collection as CollectionResult
from tracemend.repair.runner.results import CollectionError, RunResult, TestResult
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings
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
        """Mend what fails. Raises `runner.errors.RunnerError` when the tests cannot be run at all."""
        started = time.monotonic()
        first = self._round(self.settings, None, listener, cancel, started)
        reports, ground = _prove_together(first.reports, first.ground)
        notes = [*first.collection.notes, *(first.ground.notes if first.ground else ())]
        unmended = {test for one in reports if one.status == "unmended" for test in one.tests}
        if (
            ground is not None
            and unmended
            and not cancel.is_set()
            and self._deadline(started) > time.monotonic()
        ):
            reports = self._second_round(reports, ground, unmended, listener, cancel, started)
        containment = first.collection.containment
        return FixReport(self.project, containment, tuple(reports), time.monotonic() - started, tuple(notes))

    def _second_round(
        self,
        reports: list[FailureReport],
        below: Patch,
        unmended: set[str],
        listener: Listener,
        cancel: threading.Event,
        started: float,
    ) -> list[FailureReport]:
        """Try what is still red on top of the patches that hold: a test may need two of them."""
        files = {change.path: self._encoded(change) for change in below.changes}
        again = self._round(replace(self.settings, files=files), unmended, listener, cancel, started)
        mended = {one.test: _on_top(one, below) for one in again.reports if one.status == "mended"}
        kept = [one for one in reports if not (one.status == "unmended" and set(one.tests) & mended.keys())]
        covered = {test for one in mended.values() for test in one.tests}
        return [one for one in kept if not (one.status == "unmended" and set(one.tests) <= covered)] + [
            *mended.values()
        ]

    def _encoded(self, change: FileChange) -> bytes:
        source = decode_source((self.project.root / change.path).read_bytes())
        return source.encode(change.new)

    def _round(
        self,
        settings: RunnerSettings,
        only: Collection[str] | None,
        listener: Listener,
        cancel: threading.Event,
        started: float,
    ) -> _Round:
        """Run everything once and mend what fails, of the tests in `only` if given."""
        with ExitStack() as stack:
            watcher = _CancelWatcher(cancel)
            stack.callback(watcher.stop)
            first = stack.enter_context(Runner.start(self.project, settings))
            watcher.watch(first)
            collected = first.collection
            if only is None:
                listener(Started(collected.python, collected.pytest, collected.containment))
                listener(Collected(len(collected.tests), len(collected.errors)))
            others = _Helpers(self.project, settings, self.options.jobs - 1, watcher)
            stack.callback(others.close)
            baseline = self._baseline(first, settings, listener)
            reports = (
                [*_collection_failures(collected.errors, self.project), *_flaky_failures(baseline)]
                if only is None
                else []
            )
            ground = None
            if baseline.failing and not cancel.is_set():
                ground = self._ground(
                    settings, collected, baseline, [first, *others.runners()], listener, cancel
                )
                reports += self._mend_all(ground, only, started)
        return _Round(collected, ground, reports)

    def _baseline(self, runner: Runner, settings: RunnerSettings, listener: Listener) -> Baseline:
        tests = [one.test for one in runner.collection.tests]

        def fresh_run(chosen: Sequence[str], limits: Mapping[str, Limits]) -> RunResult:
            return run_fresh(self.project, settings, chosen, limits=limits, wall_s=FRESH_WALL_S, hash_seed=2)

        started = time.monotonic()
        baseline = establish_baseline(runner, tests, fresh_run)
        red = len(baseline.failing) + len(baseline.flaky)
        listener(BaselineDone(len(baseline.passing), red, time.monotonic() - started))
        return baseline

    def _ground(
        self,
        settings: RunnerSettings,
        collected: CollectionResult,
        baseline: Baseline,
        runners: Sequence[Runner],
        listener: Listener,
        cancel: threading.Event,
    ) -> Ground:
        workspace = Workspace(
            self.project.root, {one.path for one in collected.tests}, self.options.exclude, settings.files
        )
        executed = {path for lines in baseline.spectra.lines.values() for path in lines}
        texts = [module.text for path in sorted(executed) if (module := workspace.editable(path))]
        return Ground(
            project=self.project,
            settings=settings,
            options=self.options,
            workspace=workspace,
            runners=runners,
            baseline=baseline,
            changed=changed_lines(self.project.root),
            operators=all_operators(),
            model=TokenModel(texts),
            listener=listener,
            cancel=cancel,
        )

    def _mend_all(self, ground: Ground, only: Collection[str] | None, started: float) -> list[FailureReport]:
        """Mend the groups one after the other; a group that an earlier patch mended is done already."""
        baseline = ground.baseline
        failing = [one for one in baseline.failing if only is None or one.test in only]
        entered = {path for functions in baseline.spectra.functions.values() for path, _ in functions}
        editable = {path for path in entered if ground.workspace.is_editable(path)}
        groups = group_failures(failing, baseline.passing, baseline.spectra, editable)
        reports: list[FailureReport] = []
        done: set[str] = set()
        for index, whole_group in enumerate(groups, start=1):
            group = [one for one in whole_group if one.test not in done]
            if not group:
                continue
            deadline = self._deadline(started)
            if ground.cancel.is_set() or deadline <= time.monotonic():
                reports.append(_not_tried(group, ground.cancel.is_set()))
                continue
            ground.listener(FailureStarted(group[0].test, index, len(groups)))
            rest = [one.test for one in baseline.failing if one not in group and one.test not in done]
            report = mend(ground, group, rest, deadline)
            ground.listener(FailureDone(report.test, report.status))
            reports.append(report)
            done.update(report.tests)
            if left := tuple(one for one in group if one.test not in done):
                groups.append(left)
        return reports

    def _deadline(self, started: float) -> float:
        deadline = time.monotonic() + self.options.max_time_s
        if self.options.budget_s is not None:
            deadline = min(deadline, started + self.options.budget_s)
        return deadline


@dataclass(frozen=True)
class _Round:
    """What one pass over the project found; `ground` is None when nothing had to be mended."""

    collection: CollectionResult
    ground: Ground | None
    reports: list[FailureReport]


def _prove_together(
    reports: list[FailureReport], ground: Ground | None
) -> tuple[list[FailureReport], Patch | None]:
    """Run everything with the best patches of all failures at once.

    Returns the reports, in which tests that turn green only then count as mended, and the merged patch if it holds.
    """
    best = [one.patches[0].patch for one in reports if one.patches]
    alone = len(best) == 1 and all(one.status == "mended" for one in reports)
    if ground is None or not best or alone or ground.cancel.is_set():
        return reports, None
    merged = merge_patches(best)
    if merged is None:
        ground.notes.append("The best patches edit the same lines; apply them one at a time and run again.")
        return [_less_sure(one) for one in reports], None
    result = ground.run_fresh(None, merged.sources)
    broken = ground.regressions(result, merged.sources) if result.ended == "finished" else []
    if result.ended != "finished" or broken:
        listed = f" ({', '.join(broken[:3])})" if broken else ""
        ground.notes.append(f"The best patches do not hold together{listed}; apply them one at a time.")
        return [_less_sure(one) for one in reports], None
    green = sum(one.green for one in result.tests.values())
    ground.notes.append(f"With all {len(best)} best patches together, {green} tests pass in a fresh process.")
    return [_mended_together(report, result.tests) for report in reports], merged


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


def _collection_failures(errors: Sequence[CollectionError], project: Project) -> list[FailureReport]:
    return [
        FailureReport(
            test=error.path,
            status="error",
            tests=(error.path,),
            reason=collection_reason(error, project),
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


def _less_sure(report: FailureReport) -> FailureReport:
    """Take the high confidence from patches that were not proven together with the others."""
    lowered = tuple(replace(one, confidence="low") for one in report.patches)
    reason = report.reason or ("Its patch does not combine with those of other failures." if lowered else "")
    return replace(report, patches=lowered, reason=reason)


def _on_top(report: FailureReport, below: Patch) -> FailureReport:
    """Show the patches of a second-round report from the original text, with what they rest on included."""
    patches = tuple(replace(one, patch=rebase_patch(one.patch, below)) for one in report.patches)
    note = "The patch contains those of other failures, without which it does not mend this one."
    return replace(report, patches=patches, reason=f"{report.reason} {note}".strip())


def _mended_together(report: FailureReport, results: Mapping[str, TestResult]) -> FailureReport:
    if report.status != "unmended" or not all(
        test in results and results[test].green for test in report.tests
    ):
        return report
    together = (
        "Green once the patches of the other failures are applied together; it needs no patch of its own."
    )
    return replace(report, status="mended", reason=together)
