"""Summaries kept on disk by the content of the file they are of, in one SQLite database.

A file whose time and size are those of last time is not read at all; one whose content is known under whatever path (a
branch switched back, another project's environment) is not summarized again. SQLite makes that safe among processes and
survives crashes. A database that is damaged, or of another format, is put aside and begun anew: a cache is never an error.
The format is named by a digest of the code that makes summaries, so that no change of it can meet old ones.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

from .codec import decode_summary, encode_summary
from .model import ModuleSummary

MAX_CACHE_BYTES = 500_000_000
BATCH_SIZE = 500
BUSY_TIMEOUT_S = 2.0
_SOURCES = (
    "model",
    "codec",
    "spelling",
    "facts",
    "local_uses",
    "displays",
    "effects",
    "served_names",
    "tolerant",
    "summarize",
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, changed_ns INTEGER, size INTEGER, digest BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS summaries (digest BLOB PRIMARY KEY, used_day INTEGER, facts BLOB, summary BLOB);
"""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the whole workspace is asked about, small enough to be held of every file."""

    stores: frozenset[tuple[str, str]] = frozenset()
    installs: tuple[str, ...] = ()
    changes_sys_path: bool = False

    @staticmethod
    def of(summary: ModuleSummary) -> FileFacts:
        """Return the facts of one summary."""
        return FileFacts(summary.stores, summary.installs, summary.changes_sys_path)


Stamp = tuple[int, int]  # Time of the last change in nanoseconds, size in bytes.


class SummaryStore:
    """The database in the directory `cache`; every method does nothing where the disk refuses."""

    def __init__(self, cache: Path) -> None:
        self._lock = threading.Lock()
        self._pending_files: dict[str, tuple[Stamp, bytes]] = {}
        self._pending: dict[bytes, ModuleSummary] = {}
        self._database = _open(cache / f"symbols-{format_digest()}.sqlite3")

    def lookup(self, path: str, stamp: Stamp) -> ModuleSummary | None:
        """Return the summary of a file that has not changed since it was stored."""
        query = "SELECT summary FROM files JOIN summaries USING (digest) WHERE path = ? AND changed_ns = ? AND size = ?"
        return self._summary(query, (path, *stamp))

    def lookup_content(self, path: str, stamp: Stamp, digest: bytes) -> ModuleSummary | None:
        """Return the summary of known content, and remember that the file at `path` has it."""
        found = self._summary("SELECT summary FROM summaries WHERE digest = ?", (digest,))
        if found is not None:
            with self._lock:
                self._pending_files[path] = (stamp, digest)
        return found

    def facts_below(self, root: str) -> dict[str, tuple[Stamp, FileFacts]]:
        """Return the facts of all files stored below the directory `root`, with the stamps they are true for."""
        first, last = os.path.join(root, ""), os.path.join(root, chr(sys.maxunicode))
        query = (
            "SELECT path, changed_ns, size, facts FROM files JOIN summaries USING (digest)"
            " WHERE path BETWEEN ? AND ?"
        )
        return {
            path: ((changed_ns, size), facts)
            for path, changed_ns, size, data in self._rows(query, (first, last))
            if (facts := _decode_facts(data)) is not None
        }

    def put(self, path: str, stamp: Stamp, digest: bytes, summary: ModuleSummary) -> None:
        """Keep `summary`; written with others when there are enough of them, or by `flush`."""
        with self._lock:
            self._pending_files[path] = (stamp, digest)
            self._pending[digest] = summary
            is_full = len(self._pending) >= BATCH_SIZE
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Write what is pending, and drop what has not been used for longest where the database is too large."""
        with self._lock:
            files, self._pending_files = self._pending_files, {}
            summaries, self._pending = self._pending, {}
            if self._database is None or not files:
                return
            today = int(time.time() // 86_400)
            rows = [
                (digest, today, _encode_facts(FileFacts.of(one)), encode_summary(one))
                for digest, one in summaries.items()
            ]
            with contextlib.suppress(sqlite3.Error), self._database:
                self._database.executemany("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?)", rows)
                self._database.executemany(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                    [(path, *stamp, digest) for path, (stamp, digest) in files.items()],
                )
                self._database.executemany(
                    "UPDATE summaries SET used_day = ? WHERE digest = ?",
                    [(today, digest) for _, digest in files.values()],
                )
                _shrink(self._database)

    def close(self) -> None:
        """Write what is pending and close the database."""
        self.flush()
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _summary(self, query: str, arguments: tuple[object, ...]) -> ModuleSummary | None:
        for (data,) in self._rows(query, arguments):
            with contextlib.suppress(ValueError):
                return decode_summary(data)
        return None

    def _rows(self, query: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._lock, contextlib.suppress(sqlite3.Error):
            return self._database.execute(query, arguments).fetchall() if self._database is not None else []
        return []


@cache
def format_digest() -> str:
    """Return a digest of the code that makes summaries and of the Python whose grammar it parses with."""
    digest = blake2b(repr(sys.version_info[:2]).encode(), digest_size=8)
    for name in _SOURCES:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


def content_digest(data: bytes, *, is_stub: bool) -> bytes:
    """Return the key of a file's content."""
    return blake2b(data, digest_size=16, person=b"stub" if is_stub else b"source").digest()


def _open(path: Path) -> sqlite3.Connection | None:
    """Open or create the database; a damaged one is removed, and None stands for a disk that refuses."""
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_SCHEMA)
            return database
        except sqlite3.OperationalError:
            return None  # Locked, or not writable.
        except sqlite3.DatabaseError:
            for one in _parts(path):
                with contextlib.suppress(OSError):
                    one.unlink()
        except OSError:
            return None
    return None


def _parts(path: Path) -> Iterator[Path]:
    yield path
    yield path.with_name(f"{path.name}-wal")
    yield path.with_name(f"{path.name}-shm")


def _shrink(database: sqlite3.Connection) -> None:
    """Drop the oldest half of the summaries where the database has outgrown its limit."""
    pages, page_size = (
        database.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "page_size")
    )
    free = database.execute("PRAGMA freelist_count").fetchone()[0]
    if (pages - free) * page_size <= MAX_CACHE_BYTES:
        return
    database.execute(
        "DELETE FROM summaries WHERE digest IN (SELECT digest FROM summaries ORDER BY used_day"
        " LIMIT (SELECT count(*) / 2 FROM summaries))"
    )
    database.execute("DELETE FROM files WHERE digest NOT IN (SELECT digest FROM summaries)")


def _encode_facts(facts: FileFacts) -> bytes:
    packed: bytes = msgpack.packb([sorted(facts.stores), facts.installs, facts.changes_sys_path])
    return packed


def _decode_facts(data: bytes) -> FileFacts | None:
    try:
        stores, installs, changes_path = msgpack.unpackb(data)
        return FileFacts(frozenset((one, two) for one, two in stores), tuple(installs), bool(changes_path))
    except (ValueError, TypeError, msgpack.UnpackException):
        return None
