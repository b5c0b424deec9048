"""Suggestions: near ones only, at most three, nearest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracemend.analysis.monitors.nearest import edit_distance, nearest_names

NAMES = ("append", "appendleft", "extend", "pop", "popleft", "_append", "JSONDecodeError", "read_text", "x")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("apend", ("append",)),
        ("appned", ("append",)),
        ("popletf", ("popleft",)),
        ("push", ()),
        ("readtext", ("read_text",)),
        ("jsondecodeerror", ("JSONDecodeError",)),
        ("JSONDecodeEror", ("JSONDecodeError",)),
        ("y", ()),
        ("", ()),
        ("a" * 1000, ()),
    ],
)
def test_nearest(word: str, near: tuple[str, ...]) -> None:
    assert nearest_names(word, NAMES)[: len(near) or None] == near


def test_three_at_most_and_nearest_first() -> None:
    assert nearest_names("value", ["values", "value_", "valve", "valu", "vaule", "other"]) == (
        "value_",
        "values",
        "valu",
    )


def test_a_transposition_is_one_edit() -> None:
    assert edit_distance("vaule", "value", 3) == 1
    assert edit_distance("abc", "xyz", 1) == 2  # Capped at one more than asked for.


words = st.text("abc", max_size=6)


@given(words, words)
def test_distance_is_a_symmetric_measure_of_difference(first: str, second: str) -> None:
    distance = edit_distance(first, second, 9)
    assert distance == edit_distance(second, first, 9)
    assert (distance == 0) == (first == second)
    assert abs(len(first) - len(second)) <= distance <= max(len(first), len(second))
