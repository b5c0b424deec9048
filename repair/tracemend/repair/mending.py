"""Mending one group of failing tests: localize, observe, search, judge, confirm, explain.

Read `mend` from top to bottom; each step is a function below it, in the same order. Every step may come up empty,
and then the report says what was learnt so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tracemend.repair.baseline import FRESH_IS_GREEN
from tracemend.repair.confirming import SHOWN_SUSPECTS, confirm, suspect_records
from tracemend.repair.consulting import CONFIRM_SHARE, consult, look_for_models, take_turns, templates_share
from tracemend.repair.deciding import decide_otherwise
from tracemend.repair.events import Judging, Localized, Note, Tried
from tracemend.repair.events import Plausible as PlausibleEvent
from tracemend.repair.explain.gather import failure_point
from tracemend.repair.explain.no_fix import no_fix_reason
from tracemend.repair.explain.text import failure_sentences
from tracemend.repair.ground import Ground
from tracemend.repair.journal.candidates import CandidateLog
from tracemend.repair.judge.antipatterns import find_antipatterns
from tracemend.repair.judge.ranking import doubts_about_edit, rank
from tracemend.repair.judge.verdicts import Verdict, first_verdicts, take_observation
from tracemend.repair.localize.suspects import Suspect, rank_suspects
from tracemend.repair.propose.donors import DonorPool
from tracemend.repair.propose.site import Observed
from tracemend.repair.reports import FailureReport, RankedPatch
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.observations import (
    FunctionName,
    Observation,
    ObservationError,
    ObservationLimits,
    observe,
)
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace, TraceError, TraceLimits, trace_test
from tracemend.repair.search.candidates import Candidate, Workshop
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.search import Plausible, Runs, Search, SearchOutcome, Task

MAX_SUSPECTS = 400
JUDGED = 12  # Plausible patches that are observed; the cheapest ones.
OBSERVED_TESTS = 30
OBSERVE_WALL_S = 10.0
# Of a failure's time, at most, for tracing: a test that hangs is traced as long as it may.
TRACE_SHARE, MIN_TRACE_S = 0.2, 0.1
PROGRESS_EVERY = 5
# What of the templates' time passes before other decisions are looked for, and what of the rest that may take.
DECISIONS_AFTER, DECISIONS_SHARE = 0.4, 0.4


def mend(
    ground: Ground, group: Sequence[TestResult], other_failing: Sequence[str], deadline: float
) -> FailureReport | None:
    """Search and prove patches for `group`, whose first test is the target; `deadline` is on the monotonic clock.

    Returns None where it turns out that the target does not fail, but only takes long.
    """
    look_for_models(ground)
    started = time.monotonic()
    suspects = _localize(ground, group)
    trace = _observe_failure(ground, group[0], TRACE_SHARE * (deadline - started))
    workshop = _workshop(ground, group, suspects, trace)
    search = _make_search(ground, group, other_failing, suspects, workshop, started, deadline)
    outcome = _search_and_decide(ground, search, workshop, suspects)
    # What a patch made quick was no slow test, so only a search in vain waits for the answer.
    if not outcome.plausible and group[0].test in ground.baseline.unhurried.green():
        return None
    flaky = ground.baseline.opinion.green()
    if group[0].test in flaky:
        return flaky_report(group[0].test, FRESH_IS_GREEN)
    group = [one for one in group if one.test not in flaky]

    def judge(found: Sequence[Plausible]) -> list[Verdict]:
        return _judge(ground, group, found, trace)

    def ask_models(until: float) -> None:
        consult(ground, search, group[0], suspects, trace, until, judge)

    verdicts = judge(outcome.plausible)
    if ground.advisors is not None:
        until = started + (1.0 - CONFIRM_SHARE) * (deadline - started)
        asks = None if _is_settled(group, verdicts) else ask_models
        if take_turns(search, until, asks, lambda: _run_search(ground, search)):
            verdicts = judge(outcome.plausible)
        deadline += max(0.0, search.deadline - until)  # The proof keeps its time too.
    patches = confirm(ground, group, verdicts, suspects, trace, search, deadline)
    failure = group[0].failure
    covered = patches[0][0].mended if patches else tuple(one.test for one in group)
    return FailureReport(
        test=group[0].test,
        status="mended" if patches else "unmended",
        tests=tuple(dict.fromkeys(covered)),
        patches=tuple(ranked for _, ranked in patches),
        reason=_look_first(patches[0])
        if patches
        else _what_was_learnt(ground, group, trace, outcome, suspects, verdicts),
        seconds=time.monotonic() - started,
        candidates=outcome.tried,
        suspects=suspect_records(ground, suspects),
        exception=failure.exception if failure else "",
        message=failure.message if failure else "",
    )


def flaky_report(test: str, why: str) -> FailureReport:
    """Report a test that is not mended because its verdicts differ on equal code."""
    return FailureReport(
        test, "flaky", (test,), reason=f"Not mended, because the verdict is not the code's: {why}."
    )


def _what_was_learnt(
    ground: Ground,
    group: Sequence[TestResult],
    trace: Trace | None,
    outcome: SearchOutcome,
    suspects: Sequence[Suspect],
    verdicts: Sequence[Verdict],
) -> str:
    """Say what fails, and why there is no fix for it."""
    failure = failure_sentences(failure_point(ground, group[0], trace))
    problems, cancelled = ground.workspace.problems, ground.cancel.is_set()
    reason = no_fix_reason(outcome, suspects, problems, len(verdicts), cancelled=cancelled)
    broken = [test for one in verdicts if one.elsewhere for test in one.elsewhere.broken]
    beyond = [f"With the best of them {broken[0]} fails, which was not named."] if broken else []
    return " ".join([*failure, reason, *beyond])


def _localize(ground: Ground, group: Sequence[TestResult]) -> list[Suspect]:
    suspects = rank_suspects(
        group,
        ground.baseline.passing,
        ground.baseline.spectra,
        ground.workspace.parsed,
        ground.workspace.test_files,
        ground.changed,
        ground.workspace.is_editable,
    )[:MAX_SUSPECTS]
    shown = tuple((one.path, one.line, one.score) for one in suspects[:SHOWN_SUSPECTS])
    ground.listener(Localized(group[0].test, shown))
    return suspects


def _observe_failure(ground: Ground, target: TestResult, at_most_s: float) -> Trace | None:
    """Trace the target test for the types and values of names; None where that is not possible."""
    limits = TraceLimits()
    limits = replace(limits, wall_s=min(limits.wall_s, max(MIN_TRACE_S, at_most_s)))
    try:
        return trace_test(ground.runner, target.test, limits=limits)
    except (TraceError, RequestFailed) as problem:
        ground.listener(Note(f"The failing test could not be traced: {problem}"))
        return None


def _make_search(
    ground: Ground,
    group: Sequence[TestResult],
    other_failing: Sequence[str],
    suspects: Sequence[Suspect],
    workshop: Workshop,
    started: float,
    deadline: float,
) -> Search:
    target, baseline = group[0], ground.baseline
    task = Task(
        target=target,
        group=tuple(group),
        other_failing=tuple(other_failing),
        passing=baseline.passing,
        spectra=baseline.spectra,
        limits=baseline.limits,
    )

    literals = ground.workspace.test_literals([one.test for one in group])

    def refuses(candidate: Candidate) -> bool:
        return any(one.fatal for one in find_antipatterns(candidate.patch, literals))

    def on_progress(candidate: Candidate, tried: int, seconds: float) -> None:
        if tried % PROGRESS_EVERY == 1:
            place = candidate.suspect
            note = candidate.parts[-1][2].note
            ground.listener(
                Tried(target.test, tried, tried / max(seconds, 1e-3), note, place.path, place.line)
            )

    def on_plausible(found: Plausible) -> None:
        patch = found.candidate.patch
        ground.listener(PlausibleEvent(target.test, patch.origin.note, patch.diff))

    share = templates_share(ground.advisors)
    return Search(
        task,
        Frontier(suspects, workshop.sources, workshop.surcharge),
        ground.workspace.editable,
        deadline=started + share * (deadline - started),
        cancel=ground.cancel,
        refuses=refuses,
        is_moot=lambda: target.test in baseline.opinion.known_green | baseline.unhurried.known_green,
        on_progress=on_progress,
        on_plausible=on_plausible,
        on_trial=CandidateLog(ground.record, target.test),
    )


def _search_and_decide(
    ground: Ground, search: Search, workshop: Workshop, suspects: Sequence[Suspect]
) -> SearchOutcome:
    """Search with the templates, and where these bring nothing for a while, ask what other decisions would mend."""
    until = search.deadline
    search.deadline = search.started + DECISIONS_AFTER * (until - search.started)
    outcome = _run_search(ground, search)
    search.go_on_until(until)
    if outcome.ended in ("time", "exhausted") and not outcome.plausible:
        now = time.monotonic()
        decide_otherwise(search, workshop, suspects, ground.runner, now + DECISIONS_SHARE * (until - now))
    if outcome.ended == "time":
        _run_search(ground, search)
    return outcome


def _run_search(ground: Ground, search: Search) -> SearchOutcome:
    """Search with the templates, which costs nothing but time."""

    def call_for_help(join: Callable[[Runs], None]) -> None:
        """A search that takes longer is worth what a short one does without."""
        ground.crew.in_background(ground.baseline.opinion.green)
        ground.crew.in_background(ground.baseline.unhurried.green)
        ground.crew.supply(ground.options.jobs - 1, join)

    return search.run(ground.runner, call_for_help)


def _workshop(
    ground: Ground, group: Sequence[TestResult], suspects: Sequence[Suspect], trace: Trace | None
) -> Workshop:
    failure = group[0].failure
    observed: Mapping[tuple[str, str], Mapping[str, Observed]] = trace.observed if trace else {}
    return Workshop(
        operators=ground.operators,
        module_of=ground.workspace.editable,
        donors=DonorPool(ground.workspace.neighbours(one.path for one in suspects[:50])),
        observed_of=lambda path, function: observed.get((path, function), {}),
        test_literals=ground.workspace.test_literals([one.test for one in group[:5]]),
        error=f"{failure.exception}: {failure.message}"[:500] if failure else "",
        error_places=frozenset((one.path, one.line) for one in failure.frames if one.in_project)
        if failure
        else frozenset(),
        model=ground.model,
        types=ground.types,
        priors=ground.priors,
    )


def _judge(
    ground: Ground, group: Sequence[TestResult], plausible: Sequence[Plausible], trace: Trace | None
) -> list[Verdict]:
    """Return verdicts on the plausible patches, the most credible first."""
    found = sorted(plausible, key=lambda one: (-len(one.mended), one.candidate.cost))
    literals = ground.workspace.test_literals([one.test for one in group])
    verdicts = first_verdicts(found[: 2 * JUDGED], literals)
    judged = rank(verdicts)[:JUDGED]
    if not judged or ground.cancel.is_set():
        return judged
    ground.listener(Judging(group[0].test, f"comparing {len(judged)} patches on fresh inputs"))
    observation = _observe_patches(ground, group, judged)
    if observation is not None:
        take_observation(judged, observation)
        for verdict in judged:
            verdict.observation = observation
    return rank(judged)


def _is_settled(group: Sequence[TestResult], verdicts: Sequence[Verdict]) -> bool:
    """Say whether another author could hardly do better: the best patch mends all, and nothing speaks against it."""
    if not verdicts or doubts_about_edit(verdicts[0]):
        return False
    return {one.test for one in group} <= set(verdicts[0].plausible.mended)


def _observe_patches(
    ground: Ground, group: Sequence[TestResult], verdicts: Sequence[Verdict]
) -> Observation | None:
    names: dict[FunctionName, tuple[str, int]] = {}
    for verdict in verdicts:
        for suspect, module, _ in verdict.plausible.candidate.parts:
            function = module.function_at(suspect.line)
            if function is not None:
                names[FunctionName(suspect.path, function.qualname)] = (suspect.path, function.first_line)
    if not names:
        return None
    entered = set(names.values())
    functions = ground.baseline.spectra.functions
    passing = [test for test in ground.baseline.passing if functions.get(test, frozenset()) & entered]
    # A test that hangs would record until all the time is spent.
    ends = [one for one in group if one.outcome not in ("timeout", "crashed")]
    tests = {one.test: True for one in ends} | dict.fromkeys(passing[:OBSERVED_TESTS], False)
    try:
        return observe(
            ground.runner,
            list(names),
            tests,
            [one.plausible.candidate.patch.sources for one in verdicts],
            limits=ObservationLimits(wall_s=OBSERVE_WALL_S),
        )
    except (ObservationError, RequestFailed) as problem:
        ground.listener(Note(f"The patches could not be compared on fresh inputs: {problem}"))
        return None


def _look_first(best: tuple[Verdict, RankedPatch]) -> str:
    """Say what speaks against applying the best patch unseen; empty when nothing does."""
    return f"Look before you apply: {'; '.join(best[0].doubts)}." if best[0].doubts else ""
