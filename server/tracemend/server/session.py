"""What the server knows, and the immutable view of it that every feature reads.

`Session` is owned by the event loop: only there are documents, folders and settings changed. A feature gets a
`Snapshot`, which never changes, so that a slow one sees one consistent state from its first step to its last. What
features may do from any thread stands in `Session` under "for features": tell the client something, ask it something,
start a run, have everything published again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol import types

from tracemend.analysis.syntax.positions import Encoding

from .clients import ClientFeatures
from .completions import Completions
from .config import Config
from .documents import Document, Documents, uri_of_path
from .jobs import Job, Jobs
from .static_reviews import ReviewedText, StaticReviews

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject
    from tracemend.repair.live.state import LiveState
    from tracemend.repair.runner.settings import Project

    from .folders import Folder
    from .repairs import RepairState

logger = logging.getLogger(__name__)

LATEST_TIME_S = 10.0  # For the event loop to come round; it does not only while the server is leaving.


@dataclass(frozen=True, slots=True)
class FolderView:
    """One workspace folder as it was when the snapshot was taken."""

    uri: str
    name: str
    root: Path  # The project's root: the folder, or a directory above it that holds the project's settings.
    settings: Config
    trusted: bool
    project: Project | None = None  # None until the interpreter is found, and where nothing may be run.
    live: LiveState | None = None
    repairs: Mapping[str, RepairState] = field(default_factory=dict)  # By the failing test.
    problem: str = ""  # Why nothing can be run here, as a sentence for the user.
    configured: bool = True  # Whether its settings, and so its trust, are known yet.

    def relative(self, path: Path) -> str | None:
        """Return `path` relative to the root with slashes, None if it lies elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a feature reads. `documents` are those of which we have the same text as the client."""

    documents: Mapping[str, Document]
    folders: tuple[FolderView, ...]
    client: ClientFeatures
    encoding: Encoding
    _uris: Mapping[Path, str] = field(default_factory=dict)
    static: Mapping[str, ReviewedText] = field(default_factory=dict)  # Static findings by URI.

    def document(self, uri: str) -> Document | None:
        """Return the open document, None for one that is not open or out of step."""
        return self.documents.get(uri)

    def document_at(self, path: Path) -> Document | None:
        """Return the open document of the file at `path`."""
        uri = self._uris.get(path)
        return None if uri is None else self.documents.get(uri)

    def folder_of(self, document: Document) -> FolderView | None:
        """Return the folder whose project holds the document."""
        return None if document.path is None else self.folder_at(document.path)

    def folder_at(self, path: Path) -> FolderView | None:
        """Return the folder whose project holds the file at `path`, the innermost where projects are nested."""
        holding = [one for one in self.folders if path.is_relative_to(one.root)]
        return max(holding, key=lambda one: len(one.root.parts), default=None)

    def folder(self, root: Path) -> FolderView | None:
        """Return the folder of the project at `root`."""
        return next((one for one in self.folders if one.root == root), None)

    def uri_of(self, path: Path) -> str:
        """Return the URI of a file, in the client's own spelling where it has the file open."""
        return self._uris.get(path) or uri_of_path(path)


class ClientLink(Protocol):
    """The way to the client; all methods may be called from any thread, `ask` from worker threads alone."""

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""

    def request(self, method: str, params: Any) -> None:
        """Send a request whose answer nobody waits for, such as a refresh."""

    def ask(self, method: str, params: Any, job: Job) -> Any:
        """Send a request and wait for the answer. Raises `RequestProblem`, or `Cancelled` with the job."""

    def show_message(self, text: str, kind: str = "info") -> None:
        """Show the user a message; `kind` is "error", "warning" or "info"."""

    def log_message(self, text: str, kind: str = "info") -> None:
        """Write to the log that the client shows on demand."""

    def on_loop(self, action: Callable[[], object]) -> None:
        """Carry out `action` on the event loop."""


class RepairService(Protocol):
    """The background repairs of all folders; `server.repairs.Repairs` is the one there is."""

    def states(self, root: Path) -> Mapping[str, RepairState]:
        """Return how far the repair of each failing test is."""

    def live_changed(self, folder: FolderView) -> None:
        """Hear, on the event loop, that results, settings or texts of the folder have changed."""

    def forget(self, root: Path) -> None:
        """Drop a folder that was closed."""

    def close(self) -> None:
        """End all searches and their processes."""


class PublishingService(Protocol):
    """What tells the client of changes; `server.publishing.Publisher` is the one there is."""

    def changed(self) -> None:
        """Have everything looked at again soon. From any thread."""

    def pull(self, snapshot: Snapshot, uri: str) -> Sequence[types.Diagnostic]:
        """Return the diagnostics of a document that the client asks for itself."""


class Session:
    """The server's state. Changed on the event loop alone."""

    def __init__(self, link: ClientLink) -> None:
        self.link = link
        self.jobs = Jobs()
        self.documents = Documents()
        self.client = ClientFeatures()
        self.folders: dict[str, Folder] = {}  # By URI.
        self.repairs: RepairService | None = None
        self.publisher: PublishingService | None = None
        self.static = StaticReviews(self.publish)
        self.completions = Completions()
        self._snapshot: Snapshot | None = None

    # For the owner.

    def changed(self) -> None:
        """Forget the current snapshot, because something it shows has changed. Event loop only."""
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """Return the view of this moment. Event loop only; a worker keeps the one that it was given."""
        if self._snapshot is None:
            documents = self.documents.in_step()
            self._snapshot = Snapshot(
                MappingProxyType(documents),
                tuple(one.view(self.repairs) for one in self.folders.values()),
                self.client,
                self.documents.encoding,
                {one.path: uri for uri, one in documents.items() if one.path is not None},
                self.static.reviews(),
            )
        return self._snapshot

    # For features, from any thread.

    def publish(self) -> None:
        """Have diagnostics, status and refreshes sent soon; many calls in a row are one."""
        if self.publisher is not None:
            self.publisher.changed()

    def latest(self) -> Snapshot:
        """Return the view of this moment to a worker whose own one may have aged while it waited."""
        taken: Future[Snapshot] = Future()
        self.link.on_loop(lambda: taken.set_result(self.snapshot()))
        return taken.result(LATEST_TIME_S)

    def live(self, root: Path) -> LiveProject | None:
        """Return the running project at `root`, None where nothing is run."""
        return next((one.live for one in list(self.folders.values()) if one.root == root), None)
