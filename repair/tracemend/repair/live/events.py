"""What a live project tells while it works.

Events are views, never commands: they come in order, from one thread at a time but not always the same one, and a
listener that ignores them can ask `LiveProject.state()` at any time instead. A listener must be quick and must not
call back into the project except for `state()`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracemend.repair.live.state import Phase
from tracemend.repair.runner.results import Collection, CollectionError, Ended, TestResult


@dataclass(frozen=True, slots=True)
class Restored:
    """Results of an earlier session are there, `fresh` of them still true for the code as it stands."""

    tests: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Warmed:
    """A runner is warm and has collected; comes again whenever a newer one takes over."""

    collection: Collection


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Run `number` begins with these tests, in this order."""

    number: int
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestDone:
    """A test has a verdict; the state holds it already."""

    __test__ = False  # Keeps pytest from collecting this class.

    number: int
    result: TestResult
    fresh: bool  # False where the code changed while the test ran.


@dataclass(frozen=True, slots=True)
class RunDone:
    """Run `number` is over; `ended` is "cancelled" where a newer one took its place."""

    number: int
    ended: Ended
    seconds: float


@dataclass(frozen=True, slots=True)
class Stale:
    """The results of these tests are of code that has changed."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Localized:
    """The lines of these failing tests were recorded: `LiveProject.suspects` knows more about them now."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectionChanged:
    """Files that cannot be collected now; none where all is well again."""

    errors: tuple[CollectionError, ...]


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """What the project is doing changed; `message` is for people and may be empty."""

    phase: Phase
    message: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user may want to know, a full sentence; work goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Tests cannot be run until something changes: a full sentence that says what to do."""

    text: str


LiveEvent = (
    Restored
    | Warmed
    | RunStarted
    | TestDone
    | RunDone
    | Stale
    | Localized
    | CollectionChanged
    | PhaseChanged
    | Warned
    | Problem
)
