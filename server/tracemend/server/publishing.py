"""What the server says of its own accord: diagnostics, status, and requests to draw things again.

Whatever changes calls `Publisher.changed`; soon after, and at most every `INTERVAL_S`, one look at a fresh snapshot
sends what differs from what was sent last. The first change after a pause is told almost at once, for it is the one that
somebody waits for; the thousand verdicts of a test run that follow share a few looks.

Diagnostics are pushed, until a client that can do so begins to pull those of a document: then that document is served by
answers, what was pushed for it is taken back, and a change is told by a refresh. Doing both would show all twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from .features import status
from .features.diagnostics import all_diagnostics, diagnostics_of
from .features.registry import request
from .link import Link
from .session import Session, Snapshot

DELAY_S = 0.002
INTERVAL_S = 0.05
REFRESH_INTERVAL_S = 0.4  # Of lenses and hints, which the client asks for again file by file.


class Publisher:
    """Keeps what the client was told. Event loop only, but for `changed`."""

    def __init__(self, session: Session, link: Link, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._link = link
        self._loop = loop
        self._sent: dict[str, Sequence[types.Diagnostic]] = {}
        self._pulled: set[str] = set()
        self._status: dict[str, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refresh_timer: asyncio.TimerHandle | None = None
        self._last_look_at = 0.0
        self._shown: object = None  # What lenses and hints were last drawn from.

    def changed(self) -> None:
        """Have everything looked at again soon. From any thread."""
        self._link.on_loop(self._schedule)

    def close(self) -> None:
        """Say nothing more."""
        for timer in (self._timer, self._refresh_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._refresh_timer = self._loop.call_later(0, lambda: None)

    def pull(self, snapshot: Snapshot, uri: str) -> Sequence[types.Diagnostic]:
        """Return the diagnostics of a document that is served by answers from now on."""
        self._pulled.add(uri)
        self._push(uri, None, ())
        return diagnostics_of(snapshot, uri)

    def forget(self, uri: str) -> None:
        """Hear that a document was closed."""
        self._pulled.discard(uri)

    def _schedule(self) -> None:
        self._session.changed()
        if self._timer is None:
            wait_s = self._last_look_at + INTERVAL_S - time.monotonic()
            self._timer = self._loop.call_later(max(DELAY_S, wait_s), self._look)

    def _look(self) -> None:
        self._timer = None
        self._last_look_at = time.monotonic()
        snapshot = self._session.snapshot()
        self._session.static.look(snapshot)
        self._session.completions.look(snapshot)
        self._send_diagnostics(snapshot)
        self._send_status(snapshot)
        self._note_redraw(snapshot)

    def _send_diagnostics(self, snapshot: Snapshot) -> None:
        found = all_diagnostics(snapshot)
        for uri in sorted(found.keys() | self._sent.keys()):
            if uri not in self._pulled:
                document = snapshot.document(uri)
                self._push(uri, document.version if document else None, found.get(uri, ()))

    def _push(self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]) -> None:
        """Send the diagnostics of one file, unless they are what the client has. A new version alone is no news."""
        if list(self._sent.get(uri, ())) == list(diagnostics):
            return
        if diagnostics:
            self._sent[uri] = diagnostics
        else:
            self._sent.pop(uri, None)
        shown_version = version if self._session.client.diagnostic_versions else None
        self._link.notify(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            types.PublishDiagnosticsParams(uri=uri, diagnostics=list(diagnostics), version=shown_version),
        )

    def _send_status(self, snapshot: Snapshot) -> None:
        current = status.status_of(snapshot)
        if current != self._status:
            self._status = current
            self._link.notify(status.METHOD, current)

    def _note_redraw(self, snapshot: Snapshot) -> None:
        """Ask for a redraw if what is drawn from has changed, not for every key."""
        shown = tuple((one.root, one.settings, one.live, one.repairs) for one in snapshot.folders)
        if shown != self._shown and self._refresh_timer is None:
            self._refresh_timer = self._loop.call_later(REFRESH_INTERVAL_S, self._redraw)
        self._shown = shown

    def _redraw(self) -> None:
        self._refresh_timer = None
        client = self._session.client
        wanted = {
            types.WORKSPACE_CODE_LENS_REFRESH: client.refresh_code_lenses,
            types.WORKSPACE_INLAY_HINT_REFRESH: client.refresh_inlay_hints,
            types.WORKSPACE_DIAGNOSTIC_REFRESH: client.refresh_diagnostics and bool(self._pulled),
        }
        for method, can in wanted.items():
            if can:
                self._link.request(method, None)


@request(
    types.TEXT_DOCUMENT_DIAGNOSTIC,
    options=types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
)
def pull_diagnostics(
    session: Session, snapshot: Snapshot, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Answer with the diagnostics of a document, or that they are what the client has already."""
    assert session.publisher is not None, "Features are called after the session is complete."
    diagnostics = session.publisher.pull(snapshot, params.text_document.uri)
    result_id = hashlib.blake2b(repr(diagnostics).encode("utf-8", "replace"), digest_size=9).hexdigest()
    if params.previous_result_id == result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=list(diagnostics), result_id=result_id)
