"""The project's Python files as they are now: what was last told of each, else what stood on disk at the start.

All files are read at the start and kept, so that whatever is told later can be compared with what the runner imported;
they are parsed only when somebody asks. A sequence number counts what was told. Safe to use from several threads.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.live.fingerprints import Fingerprints, changed_blocks, fingerprints_of
from tracemend.repair.live.impact import CONFIGURATION, Change, is_prose
from tracemend.repair.live.imports import ProjectModules
from tracemend.repair.runner.payload.paths import FOREIGN_FOLDERS
from tracemend.repair.runner.payload.reload import encode_source

MAX_FILE_BYTES = 2 << 20
MAX_FILES = 20_000
_SKIPPED_FOLDERS = FOREIGN_FOLDERS | {"__pycache__"}


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells, without reading it, that a file is probably the same."""

    mtime_ns: int
    size: int


class ProjectTexts:
    """Texts, their fingerprints, and what changed when."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._texts: dict[str, str] = {}
        self._facts: dict[str, Fingerprints] = {}
        self._changed_at: dict[str, int] = {}
        self._paths: set[str] = set()  # Deleted ones too: who imports them is affected.
        self._modules: ProjectModules | None = None
        self.sequence = 0  # Of the last update.
        self.others: dict[str, FileStamp] = {}  # The files that are not Python.

    def load(self) -> None:
        """Read what is on disk."""
        for path, stamp in project_files(self.root):
            if not path.endswith(".py"):
                self.others[path] = stamp
            elif stamp.size <= MAX_FILE_BYTES:
                text = read_text(self.root / path)
                if text is not None:
                    with self._lock:
                        self._texts.setdefault(path, text)
                        self._paths.add(path)

    @property
    def modules(self) -> ProjectModules:
        """The files by their import names."""
        with self._lock:
            if self._modules is None:
                self._modules = ProjectModules(self._paths)
            return self._modules

    def text(self, path: str) -> str | None:
        """Return the text of a Python file, None where there is none."""
        with self._lock:
            return self._texts.get(path)

    def facts(self, path: str) -> Fingerprints | None:
        """Return the fingerprints of a Python file, None where there is none."""
        with self._lock:
            text, known = self._texts.get(path), self._facts.get(path)
        if text is None or known is not None:
            return known
        found = fingerprints_of(text)
        with self._lock:
            if self._texts.get(path) is text:
                self._facts[path] = found
        return found

    def is_parsed(self, path: str) -> bool:
        """Say whether the fingerprints of `path` are at hand."""
        with self._lock:
            return path in self._facts or path not in self._texts

    def below(self, path: str) -> list[str]:
        """Return the files that are, or were, in the folder `path`; editors tell of a folder alone when it comes or goes."""
        folder = self.root / path
        if path in self.others or folder.is_file() or is_foreign_path(path, self.root):
            return []
        with self._lock:
            known = {one for one in (*self._texts, *self.others) if one.startswith(f"{path}/")}
        here = {f"{path}/{one}" for one, _ in project_files(folder)} if folder.is_dir() else set()
        return sorted(known | here)

    def update(self, path: str, text: str | None) -> Change:
        """Take over what `path` holds now (None: nothing) and say what that changed."""
        if not path.endswith(".py"):
            self._update_other(path)
            return Change(path)
        before = self.facts(path)
        after = None if text is None else fingerprints_of(text, before)
        with self._lock:
            unchanged = self._texts.get(path) == text
            if text is None:
                self._texts.pop(path, None)
                self._facts.pop(path, None)
            elif after is not None:
                self._texts[path], self._facts[path] = text, after
            if path not in self._paths:
                self._paths.add(path)
                self._modules = None
            if not unchanged:
                self._count(path)
        return change_between(path, before, after)

    def note(self, path: str) -> Change:
        """Note that something changed which is no file here, and cannot be patched in."""
        self._count(path)
        return Change(path)

    def changed_since(self, sequence: int) -> list[str]:
        """Return the files that were told of after `sequence`."""
        with self._lock:
            return [path for path, at in self._changed_at.items() if at > sequence]

    def changed_at(self, path: str) -> int:
        """Return the sequence number of the last change of `path`, 0 where it is as at the start."""
        with self._lock:
            return self._changed_at.get(path, 0)

    def sources_since(self, sequence: int) -> dict[str, str] | None:
        """Return the texts told of after `sequence`; None where they do not say all: a file is gone, or not Python."""
        with self._lock:
            changed = self.changed_since(sequence)
            if any(one not in self._texts for one in changed if not is_prose(one)):
                return None
            return {path: self._texts[path] for path in changed if path in self._texts}

    def unsaved(self) -> dict[str, bytes]:
        """Return the texts that differ from what is on disk, as the bytes of a file."""
        with self._lock:
            told = {path: self._texts[path] for path in self._changed_at if path in self._texts}
        return {path: encoded(text) for path, text in told.items() if read_text(self.root / path) != text}

    def digests(self) -> dict[str, str]:
        """Return a hash of each text."""
        with self._lock:
            texts = dict(self._texts)
        return {path: digest(text) for path, text in texts.items()}

    def _update_other(self, path: str) -> None:
        """Look whether a file that is not Python is another one; editors create some for a moment."""
        with self._lock:
            before, after = self.others.get(path), stamp_of(self.root / path)
            if after is None:
                self.others.pop(path, None)
            else:
                self.others[path] = after
            if before != after:
                self._count(path)

    def _count(self, path: str) -> None:
        with self._lock:
            self.sequence += 1
            self._changed_at[path] = self.sequence


def change_between(path: str, before: Fingerprints | None, after: Fingerprints | None) -> Change:
    """Return what turned the one into the other; None stands for a file that is not there."""
    reached = frozenset(one for facts in (before, after) if facts for one in facts.reached)
    exists = before is not None and after is not None
    return Change(path, changed_blocks(before, after), reached, exists)


def digest(text: str) -> str:
    """Return a hash of `text`."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def encoded(text: str) -> bytes:
    """Return `text` as the bytes of a file, in the encoding that it declares if that can hold it."""
    try:
        return encode_source(text)
    except (UnicodeEncodeError, SyntaxError):
        return text.encode("utf-8", "surrogatepass")


