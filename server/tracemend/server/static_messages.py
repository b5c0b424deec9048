"""What the server and its static worker say to each other, one JSON value a line."""

from __future__ import annotations

from dataclasses import dataclass

from tracemend.repair.runner.environment import Choice


@dataclass(frozen=True, slots=True)
class StaticProject:
    """The first line: which project, and which interpreter is wanted."""

    root: str
    choice: Choice
    trusted: bool


@dataclass(frozen=True, slots=True)
class StaticText:
    """A text that the editor holds; None says that the disk counts (again, or that what is there has changed)."""

    path: str
    number: int  # Of what was told. Versions of documents do not do: a file that is opened again begins with the same.
    text: str | None


@dataclass(frozen=True, slots=True)
class StaticFinding:
    """One certain mistake: characters [start, end) of the text, and what may be meant instead, the nearest first."""

    rule: str
    start: int
    end: int
    message: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaticReview:
    """The answer to the text that was told under that number."""

    path: str
    number: int
    findings: tuple[StaticFinding, ...]
