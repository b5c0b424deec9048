"""Whether a hint helps: a weak student tries with it and without it.

After "GPT4Hints-GPT3.5Val" (Phung et al., LAK 2024), where a hint is shown to people only if a weaker model solves the
task more often with it. Our student is the embedded engine with the budget of a few dozen candidates: with a hint it
begins at the statements that the hint names. A hint with which it gets no further than by its own suspicion is none.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from tracemend.repair.explain.evidence import Evidence
from tracemend.repair.ground import Ground
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.search import Search, SearchOutcome

STUDENT_CANDIDATES = 30
STUDENT_S = 4.0  # For each of the two tries.
UNNAMED_SHARE = 0.2  # What the score of a statement is worth that the hint does not name.

_CODE = re.compile(r"`([^`\n]+)`")
_LINE = re.compile(r"\blines?\s+(\d+)", re.IGNORECASE)


class Lesson(Frontier):
    """A frontier that ends after a few candidates."""

    left = STUDENT_CANDIDATES

    def pop(self) -> Candidate | None:
        """Return the next candidate as long as the student's budget lasts."""
        self.left -= 1
        return super().pop() if self.left >= 0 else None


def helpful_remarks(
    ground: Ground, search: Search, suspects: Sequence[Suspect], evidence: Evidence
) -> tuple[str, ...]:
    """Return the remarks of `evidence` if the student gets further with them, none otherwise."""
    named = named_places(ground, suspects, evidence.remarks)
    if not named or len(named) == len(suspects) or ground.cancel.is_set():
        return ()
    with_hint = [
        one if (one.path, one.line) in named else replace(one, score=UNNAMED_SHARE * one.score)
        for one in suspects
    ]
    alone = _score(_try(ground, search, suspects))
    return evidence.remarks if _score(_try(ground, search, with_hint)) > alone else ()


def named_places(
    ground: Ground, suspects: Sequence[Suspect], remarks: Sequence[str]
) -> Collection[tuple[str, int]]:
    """Return the suspected statements that `remarks` name by their line or by a piece of their code."""
    text = " ".join(remarks)
    pieces = ["".join(one.split()) for one in _CODE.findall(text)]
    lines = {int(one) for one in _LINE.findall(text)}
    found = set()
    for one in suspects:
        module = ground.workspace.parsed(one.path)
        source = "".join(module.lines.line_text(one.line).split()) if module is not None else ""
        if one.line in lines or any(piece in source for piece in pieces):
            found.add((one.path, one.line))
    return found


def _try(ground: Ground, search: Search, suspects: Sequence[Suspect]) -> SearchOutcome:
    lesson = search.frontier.anew(Lesson, suspects)
    deadline = time.monotonic() + STUDENT_S
    student = Search(
        search.task, lesson, search.module_of, deadline=deadline, cancel=ground.cancel, refuses=search.refuses
    )
    return student.run(ground.runner)


def _score(outcome: SearchOutcome) -> tuple[int, int, float]:
    """Order outcomes: found at all, how early, and which share of the tries at least changed how the test fails."""
    found = min((one.tried for one in outcome.plausible), default=0)
    effects = outcome.effects
    moved = effects["changed"] + 2 * effects["progress"] + outcome.regressions
    return int(bool(found)), -found, moved / max(1, outcome.tried)
