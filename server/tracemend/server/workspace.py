"""The folders of the workspace, their settings, and what happens in them outside of the editor.

Settings are asked for folder by folder where the client answers `workspace/configuration`; else they are what it sent
along with `initialize` or pushes with `workspace/didChangeConfiguration`. A folder starts when its settings are known,
or after `CONFIGURATION_TIME_S` without them if the client does not answer.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.live.events import LiveEvent, Problem, Warned
from tracemend.repair.runner.environment import EnvironmentProblem, find_root

from .config import EditorSettings, parse_editor_settings
from .documents import path_of_uri, uri_of_path
from .folders import Folder
from .link import Link
from .progress_bars import ProgressBars
from .run_bar import RunBar
from .session import Session

logger = logging.getLogger(__name__)

SECTION = "tracemend"
CONFIGURATION_TIME_S = 20.0  # An editor that is just starting, on a busy machine, takes seconds.
LIVE_DELAY_S = 0.005  # Events of a run come in bursts; each burst is looked at once.
SETTINGS_FILE = "pyproject.toml"
IGNORED_PARTS = frozenset({"__pycache__", "node_modules", "site-packages"})


class Workspace:
    """All folders. Event loop only."""

    def __init__(
        self, session: Session, link: Link, bars: ProgressBars, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._session = session
        self._link = link
        self._bars = bars
        self._loop = loop
        self._run_bars: dict[str, RunBar] = {}
        self._same_project: dict[str, str] = {}  # URI of a folder to that of another one with the same root.
        self._changed: set[str] = set()  # Folders with live events that nobody has looked at yet.
        self._told: set[str] = set()  # Messages that the user has seen, each is shown once.
        self._pushed_settings: Any = None
        self._questions = itertools.count(1)
        self._latest_question: dict[str, int] = {}  # For the settings of a folder, by its URI.
        self._closed: list[Folder] = []
        self.trusted_by_client: bool | None = None

    # Folders.

    def open_folders(self, folders: Iterable[tuple[str, str]]) -> None:
        """Add folders, given as (URI, name), and start them once their settings are known."""
        opened = [folder for uri, name in folders if (folder := self._add(uri, name)) is not None]
        self._configure(opened)

    def adopt(self, path: Path) -> None:
        """Open the project of a file, where the client has no folders at all; a file outside projects has none."""
        if self._session.folders:
            return
        try:
            root = find_root([str(path)], cwd=path.parent)
        except EnvironmentProblem:
            return
        if root.mark is not None:
            self.open_folders([(uri_of_path(root.path), root.path.name)])

    def close_folder(self, uri: str) -> None:
        """Take a folder away and stop what runs in it."""
        self._same_project.pop(uri, None)
        self._latest_question.pop(uri, None)
        folder = self._session.folders.pop(uri, None)
        if folder is None:
            return
        folder.close()
        self._closed.append(folder)
        self._run_bars.pop(uri).close()
        if self._session.repairs is not None:
            self._session.repairs.forget(folder.root)
        orphans = [other for other, same in self._same_project.items() if same == uri]
        self.open_folders([(other, _name_of(other)) for other in orphans if self._same_project.pop(other)])
        self._session.publish()

    def folder_at(self, path: Path | None) -> Folder | None:
        """Return the innermost folder whose project holds the file at `path`."""
        if path is None:
            return None
        holding = [one for one in self._session.folders.values() if path.is_relative_to(one.root)]
        return max(holding, key=lambda one: len(one.root.parts), default=None)

    def close(self) -> None:
        """Stop everything soon."""
        for uri in list(self._session.folders):
            self.close_folder(uri)

    def join(self, deadline: float) -> None:
        """Wait until everything has stopped, at most until `deadline` of the loop's clock. Blocks."""
        for folder in self._closed:
            if not folder.join(max(0.0, deadline - self._loop.time())):
                logger.warning("A folder did not close in time.")

    # Settings.

    def initial_settings(self, settings: Any) -> None:
        """Take settings that came with `initialize`, for clients that have no other way."""
        self._pushed_settings = settings

    def push_settings(self, settings: Any) -> None:
        """Take settings that the client sent of its own accord, or its word that they have changed."""
        if isinstance(settings, Mapping):
            self._pushed_settings = settings.get(SECTION, settings)
        self._configure(list(self._session.folders.values()))

    def trust(self, trusted: bool) -> None:
        """Take the client's new word on whether code of this workspace may run."""
        self.trusted_by_client = trusted
        self._configure(list(self._session.folders.values()))

    def settings_file_changed(self, folder: Folder) -> None:
        """Read the project's own settings again."""
        self._apply(folder, folder.editor)

    def _configure(self, folders: Sequence[Folder]) -> None:
        """Ask for the settings of `folders` and apply them."""
        if not self._session.client.configuration:
            for folder in folders:
                self._apply(folder, parse_editor_settings(self._pushed_settings, folder.root))
            return
        if not folders:
            return
        number = next(self._questions)
        self._latest_question.update((folder.uri, number) for folder in folders)
        waiting = self._loop.call_later(CONFIGURATION_TIME_S, self._apply_all, number, folders, [])

        def arrived(sections: Sequence[Any]) -> None:
            waiting.cancel()
            self._apply_all(number, folders, sections)

        items = [types.ConfigurationItem(scope_uri=one.uri, section=SECTION) for one in folders]
        self._link.request_then(
            types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=items), arrived
        )

    def _apply_all(self, number: int, folders: Sequence[Folder], sections: Sequence[Any]) -> None:
        """Apply what the client answered, unless it has been asked again since.

        Settings that came with `initialize` count where it says nothing.
        """
        answers = [*sections, *([None] * len(folders))]
        for folder, section in zip(folders, answers, strict=False):
            if self._latest_question.get(folder.uri) == number:
                said = self._pushed_settings if section in (None, {}) else section
                self._apply(folder, parse_editor_settings(said, folder.root))

    def _apply(self, folder: Folder, editor: EditorSettings) -> None:
        if self._session.folders.get(folder.uri) is not folder:
            return
        problem = folder.configure(editor, self.trusted_by_client)
        if problem:
            self._tell(problem, "warning")
        if editor.problems:
            self._tell(
                f"the editor's settings: {'; '.join(editor.problems)}. The defaults are used.", "warning"
            )
        if editor.unknown:
            logger.info("Settings that are not ours: %s", ", ".join(editor.unknown))
        if "log_level" in editor.values:
            logging.getLogger(SECTION).setLevel(folder.settings.log_level.upper())
        self._session.changed()
        if self._session.repairs is not None:
            self._session.repairs.live_changed(folder.view(self._session.repairs))
        self._session.publish()

    # What happens outside of the editor.

    def files_changed(self, changes: Iterable[types.FileEvent]) -> None:
        """Take note of files that changed on disk. What an editor holds open counts more than the disk."""
        changed: dict[str, tuple[Folder, list[Path]]] = {}
        for change in changes:
            path = path_of_uri(change.uri)
            folder = self.folder_at(path)
            if path is None or folder is None or _is_ignored(folder, path):
                continue
            if path == folder.root / SETTINGS_FILE:
                self.settings_file_changed(folder)
            if self._session.snapshot().document_at(path) is None:
                changed.setdefault(folder.uri, (folder, []))[1].append(path)
        for folder, paths in changed.values():
            self._session.completions.changed_on_disk(folder.root, paths)
            self._session.static.changed_on_disk(folder.root, paths)
            self.read_again(folder, paths)
            folder.retry()
            if folder.settings.run_on != "request":
                folder.run_impacted()

    def read_again(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Let the folder see what the disk holds."""
        folder.update(lambda: {folder.relative(path) or "": _on_disk(path) for path in paths})

    # Folders, continued.

    def _add(self, uri: str, name: str) -> Folder | None:
        path = path_of_uri(uri)
        if path is None or uri in self._session.folders or not path.is_dir():
            logger.info("A workspace folder is not a directory here, or is open already.")
            return None
        folder = Folder(uri, name, path, self._link, self._on_event, self._texts_of)
        same = next((one for one in self._session.folders.values() if one.root == folder.root), None)
        if same is not None:
            self._same_project[uri] = same.uri
            folder.close()
            return None
        self._session.folders[uri] = folder
        self._run_bars[uri] = RunBar(folder, self._bars, self._loop)
        return folder

    def _texts_of(self, folder: Folder) -> dict[str, str]:
        """Return the texts of the folder's files that the editor has open."""
        texts = {}
        for document in self._session.documents.in_step().values():
            if document.path is not None and self.folder_at(document.path) is folder:
                texts[folder.relative(document.path) or ""] = document.text
        return texts

    def _on_event(self, folder: Folder, event: LiveEvent) -> None:
        if isinstance(event, Problem):
            self._tell(event.text, "warning")
        elif isinstance(event, Warned):
            self._link.log_message(event.text, "warning")
        if not self._changed:
            self._loop.call_later(LIVE_DELAY_S, self._look_at_changed)
        self._changed.add(folder.uri)

    def _look_at_changed(self) -> None:
        changed, self._changed = self._changed, set()
        self._session.changed()
        for uri in changed & self._session.folders.keys():
            view = self._session.folders[uri].view(self._session.repairs)
            self._run_bars[uri].follow(view.live)
            if self._session.repairs is not None:
                self._session.repairs.live_changed(view)
        self._session.publish()

    def _tell(self, text: str, kind: str) -> None:
        """Show a message once; it comes again only after another one of its kind would have hidden it."""
        if text not in self._told:
            self._told.add(text)
            self._link.show_message(text, kind)


def _name_of(uri: str) -> str:
    path = path_of_uri(uri)
    return path.name if path is not None else uri


def _on_disk(path: Path) -> str | None:
    """Return the text of a file, None only if there is none: one that is not decodable has changed all the same."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    try:
        return decode_source(data).text
    except UndecodableSource:
        return data.decode("utf-8", "replace")


def _is_ignored(folder: Folder, path: Path) -> bool:
    """Say whether a file is none of the project's own: installed, cached or hidden."""
    parts = path.relative_to(folder.root).parts[:-1]
    return any(one in IGNORED_PARTS or one.startswith(".") for one in parts)
