"""Comprehensions, lambdas and named values."""

from __future__ import annotations

from operator_check import check_proposals


def test_filters() -> None:
    check_proposals(
        "comprehension-filter", "x = [a for a in b if (a) if c]  # <-", offers=["x = [a for a in b if c]"]
    )
    check_proposals(
        "comprehension-filter",
        "def f(b, skip):\n    return sum(a for a in b)  # <-\n",
        offers=["return sum((a for a in b if a))", "return sum((a for a in b if a != skip))"],
    )


def test_kind_of_result_and_order_of_loops() -> None:
    check_proposals(
        "comprehension-kind", "x = [a for a in b]  # <-", offers=["x = {a for a in b}", "x = (a for a in b)"]
    )
    check_proposals("comprehension-kind", "x = f(a for a in b)  # <-", offers=["x = f([a for a in b])"])
    check_proposals(
        "comprehension-order",
        "x = [a for a in b for b in c]  # <-",
        offers=["x = [a for b in c for a in b]", "x = [a for a in b]"],
    )
    check_proposals("comprehension-order", "x = [a for a in b]  # <-", at_most=0)


def test_elements() -> None:
    check_proposals(
        "comprehension-element", "x = {k: v for k, v in d}  # <-", offers=["x = {v: k for k, v in d}"]
    )
    check_proposals("comprehension-element", "x = [k for k, v in d]  # <-", offers=["x = [v for k, v in d]"])


def test_keys() -> None:
    check_proposals(
        "lambda-body",
        "x = sorted(a, key=lambda p: p[0])  # <-",
        offers=[f"key=lambda p: {one})" for one in ("p[1]", "-p[0]", "(p[0], p)", "(-p[0], p)")],
    )
    check_proposals(
        "lambda-body", "f = lambda p: (p.a, p.b)  # <-", offers=["lambda p: (p.b, p.a)", "(-p.a, p.b)"]
    )


def test_named_values() -> None:
    check_proposals("named-value", "if a := f() > 0:  # <-\n    pass\n", offers=["if (a := f()) > 0:"])


def test_equal_ones_are_ordered_upwards() -> None:
    check_proposals(
        "sort-ties",
        "x = sorted(points.items(), key=lambda p: p[1], reverse=True)  # <-",
        offers=["x = sorted(points.items(), key=lambda p: (-p[1], p[0]))"],
        never=["(-p[1], p[1])"],
    )
    check_proposals("sort-ties", "x = sorted(points, key=lambda p: p[1])  # <-", at_most=0)


def test_missing_elements_are_left_out() -> None:
    check_proposals(
        "comprehension-filter",
        "x = ', '.join(person.name for person in people)  # <-",
        offers=["for person in people if person.name)", "for person in people if person.name is not None)"],
        error="TypeError: sequence item 0: expected str instance, NoneType found",
    )
