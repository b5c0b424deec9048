"""`tracemend/tests`, `tracemend/repairs` and `tracemend.stopRun`: what a test explorer and a preview of repairs need.

`tracemend/status` says that something has changed, these say what. Both answer with all there is, not with differences:
a client that missed one answer is right again after the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracemend.repair.live.state import LiveResult, LiveState
from tracemend.repair.runner.results import TestResult
from tracemend.server.findings import FoundPatch, RepairState
from tracemend.server.jobs import Job
from tracemend.server.places import failing_place
from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.targets import one_test, target_of
from tracemend.server.views.wording import failure_message, proof, repair_title

from .commands import live_of
from .explain import failing_state
from .registry import command, request

VERDICTS: Mapping[str, str] = {
    "skipped": "skipped",
    "xfailed": "skipped",
    "xpassed": "passed",
    "passed": "passed",
}


@request("tracemend/tests", slow=True)
def list_tests(session: Session, snapshot: Snapshot, params: Any, job: Job) -> list[dict[str, Any]]:
    """Return the known tests of every folder, in the order of collection, with what is known of each.

    `verdict` is "passed", "failed", "skipped" or "running"; "stale" where the code has changed since the last verdict,
    "unknown" where there is none. `run` is the number of the run that a verdict comes from, as `tracemend.run` returns
    it. Lines count from 0; `failure` is there for failing tests.
    """
    return [
        {
            "uri": one.uri,
            "root": str(one.root),
            "name": one.name,
            "tests": [_test(snapshot, one, one.live, test, line, job) for test, line in _known(one.live)],
        }
        for one in snapshot.folders
        if one.live is not None
    ]


@request("tracemend/repairs", slow=True)
def list_repairs(session: Session, snapshot: Snapshot, params: Any, job: Job) -> dict[str, Any]:
    """Return what was found for one failing test, the best first. The params are those of `tracemend.repair`.

    `evidence` is Markdown. The edit of a repair is what `codeAction/resolve` says for an action with its `data`.
    """
    target = one_test(snapshot, [params])
    state = failing_state(snapshot, target.root, target.tests[0])
    return {
        "test": state.test,
        "phase": state.phase,
        "reason": state.reason,
        "repairs": [_repair(str(target.root), state, patch) for patch in state.patches],
    }


@command("tracemend.stopRun", slow=False)
def stop_run(session: Session, snapshot: Snapshot, arguments: Sequence[Any]) -> None:
    """End the run in progress of one folder, or of all; what it did not come to stays stale."""
    roots = [target_of(snapshot, arguments).root] if arguments else [one.root for one in snapshot.folders]
    for root in roots:
        live_of(session, snapshot, root).cancel()


def _known(live: LiveState) -> list[tuple[str, int | None]]:
    """Return the id and the 1-based line of each test: the collected ones, before that those with a verdict."""
    return [(one.test, one.line) for one in live.tests] or [(test, None) for test in live.results]


def _test(
    snapshot: Snapshot, folder: FolderView, live: LiveState, test: str, line: int | None, job: Job
) -> dict[str, Any]:
    job.raise_if_cancelled()
    result = live.results.get(test)
    found: dict[str, Any] = {
        "id": test,
        "line": line - 1 if line is not None else None,
        "verdict": "running" if test in live.running else _verdict(result),
    }
    if result is not None:
        found |= {"run": result.run, "seconds": result.result.seconds}
    if result is not None and result.failing:
        found["failure"] = _failure(snapshot, folder, result.result)
    return found


def _verdict(result: LiveResult | None) -> str:
    if result is None:
        return "unknown"
    if not result.fresh:
        return "stale"
    return "skipped" if result.ignored else VERDICTS.get(result.result.outcome, "failed")


def _failure(snapshot: Snapshot, folder: FolderView, result: TestResult) -> dict[str, Any]:
    place = failing_place(snapshot, folder, folder.repairs.get(result.test) or RepairState(result))
    where = {"uri": place.page.uri, "line": place.line - 1} if place is not None else {}
    return {"message": failure_message(result), **where}


def _repair(root: str, state: RepairState, patch: FoundPatch) -> dict[str, Any]:
    return {
        "title": repair_title(patch),
        "confidence": patch.confidence,
        "proof": proof(patch),
        "diff": patch.diff,
        "evidence": patch.explanation,
        "data": {"root": root, "test": state.test, "patch": patch.key},
    }
