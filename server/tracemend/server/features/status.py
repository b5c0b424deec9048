"""`tracemend/status`: one line about the server that a plug-in can show, and the numbers behind it.

The shape follows rust-analyzer's `experimental/serverStatus`: `health`, `quiescent`, `message`; `folders` has the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.views.wording import counted

from .registry import command

METHOD = "tracemend/status"

Health = Literal["ok", "warning", "error"]


def status_of(snapshot: Snapshot) -> dict[str, Any]:
    """Return the parameters of the notification."""
    folders = [_folder_status(one) for one in snapshot.folders]
    healths = [one["health"] for one in folders]
    health: Health = "error" if "error" in healths else "warning" if "warning" in healths else "ok"
    return {
        "health": health,
        "quiescent": all(one["quiescent"] for one in folders),
        "message": " | ".join(one["message"] for one in folders),
        "folders": folders,
    }


@command("tracemend.status", slow=False)
def status(session: Session, snapshot: Snapshot, arguments: Sequence[Any]) -> dict[str, Any]:
    """Return what the notification would say now."""
    return status_of(snapshot)


def _folder_status(folder: FolderView) -> dict[str, Any]:
    live = folder.live
    results = list(live.results.values()) if live is not None else []
    numbers = {
        "passed": sum(one.fresh and one.result.green for one in results),
        "failed": sum(one.failing for one in results),
        "stale": sum(not one.fresh for one in results),
        "running": len(live.running) if live is not None else 0,
        "ignored": sum(one.ignored for one in results),
        "repairable": sum(bool(one.patches) for one in folder.repairs.values()),
    }
    searching = sorted(one.test for one in folder.repairs.values() if one.phase == "searching")
    broken = folder.problem or (live.message if live is not None and live.phase == "failed" else "")
    return {
        "uri": folder.uri,
        "name": folder.name,
        "trusted": folder.trusted,
        "phase": live.phase if live is not None else "stopped",
        "health": "error" if broken else "warning" if live is not None and live.errors else "ok",
        "quiescent": (live is None or live.phase not in ("starting", "running")) and not searching,
        "message": broken or _message(folder, numbers, searching),
        "searching": searching,
        "uncollectable": [one.path for one in live.errors] if live is not None else [],
        **numbers,
    }


def _message(folder: FolderView, numbers: dict[str, int], searching: list[str]) -> str:
    if not folder.trusted:
        return "not trusted: nothing is run"
    live = folder.live
    if live is None or live.phase == "stopped":
        return "nothing is run"
    if live.phase in ("starting", "paused"):
        return live.message or live.phase
    if numbers["running"]:
        return f"running {counted(numbers['running'], 'test')}"
    if not numbers["failed"]:
        return f"{numbers['passed']} passed"
    extra = ", searching a repair" if searching else ""
    proven = f", {numbers['repairable']} with a proven repair" if numbers["repairable"] else ""
    return f"{numbers['failed']} failed, {numbers['passed']} passed{proven}{extra}"
