"""*Explain failure*: a page about one failing test.

Clients that know `workspace/textDocumentContent` get a virtual document of the scheme `tracemend`, others a temporary
file by `window/showDocument`, and those that cannot show documents the first sentences as a message.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from lsprotocol import types

from tracemend.server.documents import uri_of_path
from tracemend.server.findings import RepairState
from tracemend.server.jobs import Job
from tracemend.server.problems import RequestFailed
from tracemend.server.session import Session, Snapshot
from tracemend.server.targets import Target, one_test
from tracemend.server.views.explanation import explanation_of
from tracemend.server.views.wording import clipped, short_name

from .registry import command, request

SCHEME = "tracemend"
MAX_MESSAGE = 1200


@command("tracemend.explain")
def explain(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> dict[str, str]:
    """Show the page about a failing test, and return its text."""
    target = one_test(snapshot, arguments)
    state = failing_state(snapshot, target.root, target.tests[0])
    text = explanation_of(state)
    uri = _show(session, snapshot, target, text, job)
    return {"test": state.test, "uri": uri, "text": text}


@request(
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT,
    slow=True,
    options=types.TextDocumentContentRegistrationOptions(schemes=[SCHEME]),
)
def text_document_content(
    session: Session, snapshot: Snapshot, params: types.TextDocumentContentParams, job: Job
) -> types.TextDocumentContentResult:
    """Return the text of a virtual document; one of a failure that is gone says so."""
    query = parse_qs(urlsplit(params.uri).query)
    root, test = query.get("root", [""])[0], query.get("test", [""])[0]
    try:
        state = failing_state(snapshot, Path(root), test)
    except RequestFailed as problem:
        return types.TextDocumentContentResult(f"# {test}\n\n{problem.sentence}\n")
    return types.TextDocumentContentResult(explanation_of(state))


def failing_state(snapshot: Snapshot, root: Path, test: str) -> RepairState:
    """Return what is known about a test that fails now. Raises `RequestFailed`."""
    folder = snapshot.folder(root)
    state = folder.repairs.get(test) if folder is not None else None
    if state is None:
        raise RequestFailed(f"{short_name(test)} is not known to fail as things stand. Run it first.")
    return state


def explanation_uri(root: Path, test: str) -> str:
    """Return the URI of the virtual page about a test; its path ends in .md so that editors render it."""
    name = quote(f"Why {short_name(test)} fails.md".replace("/", "-"))
    return f"{SCHEME}:/{name}?{urlencode({'root': str(root), 'test': test})}"


def _show(session: Session, snapshot: Snapshot, target: Target, text: str, job: Job) -> str:
    """Show the page as well as the client can, and return the URI of what was shown."""
    test, client = target.tests[0], snapshot.client
    virtual = explanation_uri(target.root, test)
    if not client.show_document:
        session.link.show_message(clipped(text, MAX_MESSAGE))
        return virtual
    uri = virtual if client.dynamic_text_content else uri_of_path(_written(test, text))
    params = types.ShowDocumentParams(uri=uri, take_focus=False)
    session.link.ask(types.WINDOW_SHOW_DOCUMENT, params, job)
    return uri


def _written(test: str, text: str) -> Path:
    """Write the page to a temporary file, one for each test."""
    path = _folder() / (re.sub(r"[^\w.-]+", "-", test)[-100:] + ".md")
    path.write_text(text, "utf-8", "backslashreplace")
    return path


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Make the directory of the pages, which goes when the server ends."""
    folder = Path(tempfile.mkdtemp(prefix="tracemend-explained-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
