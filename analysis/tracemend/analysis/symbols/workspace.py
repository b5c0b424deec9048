"""The facts of all files of the workspace at once: what is assigned from outside, and what is done to imports.

The first question reads every file (or the store's word for it), later ones only what was announced as changed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from .model import ANY_ATTRIBUTE
from .resolve import walk
from .store import FileFacts, Stamp

MAX_FILES = 100_000
SKIPPED_DIRECTORIES = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"}
)

# Returns the facts of the file at a path that are true now.
ReadFacts = Callable[[str], FileFacts | None]
# Returns what is on record of all files below a directory.
KnownFacts = Callable[[str], dict[str, tuple[Stamp, FileFacts]]]


@dataclass(frozen=True, slots=True)
class Store:
    """An attribute assigned from outside its class or module: `receiver.attribute = ...` in the file at `path`.

    The receiver is as written, "" where it is not a dotted name; the attribute may be `ANY_ATTRIBUTE`.
    """

    path: str
    receiver: str
    attribute: str


class Workspace:
    """All Python files below `root`."""

    def __init__(self, root: str, read_facts: ReadFacts, known_facts: KnownFacts) -> None:
        self.root = root
        self._read_facts = read_facts
        self._known_facts = known_facts
        self._lock = threading.RLock()
        self._facts: dict[str, FileFacts] | None = None
        self._stores: dict[str, set[Store]] = {}
        self._parts: frozenset[str] | None = None
        self._held: dict[tuple[tuple[str, ...], frozenset[str]], bool] = {}

    def files(self) -> Iterator[str]:
        """Yield the paths of the Python files."""
        facts = self._facts
        if facts is not None:
            yield from tuple(facts)
            return
        for path, _ in self._stamped_files():
            yield path

    def parts(self) -> frozenset[str]:
        """Return the names of all files, without their ending, and of the directories that they stand in."""
        with self._lock:
            if self._parts is None:
                paths = (os.path.splitext(os.path.relpath(path, self.root))[0] for path in self.facts())
                self._parts = frozenset(part for path in paths for part in path.split(os.sep))
            return self._parts

    def facts(self) -> dict[str, FileFacts]:
        """Return the facts of every file, gathered on the first call."""
        with self._lock:
            if self._facts is None:
                self._facts = {}
                known = self._known_facts(self.root)
                for path, stamp in self._stamped_files():
                    on_record = known.get(path)
                    is_current = on_record is not None and on_record[0] == stamp
                    self._set(path, on_record[1] if on_record and is_current else self._read_facts(path))
            return self._facts

    def update(self, path: str) -> None:
        """Take note that the file at `path` has changed, appeared or gone."""
        with self._lock:
            if self._facts is not None and path.startswith(os.path.join(self.root, "")):
                facts = self._read_facts(path)
                if (facts is None) != (path not in self._facts):
                    self._parts = None
                self._set(path, facts)

    def stores_on(self, attribute: str) -> frozenset[Store]:
        """Return where `attribute` is assigned from outside."""
        with self._lock:
            self.facts()
            return frozenset(self._stores.get(attribute, ()))

    def stored_attributes(self) -> frozenset[str]:
        """Return all attributes that are assigned from outside anywhere, less those whose name is computed."""
        with self._lock:
            self.facts()
            return frozenset(self._stores) - {ANY_ATTRIBUTE}

    def holds(self, endings: tuple[str, ...], names: Collection[str]) -> bool:
        """Say whether some file has one of these endings or names; looked up once."""
        with self._lock:
            key = (endings, frozenset(names))
            if key not in self._held:
                self._held[key] = any(
                    entry.name.endswith(endings) or entry.name in names
                    for entry in walk(self.root, SKIPPED_DIRECTORIES)
                )
            return self._held[key]

    def _set(self, path: str, facts: FileFacts | None) -> None:
        table = self._facts
        assert table is not None, f"The facts of {path!r} came before the table of the workspace was begun."
        before = table.pop(path, None)
        for receiver, attribute in before.stores if before else ():
            self._stores[attribute].discard(Store(path, receiver, attribute))
            if not self._stores[attribute]:
                del self._stores[attribute]
        if facts is not None:
            table[path] = facts
            for receiver, attribute in facts.stores:
                self._stores.setdefault(attribute, set()).add(Store(path, receiver, attribute))

    def _stamped_files(self) -> Iterator[tuple[str, Stamp]]:
        count = 0
        for entry in walk(self.root, SKIPPED_DIRECTORIES):
            if not entry.name.endswith((".py", ".pyi")):
                continue
            try:
                found = entry.stat()
            except OSError:
                continue
            yield os.path.abspath(entry.path), (found.st_mtime_ns, found.st_size)
            count += 1
            if count == MAX_FILES:
                return
