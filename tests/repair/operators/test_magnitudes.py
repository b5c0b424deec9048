"""Distances, aggregates and quoted names."""

from __future__ import annotations

import pytest
from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("a - b < limit", "abs(a - b) < limit"),
        ("limit >= a - b", "limit >= abs(a - b)"),
        ("min(xs, key=lambda x: x - a)", "min(xs, key=lambda x: abs(x - a))"),
    ],
)
def test_a_difference_becomes_a_distance(wrong: str, right: str) -> None:
    check_proposals(
        "distance", f"def f(xs, a, b, limit):\n    return {wrong}  # <-", offers=[f"return {right}"]
    )


@pytest.mark.parametrize("sound", ["a - 1 < limit", "a - b == limit", "abs(a - b) < limit", "a + b < limit"])
def test_what_is_no_distance_is_left_alone(sound: str) -> None:
    check_proposals("distance", f"def f(a, b, limit):\n    return {sound}  # <-", at_most=0)


def test_a_difference_that_is_compared_later_is_one_too() -> None:
    snippet = """
    def close(a, b, limit):
        gap = a - b  # <-
        return {question}
    """
    check_proposals("distance", snippet.format(question="gap < limit"), offers=["gap = abs(a - b)"])
    check_proposals("distance", snippet.format(question="gap"), at_most=0)


def test_one_element_stands_for_all() -> None:
    check_proposals(
        "element-or-aggregate",
        "def f(n):\n    return bin([int(c) for c in str(n)][-1])  # <-",
        offers=["return bin(sum([int(c) for c in str(n)]))"],
    )


def test_an_element_of_a_text_or_a_table_is_no_number() -> None:
    for kind in ("str", "dict"):
        seen = {"xs": Observed((kind,))}
        check_proposals(
            "element-or-aggregate", "def f(xs):\n    return xs[0]  # <-", observed=seen, at_most=0
        )


def test_a_string_that_spells_a_name_means_it() -> None:
    check_proposals(
        "quoted-name",
        'def load(path):\n    return open("path"), "mode"  # <-',
        offers=['return open(path), "mode"'],
        never=["mode)"],
        at_most=1,
    )
