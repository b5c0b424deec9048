"""Comparators, boundaries, chains, and comparisons with types."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_every_ordering_and_equality() -> None:
    check_proposals(
        "comparator",
        """
        def last(xs, n):
            if n < len(xs):  # <-
                return xs[n]
        """,
        offers=[f"if n {symbol} len(xs):" for symbol in ("<=", ">", ">=", "==", "!=")],
        never=["if n in len(xs):", "if n is len(xs):"],
    )


def test_membership_identity_and_none() -> None:
    check_proposals("comparator", "x = a in b  # <-", offers=["x = a not in b", "x = a == b"])
    check_proposals("comparator", "x = a is None  # <-", offers=["x = a is not None"], never=["x = a < None"])
    check_proposals("comparator", "x = a == None  # <-", offers=["x = a != None"], never=["x = a >= None"])
    check_proposals("comparator", "x = a < b <= c  # <-", offers=["x = a <= b <= c", "x = a < b < c"])


def test_one_more_or_less_only_where_no_comparator_says_it() -> None:
    check_proposals(
        "comparison-boundary", "x = a < b + c  # <-", offers=["x = a < b + c - 1"], never=["b + c + 1"]
    )
    check_proposals("comparison-boundary", "x = a == b  # <-", offers=["x = a == b - 1", "x = a == b + 1"])
    check_proposals("comparison-boundary", "x = a < 3  # <-", at_most=0)
    texts = {"b": Observed(("str",))}
    check_proposals("comparison-boundary", "x = a < b  # <-", observed=texts, at_most=0)


def test_operands_change_places_only_where_it_matters() -> None:
    check_proposals("comparison-operands", "x = a + 1 in b  # <-", offers=["x = b in a + 1"])
    check_proposals("comparison-operands", "x = a < b  # <-", at_most=0)


def test_links_of_a_chain() -> None:
    check_proposals(
        "comparison-chain",
        "x = a < b == c  # <-",
        offers=["x = (a < b) == c", "x = b == c", "x = a < b", "x = a < b or b == c"],
    )
    check_proposals("comparison-chain", "x = a < b  # <-", at_most=0)


def test_types_and_their_subclasses() -> None:
    check_proposals("comparison-with-type", "x = type(a) == int  # <-", offers=["x = isinstance(a, int)"])
    check_proposals(
        "comparison-with-type", "x = type(a) is not int  # <-", offers=["x = not isinstance(a, int)"]
    )
    check_proposals("comparison-with-type", "x = isinstance(a, int)  # <-", offers=["x = type(a) is int"])


def test_both_sides_by_another_measure() -> None:
    texts = {"a": Observed(("str",))}
    check_proposals(
        "comparison-of-both",
        "x = a == b  # <-",
        observed=texts,
        offers=["x = a.lower() == b.lower()", "x = set(a) == set(b)"],
    )
    check_proposals(
        "comparison-of-both", "x = a == b  # <-", offers=["x = len(a) == len(b)", "x = abs(a - b) < 1e-9"]
    )
    check_proposals("comparison-of-both", "x = a == 1  # <-", at_most=0)
