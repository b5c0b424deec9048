"""The engine: failing tests in, proven and explained patches out.

`Engine.fix` is the whole story: warm the runners, establish the baseline, mend group after group, then prove that the
best patches also hold together; what is still red is tried once more on top of them. It reports through a listener
and stops soon after its cancel flag is set; whatever was proven until then is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracemend.analysis.garbage import collecting_seldom
from tracemend.repair.baseline import Baseline, establish_baseline
from tracemend.repair.crew import Cancelled, Crew
from tracemend.repair.elsewhere import Elsewhere
from tracemend.repair.events import BaselineDone, Collected, Event, FailureDone, FailureStarted, Note, Started
from tracemend.repair.explain.reasons import collection_failures
from tracemend.repair.ground import Ground, Listener
from tracemend.repair.journal.candidates import outcome_fields
from tracemend.repair.journal.happenings import event_log
from tracemend.repair.journal.journal import no_record
from tracemend.repair.localize.changes import changed_lines
from tracemend.repair.localize.grouping import group_failures
from tracemend.repair.memory.store import Memory
from tracemend.repair.mending import flaky_report, mend
from tracemend.repair.models.protocol import Recorder
from tracemend.repair.patch import FileChange, Patch, merge_patches, rebase_patch
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.checking import StaticCheck
from tracemend.repair.reports import FailureReport, FixOptions, FixReport
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import Collection as CollectionResult
from tracemend.repair.runner.results import Containment, RunResult, TestResult
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings
from tracemend.repair.search.naturalness import TokenModel
from tracemend.repair.selection import Selection
from tracemend.repair.workspace import Workspace, files_of_tests

FRESH_WALL_S = 120.0


class Engine:
    """Repairs one project. The constructor does nothing; `fix` does everything and cleans up after itself.

    `guards` are test files that must stay green besides those of the selection, and that are not mended; None where nobody
    knows which those could be, and all others are asked once a patch is proven on the selection. `record` takes down all that is tried and decided; `memory` makes likelier what has mended here before, and learns from this. `advisors`
    are the models that are asked where the templates find nothing to rely on.
    """

    def __init__(
        self,
        project: Project,
        settings: RunnerSettings,
        options: FixOptions,
        guards: Sequence[str] | None = None,
        *,
        record: Recorder = no_record,
        memory: Memory | None = None,
        advisors: Advisors | None = None,
    ) -> None:
        self.selection = Selection(project.selection)
        guarding = self.selection.guarding
        self.project = replace(
            project, selection=tuple(dict.fromkeys((*guarding, *((guards or ()) if guarding else ()))))
        )
        self._asks_all = bool(guarding) and guards is None
        self.settings = settings
        self.options = options
        self.record = record
        self.memory = memory
        self.advisors = advisors

    def fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        """Mend what fails. Raises `runner.errors.RunnerError` when the tests cannot be run at all."""
        with collecting_seldom():
            return self._fix(listener, cancel)

    def _fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        job = _Job(self._recorded(listener), cancel, time.monotonic())
        containment, notes = Containment("none"), []
        reports: list[FailureReport] = []
        try:
            with Crew(self.project, self.settings, cancel) as crew:
                first = self._first_round(job, crew)
                containment, reports = first.collection.containment, first.reports
                reports, below = _prove_together(reports, first.ground)
                notes += [*first.collection.notes, *(first.ground.notes if first.ground else ())]
            if first.ground is not None and below is not None and self._has_time(job):
                reports = self._second_round(job, reports, below, first.ground)
        except Cancelled:
            if not reports:
                notes.append("The run was cancelled before the tests were known.")
        except RunnerError as error:
            if not any(one.patches for one in reports):
                raise
            notes.append(f"What is still red was not tried again on top of the patches: {error}.")
        if self.advisors is not None and self.advisors.requests:
            notes.append(f"Models were asked: {self.advisors.bill}.")
        report = FixReport(self.project, containment, tuple(reports), job.seconds, tuple(notes))
        self._keep(report)
        return report

    def _recorded(self, listener: Listener) -> Listener:
        """Return a listener that takes down what it passes on."""
        log = event_log(self.record)

        def both(event: Event) -> None:
            log(event)
            listener(event)

        return both

    def _keep(self, report: FixReport) -> None:
        """Write down what came of the run, and learn from it."""
        for failure in report.failures:
            self.record("outcome", outcome_fields(failure))
        self.record("end", {"seconds": report.seconds, "notes": report.notes, "mended": report.mended})
        if self.memory is not None:
            self.memory.remember(report)

    def _first_round(self, job: _Job, crew: Crew) -> _Round:
        """Run everything once and mend what fails."""
        runner = crew.start()
        collected = runner.collection
        self.record("project", {"python": str(self.project.python), "pytest_args": self.project.pytest_args})
        self.selection.check(collected)
        job.listener(Started(collected.python, collected.pytest, collected.containment))
        job.listener(Collected(len(collected.tests), len(collected.errors)))
        baseline = self._baseline(job, crew, runner)
        collected_names = [one.test for one in collected.tests]
        reports = [*collection_failures(collected.errors, self.project), *_flaky_failures(baseline)]
        reports = [one for one in reports if self.selection.names(one.test)]
        reports += _never_run(baseline, [test for test in collected_names if self.selection.names(test)])
        failing = [one for one in baseline.failing if self.selection.names(one.test)]
        if not failing:
            return _Round(collected, None, reports)
        ground = self._ground(job, crew, runner, baseline)
        return _Round(collected, ground, reports + self._mend_all(job, ground, failing))

    def _second_round(
        self, job: _Job, reports: list[FailureReport], below: Patch, first: Ground
    ) -> list[FailureReport]:
        """Try what is still red on top of the patches that hold: a test may need two of them.

        What fails with them just as without them has been searched already.
        """
        unmended = {test for one in reports if one.status == "unmended" for test in one.tests}
        if not unmended:
            return reports
        before = {one.test: one.behaviour for one in first.baseline.failing}
        files = {change.path: _encoded(change, first.workspace) for change in below.changes}
        with Crew(self.project, replace(self.settings, files=files), job.cancel) as crew:
            runner = crew.start()
            baseline = self._baseline(job, crew, runner)
            failing = [
                one
                for one in baseline.failing
                if one.test in unmended and one.behaviour != before.get(one.test)
            ]
            if not failing:
                return reports
            ground = self._ground(job, crew, runner, baseline)
            again, _ = _prove_together(self._mend_all(job, ground, failing), ground)
        sure = all(one.trustworthy for one in reports if one.patches)
        mended = [_on_top(one, below, sure) for one in again if one.status == "mended"]
        covered = {test for one in mended for test in one.tests}
        return [
            one for one in reports if one.status != "unmended" or not covered.intersection(one.tests)
        ] + mended

    def _baseline(self, job: _Job, crew: Crew, runner: Runner) -> Baseline:
        tests = [one.test for one in runner.collection.tests]

        def fresh_run(chosen: Sequence[str], limits: Mapping[str, Limits]) -> RunResult:
            return crew.run_fresh(chosen, limits=limits, wall_s=FRESH_WALL_S, hash_seed=2)

        started = time.monotonic()
        baseline = establish_baseline(runner, tests, fresh_run, wall_s=self._left_of_budget(job))
        red = len(baseline.failing) + len(baseline.flaky)
        job.listener(BaselineDone(len(baseline.passing), red, time.monotonic() - started))
        return baseline

    def _ground(self, job: _Job, crew: Crew, runner: Runner, baseline: Baseline) -> Ground:
        test_files = files_of_tests(runner.collection.tests)
        workspace = Workspace(self.project.root, test_files, self.options.exclude, crew.settings.files)
        executed = {path for lines in baseline.spectra.lines.values() for path in lines}
        texts = [module.text for path in sorted(executed) if (module := workspace.editable(path))]
        return Ground(
            project=self.project,
            options=self.options,
            workspace=workspace,
            crew=crew,
            runner=runner,
            baseline=baseline,
            changed=changed_lines(self.project.root),
            operators=all_operators(),
            model=TokenModel(texts),
            listener=job.listener,
            cancel=job.cancel,
            record=self.record,
            priors=self._priors(workspace),
            memory=self.memory,
            advisors=self.advisors,
            check=StaticCheck(self.project.root, self.project.python, workspace.files)
            if self.advisors
            else None,
            elsewhere=Elsewhere(crew, [one.test for one in runner.collection.tests])
            if self._asks_all
            else None,
        )

    def _priors(self, workspace: Workspace) -> Mapping[str, float]:
        """Return what was learnt here of operators, once the tree has told what became of earlier repairs."""
        if self.memory is None:
            return {}
        self.memory.review(lambda path: module.text if (module := workspace.parsed(path)) else None)
        return self.memory.priors()

    def _mend_all(self, job: _Job, ground: Ground, failing: Sequence[TestResult]) -> list[FailureReport]:
        """Mend the groups one after the other; a group that an earlier patch mended is done already."""
        baseline = ground.baseline
        entered = {path for functions in baseline.spectra.functions.values() for path, _ in functions}
        editable = {path for path in entered if ground.workspace.is_editable(path)}
        groups = group_failures(failing, baseline.passing, baseline.spectra, editable)
        reports: list[FailureReport] = []
        done: set[str] = set()
        for index, whole_group in enumerate(groups, start=1):
            group = [one for one in whole_group if one.test not in done]
            if not group:
                continue
            if not self._has_time(job):
                reports.append(_not_tried(group, job.cancel.is_set()))
                continue
            ground.listener(FailureStarted(group[0].test, index, len(groups)))
            names = {one.test for one in group}
            rest = [one.test for one in failing if one.test not in names]
            try:
                report = mend(ground, group, rest, self._deadline(job))
            except Cancelled:  # Out of a run that had only begun; what was found before stays.
                report = _broken_off(group, "the run was cancelled")
            except RunnerError as problem:
                if not any(one.patches for one in reports):
                    raise
                report = _broken_off(
                    group, problem
                )  # What is proven already must not be lost with this group.
            if report is None:
                slow = baseline.unhurried.green().intersection(one.test for one in group)
                ground.listener(Note(_only_slow(slow)))
                ground.notes.append(_only_slow(slow))
                done.update(slow)
            else:
                ground.listener(FailureDone(report.test, report.status))
                reports.append(report)
                done.update(report.tests)
            if left := tuple(one for one in group if one.test not in done):
                groups.append(left)
        ground.types.close()
        if ground.check is not None:
            ground.check.close()
        return _without_symptoms(reports)

    def _deadline(self, job: _Job) -> float:
        deadline = time.monotonic() + self.options.max_time_s
        if self.options.budget_s is not None:
            deadline = min(deadline, job.started + self.options.budget_s)
        return deadline

    def _left_of_budget(self, job: _Job) -> float | None:
        return None if self.options.budget_s is None else max(0.1, self.options.budget_s - job.seconds)

    def _has_time(self, job: _Job) -> bool:
        return not job.cancel.is_set() and self._deadline(job) > time.monotonic()


@dataclass(frozen=True)
class _Job:
    """What one call of `fix` carries along."""

    listener: Listener
    cancel: threading.Event
    started: float  # On the monotonic clock.

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


@dataclass(frozen=True)
class _Round:
    """What one pass over the project found; `ground` is None when nothing had to be mended."""

    collection: CollectionResult
    ground: Ground | None
    reports: list[FailureReport]


def _without_symptoms(reports: Sequence[FailureReport]) -> list[FailureReport]:
    """Drop a patch when another one mends all of its tests and more: it treated a symptom.

    A patch of high confidence gives way to another of high confidence alone.
    """
    kept: list[FailureReport] = []
    for report in reports:
        kept = [one for one in kept if not _covers(report, one)]
        if not any(_covers(one, report) for one in kept):
            kept.append(report)
    return kept


def _covers(one: FailureReport, other: FailureReport) -> bool:
    """Say whether the best patch of `one` makes that of `other` superfluous."""
    if not one.patches or not other.patches or not set(other.tests) <= set(one.tests):
        return False
    return one.trustworthy is not None or other.trustworthy is None


def _prove_together(
    reports: list[FailureReport], ground: Ground | None
) -> tuple[list[FailureReport], Patch | None]:
    """Run everything with the best patches of all failures at once.

    Returns the reports, in which tests that turn green only then count as mended, and the merged patch if it holds.
    """
    best = [one.patches[0].patch for one in reports if one.patches]
    sure = [one.patches[0].patch for one in reports if one.trustworthy]
    alone = len(best) == 1 and all(one.status == "mended" for one in reports)
    if ground is None or not best or alone or ground.cancel.is_set():
        return reports, None
    merged = merge_patches(best)
    if merged is None:
        ground.notes.append("The best patches edit the same lines; apply them one at a time and run again.")
        return [_less_sure(one) for one in reports], None
    result, broken = _whole_run(reports, ground, merged)
    if result.ended == "finished" and not broken and 1 < len(sure) < len(best):
        # `--apply` writes these alone.
        applied = merge_patches(sure)
        if applied is not None:
            trusted = [one for one in reports if one.trustworthy]
            second, broken = _whole_run(trusted, ground, applied)
            result = result if second.ended == "finished" else second
    if result.ended != "finished" or broken:
        listed = f" ({', '.join(broken[:3])})" if broken else ""
        ground.notes.append(f"The best patches do not hold together{listed}; apply them one at a time.")
        return [_less_sure(one) for one in reports], None
    green = sum(one.green for one in result.tests.values())
    together = f"all {len(best)} best patches together" if len(best) > 1 else "the best patch"
    ground.notes.append(f"With {together}, {green} tests pass in a fresh process.")
    return [_mended_together(report, result.tests) for report in reports], merged


def _whole_run(
    reports: Sequence[FailureReport], ground: Ground, merged: Patch
) -> tuple[RunResult, list[str]]:
    """Run everything with the `merged` patches of `reports`; return also what they break, or mend no longer."""
    result = ground.run_fresh(None, merged.sources)
    if result.ended != "finished":
        return result, []
    mended = dict.fromkeys(test for one in reports if one.patches for test in one.tests)
    red = [test for test in mended if test not in result.tests or not result.tests[test].green]
    return result, red + ground.regressions(result, merged.sources)


def _encoded(change: FileChange, snapshot: Workspace) -> bytes:
    source = snapshot.source(change.path)
    assert source is not None, "a patched file was read"
    return source.encode(change.new)


def _flaky_failures(baseline: Baseline) -> list[FailureReport]:
    return [flaky_report(test, why) for test, why in baseline.flaky.items()]


def _never_run(baseline: Baseline, tests: Sequence[str]) -> list[FailureReport]:
    """Report the tests without a verdict: a run of everything that ended early must not read as all is well."""
    run = baseline.spectra.result
    missing = tuple(test for test in tests if test not in baseline.results)
    if not missing or run.ended == "cancelled":
        return []
    why = f"Not run ({len(missing)} in all): the run of everything ended early: {run.problem or run.ended}."
    return [FailureReport(missing[0], "error", missing, reason=why)]


def _only_slow(tests: Iterable[str]) -> str:
    names = sorted(tests)
    listed = f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"
    many = len(names) > 1
    return (
        f"{listed} {'pass' if many else 'passes'}, but {'take' if many else 'takes'} too long to be watched: "
        "not mended, and no patch was checked against it."
    )


def _not_tried(group: Sequence[TestResult], cancelled: bool) -> FailureReport:
    why = "the run was cancelled" if cancelled else "the time budget was spent"
    names = tuple(one.test for one in group)
    return FailureReport(names[0], "unmended", names, reason=f"Not tried: {why}.")


def _less_sure(report: FailureReport) -> FailureReport:
    """Take the high confidence from patches that were not proven together with the others."""
    lowered = tuple(replace(one, confidence="low") for one in report.patches)
    reason = report.reason or ("Its patch does not combine with those of other failures." if lowered else "")
    return replace(report, patches=lowered, reason=reason)


def _on_top(report: FailureReport, below: Patch, sure: bool) -> FailureReport:
    """Show the patches of a second-round report from the original text, with what they rest on included."""
    patches = tuple(
        replace(one, patch=rebase_patch(one.patch, below), confidence=one.confidence if sure else "low")
        for one in report.patches
    )
    note = "The patch contains those of other failures, without which it does not mend this one."
    return replace(report, patches=patches, reason=f"{report.reason} {note}".strip())


def _broken_off(group: Sequence[TestResult], problem: RunnerError | str) -> FailureReport:
    names = tuple(one.test for one in group)
    return FailureReport(names[0], "unmended", names, reason=f"The search broke off: {problem}")


def _mended_together(report: FailureReport, results: Mapping[str, TestResult]) -> FailureReport:
    if report.status != "unmended" or not all(
        test in results and results[test].green for test in report.tests
    ):
        return report
    together = (
        "Green once the patches of the other failures are applied together; it needs no patch of its own."
    )
    return replace(report, status="mended", reason=together)
