"""Conditions with one case left out."""

from __future__ import annotations

from operator_check import check_proposals


def test_the_same_question_about_the_other_values() -> None:
    check_proposals(
        "symmetric-clause",
        "if x + y == z or y + z == x:  # <-\n    pass\n",
        offers=["if x + y == z or y + z == x or x + z == y:"],
        at_most=1,
    )
    check_proposals(
        "symmetric-clause",
        "def f(a, b, c):\n    return a + b > c  # <-\n",
        offers=["return a + b > c and a + c > b and b + c > a"],
    )
    check_proposals("symmetric-clause", "if x < y or flag:  # <-\n    pass\n", at_most=0)


def test_the_same_question_about_another_character() -> None:
    check_proposals(
        "repeated-clause", 'if " " in key:  # <-\n    pass\n', offers=["if \" \" in key or '\\t' in key:"]
    )
    check_proposals(
        "repeated-clause",
        'while c != "[":  # <-\n    pass\n',
        offers=['while c != "[" and c != "(":'],
        never=[" or "],
    )


def test_a_character_of_the_same_kind_or_of_the_tests() -> None:
    check_proposals(
        "character",
        'if c == "(":  # <-\n    pass\n',
        offers=['if c == "[":', 'if c == "~":'],
        never=['if c == "a":'],
        test_literals=('"a~"',),
    )
    check_proposals("character", 'if c == "ab":  # <-\n    pass\n', at_most=0)


def test_the_clause_about_the_other_side() -> None:
    check_proposals(
        "twin-clause",
        """
        def f(index):
            use(index.stop)
            if index.start is not None and index.start < 0:  # <-
                pass
        """,
        offers=[
            "if index.start is not None and index.start < 0 or (index.stop is not None and index.stop < 0):"
        ],
    )
    check_proposals("twin-clause", "if left < 0 or right < 0:  # <-\n    pass\n", at_most=0)
