"""Hints are put to a weak student, which here tries the edits of a text that a fake runner judges."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from model_scene import KEEPS, TESTS, TextRunner, poly

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.explain.evidence import Evidence, FailurePoint
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.site import Proposal
from tracemend.repair.runner.results import RunResult, Spectra
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.search import Search, Task
from tracemend.repair.student import STUDENT_CANDIDATES, helpful_levels, helpful_remarks, named_places

MODULE = parse_module("m.py", poly(0, 0, 0) + "\n\ndef other():\n    return 1\n")
RETURN_ONE, ASSIGN = (
    next(at for at in range(1, len(MODULE.lines)) if part in MODULE.lines.line_text(at))
    for part in ("return 1", "a, b, c =")
)


class Edits:
    """Edits of one statement: many without effect, and at the right place one that mends."""

    def __init__(self, suspect: Suspect) -> None:
        self.suspect = suspect

    def floor(self) -> float:
        return 0.0

    def candidates(self) -> list[Candidate]:
        old = "return 1" if self.suspect.line == RETURN_ONE else "a, b, c = 0, 0, 0"
        good = [] if self.suspect.line == RETURN_ONE else ["a, b, c = 1, 2, 3"]
        start = MODULE.text.index(old)
        texts = [*good, *(f"{old} + {at}" for at in range(2, 2 + STUDENT_CANDIDATES))]
        proposals = [
            Proposal((TextEdit(start, start + len(old), text),), text, 1.0, "common") for text in texts
        ]
        proposals[10] = replace(proposals[10], operator="rare")
        return [Candidate(((self.suspect, MODULE, one),), 1.0) for one in proposals]


def lesson(*suspects: tuple[int, float]) -> tuple[Any, Search, list[Suspect]]:
    runner = TextRunner()
    listed = [Suspect("m.py", line, score, "") for line, score in suspects]
    target = runner.run(TESTS[:1]).tests[TESTS[0]]
    functions = {test: frozenset({("m.py", 1)}) for test in (TESTS[0], KEEPS)}
    task = Task(target, (target,), (), (KEEPS,), Spectra(RunResult({}, "finished"), {}, functions), {})
    workspace = SimpleNamespace(parsed=lambda path: MODULE)
    ground = SimpleNamespace(runner=runner, cancel=threading.Event(), workspace=workspace)
    frontier = Frontier(listed, lambda one: [Edits(one)])
    search = Search(task, frontier, lambda path: MODULE, deadline=time.monotonic() + 60, cancel=ground.cancel)
    return ground, search, listed


def remarks(*sentences: str) -> Evidence:
    return Evidence(FailurePoint(TESTS[0], "AssertionError"), remarks=sentences)


def test_a_hint_names_places_by_line_and_by_code() -> None:
    ground, _, suspects = lesson((RETURN_ONE, 1.0), (ASSIGN, 0.5))
    assert named_places(ground, suspects, [f"Line {RETURN_ONE} is wrong."]) == {("m.py", RETURN_ONE)}
    assert named_places(ground, suspects, ["See `a, b, c`."]) == {("m.py", ASSIGN)}
    assert named_places(ground, suspects, ["See `nothing`."]) == set()


def test_a_hint_that_leads_to_the_place_is_shown() -> None:
    ground, search, suspects = lesson((RETURN_ONE, 1.0), (ASSIGN, 0.1))
    hint = "The coefficients `a, b, c` are wrong."
    assert helpful_remarks(ground, search, suspects, remarks(hint)) == (hint,)


def test_a_hint_that_leads_astray_or_says_what_is_known_is_not() -> None:
    ground, search, suspects = lesson((ASSIGN, 1.0), (RETURN_ONE, 0.5))
    assert helpful_remarks(ground, search, suspects, remarks("It is `return 1`.")) == ()
    assert helpful_remarks(ground, search, suspects, remarks("It is `a, b, c`.")) == ()
    assert helpful_remarks(ground, search, suspects, remarks("It is `nothing`.")) == ()


@pytest.mark.parametrize(
    ("functions", "proven_at", "operator", "levels"),
    [
        (("other", "poly"), ASSIGN, "common", ("where", "what", "how")),
        (("poly", "poly"), ASSIGN, "common", ("what", "how")),  # There is nowhere else to look.
        (("other", "poly"), RETURN_ONE, "common", ()),  # It is what the student tries first anyway.
        (("other", "poly"), RETURN_ONE, "rare", ("where", "what", "how")),
        (("other", "poly"), ASSIGN, "unheard of", ()),
    ],
)
def test_a_level_is_worth_telling_if_the_student_comes_sooner_to_the_proven_edit(
    functions: tuple[str, str], proven_at: int, operator: str, levels: tuple[str, ...]
) -> None:
    _, search, listed = lesson((RETURN_ONE, 1.0), (ASSIGN, 0.1))
    suspects = [replace(one, function=name) for one, name in zip(listed, functions, strict=True)]
    (at,) = [one for one in suspects if one.line == proven_at]
    first, *_, last = Edits(at).candidates()
    proven = {"common": first, "rare": last}.get(operator, last)
    suspect, module, proposal = proven.parts[0]
    named = Candidate(((suspect, module, replace(proposal, operator=operator)),), 1.0)
    assert helpful_levels(search.frontier, suspects, named) == levels
