"""What the user types and saves, on its way to the live tests.

A key only changes the document store. The live project hears of it when the user pauses, because telling what a change
means takes a parse of the file, and nobody needs the answer between two keys; large files wait longer. A save tells it
at once and asks for the tests that are touched.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from lsprotocol import types

from .documents import Document, path_of_uri
from .folders import Folder
from .session import Session
from .workspace import SETTINGS_FILE, Workspace

logger = logging.getLogger(__name__)

QUIET_S = 0.25  # Without a key, before the live project hears of the text.
QUIET_LARGE_S = 1.0
LARGE_LINES = 3000


class Editing:
    """The four messages about documents. Event loop only."""

    def __init__(self, session: Session, workspace: Workspace, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._workspace = workspace
        self._loop = loop
        self._unheard: dict[str, Document] = {}  # By URI: texts that the live projects have not heard of.
        self._quiet_timer: asyncio.TimerHandle | None = None
        self._run_timer: asyncio.TimerHandle | None = None

    def open(self, item: types.TextDocumentItem) -> None:
        """Take a document that the user opened."""
        document = self._session.documents.open(item)
        self._session.changed()
        if document.path is not None:
            self._workspace.adopt(document.path)
        self._unheard[document.uri] = document
        self._tell_folders()
        self._session.publish()

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take an edit."""
        identifier = params.text_document
        document = self._session.documents.change(identifier.uri, identifier.version, params.content_changes)
        self._session.changed()
        if document is None:
            self._unheard.pop(identifier.uri, None)
            self._session.publish()
            return
        self._unheard[document.uri] = document
        self._restart_timers(document)

    def save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Take a save: the tests that it touches run now."""
        uri = params.text_document.uri
        document = self._session.documents.saved(uri, params.text)
        self._session.changed()
        folder = self._workspace.folder_at(path_of_uri(uri))
        if document is not None:
            self._unheard[uri] = document
        self._tell_folders()
        self._session.publish()
        if folder is None:
            return
        path = path_of_uri(uri)
        assert path is not None, "A file in a folder has a path."
        if document is None:
            self._workspace.read_again(folder, [path])
        self._saved_in(folder, path)

    def close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Let go of a document; from now on the disk tells what is in the file."""
        uri = params.text_document.uri
        document = self._session.documents.close(uri)
        self._session.changed()
        self._unheard.pop(uri, None)
        if document is not None and document.path is not None:
            folder = self._workspace.folder_at(document.path)
            if folder is not None:
                self._workspace.read_again(folder, [document.path])
        self._session.publish()

    def stop(self) -> None:
        """Tell nobody anything any more."""
        self._cancel_timers()
        self._unheard.clear()

    def _saved_in(self, folder: Folder, path: Path) -> None:
        if path == folder.root / SETTINGS_FILE:
            self._workspace.settings_file_changed(folder)
        folder.retry()
        if folder.settings.run_on != "request":
            folder.run_impacted()

    def _restart_timers(self, document: Document) -> None:
        self._cancel_timers()
        quiet_s = QUIET_LARGE_S if len(document.parts) > LARGE_LINES else QUIET_S
        self._quiet_timer = self._loop.call_later(quiet_s, self._pause)
        folder = self._workspace.folder_at(document.path)
        if folder is not None and folder.settings.run_on == "type":
            delay_s = max(quiet_s, folder.settings.type_delay_s)
            self._run_timer = self._loop.call_later(delay_s, self._run_typed, folder)

    def _cancel_timers(self) -> None:
        for timer in (self._quiet_timer, self._run_timer):
            if timer is not None:
                timer.cancel()

    def _pause(self) -> None:
        """Tell the folders what was typed; the diagnostics of the old text go."""
        self._tell_folders()
        self._session.publish()

    def _run_typed(self, folder: Folder) -> None:
        self._tell_folders()
        folder.run_impacted()

    def _tell_folders(self) -> None:
        """Hand over every text that the live projects have not heard of."""
        unheard, self._unheard = self._unheard, {}
        for document in unheard.values():
            folder = self._workspace.folder_at(document.path)
            if folder is not None and document.path is not None:
                self._hand_over(folder, document, document.path)

    def _hand_over(self, folder: Folder, document: Document, path: Path) -> None:
        """Let the lane join the text, which costs what its length is."""
        relative = folder.relative(path)
        if relative is not None:
            folder.update(lambda: {relative: document.text})
