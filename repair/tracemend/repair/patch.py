"""A patch: what changes in which files, who proposed it, and how it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache

from tracemend.analysis.syntax.edits import unified_diff


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after, as decoded text. `path` is relative to the project root, posix."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Who proposed a patch. `operator` names the template(s), `note` says what changes in one phrase."""

    author: str  # "templates" for the embedded engine.
    operator: str
    note: str
    lines: tuple[tuple[str, int], ...]  # The (path, line) of each edited statement before the change.


@dataclass(frozen=True, slots=True)
class Patch:
    """A candidate change of the project."""

    changes: tuple[FileChange, ...]
    origin: Origin
    cost: float = field(default=1.0, compare=False)

    @property
    def sources(self) -> Mapping[str, str]:
        """{path: new text}, what a runner takes."""
        return {change.path: change.new for change in self.changes}

    @property
    def diff(self) -> str:
        """A unified diff relative to the project root that `git apply` takes."""
        return "".join(unified_diff(change.path, change.old, change.new) for change in self.changes)

    @property
    def key(self) -> str:
        """A hash of the resulting text: equal for patches that end in the same files."""
        digest = hashlib.blake2b(digest_size=12)
        for change in sorted(self.changes, key=lambda one: one.path):
            digest.update(change.path.encode() + b"\0" + change.new.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()


def merge_patches(patches: Sequence[Patch]) -> Patch | None:
    """Return one patch that does what all do, None where two of them change the same lines in different ways.

    All patches must start from the same text of a file. An identical change in two of them counts once.
    """
    sources: dict[str, tuple[str, str]] = {}
    for patch in patches:
        for change in patch.changes:
            old, current = sources.get(change.path, (change.old, change.old))
            merged = _merge(change.old, current, change.new)
            if merged is None or old != change.old:
                return None
            sources[change.path] = (old, merged)
    changes = tuple(FileChange(path, old, new) for path, (old, new) in sources.items())
    lines = tuple(line for patch in patches for line in patch.origin.lines)
    note = " and ".join(patch.origin.note for patch in patches)
    operator = " + ".join(patch.origin.operator for patch in patches)
    author = patches[0].origin.author if patches else ""
    return Patch(changes, Origin(author, operator, note, lines), sum(patch.cost for patch in patches))


def rebase_patch(patch: Patch, ground: Patch) -> Patch:
    """Return `patch`, which was made on top of `ground`, as one that starts where `ground` starts and contains it."""
    below = {change.path: change for change in ground.changes}
    above = {change.path: change for change in patch.changes}
    changes = tuple(
        FileChange(
            path,
            below[path].old if path in below else above[path].old,
            above[path].new if path in above else below[path].new,
        )
        for path in {**below, **above}
    )
    return replace(patch, changes=changes)


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines [start, end) of the old text give way to `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]

    def conflicts(self, other: _Hunk) -> bool:
        if self == other:
            return False
        return (self.start < other.end and other.start < self.end) or self.start == other.start


def _merge(base: str, mine: str, theirs: str) -> str | None:
    """Merge two edits of `base` line by line; None where they conflict."""
    hunks, others = _hunks(base, mine), _hunks(base, theirs)
    if any(one.conflicts(other) for one in hunks for other in others):
        return None
    lines = base.splitlines(keepends=True)
    for hunk in sorted({*hunks, *others}, key=lambda one: (one.start, one.end), reverse=True):
        lines[hunk.start : hunk.end] = hunk.lines
    return "".join(lines)


@lru_cache(maxsize=64)
def _hunks(base: str, changed: str) -> tuple[_Hunk, ...]:
    """Return what differs. Of ten thousand lines this takes a second, and merging one more patch asks again."""
    old, new = base.splitlines(keepends=True), changed.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        _Hunk(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"
    )
