"""The memory of one workspace, in one SQLite database of the user's state directory.

What may be learnt from is decided here. A repair enters only from a report of the engine, which has proven it by running
and tried to refute it; it counts for something when its confidence was high or when its text was found in the tree later,
and for nothing once the old text is back. So accepting and reverting need no message from an editor: `review` looks. What
is imported is marked foreign for ever: it may serve as an example, but shifts no price. Failures are kept in a table
of their own, out of which nothing is ever proposed.

SQLite makes that safe among processes. A damaged database is put aside and a new one begun, and where the disk refuses
the memory lasts as long as the process; `problem` says so. Memory is never an error.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any, Self

from platformdirs import user_state_path

from tracemend.repair.journal.journal import project_digest
from tracemend.repair.journal.scrubbing import scrub
from tracemend.repair.reports import FailureReport, FixReport, RankedPatch

from .remembered import Fate, Remembered
from .shapes import excerpt_of, structure_of
from .signature import Signature

FORMAT = 1
BUSY_TIMEOUT_S = 5.0
MAX_REPAIRS = 2_000
MAX_PRIOR_BITS = 1.0  # An operator that has mended here before is at most twice as likely.
# SQLite refuses, or a text holds half a character, which it cannot hold.
_NOT_STORED = (sqlite3.Error, UnicodeEncodeError)
_COLUMNS = (
    "id, exception, shape, operator, author, structure, path, function, before, after,"
    " note, confidence, fate, is_foreign, learned, job"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS repairs (
    id INTEGER PRIMARY KEY, exception TEXT NOT NULL, shape TEXT NOT NULL, operator TEXT NOT NULL, author TEXT NOT NULL,
    structure TEXT NOT NULL, path TEXT NOT NULL, function TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    note TEXT NOT NULL, confidence TEXT NOT NULL, fate TEXT NOT NULL, is_foreign INTEGER NOT NULL,
    learned TEXT NOT NULL, job TEXT NOT NULL, UNIQUE (path, before, after, is_foreign)
);
CREATE TABLE IF NOT EXISTS failures (
    exception TEXT NOT NULL, shape TEXT NOT NULL, test TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
    last TEXT NOT NULL, PRIMARY KEY (exception, shape, test)
) WITHOUT ROWID;
"""


