"""Static findings of the open documents, made by one worker process a project (`static_worker`).

The worker is started with the first document and lives as long as its folder has the same settings. What it answers
counts for the very text that it was asked about; features follow it to where its lines stand now. A worker that dies
leaves a log entry and no findings; the next text starts another one, a few times.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracemend.repair.records import BadRecord, from_json, to_json

from .documents import Document
from .jobs import Lane
from .static_messages import StaticFinding, StaticProject, StaticReview, StaticText
from .worker_command import worker_command

if TYPE_CHECKING:
    from .session import FolderView, Snapshot

logger = logging.getLogger(__name__)

PYTHON_ENDINGS = frozenset({".py", ".pyi"})
MAX_STARTS = 4  # Of a worker for one project and one set of settings.


@dataclass(frozen=True, slots=True)
class ReviewedText:
    """A text and what was found in it."""

    text: str
    findings: tuple[StaticFinding, ...]


class StaticReviews:
    """The reviews of all open documents. `look` belongs to the event loop, `reviews` may be asked for anywhere."""

    def __init__(self, publish: Callable[[], None]) -> None:
        self._publish = publish
        self._workers: dict[Path, _Worker] = {}
        self._reviews: Mapping[str, ReviewedText] = MappingProxyType({})
        self._lock = threading.Lock()

    def reviews(self) -> Mapping[str, ReviewedText]:
        """Return what is known, by URI."""
        return self._reviews

    def look(self, snapshot: Snapshot) -> None:
        """Have the texts reviewed that are new, and forget those that are not open any more."""
        wanted: dict[Path, dict[str, Document]] = {}
        for document in snapshot.documents.values():
            folder = snapshot.folder_of(document)
            if folder is not None and _is_reviewed(folder, document):
                wanted.setdefault(folder.root, {})[str(document.path)] = document
        for root in self._workers.keys() - wanted.keys():
            self._workers.pop(root).close()
        for folder in snapshot.folders:
            if folder.root in wanted:
                self._worker_of(folder).hold(wanted[folder.root])
        self._keep({one.uri for documents in wanted.values() for one in documents.values()})

    def changed_on_disk(self, root: Path, paths: Iterable[Path]) -> None:
        """Take note that files that are not open have other texts now, or are gone; what is open is reviewed again."""
        worker = self._workers.get(root)
        if worker is not None:
            worker.read_again(str(one) for one in paths if one.suffix in PYTHON_ENDINGS)

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _worker_of(self, folder: FolderView) -> _Worker:
        """Return the worker of a folder, another one where the settings are not those of the last."""
        project = StaticProject(str(folder.root), folder.settings.choice(), folder.trusted)
        worker = self._workers.get(folder.root)
        if worker is None or worker.project != project:
            if worker is not None:
                worker.close()
            worker = self._workers[folder.root] = _Worker(project, self._take)
        return worker

    def _keep(self, uris: set[str]) -> None:
        with self._lock:
            if not self._reviews.keys() <= uris:
                self._reviews = MappingProxyType(
                    {uri: one for uri, one in self._reviews.items() if uri in uris}
                )

    def _take(self, document: Document, findings: tuple[StaticFinding, ...]) -> None:
        with self._lock:
            known = {**self._reviews, document.uri: ReviewedText(document.text, findings)}
            self._reviews = MappingProxyType(known)
        self._publish()


def _is_reviewed(folder: FolderView, document: Document) -> bool:
    wanted = folder.configured and folder.settings.static_diagnostics
    return wanted and document.path is not None and document.path.suffix == ".py"


@dataclass
class _Worker:
    """One process, and the documents that it was told of. Writing is done in a lane, for a full pipe blocks."""

    project: StaticProject
    take: Callable[[Document, tuple[StaticFinding, ...]], None]
    lane: Lane = field(default_factory=lambda: Lane("static"))
    documents: dict[str, Document] = field(default_factory=dict)  # By path.
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    asked: dict[int, Document] = field(
        default_factory=dict
    )  # Those of `documents` that were told, by number.
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    closed: bool = False

    def hold(self, documents: Mapping[str, Document]) -> None:
        """Tell the process which of `documents` are new and which of the old ones are closed."""
        before, self.documents = self.documents, dict(documents)
        for path, document in documents.items():
            if before.get(path) is not document:
                self.lane.call(partial(self._tell, document, path))
        for path in before.keys() - documents.keys():
            self.lane.call(partial(self._tell, None, path))

    def read_again(self, paths: Iterable[str]) -> None:
        """Tell the process of files that it is not to know from memory."""
        for path in paths:
            self.lane.call(partial(self._tell, None, path))

    def close(self) -> None:
        self.closed = True
        self.lane.call(self._end)
        self.lane.close()

    def _tell(self, document: Document | None, path: str) -> None:
        """Tell a text, joined here in the lane, or that the disk counts: the file was closed, or changed while it was not open."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        self._write_text(path, document)

    def _start(self) -> None:
        """Start the process and tell it what is open. In the lane."""
        if self.closed or self.starts >= MAX_STARTS:
            return
        self.starts += 1
        command = worker_command("static_worker")
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            logger.warning("The static worker could not be started: %s", error)
            return
        threading.Thread(target=self._read, args=(self.process,), name="static-read", daemon=True).start()
        self._write(self.project)
        for path, document in list(self.documents.items()):
            self._write_text(path, document)

    def _write_text(self, path: str, document: Document | None) -> None:
        number = next(self.numbers)
        if document is not None:
            held = set(map(id, self.documents.values()))
            self.asked = {
                **{older: one for older, one in self.asked.items() if id(one) in held},
                number: document,
            }
        self._write(StaticText(path, number, document.text if document is not None else None))

    def _write(self, value: Any) -> None:
        if self.process is None or self.process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):  # It ended; the next text starts another one.
            self.process.stdin.write(json.dumps(to_json(value)).encode() + b"\n")
            self.process.stdin.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None, "it was asked to be a pipe"
        for line in process.stdout:
            try:
                review = from_json(StaticReview, json.loads(line))
            except (ValueError, BadRecord) as error:
                logger.warning("The static worker said something unexpected: %s", error)
                continue
            document = self.asked.get(review.number)
            if document is not None and self.documents.get(review.path) is document and not self.closed:
                self.take(document, review.findings)
        process.wait()

    def _end(self) -> None:
        """End the process. It does nothing but compute, so that it may be killed at any time."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
