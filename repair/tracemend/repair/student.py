"""Whether a hint helps: a weak student tries with it and without it.

After "GPT4Hints-GPT3.5Val" (Phung et al., LAK 2024), where a hint is shown to people only if a weaker model solves the
task more often with it. Our student is the embedded engine with the budget of a few dozen candidates: with a hint it
begins at the statements that the hint names. A hint with which it gets no further than by its own suspicion is none.

The three levels of a hint that come of a proven patch itself are put to a student that is weaker still: it suspects all
statements alike. What is counted is when it comes to the edit that is known to mend, so nothing needs to be run.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tracemend.repair.explain.evidence import Evidence, HintLevel
from tracemend.repair.ground import Ground
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.search import Search, SearchOutcome

STUDENT_CANDIDATES = 30
STUDENT_S = 4.0  # For each of the two tries.
UNNAMED_SHARE = 0.2  # What the score of a statement is worth that the hint does not name.
NEVER = STUDENT_CANDIDATES + 1  # More tries than the student has.
STUDENT_SUSPECTS = 60  # Statements among which it looks.

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


def helpful_levels(
    frontier: Frontier, suspects: Sequence[Suspect], proven: Candidate
) -> tuple[HintLevel, ...]:
    """Return the levels with which the student comes sooner to an edit like the proven one than without any."""
    origin = proven.patch.origin
    goal, operator = origin.lines[0], "" if proven.conversation else origin.operator.partition(" + ")[0]
    known = [one for at, one in enumerate(suspects) if at < STUDENT_SUSPECTS or (one.path, one.line) == goal]
    alike = [replace(one, score=1.0) for one in known]
    function = next((one.function for one in alike if (one.path, one.line) == goal), "")
    there = [one for one in alike if (one.path, one.line) == goal]
    inside = [one for one in alike if (one.path, one.function) == (goal[0], function)]
    alone = _tries(frontier, alike, goal, operator)
    with_level: Mapping[HintLevel, int] = {
        "where": _tries(frontier, _pointed_at(alike, inside), goal, operator),
        "what": _tries(frontier, _pointed_at(alike, there), goal, operator),
        "how": _tries(frontier, _pointed_at(alike, there), goal, operator, knows_operator=True),
    }
    return tuple(level for level, tries in with_level.items() if tries < alone)


def _pointed_at(suspects: Sequence[Suspect], named: Sequence[Suspect]) -> list[Suspect]:
    return [one if one in named else replace(one, score=UNNAMED_SHARE * one.score) for one in suspects]


def _tries(
    frontier: Frontier,
    suspects: Sequence[Suspect],
    goal: tuple[str, int],
    operator: str,
    *,
    knows_operator: bool = False,
) -> int:
    """Return how many edits the student tries until one of `operator` ("" for any) is made at `goal`."""
    lesson = frontier.anew(Lesson, suspects)
    tries = 0
    while (candidate := lesson.pop()) is not None:
        suspect, _, proposal = candidate.parts[0]
        is_known = not operator or proposal.operator == operator
        tries += is_known or not knows_operator
        if (suspect.path, suspect.line) == goal and is_known:
            return tries
    return NEVER


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
