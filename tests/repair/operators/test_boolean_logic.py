"""`and`, `or` and `not`: wrong, missing, superfluous, grouped wrongly."""

from __future__ import annotations

from operator_check import check_proposals


def _case(name: str, condition: str, *, offers: list[str], never: list[str] | None = None) -> None:
    check_proposals(
        name,
        f"if {condition}:  # <-\n    pass\n",
        offers=[f"if {one}:" for one in offers],
        never=[f"if {one}:" for one in never or []],
    )


def test_and_for_or() -> None:
    _case("boolean-operator", "a and b", offers=["a or b"])
    _case("boolean-operator", "a and (b or c)", offers=["a or (b or c)", "a and (b and c)"])
    _case("boolean-operator", "a or b or c", offers=["a and b and c", "(a) and (b or c)"])


def test_dropped_clause() -> None:
    _case(
        "dropped-clause", "a and b < c and d", offers=["a and b < c", "b < c and d", "a and d"], never=["a"]
    )


def test_negation_added_and_removed() -> None:
    _case("negation", "not a", offers=["a"])
    _case("negation", "a and f(b)", offers=["not a and f(b)", "a and not f(b)", "not (a and f(b))"])
    _case("negation", "a < b", offers=[], never=["not a < b"])
    check_proposals("negated-result", "x = a.isdigit()  # <-", offers=["x = not a.isdigit()"])
    check_proposals("negated-result", "x = len(a)  # <-", at_most=0)


def test_grouping() -> None:
    _case("clause-grouping", "a and b or c", offers=["a and (b or c)"])
    _case("clause-grouping", "a or b and c", offers=["(a or b) and c"])
    _case("clause-grouping", "(a or b) and c", offers=["a or b and c"])
    _case("clause-grouping", "not a and b", offers=["not (a and b)"])
    _case("clause-grouping", "not (a or b)", offers=["not a or b", "not a or not b"])


def test_a_comparison_that_was_meant_for_each_value() -> None:
    _case("shared-comparison", "x == a or b", offers=["x == a or x == b"])
    _case("shared-comparison", "x == a or f(b)", offers=[], never=["x == a or x == f(b)"])


def test_bitwise_for_boolean() -> None:
    _case("bitwise-for-boolean", "(a < b) & (c > d)", offers=["a < b and c > d"])
    _case("bitwise-for-boolean", "a < b or c", offers=["(a < b) | c"])


def test_the_other_one_first() -> None:
    check_proposals("boolean-order", "x = a.name() or a.alias()  # <-", offers=["x = a.alias() or a.name()"])
    _case("boolean-order", "a[i] and i < n and b", offers=["i < n and a[i] and b"])
