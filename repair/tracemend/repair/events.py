"""What the engine tells while it works, for whoever watches: a terminal, an editor, a log.

Events are views, never commands: a listener that ignores all of them changes nothing. The engine may call its listener
from several threads, one failure each; every event that belongs to a failure therefore names its test.
"""

from __future__ import annotations

from dataclasses import dataclass

from .reports import Status
from .runner.results import Containment


@dataclass(frozen=True, slots=True)
class Started:
    """The runner is warm."""

    python: str  # "3.12.1".
    pytest: str
    containment: Containment


@dataclass(frozen=True, slots=True)
class Collected:
    """pytest found `tests` tests and could not collect `errors` files."""

    tests: int
    errors: int = 0


@dataclass(frozen=True, slots=True)
class BaselineDone:
    """The selected tests ran once on the code as it stands."""

    passed: int
    failed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class FailureStarted:
    """Work on one failure begins; `index` counts from 1."""

    test: str
    index: int
    total: int


@dataclass(frozen=True, slots=True)
class Localized:
    """The suspected lines, as (path, line, score), the most suspect first."""

    test: str
    suspects: tuple[tuple[str, int, float], ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """How far the search is: the number of candidates so far, their rate, and the latest of them."""

    test: str
    candidates: int
    per_second: float
    note: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Consulting:
    """A model is at work on the failure; `what` completes the sentence "now ...". The counts are those of the whole job."""

    test: str
    what: str
    requests: int
    tokens: int
    cost: float


@dataclass(frozen=True, slots=True)
class Plausible:
    """A candidate turned the failing test green; nothing else is proven yet."""

    test: str
    note: str
    diff: str


@dataclass(frozen=True, slots=True)
class Judging:
    """A plausible patch is being tested further; `what` completes the sentence "now ..."."""

    test: str
    what: str


@dataclass(frozen=True, slots=True)
class FailureDone:
    """Work on one failure is over."""

    test: str
    status: Status


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user may want to know, a full sentence."""

    text: str


Event = (
    Started
    | Collected
    | BaselineDone
    | FailureStarted
    | Localized
    | Tried
    | Consulting
    | Plausible
    | Judging
    | FailureDone
    | Note
)