def is_configuration(path: str) -> bool:
    """Say whether `path` may configure pytest."""
    return path.rpartition("/")[2] in CONFIGURATION


def read_text(path: Path) -> str | None:
    """Return the text of a Python file, None where it cannot be read."""
    try:
        return decode_source(path.read_bytes()).text
    except (OSError, UndecodableSource):
        return None


def stamp_of(path: Path) -> FileStamp | None:
    """Return what tells whether a file is the same, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else FileStamp(found.st_mtime_ns, found.st_size)


def project_files(root: Path) -> Iterator[tuple[str, FileStamp]]:
    """Yield the project's own files, at most `MAX_FILES`; hidden folders, environments and vendored ones are left out."""
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if not is_foreign(Path(folder), one))
        for name in sorted(names):
            path = os.path.join(folder, name)
            stamp = stamp_of(Path(path))
            if stamp is None:
                continue  # A dangling link, or gone since.
            count += 1
            if count > MAX_FILES:
                return
            if name.startswith(".") and name not in CONFIGURATION:
                continue
            yield os.path.relpath(path, root).replace(os.sep, "/"), stamp


def is_foreign_path(path: str, root: Path) -> bool:
    """Say whether one of the folders in `path`, a folder's path relative to `root`, holds no code of the project."""
    parts = path.split("/")
    return any(is_foreign(root.joinpath(*parts[:at]), one) for at, one in enumerate(parts))


def is_foreign(parent: Path, name: str) -> bool:
    """Say whether a folder holds no code of the project."""
    return name.startswith(".") or name in _SKIPPED_FOLDERS or (parent / name / "pyvenv.cfg").exists()
