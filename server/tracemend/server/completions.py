"""Who answers what may stand at the cursor: one worker process a project (`completion_worker`).

Questions are asked by jobs, each of which waits for its own answer, but only so long: an editor that is waiting for names
is worse than one that has none. The worker is started by the first question and lives as long as its folder has the same
settings. Before a question it is told the other texts that the editor holds and has changed since.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import subprocess
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracemend.repair.journal.journal import Journal
from tracemend.repair.records import BadRecord, from_json, to_json

from .completion_messages import REPLIES, CompletionProject, HeldText, Question, Reply
from .documents import Document
from .jobs import Job
from .worker_command import worker_command

if TYPE_CHECKING:
    from .session import Snapshot

logger = logging.getLogger(__name__)

PYTHON_ENDINGS = (".py", ".pyi")
MAX_STARTS = 4  # Of a worker for one project and one set of settings.


class Completions:
    """The workers of all folders. From any thread."""

    def __init__(self) -> None:
        self._workers: dict[Path, _Worker] = {}
        self._problems: dict[Path, str] = {}  # What was told last.
        self._journals: dict[Path, Journal] = {}
        self._lock = threading.Lock()

    def ask(
        self, snapshot: Snapshot, project: CompletionProject, question: Question, job: Job, deadline_s: float
    ) -> Reply | None:
        """Return the worker's answer, None if there is none in time or the job was cancelled. Blocks."""
        root = Path(project.root)
        held = {
            str(one.path): one
            for one in snapshot.documents.values()
            if one.path is not None and one.path.is_relative_to(root) and str(one.path) != question.path
        }
        return self._worker(root, project).ask(held, question, job, deadline_s)

    def is_news(self, root: Path, problem: str) -> bool:
        """Say whether a problem with a project's model is to be told: once, until it has worked again."""
        with self._lock:
            told = self._problems.get(root, "")
            self._problems[root] = problem or told
            return problem not in ("", told)

    def accepted(self, root: Path, fields: Mapping[str, object]) -> None:
        """Write down that a completion was taken, in one journal for all that this server has seen taken in a project."""
        with self._lock:
            journal = self._journals.get(root)
            if journal is None:
                try:
                    journal = self._journals[root] = Journal.open(root, job="completion")
                except OSError as error:
                    logger.warning("The completion could not be written down: %s", error)
                    return
        journal.record("note", fields)

    def changed_on_disk(self, root: Path, paths: Iterable[Path]) -> None:
        """Take note that files that are not open have other texts now; the worker is told before its next question."""
        with self._lock:
            worker = self._workers.get(root)
        if worker is not None:
            worker.changed_on_disk(str(one) for one in paths if one.suffix in PYTHON_ENDINGS)

    def look(self, snapshot: Snapshot) -> None:
        """End the workers of folders that were closed."""
        roots = {one.root for one in snapshot.folders}
        with self._lock:
            gone = [self._workers.pop(root) for root in self._workers.keys() - roots]
        for worker in gone:
            worker.close()

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            workers, self._workers = self._workers, {}
            journals, self._journals = self._journals, {}
        for worker in workers.values():
            worker.close()
        for journal in journals.values():
            journal.close()

    def _worker(self, root: Path, project: CompletionProject) -> _Worker:
        """Return the worker of a project, another one where the settings are not those of the last."""
        with self._lock:
            worker = self._workers.get(root)
            if worker is not None and worker.project == project:
                return worker
            if worker is not None:
                worker.close()
            worker = self._workers[root] = _Worker(project)
            return worker


class _Worker:
    """One process, what it was told, and who waits for its answers."""

    def __init__(self, project: CompletionProject) -> None:
        self.project = project
        self._lock = threading.Lock()  # Held while writing.
        self._ids = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._told: dict[str, Document] = {}
        self._changed: set[str] = set()  # Paths of files on disk.
        self._waiting: dict[int, Future[Reply | None]] = {}
        self._starts = 0
        self._closed = False

    def ask(
        self, held: Mapping[str, Document], question: Question, job: Job, deadline_s: float
    ) -> Reply | None:
        """Ask, and wait for the answer, the end of the job or the deadline."""
        number = next(self._ids)
        future: Future[Reply | None] = Future()
        with self._lock:
            if not self._is_running():
                self._start()
            self._waiting[number] = future
            self._tell(held)
            self._write({"question": to_json(replace(question, id=number))})
            if not self._is_running():  # It ended before this question was among those that wait for it.
                future.cancel()
        job.on_cancel(lambda: _cancel(future))
        try:
            return future.result(deadline_s)
        except (NoAnswer, CancelledError):
            with self._lock:
                self._write({"cancel": number})
            return None
        finally:
            self._waiting.pop(number, None)

    def changed_on_disk(self, paths: Iterable[str]) -> None:
        """Take note of changed files. Does not wait: a pipe may be full, and this is the event loop."""
        self._changed.update(paths)

    def close(self) -> None:
        """End the process, which may be killed at any time, and everybody's waiting."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._give_up()

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        if self._closed or self._starts >= MAX_STARTS:
            return
        self._starts += 1
        self._told = {}
        command = worker_command("completion_worker")
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            logger.warning("The completion worker could not be started: %s", error)
            return
        threading.Thread(target=self._read, args=(self._process,), name="completion", daemon=True).start()
        self._write(to_json(self.project))

    def _tell(self, held: Mapping[str, Document]) -> None:
        """Tell the texts that are new, and which are closed."""
        for path, document in held.items():
            if self._told.get(path) is not document:
                self._write({"text": to_json(HeldText(path, document.text))})
        changed, self._changed = self._changed, set()
        for path in (self._told.keys() | changed) - held.keys():
            self._write({"text": to_json(HeldText(path, None))})
        self._told = dict(held)

    def _write(self, value: Any) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):  # It ended; the next question starts another one.
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None, "it was asked to be a pipe"
        for line in process.stdout:
            try:
                ((kind, content),) = json.loads(line).items()
                self._answer(from_json(REPLIES[kind], content))
            except (ValueError, KeyError, AttributeError, BadRecord) as error:
                logger.warning("The completion worker said something unexpected: %s", error)
        process.wait()
        self._give_up()

    def _answer(self, reply: Reply) -> None:
        future = self._waiting.get(reply.id)
        if future is not None and future.set_running_or_notify_cancel():
            future.set_result(reply)

    def _give_up(self) -> None:
        """Let nobody wait for a process that has ended."""
        for future in list(self._waiting.values()):
            future.cancel()


def _cancel(future: Future[Reply | None]) -> None:
    future.cancel()
