"""The last look at a completion: does the text still parse with it, and is every name in it one that can be?

What certainly is wrong is cut away together with all that follows, down to the last whole line in front of it; where
there is none, nothing is left. What cannot be checked, because the text around is broken, is passed and said to be so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tracemend.analysis.review import RULE_SYNTAX
from tracemend.analysis.syntax.problems import find_problems

if TYPE_CHECKING:
    from tracemend.analysis.monitors.protocol import Finding
    from tracemend.analysis.review import Reviewer

# checked: nothing is certainly wrong. cut: something was, and is gone. unchecked: the text around does not parse.
CheckVerdict = Literal["checked", "cut", "unchecked", "dropped"]

MAX_CHARACTERS = 300_000
_ANY_NAME = "x"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a completion. `why` says what was wrong with the rest."""

    text: str
    verdict: CheckVerdict
    why: str = ""


def checked(
    reviewer: Reviewer,
    path: Path,
    before: str,
    text: str,
    after: str,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Checked:
    """Return as much of `text` as is sound between `before` and `after`."""
    if len(before) + len(after) > MAX_CHARACTERS:
        return Checked(text, "unchecked")
    kept = _parsing(before, text, after)
    if kept is None:
        return Checked(text, "unchecked")
    verdict: CheckVerdict = "checked" if kept == text else "cut"
    why = "" if kept == text else "it does not parse"
    while kept:
        found = _first_finding(reviewer, path, before, kept, after, cancelled)
        if found is None:
            return Checked(kept, verdict, why)
        verdict, why = "cut", found.message
        kept = _whole_lines(kept[: max(0, found.start - len(before))])
        kept = _parsing(before, kept, after) or ""
    return Checked("", "dropped", why)


def _parsing(before: str, text: str, after: str) -> str | None:
    """Return the longest part of `text`, in whole lines, with which all parses; None if nothing at all would do.

    Without any text a line that was just begun, or a block without a body, does not parse either: there a name must do.
    """
    lines = text.split("\n")
    for count in range(len(lines), 0, -1):
        part = "\n".join(lines[:count])
        if not find_problems(before + part + after):
            return part
    would_do = not find_problems(before + after) or not find_problems(f"{before}{_ANY_NAME}{after}")
    return "" if would_do else None


def _first_finding(
    reviewer: Reviewer, path: Path, before: str, text: str, after: str, cancelled: Callable[[], bool]
) -> Finding | None:
    """Return the first certain mistake that is in `text`, or in a name that it ends."""
    start, end = len(before), len(before) + len(text)
    review = reviewer.review(path, before + text + after, cancelled=cancelled)
    return next(
        (one for one in review.findings if one.rule != RULE_SYNTAX and one.start < end and one.end > start),
        None,
    )


def _whole_lines(text: str) -> str:
    """Return the lines of `text` that are whole, without the line end of the last one."""
    return text.rpartition("\n")[0]