class Memory:
    """What one workspace remembers; safe to use from several threads and processes."""

    def __init__(self, database: sqlite3.Connection, problem: str = "") -> None:
        self.job = ""  # The journal of the job that learns.
        self.problem = problem  # A sentence for the user, empty when all is well.
        self._database = database
        self._lock = threading.Lock()

    @classmethod
    def open(cls, project_root: Path, folder: Path | None = None) -> Self:
        """Open the memory of the project at `project_root`; `folder` holds those of all projects."""
        path = (folder or default_folder()) / f"{project_digest(project_root)}.sqlite3"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(_connected(path))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # Busy or not to be opened, which is no damage.
                return cls(_connected(None), f"{path} cannot be used ({error}); nothing is remembered.")
            return cls(*_begun_anew(path, error))
        except OSError as error:
            return cls(_connected(None), f"{path} cannot be used ({error.strerror}); nothing is remembered.")

    def remember(self, report: FixReport) -> None:
        """Take in what a whole run has proven, and what it could not mend."""
        rows = [
            row
            for failure in report.failures
            for ranked in failure.patches
            for row in _repairs(failure, ranked, self.job)
        ]
        with self._lock, contextlib.suppress(*_NOT_STORED), self._database:
            for row in rows:
                self._insert(row)
            for failure in report.failures:
                if failure.status == "unmended":
                    self._insert_failure(failure)
            self._forget_oldest()

    def review(self, read: Callable[[str], str | None]) -> None:
        """Look into the tree which repairs were accepted, and which taken back; `read` returns a file's text."""
        texts: dict[str, str | None] = {}
        for one in self.repairs():
            if one.foreign:
                continue
            if one.path not in texts:
                text = read(one.path)
                texts[one.path] = None if text is None else scrub(text)
            fate = _fate_in(texts[one.path], one)
            if fate != one.fate:
                self._execute("UPDATE repairs SET fate = ? WHERE id = ?", (fate, one.id))

    def examples(self, signature: Signature, limit: int) -> tuple[Remembered, ...]:
        """Return repairs of like failures for a prompt: the likest and surest first, one of each shape."""
        alike = [
            one for one in self.repairs() if one.weight > 0 and one.signature.exception == signature.exception
        ]
        alike.sort(key=lambda one: (one.signature != signature, one.foreign, -one.weight, -one.id))
        by_shape: dict[str, Remembered] = {}
        for one in alike:
            by_shape.setdefault(one.structure, one)
        return tuple(by_shape.values())[:limit]

    def priors(self) -> Mapping[str, float]:
        """Return what to add to the price of each operator, in bits: never positive, at least `-MAX_PRIOR_BITS`."""
        weights: dict[str, float] = {}
        for one in self.repairs():
            for operator in set() if one.foreign else set(one.operator.split(" + ")):
                weights[operator] = weights.get(operator, 0.0) + one.weight
        return {
            operator: -min(MAX_PRIOR_BITS, 0.5 * log2(1.0 + weight))
            for operator, weight in sorted(weights.items())
            if weight > 0
        }

    def repairs(self) -> tuple[Remembered, ...]:
        """Return all repairs, the latest first."""
        return tuple(
            _remembered(row) for row in self._execute(f"SELECT {_COLUMNS} FROM repairs ORDER BY id DESC")
        )

    def failures(self) -> tuple[tuple[Signature, str, int], ...]:
        """Return what could not be mended: (signature, test, attempts), the most tried first."""
        rows = self._execute(
            "SELECT exception, shape, test, attempts FROM failures ORDER BY attempts DESC, test"
        )
        return tuple((Signature(row[0], row[1]), row[2], row[3]) for row in rows)

    def add_foreign(self, repairs: tuple[Remembered, ...]) -> int:
        """Take in repairs of another memory, marked as foreign; return how many are new.

        What is known from here already counts for more than it would as foreign, so it is not taken in twice. An export
        is scrubbed of more than a memory, hence texts are compared as an export has them.
        """
        own = {_exported(one) for one in self.repairs() if not one.foreign}
        before = len(self.repairs())
        with self._lock, contextlib.suppress(*_NOT_STORED), self._database:
            for one in repairs:
                if _exported(one) not in own:
                    self._insert(replace(one, foreign=True))
        return len(self.repairs()) - before

    def forget(self, ids: tuple[int, ...] | None = None) -> int:
        """Forget the repairs named, or with None everything; return how many repairs that were."""
        known = {one.id for one in self.repairs()}
        gone = known if ids is None else known & set(ids)
        for one in sorted(gone):
            self._execute("DELETE FROM repairs WHERE id = ?", (one,))
        if ids is None:
            self._execute("DELETE FROM failures")
        return len(gone)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def _insert(self, one: Remembered) -> None:
        """Insert, or confirm what is known already: confidence may rise, a fate stays."""
        self._database.execute(
            f"INSERT INTO repairs ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path, before, after, is_foreign) DO UPDATE SET"
            " confidence = CASE excluded.confidence WHEN 'high' THEN 'high' ELSE confidence END,"
            " learned = excluded.learned, job = excluded.job",
            (
                *(one.signature.exception, one.signature.shape, one.operator, one.author, one.structure),
                *(one.path, one.function, one.before, one.after, one.note, one.confidence, one.fate),
                *(one.foreign, one.learned, one.job),
            ),
        )

    def _insert_failure(self, failure: FailureReport) -> None:
        signature = Signature.of(failure.exception, failure.message)
        self._database.execute(
            "INSERT INTO failures VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (exception, shape, test) DO UPDATE SET"
            " attempts = attempts + 1, reason = excluded.reason, last = excluded.last",
            (signature.exception, signature.shape, failure.test, scrub(failure.reason)[:500], _now()),
        )

    def _forget_oldest(self) -> None:
        """Keep the memory small: what nobody took goes first, then what is oldest."""
        self._database.execute(
            "DELETE FROM repairs WHERE id IN"
            " (SELECT id FROM repairs ORDER BY fate = 'accepted' DESC, id DESC LIMIT -1 OFFSET ?)",
            (MAX_REPAIRS,),
        )

    def _execute(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, contextlib.suppress(*_NOT_STORED), self._database:
            return self._database.execute(query, parameters).fetchall()
        return []


def default_folder() -> Path:
    """Return the directory that holds the memories of all workspaces."""
    return user_state_path("tracemend") / "memory"


def _connected(path: Path | None) -> sqlite3.Connection:
    """Open the database, in memory where `path` is None. Raises `sqlite3.DatabaseError` for one that is damaged."""
    database = sqlite3.connect(path or ":memory:", timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    try:
        ((format_,),) = database.execute("PRAGMA user_version").fetchall()
        if format_ not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"its format is {format_}, not {FORMAT}")
        with database:
            database.executescript(_SCHEMA)
            database.execute(f"PRAGMA user_version = {FORMAT}")
        if path is not None:
            os.chmod(path, 0o600)
        ((verdict,),) = database.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    except BaseException:
        database.close()
        raise
    return database


def _begun_anew(path: Path, why: sqlite3.Error) -> tuple[sqlite3.Connection, str]:
    """Put the database at `path` aside and return a new one with a sentence about it."""
    aside = path.with_name(f"{path.stem}.damaged-{int(time.time())}{path.suffix}")
    try:
        os.replace(path, aside)
        return _connected(path), f"The memory could not be read ({why}); it was put aside as {aside}."
    except (OSError, sqlite3.Error) as error:
        return _connected(
            None
        ), f"{path} can neither be read ({why}) nor put aside ({error}); nothing is remembered."


def _repairs(failure: FailureReport, ranked: RankedPatch, job: str) -> list[Remembered]:
    """Return one for each file that the patch changes. Texts are scrubbed: they may come to stand in a prompt."""
    point = ranked.evidence.failure
    rows = []
    for change in ranked.patch.changes:
        excerpt = excerpt_of(change)
        rows.append(
            Remembered(
                signature=Signature.of(point.exception, scrub(point.message)),
                operator=ranked.patch.origin.operator,
                author=ranked.patch.origin.author,
                structure=structure_of(excerpt.before, excerpt.after),
                path=excerpt.path,
                function=excerpt.function,
                before=scrub(excerpt.before),
                after=scrub(excerpt.after),
                note=scrub(ranked.patch.origin.note),
                confidence=ranked.confidence if failure.status == "mended" else "low",
                learned=_now(),
                job=job,
            )
        )
    return rows


def _exported(one: Remembered) -> tuple[str, ...]:
    """Return what tells repairs apart, as an export has it."""
    return tuple(scrub(text, personal=True) for text in (one.path, one.before, one.after))


def _fate_in(text: str | None, one: Remembered) -> Fate:
    """Say what became of a repair, given the scrubbed text of its file; what says nothing leaves its fate as it was."""
    stands = None if text is None else _stands_in(text, one)
    if stands:
        return "accepted"
    return "reverted" if stands is False and one.fate == "accepted" else one.fate


def _stands_in(text: str, one: Remembered) -> bool | None:
    """Tell whether `text` is that after the repair or that before, None for neither of them, or for both.

    Where an edit adds or takes away at an end, one of its texts is part of the other, and the longer one decides.
    """
    before, after = one.before in text, one.after in text
    if before and after:
        return True if one.before in one.after else False if one.after in one.before else None
    return after if before or after else None


def _remembered(row: tuple[Any, ...]) -> Remembered:
    number, exception, shape, *texts, foreign, learned, job = row
    operator, author, structure, path, function, before, after, note, confidence, fate = texts
    return Remembered(
        Signature(exception, shape),
        *(operator, author, structure, path, function, before, after, note, confidence, fate),
        foreign=bool(foreign),
        learned=learned,
        job=job,
        id=number,
    )


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
