"""Texts that somebody else wrote cost time that grows with their length, and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cpu_limit import cpu_limit

from tracemend.repair.completion import ngrams, spot
from tracemend.repair.propose.strategies import plan

LONG = 60_000
HOSTILE = [
    (spot._MODULE_NAME.match, "import " + "a,  " * 40 + "!"),
    (spot._MODULE_NAME.match, "import " + " " * LONG + "!"),
    (spot._FROM_NAMES.match, "from " + "." * LONG + "!"),
    (spot._FROM_NAMES.match, "from a import " + " " * LONG + "!"),
    (spot._FROM_READY.match, "from " + "." * LONG + "!"),
    (ngrams._TOKEN.findall, '"\\' * LONG),
    (plan._RESULT.findall, "RESULT: x" + " " * LONG + "y"),
]


@pytest.mark.parametrize(("read", "text"), HOSTILE)
def test_no_pattern_backtracks(read: Callable[[str], object], text: str) -> None:
    with cpu_limit(3.0):
        read(text)


@pytest.mark.parametrize(
    ("statement", "module"),
    [("from .import a, ", "."), ("from . x import (a as b, ", ".x"), ("from a.b import ", "a.b")],
)
def test_the_module_of_names_is_found(statement: str, module: str) -> None:
    found = spot._FROM_NAMES.match(statement)
    assert found is not None and found[1] + found[2] == module


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("RESULT: 5", "5"),
        ("so\n**RESULT:** `[1, 2]`", "[1, 2]"),
        ("- RESULT : 'a'  \n", "'a'"),
        ("RESULT:", None),
    ],
)
def test_the_result_of_a_plan_is_found(text: str, value: str | None) -> None:
    assert plan.plan_result(text) == value
