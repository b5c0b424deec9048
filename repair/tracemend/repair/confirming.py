"""The last word on patches: a fresh process with all tests, the failure without the patch, and what is shown of both."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from tracemend.repair.events import Judging
from tracemend.repair.explain.evidence import Alternative
from tracemend.repair.explain.evidence import Suspect as SuspectRecord
from tracemend.repair.explain.gather import gather_evidence
from tracemend.repair.explain.text import explain
from tracemend.repair.ground import Ground
from tracemend.repair.journal.candidates import verdict_fields
from tracemend.repair.judge.ranking import doubts_about
from tracemend.repair.judge.verdicts import Verdict
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.reports import Confidence, RankedPatch
from tracemend.repair.runner.observations import distinguishing_input
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace
from tracemend.repair.search.search import Search, SearchOutcome
from tracemend.repair.student import helpful_levels, helpful_remarks

SHOWN_SUSPECTS = 10
MAX_OVERRUN_S = 60.0  # Beyond the deadline, no further patch is run as long as none is proven.


def confirm(
    ground: Ground,
    group: Sequence[TestResult],
    verdicts: Sequence[Verdict],
    suspects: Sequence[Suspect],
    trace: Trace | None,
    search: Search,
    deadline: float,
) -> list[tuple[Verdict, RankedPatch]]:
    """Run everything again in a fresh process for the best patch of each behaviour, until enough are proven.

    One proven patch is worth overrunning the deadline for a while, a second one is not.
    """
    proven: list[Verdict] = []
    fallen: list[Verdict] = []
    for verdict in verdicts:
        if len(proven) >= ground.options.max_patches or ground.cancel.is_set():
            break
        overrun = time.monotonic() - deadline
        if (proven and overrun > 0) or (fallen and overrun > MAX_OVERRUN_S):
            break
        if any(verdict.behaves_like(one) for one in proven):
            continue
        stands = _stands(ground, group, verdict)
        (proven if stands else fallen).append(verdict)
        ground.record("verdict", verdict_fields(group[0].test, verdict, stands=stands))
    rivals = [one for one in verdicts if all(one is not other for other in fallen)]
    ranked = []
    for number, verdict in enumerate(proven, start=1):
        verdict.doubts = doubts_about(verdict, rivals)
        confidence: Confidence = "low" if verdict.doubts or number > 1 else "high"
        evidence = gather_evidence(
            ground,
            group,
            verdict,
            suspects=suspect_records(ground, suspects),
            before=trace,
            alternatives=_alternatives(proven, verdict),
            with_trace=number == 1,
        )
        if number == 1:
            levels = helpful_levels(search.frontier, suspects, verdict.plausible.candidate)
            evidence = replace(evidence, hint_levels=levels)
        if number == 1 and evidence.remarks:
            evidence = replace(evidence, hints=helpful_remarks(ground, search, suspects, evidence))
        patch = RankedPatch(
            rank=number,
            confidence=confidence,
            patch=verdict.plausible.candidate.patch,
            verdict=_verdict_json(verdict, search.outcome),
            evidence=evidence,
            explanation=explain(evidence),
        )
        ranked.append((verdict, patch))
    return ranked


def suspect_records(ground: Ground, suspects: Sequence[Suspect]) -> tuple[SuspectRecord, ...]:
    found = []
    for one in suspects[:SHOWN_SUSPECTS]:
        module = ground.workspace.parsed(one.path)
        source = module.lines.line_text(one.line).strip() if module else ""
        found.append(
            SuspectRecord(one.path, one.line, one.score, source, one.function, ", ".join(one.reasons))
        )
    return tuple(found)


def _stands(ground: Ground, group: Sequence[TestResult], verdict: Verdict) -> bool:
    """Confirm one patch in a fresh process, and that the failure comes back without it."""
    patch = verdict.plausible.candidate.patch
    ground.listener(Judging(group[0].test, "running the whole selection in a fresh process"))
    result = ground.run_fresh(None, patch.sources)
    if result.ended != "finished":
        return False
    target = result.tests.get(group[0].test)
    if target is None or not _passed(target) or ground.regressions(result, patch.sources):
        return False
    if ground.elsewhere is not None:
        ground.listener(Judging(group[0].test, "running the tests that were not named"))
        verdict.elsewhere = ground.elsewhere.say(patch)
        if verdict.elsewhere.broken:
            return False
    passed = sum(one.green for one in result.tests.values())
    verdict.whole = (passed, 0, result.seconds)
    verdict.mended = tuple(
        test for test in verdict.plausible.mended if test in result.tests and _passed(result.tests[test])
    )
    again = ground.runner.run([group[0].test], limits=ground.baseline.limits)
    reverted = again.tests.get(group[0].test)
    verdict.reverted_fails = None if reverted is None else not reverted.green  # None when cancelled.
    return True


def _passed(result: TestResult) -> bool:
    return result.green and result.outcome != "skipped"


def _alternatives(proven: Sequence[Verdict], verdict: Verdict) -> tuple[Alternative, ...]:
    """Describe the other proven patches with an input on which they differ from `verdict`'s."""
    found = []
    for number, other in enumerate(proven, start=1):
        if other is verdict:
            continue
        known = Alternative(
            rank=number,
            note=other.plausible.candidate.patch.origin.note,
            mends=len(other.mended),
            fewer=len(other.mended) < len(verdict.mended),
            compared=verdict.variant is not None and other.variant is not None,
        )
        found.append(_with_difference(known, verdict, other))
    return tuple(found)


def _with_difference(known: Alternative, verdict: Verdict, other: Verdict) -> Alternative:
    """Add the simplest input on which the two patches differ, if there is one."""
    observation = verdict.observation
    if observation is None or verdict.variant is None or other.variant is None:
        return known
    differs = distinguishing_input(observation, verdict.variant, other.variant)
    if differs is None:
        return known
    return replace(
        known,
        input=differs.text,
        here=observation.outcome(verdict.variant, differs).text,
        there=observation.outcome(other.variant, differs).text,
    )


def _verdict_json(verdict: Verdict, outcome: SearchOutcome) -> dict[str, object]:
    whole = verdict.whole or (0, 0, 0.0)
    tried = verdict.falsification
    return {
        "target": "green",
        "mended": len(verdict.mended),
        "impacted": verdict.plausible.impacted,
        "witnesses": verdict.witnesses,
        "whole": {"passed": whole[0], "regressions": whole[1], "seconds": round(whole[2], 3)},
        "elsewhere": verdict.elsewhere.passed if verdict.elsewhere else 0,
        "reverted_fails": verdict.reverted_fails,
        "inputs": tried.inputs if tried else 0,
        "changed_on_passing": tried.changed_on_passing if tried else 0,
        "new_crashes": tried.new_crashes if tried else 0,
        "cluster_size": verdict.cluster_size,
        "plausible": len(outcome.plausible),
        "antipatterns": [one.name for one in verdict.antipatterns],
        "diagnostics": list(verdict.diagnostics.added),
        "doubts": list(verdict.doubts),
        "found_after_s": round(verdict.plausible.seconds, 3),
        "tried": verdict.plausible.tried,
        "cost": round(verdict.plausible.candidate.cost, 2),
    }
