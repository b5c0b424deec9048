"""Gathering the evidence record of one proven patch, from what the run, the judge and the traces left behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from tracemend.analysis.syntax.module import Module
from tracemend.repair.explain.evidence import (
    Alternative,
    Change,
    Divergence,
    Evidence,
    FailurePoint,
    NamedValue,
    Rerun,
    Suspect,
)
from tracemend.repair.explain.prose import checked_prose
from tracemend.repair.ground import Ground
from tracemend.repair.judge.verdicts import Verdict
from tracemend.repair.patch import FileChange, Patch
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace, TraceError, first_divergence, trace_test

MAX_VALUES = 8


def gather_evidence(
    ground: Ground,
    group: Sequence[TestResult],
    verdict: Verdict,
    *,
    suspects: tuple[Suspect, ...],
    before: Trace | None,
    alternatives: tuple[Alternative, ...],
    with_trace: bool,
) -> Evidence:
    """Return everything known about one patch; with `with_trace` the mended test is traced once more to compare."""
    patch = verdict.plausible.candidate.patch
    evidence = Evidence(
        failure=failure_point(ground, group[0], before),
        note=patch.origin.note,
        operators=tuple(patch.origin.operator.split(" + ")),
        changes=tuple(change for one in patch.changes for change in changed_places(one)),
        suspects=suspects,
        divergence=_divergence(ground, group[0], verdict, before) if with_trace else None,
        reruns=_reruns(group, verdict),
        reverted_fails=verdict.reverted_fails,
        falsification=verdict.falsification,
        diagnostics=verdict.diagnostics,
        containment=ground.runner.collection.containment,
        alternatives=alternatives,
        doubts=tuple(verdict.doubts),
    )
    return replace(evidence, remarks=checked_prose(verdict.plausible.candidate.remark, evidence))


def changed_places(change: FileChange) -> list[Change]:
    """Return the runs of lines that differ, with their line before the change."""
    old, new = change.old.splitlines(), change.new.splitlines()
    places = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            before, after = "\n".join(old[i1:i2]), "\n".join(new[j1:j2])
            places.append(Change(change.path, i1 + 1, before, after))
    return places


def from_first_entry(trace: Trace, functions: Collection[tuple[str, str]]) -> Trace:
    """Return `trace` from the first time that it enters one of the changed `functions` (path, qualified name).

    What happened earlier cannot be a patch's doing: where it differs, a temporary path or an address does.
    """
    entered = (at for at, step in enumerate(trace.steps) if (step.path, step.function) in functions)
    return replace(trace, steps=trace.steps[next(entered, len(trace.steps)) :]) if functions else trace


def failure_point(ground: Ground, target: TestResult, before: Trace | None) -> FailurePoint:
    """Return where and how `target` fails, with the values there if it could be traced."""
    failure = target.failure
    if failure is None:
        return FailurePoint(target.test, target.outcome)
    own = [one for one in failure.frames if one.in_project]
    frame = own[-1] if own else None
    module = ground.workspace.parsed(frame.path) if frame else None
    raising = before.failing_frame if before is not None else None
    values = dict(raising.values) if raising is not None else {}
    return FailurePoint(
        test=target.test,
        exception=failure.exception,
        message=failure.message,
        expression=_statement_text(module, frame.line) if module and frame else "",
        path=frame.path if frame else "",
        line=frame.line if frame else 0,
        frames=failure.frames,
        values=tuple(NamedValue(name, value) for name, value in list(values.items())[:MAX_VALUES]),
    )


def _statement_text(module: Module, line: int) -> str:
    owners = module.statements_at(line)
    return (
        module.segment(owners[-1]).split("\n")[0].strip() if owners else module.lines.line_text(line).strip()
    )


def _divergence(
    ground: Ground, target: TestResult, verdict: Verdict, before: Trace | None
) -> Divergence | None:
    if before is None or ground.cancel.is_set():
        return None
    patch = verdict.plausible.candidate.patch
    try:
        after = trace_test(ground.runner, target.test, sources=patch.sources)
    except (TraceError, RequestFailed):
        return None
    texts = {change.path: (change.old, change.new) for change in patch.changes}
    found = first_divergence(from_first_entry(before, _changed_functions(ground, patch)), after, texts)
    if found is None or not found.changes:
        return None
    step, change = found.before, found.changes[0]
    module = ground.workspace.parsed(step.path)
    source = module.lines.line_text(step.line).strip() if module else ""
    return Divergence(step.path, step.line, change.name, change.before, change.after, source, step.function)


def _changed_functions(ground: Ground, patch: Patch) -> Collection[tuple[str, str]]:
    """Return (path, qualified name) of the changed functions; empty where code outside of functions is changed."""
    names = set()
    for path, line in patch.origin.lines:
        module = ground.workspace.parsed(path)
        function = module.function_at(line) if module else None
        if function is None:
            return ()
        names.add((path, function.qualname))
    return names


def _reruns(group: Sequence[TestResult], verdict: Verdict) -> tuple[Rerun, ...]:
    reruns = [Rerun("target", len(verdict.mended) or 1)]
    if verdict.plausible.impacted:
        reruns.append(Rerun("impacted", verdict.plausible.impacted))
    if verdict.whole is not None:
        passed, failed, seconds = verdict.whole
        reruns.append(Rerun("whole", passed, failed, seconds, fresh_process=True))
    if verdict.elsewhere is not None and verdict.elsewhere.passed:
        reruns.append(Rerun("elsewhere", verdict.elsewhere.passed, 0, verdict.elsewhere.seconds))
    return tuple(reruns)
