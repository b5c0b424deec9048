"""The commands behind lenses, code actions and key bindings; what they take stands in `targets`.

A command answers with what it found, for plug-ins, and shows the user what they asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from tracemend.repair.runner.traces import trace_rows
from tracemend.server.findings import FoundPatch, RepairState
from tracemend.server.jobs import Job
from tracemend.server.problems import InvalidParams, RequestFailed
from tracemend.server.repairs import Repairs
from tracemend.server.session import Session, Snapshot
from tracemend.server.targets import one_test, target_of
from tracemend.server.views.hints import LEVELS, Level, hint
from tracemend.server.views.wording import repair_title, short_name

from .code_actions import edit_of, known_patch
from .explain import explain, failing_state
from .registry import command

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject

MAX_ROWS = 400


@command("tracemend.run")
def run(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Run the named tests; without a name all of the folder."""
    target = target_of(snapshot, arguments)
    number = live_of(session, snapshot, target.root).run(list(target.tests) or None)
    return {"run": number, "tests": list(target.tests)}


@command("tracemend.runAll")
def run_all(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Run all tests of the folder that is named, or of every folder."""
    roots = [target_of(snapshot, arguments).root] if arguments else [one.root for one in snapshot.folders]
    return {"runs": {str(root): live_of(session, snapshot, root).run(None) for root in roots}}


@command("tracemend.trace")
def trace(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Run a failing test under the tracer and show its values beside the code; answer with them as text."""
    target = one_test(snapshot, arguments)
    job.report(f"tracing {short_name(target.tests[0])}", None)
    state = repairs_of(session).investigate(target.root, target.tests[0], job)
    if state.trace is None:
        raise RequestFailed(f"{short_name(state.test)} could not be traced.")
    folder = snapshot.folder(target.root)
    if not snapshot.client.refresh_inlay_hints or folder is None or not folder.settings.inlay_hints:
        explain(session, snapshot, arguments, job)
    rows = [str(row) for row in trace_rows(state.trace, state.texts)]
    return {"test": state.test, "outcome": state.trace.outcome, "rows": rows[-MAX_ROWS:]}


@command("tracemend.repair")
def repair(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Search a repair, showing how far that is, and let the user choose; with `"choose": false` the client does that."""
    target = one_test(snapshot, arguments)
    failing_state(snapshot, target.root, target.tests[0])
    job.report(f"searching a repair for {short_name(target.tests[0])}", 0.0)
    state = repairs_of(session).repair(target.root, target.tests[0], job)
    if not state.patches:
        session.link.show_message(f"No repair was found for {short_name(state.test)}. {state.reason}".strip())
        return _repair_result(state, None, applied=False)
    chosen = _choice(session, state, job) if _option(arguments, "choose", True) else None
    applied = chosen is not None and _apply(session, snapshot, target.root, chosen, job)
    return _repair_result(state, chosen, applied=applied)


@command("tracemend.apply")
def apply(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Apply a repair that was offered, for clients that cannot resolve code actions."""
    target = target_of(snapshot, arguments)
    patch = known_patch(session, target.root, str(_option(arguments, "patch", "")))
    return {"applied": _apply(session, snapshot, target.root, patch, job)}


@command("tracemend.hint")
def give_hint(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, str]:
    """Show a hint of one level: where (the default), what, or how."""
    target = one_test(snapshot, arguments)
    level: Level = _option(arguments, "level", LEVELS[0])
    if level not in LEVELS:
        raise InvalidParams(f"`level` is one of {', '.join(LEVELS)}.")
    text = hint(failing_state(snapshot, target.root, target.tests[0]), level)
    session.link.show_message(text)
    return {"test": target.tests[0], "level": level, "text": text}


@command("tracemend.ignoreFlaky")
def ignore_flaky(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, Any]:
    """Show no failure of the named tests any more; with `"ignore": false` show them again."""
    target = target_of(snapshot, arguments)
    ignore = bool(_option(arguments, "ignore", True))
    live = live_of(session, snapshot, target.root)
    for test in target.tests:
        live.ignore(test, ignore)
    session.publish()
    return {"tests": list(target.tests), "ignored": ignore}


@command("tracemend.pause", slow=False)
def pause(session: Session, snapshot: Snapshot, arguments: Sequence[Any]) -> None:
    """Run and search nothing unasked until `tracemend.resume`."""
    for root in _roots(snapshot, arguments):
        live_of(session, snapshot, root).pause()
        repairs_of(session).pause(root)
    session.publish()


@command("tracemend.resume", slow=False)
def resume(session: Session, snapshot: Snapshot, arguments: Sequence[Any]) -> None:
    """Run and search again."""
    for root in _roots(snapshot, arguments):
        live_of(session, snapshot, root).resume()
        repairs_of(session).resume(root)
    session.publish()


@command("tracemend.restartRunner", slow=False)
def restart_runner(session: Session, snapshot: Snapshot, arguments: Sequence[Any]) -> None:
    """Start pytest anew, for what the warm one has in memory that the project no longer has."""
    roots = _roots(snapshot, arguments)
    for folder in session.folders.values():
        if folder.root in roots:
            folder.restart()
    session.publish()


def live_of(session: Session, snapshot: Snapshot, root: Path) -> LiveProject:
    """Return the running project at `root`. Raises `RequestFailed` with the reason where nothing is run."""
    live = session.live(root)
    if live is None:
        folder = snapshot.folder(root)
        raise RequestFailed((folder.problem if folder is not None else "") or "No tests are run here yet.")
    return live


def repairs_of(session: Session) -> Repairs:
    """Return the background repairs. Raises `RequestFailed` before there are any."""
    if not isinstance(session.repairs, Repairs):
        raise RequestFailed("The server is not ready to repair yet.")
    return session.repairs


def _choice(session: Session, state: RepairState, job: Job) -> FoundPatch | None:
    """Let the user choose one of the proven patches."""
    by_title = {repair_title(patch): patch for patch in state.patches}
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Info,
        message=f"tracemend: {short_name(state.test)} can be mended. Nothing is changed before you choose.",
        actions=[types.MessageActionItem(title=title) for title in by_title],
    )
    answer = session.link.ask(types.WINDOW_SHOW_MESSAGE_REQUEST, params, job)
    return by_title.get(answer.title) if answer is not None else None


def _apply(session: Session, snapshot: Snapshot, root: Path, patch: FoundPatch, job: Job) -> bool:
    """Ask the client to apply a patch; the versions in it make a client refuse that has gone on meanwhile."""
    if not snapshot.client.apply_edit:
        raise RequestFailed("This editor does not let a server apply edits.")
    edit = edit_of(session.latest(), root, patch)
    params = types.ApplyWorkspaceEditParams(edit=edit, label=repair_title(patch))
    answer = session.link.ask(types.WORKSPACE_APPLY_EDIT, params, job)
    if not answer.applied:
        reason = answer.failure_reason or "the text has changed meanwhile"
        session.link.show_message(f"The repair was not applied: {reason}.", "warning")
    return bool(answer.applied)


def _repair_result(state: RepairState, chosen: FoundPatch | None, *, applied: bool) -> dict[str, Any]:
    return {
        "test": state.test,
        "patches": [
            {"title": repair_title(one), "diff": one.diff, "confidence": one.confidence}
            for one in state.patches
        ],
        "reason": state.reason,
        "chosen": state.patches.index(chosen) if chosen is not None else None,
        "applied": applied,
    }


def _roots(snapshot: Snapshot, arguments: Sequence[Any]) -> list[Path]:
    return [target_of(snapshot, arguments).root] if arguments else [one.root for one in snapshot.folders]


def _option(arguments: Sequence[Any], key: str, default: Any) -> Any:
    first = arguments[0] if arguments else {}
    return first.get(key, default) if isinstance(first, Mapping) else default
