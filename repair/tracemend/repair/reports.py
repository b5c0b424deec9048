"""What was asked of the engine, and what it answers: one report with one part for each failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .explain.evidence import Evidence, Suspect
from .patch import Patch
from .runner.results import Containment
from .runner.settings import Project

Status = Literal["mended", "unmended", "flaky", "error"]
Confidence = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class FixOptions:
    """How long and how hard to try."""

    max_time_s: float = 60.0  # For each failure.
    budget_s: float | None = None  # For all failures together.
    jobs: int = 2  # Failures, or candidates, tried at the same time.
    max_patches: int = 3  # Patches shown for each failure.
    exclude: tuple[str, ...] = ()  # Project-relative path prefixes that no patch may touch.


@dataclass(frozen=True, slots=True)
class RankedPatch:
    """A patch that was proven by running, with what is known about it."""

    rank: int  # 1 is the best.
    confidence: Confidence
    patch: Patch
    verdict: Mapping[str, Any]  # What the judge found, as plain JSON values.
    evidence: Evidence
    explanation: str


@dataclass(frozen=True, slots=True)
class FailureReport:
    """What came of one failure: a group of failing tests that have one cause."""

    test: str  # The test that stands for the group.
    status: Status
    tests: tuple[str, ...] = ()  # All tests of the group, `test` included.
    patches: tuple[RankedPatch, ...] = ()  # The best first.
    reason: str = ""  # Why there is no (trustworthy) patch, and what was learnt.
    seconds: float = 0.0
    candidates: int = 0
    suspects: tuple[Suspect, ...] = ()
    exception: str = ""  # What the test failed with; "" where it did not come to that.
    message: str = ""

    @property
    def trustworthy(self) -> RankedPatch | None:
        """The best patch of high confidence, the only one that `--apply` writes."""
        return next((one for one in self.patches if one.confidence == "high"), None)


@dataclass(frozen=True, slots=True)
class FixReport:
    """What came of a whole run."""

    project: Project
    containment: Containment
    failures: tuple[FailureReport, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())  # Full sentences for people.

    @property
    def mended(self) -> bool:
        """True when nothing failed or each failure is mended."""
        return all(one.status == "mended" for one in self.failures)
