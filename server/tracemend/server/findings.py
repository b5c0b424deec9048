"""What is known about one failing test besides its verdict: suspects, values, and the patches that mend it.

All of it is immutable and refers to the texts that were run, which it carries along: whoever shows a line of it asks
`views.line_map` where that line stands now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracemend.analysis.syntax.edits import unified_diff
from tracemend.repair.explain.evidence import Evidence, Suspect
from tracemend.repair.patch import FileChange
from tracemend.repair.reports import Confidence
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace

from .views.values import LineValues

RepairPhase = Literal["waiting", "searching", "found", "none"]


@dataclass(frozen=True, slots=True)
class FoundPatch:
    """A patch that was proven by running, as a search in another process told it."""

    tests: tuple[str, ...]  # All failing tests that it mends.
    confidence: Confidence
    changes: tuple[FileChange, ...]
    note: str  # What changes, in one phrase.
    explanation: str
    evidence: Evidence

    @property
    def diff(self) -> str:
        """The patch as a unified diff relative to the project's root."""
        return "".join(unified_diff(one.path, one.old, one.new) for one in self.changes)

    @property
    def key(self) -> str:
        """A name that stays the same as long as the patch makes the same texts of the same texts."""
        digest = hashlib.blake2b(digest_size=9)
        for change in self.changes:
            for part in (change.path, change.old, change.new):
                digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class RepairState:
    """One failing test as far as it has been looked into. `patches` are the best first."""

    result: TestResult
    run: int = 0  # Of the verdict; 0 for an earlier session's.
    phase: RepairPhase = "waiting"
    suspects: tuple[Suspect, ...] = ()
    trace: Trace | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # The files that were run, by path.
    values: Mapping[str, tuple[LineValues, ...]] = field(
        default_factory=dict
    )  # Of the failing path, by file.
    looked_at: bool = False  # Whether suspects and values have been asked for.
    asked: int = 0  # The user asked for the values of this test; the highest number is the latest wish.
    patches: tuple[FoundPatch, ...] = ()
    reason: str = ""  # Why there is no patch, once the search is over.

    @property
    def test(self) -> str:
        """The test's node id."""
        return self.result.test
