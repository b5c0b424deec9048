"""Writing the journal of one job: append-only JSON lines, readable while the job runs and after it died.

Each line is one object with `kind`, `at_s` (seconds since the job began) and the fields of its kind; the first line is of
kind "job" and carries the format's version. A line goes to the file with one write, so that the death of the process
loses at most the line it was writing, and threads never mix theirs. Writing never fails a job: what the disk refuses is
said once, in `problem`, and the rest of the journal is left out.

The files lie in the user's state directory, one folder a project, readable by the user alone; the oldest give way.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from platformdirs import user_state_path

from tracemend.repair.records import to_json

from .scrubbing import scrub

FORMAT = 1
SUFFIX = ".jsonl"
MAX_BYTES = 32 << 20  # Of one journal. Beyond it no candidate is written any more, but all the rest is.
MAX_TEXT = 200_000  # Characters of one text in a line.
LONGEST_SECRET = 1_000
KEPT_JOBS = 200  # For each project.
KEPT_BYTES = 256 << 20
BULKY = frozenset({"candidate", "prompt", "file"})
SPOKEN = frozenset({"prompt", "answer"})  # Lines that say which thread wrote them, which joins them.
_NOT_TEXT = frozenset({"id", "candidate", "digest", "kind", "root", "python"})  # Names and hashes of ours.


class Journal:
    """The journal of one job, which may be written to from any thread. Make it with `open`, and close it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.id = path.name.removesuffix(SUFFIX)
        self.problem = ""  # Why nothing is written any more, as the end of "the journal ends early: ...".
        self._descriptor = descriptor
        self._started = time.monotonic()
        self._written = 0
        self._lock = threading.Lock()

    @classmethod
    def open(cls, project_root: Path, folder: Path | None = None, **facts: object) -> Journal:
        """Begin the journal of a job of the project at `project_root`. Raises `OSError`.

        `folder` holds the journals of all projects, by default `default_folder()`; `facts` go into the first line.
        """
        place = journals_of(project_root, folder)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_oldest(place)
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}{SUFFIX}"
        descriptor = os.open(place / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        journal = cls(place / name, descriptor)
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        known = {"format": FORMAT, "id": journal.id, "root": str(project_root), "started": started}
        journal.record("job", {**known, "argv": sys.argv[1:], **facts})
        return journal

    def record(self, kind: str, fields: Mapping[str, object]) -> None:
        """Append one line. Secrets in its texts are masked before it is written; see `scrubbing`."""
        if self.problem or (kind in BULKY and self._written > MAX_BYTES):
            return
        at_s = round(time.monotonic() - self._started, 6)
        spoken = {"thread": threading.get_ident()} if kind in SPOKEN else {}
        line = _encoded({"kind": kind, "at_s": at_s, **spoken, **fields})
        with self._lock:
            if self._descriptor < 0:
                return
            try:
                self._written += os.write(self._descriptor, line)
            except OSError as error:
                self.problem = f"{self.path} cannot be written ({error.strerror})"

    def close(self) -> None:
        """Write nothing more."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def no_record(kind: str, fields: Mapping[str, object]) -> None:
    """The recorder of jobs that keep no journal."""


def default_folder() -> Path:
    """Return the directory that holds the journals of all projects."""
    return user_state_path("tracemend") / "journal"


def journals_of(project_root: Path, folder: Path | None = None) -> Path:
    """Return the directory that holds the journals of one project."""
    return (folder or default_folder()) / project_digest(project_root)


def project_digest(project_root: Path) -> str:
    """Return the name under which a project's journals and memory are kept: it tells nothing of the path."""
    return blake2b(str(project_root).encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def _encoded(fields: Mapping[str, object]) -> bytes:
    safe = {key: value if key in _NOT_TEXT else _told(to_json(value)) for key, value in fields.items()}
    return json.dumps(safe, separators=(",", ":"), default=str).encode("ascii") + b"\n"


def _told(value: object) -> object:
    """Mask the texts in a JSON value, and cut those that would make one line as large as a journal.

    A model or a test may say anything, so only what is kept is looked at, and so much behind it as a secret is long.
    """
    if isinstance(value, str):
        kept = scrub(value[: MAX_TEXT + LONGEST_SECRET])
        return kept if len(value) <= MAX_TEXT else f"{kept[:MAX_TEXT]}[... {len(value) - MAX_TEXT} more]"
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items()}
    return [_told(item) for item in value] if isinstance(value, list) else value


def _remove_oldest(place: Path) -> None:
    """Keep the journals of a project within bounds; names sort by age."""
    kept_bytes = 0
    for number, path in enumerate(sorted(place.glob(f"*{SUFFIX}"), reverse=True), start=1):
        with contextlib.suppress(OSError):  # Another process may be tidying up as well.
            kept_bytes += path.stat().st_size
            if number >= KEPT_JOBS or kept_bytes > KEPT_BYTES:
                path.unlink()
