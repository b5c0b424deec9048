"""Scratch views: directories that a run may change as it likes and that are put back afterwards.

A `View` has a `visible` path that tests see, a `changed` path where its changes can be found and, where the view stands
on a tree that is never written, a `pristine` path to it. Three kinds share the same code:

- an overlay: `changed` is the upper directory, usually all but empty, so that looking for changes costs one `scandir`;
- a copy of the project: `changed` is the copy itself;
- a private directory such as TMPDIR: nothing is pristine, it had better be empty again.

A change is found by comparing what `lstat` says with what it said when the view was last known to be good. It cannot be
hidden: the kernel stamps ctime, and no call sets it. Everything is mended through `visible`, because an overlay whose
upper directory is written behind its back is undefined (Documentation/filesystems/overlayfs.rst).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from typing import Iterator, NamedTuple, Optional

# Entries further down are found by what holds them: a directory that was not there before goes as a whole.
MAX_RELATIVE_PATH = 1000

SKIPPED_BY_COPY = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    )
)


class CopyTooLarge(Exception):
    """The tree is larger than a scratch copy may be."""


class Stamp(NamedTuple):
    """What tells an entry from a changed one."""

    inode: int
    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class Entry(NamedTuple):
    """What an entry must be again: its kind and attributes, and where its content is."""

    mode: int
    mtime_ns: int
    owner: "tuple[int, int] | None"  # None where it is to be ours, as in a copy.
    content: Optional[bytes]  # A file's bytes or a link's target where only memory has them.
    source: Optional[str]  # The pristine path otherwise.


class View:
    """One scratch view. `remember` says that it is good as it is now, `restore` makes it so again."""

    def __init__(self, visible: str, changed: str, pristine: str | None = None) -> None:
        self.visible = visible
        self._changed = changed
        self._pristine = pristine
        self._stamps: dict[str, Stamp] = {}
        self._saved: dict[str, Entry | None] = {}  # None: to be absent although the pristine tree has it.
        self._identity = _identity(visible)

    def remember(self) -> None:
        """Take the view as it is now for good, keeping in memory what the pristine tree cannot give back."""
        self._stamps = _scan(self._changed)
        self._saved = {}
        for relative in self._stamps:
            self._saved[relative] = self._entry_to_save(relative)
            for name in self._pristine_names(relative) - _names(self._path(relative)):
                self._saved[_join(relative, name)] = None

    def is_unchanged(self) -> bool:
        """Return whether nothing has changed since the view was last known to be good."""
        return _identity(self.visible) == self._identity and _scan(self._changed) == self._stamps

    def restore(self) -> bool:
        """Undo what has changed since the view was last known to be good; return whether anything had."""
        if _identity(self.visible) != self._identity:
            self._replace_root()
        found = _scan(self._changed)
        if found == self._stamps:
            return False
        touched = {path for path in {*found, *self._stamps} if found.get(path) != self._stamps.get(path)}
        for relative in sorted(touched):
            self._mend(relative)
        directories = {_parent(relative) for relative in touched} | touched
        for relative in sorted(directories, reverse=True):
            self._mend_attributes(relative)
        self._stamps = _scan(self._changed)
        return True

    def _replace_root(self) -> None:
        """Make the directory anew that was removed or replaced, perhaps by a link to one that must not be emptied."""
        if os.path.lexists(self.visible):
            os.rename(self.visible, f"{self.visible}.replaced-{time.monotonic_ns()}")
        os.mkdir(self.visible, 0o700)
        self._identity = _identity(self.visible)

    def _mend(self, relative: str) -> None:
        """Make one entry what it must be, and a directory hold what it must hold."""
        path, wanted, found = self._path(relative), self._reference(relative), _status(self._path(relative))
        if (
            wanted is not None
            and found is not None
            and stat.S_ISDIR(wanted.mode)
            and stat.S_ISDIR(found.st_mode)
        ):
            os.chmod(path, 0o700 | stat.S_IMODE(found.st_mode))
        elif wanted is not None and found is not None and _can_be_rewritten(found, wanted):
            _rewrite(path, wanted)
        else:
            if found is not None:
                remove(path)
            if wanted is None:
                return
            _create(path, wanted)
        if stat.S_ISDIR(wanted.mode):
            for name in self._reference_names(relative) - _names(path):
                self._mend(_join(relative, name))
            self._mend_attributes(relative)

    def _mend_attributes(self, relative: str) -> None:
        """Give a directory its mode and times back, after its entries have been put in order."""
        wanted, found = self._reference(relative), _status(self._path(relative))
        if wanted is None or found is None or not stat.S_ISDIR(wanted.mode):
            return
        if (found.st_mode, found.st_mtime_ns) != (wanted.mode, wanted.mtime_ns):
            _set_attributes(self._path(relative), wanted)

    def _reference(self, relative: str) -> Entry | None:
        """Return what the entry must be; None where there must be none."""
        if relative in self._saved:
            return self._saved[relative]
        if self._pristine is None:
            return None
        source = _join(self._pristine, relative)
        status = _status(source)
        return None if status is None else _entry(status, None, source)

    def _reference_names(self, relative: str) -> set[str]:
        """Return the names that a directory must hold."""
        names = self._pristine_names(relative)
        names.update(os.path.basename(path) for path in self._saved if path and _parent(path) == relative)
        return {name for name in names if self._reference(_join(relative, name)) is not None}

    def _entry_to_save(self, relative: str) -> Entry | None:
        """Return what is there now, with its content unless the pristine tree has the very same."""
        path = self._path(relative)
        status = _status(path)
        if status is None:
            return None
        if self._pristine is not None:
            source = _join(self._pristine, relative)
            original = _status(source)
            if original is not None and _same(original, status):
                return _entry(status, None, source)
        return _entry(status, _content(path, status.st_mode), None)

    def _pristine_names(self, relative: str) -> set[str]:
        return set() if self._pristine is None else _names(_join(self._pristine, relative))

    def _path(self, relative: str) -> str:
        return _join(self.visible, relative)


def copy_tree(source: str, target: str, max_bytes: int = 1 << 30, max_entries: int = 100_000) -> None:
    """Copy `source` into the empty directory `target`, links as links, modes and times kept.

    Left out are version control, environments and caches, which tests do not change and which may be huge, and special
    files. Raises CopyTooLarge once more than `max_bytes` or `max_entries` are met.
    """
    seen_bytes, seen_entries = 0, 0
    pending = [""]
    directories = []
    while pending:
        relative = pending.pop()
        directories.append(relative)
        for entry in _entries(_join(source, relative)):
            status = entry.stat(follow_symlinks=False)
            if _left_out_of_copy(entry, status.st_mode):
                continue
            seen_entries += 1
            seen_bytes += status.st_size if stat.S_ISREG(status.st_mode) else 0
            if seen_bytes > max_bytes or seen_entries > max_entries:
                raise CopyTooLarge(f"more than {max_bytes >> 20} MiB or {max_entries} files")
            path = _join(relative, entry.name)
            _create(_join(target, path), _entry(status, None, entry.path)._replace(owner=None))
            if stat.S_ISDIR(status.st_mode):
                os.chmod(_join(target, path), 0o700)
                pending.append(path)
    for relative in reversed(directories):
        status = os.lstat(_join(source, relative))
        _set_attributes(_join(target, relative), _entry(status, None, None)._replace(owner=None))


def remove(path: str) -> None:
    """Remove a file or a whole tree, whatever its modes and however deep it is.

    Directories are moved up beside `path` before they are emptied, so that no path grows too long to be named; where
    that is refused (a directory of an overlay's lower tree gives EXDEV) they are not deep.
    """
    status = _status(path)
    if status is None:
        return
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(path)
        return
    pending, emptied = [path], []
    while pending:
        directory = pending.pop()
        os.chmod(directory, 0o700)
        emptied.append(directory)
        for entry in list(_entries(directory)):
            if entry.is_dir(follow_symlinks=False):
                pending.append(_hoist(entry.path, f"{path}.{len(emptied)}.{len(pending)}"))
            else:
                os.unlink(entry.path)
    for directory in reversed(emptied):
        os.rmdir(directory)


def _hoist(directory: str, target: str) -> str:
    """Move a directory to `target` and return where it is afterwards."""
    os.chmod(directory, 0o700)
    try:
        os.rename(directory, target)
    except OSError:
        return directory
    return target


def _scan(root: str) -> dict[str, Stamp]:
    """Return the stamps of everything below `root`, itself included as the empty path."""
    status = _status(root + "/")
    if status is None:
        return {}
    stamps = {"": _stamp(status)}
    pending = [""]
    while pending:
        relative = pending.pop()
        for entry in _entries(_join(root, relative)):
            path = _join(relative, entry.name)
            status = entry.stat(follow_symlinks=False)
            stamps[path] = _stamp(status)
            if stat.S_ISDIR(status.st_mode) and len(path) < MAX_RELATIVE_PATH:
                pending.append(path)
    return stamps


def _entries(directory: str) -> Iterator[os.DirEntry[str]]:
    """Yield what a directory holds; one that was made unreadable is opened up first, for it is ours."""
    try:
        iterator = os.scandir(directory)
    except PermissionError:
        try:
            os.chmod(directory, 0o700)
            iterator = os.scandir(directory)
        except OSError:
            return
    except (FileNotFoundError, NotADirectoryError):
        return
    with iterator:
        yield from iterator


def _create(path: str, wanted: Entry) -> None:
    """Create an entry where there is none. What cannot be created (a device, a socket) is left out."""
    if stat.S_ISDIR(wanted.mode):
        os.mkdir(path, 0o700)
    elif stat.S_ISLNK(wanted.mode):
        target = (
            os.fsencode(os.readlink(wanted.source)) if wanted.source is not None else wanted.content or b""
        )
        os.symlink(target, os.fsencode(path))
    elif stat.S_ISREG(wanted.mode):
        if wanted.source is not None:
            shutil.copyfile(wanted.source, path)
        else:
            with open(path, "xb") as file:
                file.write(wanted.content or b"")
    elif stat.S_ISFIFO(wanted.mode):
        os.mkfifo(path)
    else:
        return
    _set_attributes(path, wanted)


def _can_be_rewritten(found: os.stat_result, wanted: Entry) -> bool:
    """Whether a file of ours that is to be a file again has no other name, by which something else would change too."""
    are_files = stat.S_ISREG(found.st_mode) and stat.S_ISREG(wanted.mode)
    return are_files and found.st_nlink == 1 and found.st_uid == os.geteuid()


def _rewrite(path: str, wanted: Entry) -> None:
    """Give a file its content back in place: each candidate changes one, and an overlay is slow to remove and create."""
    os.chmod(path, 0o600)
    content = wanted.content
    if wanted.source is not None:
        with open(wanted.source, "rb") as source:
            content = source.read()
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with open(descriptor, "wb") as file:
        file.write(content or b"")
    _set_attributes(path, wanted)


def _set_attributes(path: str, wanted: Entry) -> None:
    if os.geteuid() == 0 and wanted.owner is not None:
        with contextlib.suppress(PermissionError):  # Root without capabilities is like everybody else.
            os.chown(path, *wanted.owner, follow_symlinks=False)
    if not stat.S_ISLNK(wanted.mode):
        os.chmod(path, stat.S_IMODE(wanted.mode))
    os.utime(path, ns=(wanted.mtime_ns, wanted.mtime_ns), follow_symlinks=False)


def _left_out_of_copy(entry: os.DirEntry[str], mode: int) -> bool:
    if stat.S_ISDIR(mode):
        return entry.name in SKIPPED_BY_COPY or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISFIFO(mode))


def _content(path: str, mode: int) -> bytes | None:
    if stat.S_ISLNK(mode):
        return os.fsencode(os.readlink(path))
    if stat.S_ISREG(mode):
        with open(path, "rb") as file:
            return file.read()
    return None


def _entry(status: os.stat_result, content: bytes | None, source: str | None) -> Entry:
    return Entry(status.st_mode, status.st_mtime_ns, (status.st_uid, status.st_gid), content, source)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether a copy still is what it was copied from, as far as size, mode and time tell."""
    return (one.st_mode, one.st_size, one.st_mtime_ns) == (other.st_mode, other.st_size, other.st_mtime_ns)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _identity(path: str) -> "tuple[int, int] | None":
    """Return what tells a directory from another one at its path; a link is not followed."""
    status = _status(path)
    return None if status is None else (status.st_dev, status.st_ino)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _names(directory: str) -> set[str]:
    return {entry.name for entry in _entries(directory)}


def _join(directory: str, name: str) -> str:
    """Join like `os.path.join`, where either may be the empty path of a root."""
    return f"{directory}/{name}" if directory and name else directory or name


def _parent(relative: str) -> str:
    return relative.rpartition("/")[0]
