"""A patch: what changes in which files, who proposed it, and how it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    """Return one patch that does what all do, None where two of them edit the same file differently.

    Patches of one file are merged when the changed lines of one lie apart from those of the other.
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


def _merge(base: str, mine: str, theirs: str) -> str | None:
    """Merge two edits of `base` by their differing middles; None where these overlap or touch."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    first, second = sorted((_hunk(base, mine), _hunk(base, theirs)))
    (start, end, text), (other_start, other_end, other_text) = first, second
    if end > other_start:
        return None
    return base[:start] + text + base[end:other_start] + other_text + base[other_end:]


def _hunk(base: str, changed: str) -> tuple[int, int, str]:
    """Return (start, end, text): the one replacement, in whole lines, that turns `base` into `changed`."""
    old, new = base.splitlines(keepends=True), changed.splitlines(keepends=True)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start = sum(map(len, old[:head]))
    end = len(base) - sum(map(len, old[len(old) - tail :])) if tail else len(base)
    return start, end, "".join(new[head : len(new) - tail])
