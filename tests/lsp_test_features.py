"""Features for a server under test: slow ones, broken ones, and a look at its documents.

`lsp_wire` imports this module in the server's process before it starts.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tracemend.server.features.registry import command, request
from tracemend.server.jobs import Job
from tracemend.server.problems import InvalidParams
from tracemend.server.session import Session, Snapshot

POLL_S = 0.01
state = {"waiting": 0, "cancelled": 0}


@request("test/nothing")
def nothing(session: Session, snapshot: Snapshot, params: Any) -> None:
    """Answer, so that the client knows how far the server is."""


@request("test/text")
def text(session: Session, snapshot: Snapshot, params: Any) -> str | None:
    """Return the text of a document as features see it."""
    document = snapshot.document(params["uri"])
    return None if document is None else document.text


@request("test/state")
def show_state(session: Session, snapshot: Snapshot, params: Any) -> dict[str, int]:
    """Return how many waits are going on, and how many were cancelled."""
    return dict(state)


@request("test/broken")
def broken(session: Session, snapshot: Snapshot, params: Any) -> None:
    """Fail in a way that nobody thought of."""
    raise KeyError("/a/secret/path of the user")


@request("test/unwritable")
def unwritable(session: Session, snapshot: Snapshot, params: Any) -> object:
    """Return something that is no JSON."""
    return object()


@request("test/print")
def noisy(session: Session, snapshot: Snapshot, params: Any) -> None:
    """Print something, and have another process print something."""
    print("noise", flush=True)
    subprocess.run(["echo", "noise"], check=True)


@request("test/refusing")
def refusing(session: Session, snapshot: Snapshot, params: Any) -> None:
    """Refuse the params."""
    raise InvalidParams("Nothing would do.")


@request("test/wait", slow=True)
def wait_until_cancelled(session: Session, snapshot: Snapshot, params: Any, job: Job) -> str:
    """Work until cancelled."""
    return wait(session, snapshot, (), job)


@command("test.wait")
def wait(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> str:
    """Work until cancelled, telling how far it is."""
    state["waiting"] += 1
    for step in itertools.count():
        if job.wait(POLL_S):
            break
        job.report(f"step {step}", min(step / 1000, 1.0))
    state["waiting"] -= 1
    state["cancelled"] += 1
    return "too late"


@command("test.child")
def child(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> int:
    """Run a child process that ends only when it is killed."""
    process = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"])
    job.on_cancel(process.kill)
    state["waiting"] += 1
    code = process.wait()
    state["waiting"] -= 1
    return code


@command("test.ask")
def ask(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> Any:
    """Ask the client something and return what it says."""
    return session.link.ask("test/question", list(arguments), job)


@command("test.deaf")
def deaf(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> None:
    """Never look whether it was cancelled, as no feature should."""
    state["waiting"] += 1
    Job("nobody cancels this one").wait(600.0)
