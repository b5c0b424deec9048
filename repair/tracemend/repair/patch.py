"""A patch: what changes in which files, who proposed it, and how it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
