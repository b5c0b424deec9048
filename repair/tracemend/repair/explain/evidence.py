"""The evidence record: everything that was observed about a failure and a patch, and nothing that was not.

Each part is optional, because each is gathered by a step that may have been impossible, refused or cut short. What is
absent is `None` or empty, and the explanation is silent about it. Paths are relative to the project root, lines are
1-based, values are bounded texts made in the project's interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tracemend.repair.records import from_json, to_json
from tracemend.repair.runner.results import Containment, Frame

RerunScope = Literal["target", "impacted", "whole", "elsewhere"]
HintLevel = Literal["where", "what", "how"]
HINT_LEVELS: tuple[HintLevel, ...] = ("where", "what", "how")


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name (or an expression) and the value it had."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FailurePoint:
    """Where and with which values the test failed, before any change."""

    test: str
    exception: str
    message: str = ""
    expression: str = ""  # The source of the failing statement.
    path: str = ""
    line: int = 0
    frames: tuple[Frame, ...] = ()  # From the test inwards.
    values: tuple[NamedValue, ...] = ()  # The locals of the raising project frame.


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement under suspicion. `score` lies in 0..1, 1 for the most suspect."""

    path: str
    line: int
    score: float
    source: str = ""
    function: str = ""
    why: str = ""  # Which signals point here, one phrase.


@dataclass(frozen=True, slots=True)
class Change:
    """One edited place; `before` and `after` are the statements' texts."""

    path: str
    line: int  # Before the change.
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first place where the failing run and the mended run of one test hold different values."""

    path: str
    line: int
    name: str
    before: str
    after: str
    source: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True)
class Rerun:
    """Tests that were run with the patch in place."""

    scope: RerunScope
    passed: int
    failed: int = 0
    seconds: float = 0.0
    fresh_process: bool = False  # True when confirmed by a new pytest process, not by the warm runner.

    @property
    def green(self) -> bool:
        """True when at least one test ran and none failed."""
        return self.passed > 0 and self.failed == 0


@dataclass(frozen=True, slots=True)
class Falsification:
    """What trying to refute the patch found, on recorded and on freshly derived inputs."""

    inputs: int
    changed_on_passing: int = 0  # Inputs of passing tests whose outcome changed.
    new_crashes: int = 0  # Inputs on which only the patched code raises or hangs.
    examples: tuple[str, ...] = ()  # A few of those inputs.


@dataclass(frozen=True, slots=True)
class DiagnosticsDelta:
    """What the linter says more, and less, about the changed files."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another patch that mends the failure, and an input that tells the two apart."""

    rank: int
    note: str
    input: str = ""  # Empty when no input was found on which they differ.
    here: str = ""  # The outcome of that input with this patch.
    there: str = ""  # The outcome with the other one.
    mends: int = 0  # How many failing tests it mends.
    fewer: bool = False  # Whether these are fewer than this patch mends.
    compared: bool = False  # Whether both were tried on the same inputs.


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about one patch for one failure."""

    failure: FailurePoint
    note: str = ""  # What the patch changes, in one phrase.
    operators: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    divergence: Divergence | None = None
    reruns: tuple[Rerun, ...] = ()
    reverted_fails: bool | None = None  # Whether taking the patch away brought the failure back.
    falsification: Falsification | None = None
    diagnostics: DiagnosticsDelta | None = None
    containment: Containment | None = None
    alternatives: tuple[Alternative, ...] = ()
    doubts: tuple[str, ...] = ()  # Phrases: why confidence is not high.
    remarks: tuple[str, ...] = ()  # Sentences of a model, every claim of which is on this record.
    hints: tuple[str, ...] = ()  # Those of them with which a weak student gets further than without.
    hint_levels: tuple[HintLevel, ...] = HINT_LEVELS  # Levels of the embedded hint that take it further.

    def rerun(self, scope: RerunScope) -> Rerun | None:
        """Return the run of that scope, `None` if there was none."""
        return next((one for one in self.reruns if one.scope == scope), None)


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Return the record as plain JSON values."""
    value: dict[str, Any] = to_json(evidence)
    return value


def evidence_from_json(value: Any) -> Evidence:
    """Return the record that `evidence_to_json` wrote. Raises `records.BadRecord`."""
    return from_json(Evidence, value)
