"""Decisions: which of many conditions mend a failing test at one place, asked of processes that really run it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_context import PlainRunner

from tracemend.repair.runner.decisions import Decided, DecisionLimits, asking, decide
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.settings import Limits

PATIENT = Limits(60.0, 60.0)
WORDS = f"""
    def taken(words, room, strict=False):
        found = []
        for word in words:
            if len(word) <= room:
                found.append(word)
                room -= len(word)
            elif {asking("False", 0)}:
                continue
            elif {asking("False", 1)}:
                break
        return found
"""
TESTS = """
    from words import taken

    def test_fits(): assert taken(["a", "b"], 2) == ["a", "b"]
    def test_skips(): assert taken(["abc", "b"], 2) == ["b"]
    def test_strict(): assert taken(["abc", "b"], 2, strict=True) == []
    def test_strict_later(): assert taken(["b", "abc", "c"], 2, True) == ["b"]
    def test_other(): assert taken(["abc", "b"], 2, True) == ["abc"]
"""


def asked(
    folder: Path, program: str, tests: str, expressions: list[str], ways: int, failing: str, passing: str = ""
) -> Decided:
    runner = PlainRunner(folder, {"words.py": program, "test_words.py": tests})
    named = [f"test_words.py::{one}" for one in f"{failing} {passing}".split()]
    count = len(failing.split())
    limits = dict.fromkeys(named, PATIENT)
    return decide(
        runner, {}, expressions, ways, named[:count], named[count:], limits, DecisionLimits(wall_s=120.0)
    )


def said(decided: Decided, expressions: list[str]) -> list[tuple[int, int, str]]:
    return [(one.way, one.green, one.text(expressions)) for one in decided.found]


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (["strict"], [(1, 2, "strict")]),  # Only leaving the loop helps.
        (["not strict", "room", "word == 'b'"], []),  # Noticed by a passing test, or not asked there at all.
        (["undefined", "strict.upper()", "strict !"], []),  # Cannot say.
        (
            ["strict", "strict is True"],
            [(1, 2, "strict"), (1, 2, "strict is True")],
        ),  # Nothing tells them apart.
        (["room == 2", "len(words) == 2", "strict"], [(1, 2, "strict")]),
    ],
)
def test_a_condition_that_mends_is_found(
    tmp_path: Path, expressions: list[str], expected: list[tuple[int, int, str]]
) -> None:
    decided = asked(
        tmp_path, WORDS, TESTS, expressions, 2, "test_strict test_strict_later", "test_fits test_skips"
    )
    assert [
        one for one in said(decided, expressions) if " and " not in one[2] and " or " not in one[2]
    ] == expected


def test_what_mends_only_some_of_the_tests_is_told_of_as_that(tmp_path: Path) -> None:
    expressions = ["strict"]
    decided = asked(tmp_path, WORDS, TESTS, expressions, 2, "test_strict test_other", "test_skips")
    assert said(decided, expressions) == [(1, 1, expressions[0])]


def test_two_conditions_are_joined_where_none_alone_will_do(tmp_path: Path) -> None:
    program = f"""
        def fee(age, member):
            if {asking("age < 6")}:
                return 0
            return 5
    """
    tests = """
        from words import fee

        def test_young_member(): assert fee(15, True) == 0
        def test_others(): assert [fee(3, False), fee(15, False), fee(40, True), fee(40, False)] == [0, 5, 5, 5]
    """
    expressions = ["age < 18", "member", "age < 6"]
    decided = asked(tmp_path, program, tests, expressions, 1, "test_young_member", "test_others")
    assert said(decided, expressions) == []  # Of two clauses each; three would do.
    expressions[0] = "age < 18 and member"
    decided = asked(tmp_path, program, tests, expressions, 1, "test_young_member", "test_others")
    assert said(decided, expressions) == [(0, 1, "(age < 18 and member) or age < 6")]


def test_a_test_that_never_ends_is_asked_for_a_while(tmp_path: Path) -> None:
    program = f"""
        def halved(n):
            while True:
                if {asking("False")}:
                    break
                n //= 2
            return n
    """
    tests = "from words import halved\ndef test_halved(): assert halved(20) == 0"
    decided = asked(tmp_path, program, tests, ["n == 0"], 1, "test_halved")
    assert said(decided, ["n == 0"]) == [(0, 1, "n == 0")]
    assert decided.visits > 10


def test_a_place_that_the_test_does_not_come_by_costs_one_run(tmp_path: Path) -> None:
    decided = asked(tmp_path, WORDS, TESTS, ["strict"], 2, "test_fits", "test_skips")
    assert decided == Decided(0, 0, ())


@pytest.mark.parametrize(
    "answer",
    [
        {"visits": 1, "tried": 1},
        {"visits": 1, "tried": 1, "found": [[0, 1, 5, "", -1]]},
        {"visits": 1, "tried": 1, "found": [[7, 1, 0, "", -1]]},
        {"visits": 1, "tried": 1, "found": [[0, 1, 0, "; import os #", 0]]},
        {"visits": 1, "tried": 1, "found": [[0, 1, "x", "", -1]]},
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(answer: dict[str, Any]) -> None:
    class Lying:
        def request(self, op: str, payload: Any, *, wall_s: float) -> dict[str, Any]:
            return answer

    with pytest.raises(RequestFailed):
        decide(Lying(), {}, ["a"], 1, ["t"], [], {}, DecisionLimits())
