"""The search for a repair, in a process of its own.

A search keeps a core busy for seconds; in a thread of the server it would hold the interpreter lock while the user
types. So `Search` starts `search_worker` with lower priority, hands it a `SearchRequest` on stdin, and reads one JSON
value a line: progress, and at the end what came of it. The open stdin is the worker's lifeline: when it closes, because
the search was cancelled or because the server died, the worker cancels its engine and ends; if it does not within
`GRACE_S`, its whole process group is killed.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracemend.repair.explain.evidence import Evidence, Suspect
from tracemend.repair.patch import FileChange
from tracemend.repair.records import BadRecord, from_json, to_json
from tracemend.repair.reports import Confidence
from tracemend.repair.runner.settings import NetworkMode, SandboxMode

from .findings import FoundPatch
from .worker_command import worker_command

logger = logging.getLogger(__name__)

GRACE_S = 3.0
NICENESS = 10


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a worker needs to know, in plain values."""

    root: str
    python: str
    tests: tuple[str, ...]  # Failing tests that have one cause, as far as is known.
    guards: tuple[str, ...] = ()  # Files of other tests that must stay green.
    overlay: tuple[tuple[str, str], ...] = ()  # (path, text) of the files that the editor holds unsaved.
    pytest_args: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extra_writable: tuple[str, ...] = ()
    sandbox: SandboxMode = "auto"
    network: NetworkMode = "loopback"
    startup_s: float = 120.0
    max_time_s: float = 30.0
    max_patches: int = 3
    jobs: int = 1
    niceness: int = NICENESS
    model: str = ""  # The endpoint that may be asked, as `model_row` has it; "" for none.
    keep_journal: bool = True
    use_memory: bool = True


@dataclass(frozen=True, slots=True)
class SearchedPatch:
    """A proven patch as it travels."""

    confidence: Confidence
    changes: tuple[FileChange, ...]
    note: str
    explanation: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SearchedFailure:
    """What came of one group of failing tests."""

    tests: tuple[str, ...]
    reason: str
    patches: tuple[SearchedPatch, ...] = ()
    suspects: tuple[Suspect, ...] = ()  # Ranked by more than what is known before a search.

    @property
    def found(self) -> tuple[FoundPatch, ...]:
        """The patches, each with the tests that it mends."""
        return tuple(
            FoundPatch(self.tests, one.confidence, one.changes, one.note, one.explanation, one.evidence)
            for one in self.patches
        )


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What came of a search. `problem` says why there was none."""

    failures: tuple[SearchedFailure, ...] = ()
    problem: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is, a phrase; `fraction` of its time is spent."""

    message: str
    fraction: float


class Search:
    """One search in a process of its own. `run` in one thread, `cancel` from any."""

    def __init__(self, request: SearchRequest, on_progress: Callable[[SearchProgress], None]) -> None:
        self.request = request
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._cancelled = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> SearchOutcome:
        """Start the worker, and return what it found once it has ended."""
        command = worker_command("search_worker")
        with self._lock:
            if self._cancelled:
                return SearchOutcome(cancelled=True)
            try:
                process = self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                return SearchOutcome(problem=f"The search could not be started: {error.strerror}.")
        try:
            return self._converse(process)
        finally:
            _end(process)

    def cancel(self) -> None:
        """End the search soon; its processes are gone when `run` has returned."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            threading.Thread(target=_end, args=(process,), name="search-end", daemon=True).start()

    def _converse(self, process: subprocess.Popen[bytes]) -> SearchOutcome:
        assert process.stdin is not None and process.stdout is not None, "both were asked to be pipes"
        outcome = None
        try:
            process.stdin.write(json.dumps(to_json(self.request)).encode() + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                outcome = self._hear(line) or outcome
        except (OSError, ValueError) as error:  # A pipe that breaks, or is closed by `cancel` as we write.
            logger.info("The search worker went away: %s", error)
        if self._cancelled:
            return SearchOutcome(cancelled=True)
        return outcome or SearchOutcome(problem="The search ended without an answer.")

    def _hear(self, line: bytes) -> SearchOutcome | None:
        try:
            message: Any = json.loads(line)
            if "progress" in message:
                self._on_progress(from_json(SearchProgress, message["progress"]))
                return None
            return from_json(SearchOutcome, message["outcome"])
        except (ValueError, TypeError, KeyError, BadRecord) as error:
            logger.warning("The search worker said something unexpected: %s", error)
            return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for the worker to leave, and kill what is left of its process group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
