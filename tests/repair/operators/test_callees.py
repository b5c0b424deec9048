"""Callees: siblings of a function or method, the functions of the file."""

from __future__ import annotations

import pytest
from operator_check import check_proposals


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        ("append", "extend"),
        ("find", "rfind"),
        ("strip", "rstrip"),
        ("keys", "values"),
        ("startswith", "endswith"),
        ("lower", "upper"),
        ("discard", "remove"),
        ("popleft", "pop"),
        ("update", "setdefault"),
        ("split", "splitlines"),
        ("weekday", "isoweekday"),
        ("search", "fullmatch"),
        ("floor", "ceil"),
    ],
)
def test_sibling_methods(method: str, meant: str) -> None:
    check_proposals("sibling-method", f"x = a.{method}(b)  # <-", offers=[f"x = a.{meant}(b)"])


@pytest.mark.parametrize(
    ("own", "meant"), [("min", "max"), ("any", "all"), ("sorted", "reversed"), ("int", "float")]
)
def test_sibling_functions(own: str, meant: str) -> None:
    check_proposals("sibling-function", f"x = {own}(a)  # <-", offers=[f"x = {meant}(a)"])


def test_functions_that_are_not_imported_are_not_called() -> None:
    check_proposals("sibling-function", "x = bisect_left(a, b)  # <-", at_most=0)
    file = "from bisect import bisect_left, bisect_right\n"
    check_proposals(
        "sibling-function", file + "x = bisect_left(a, b)  # <-", offers=["x = bisect_right(a, b)"]
    )


def test_functions_of_the_file_with_as_many_parameters() -> None:
    file = "def left(a): pass\ndef right(a): pass\ndef both(a, b): pass\n"
    check_proposals(
        "function-of-file", file + "x = left(1)  # <-", offers=["x = right(1)"], never=["both(1)"]
    )


def test_what_returns_none() -> None:
    check_proposals("method-or-function", "x = a.sort()  # <-", offers=["x = sorted(a)"])
    check_proposals("method-or-function", "x = a.append(b)  # <-", offers=["x = a + [b]"])
    check_proposals("method-or-function", "sorted(a)  # <-", offers=["a.sort()"])
    check_proposals("method-or-function", "a.sort()  # <-", at_most=0)


def test_ends_types_and_joins() -> None:
    check_proposals("pop-end", "x = a.pop()  # <-", offers=["x = a.pop(0)"])
    check_proposals("pop-end", "a.insert(0, x)  # <-", offers=["a.append(x)"])
    check_proposals(
        "types-asked-for", "x = isinstance(a, int)  # <-", offers=["x = isinstance(a, (int, float))"]
    )
    check_proposals(
        "types-asked-for", "x = isinstance(a, (int, str))  # <-", offers=["x = isinstance(a, int)"]
    )
    check_proposals("join-direction", "x = a.join(b)  # <-", offers=["x = b.join(a)"])
    check_proposals("sibling-method", "x = a.seconds  # <-", offers=["x = a.total_seconds()", "x = a.days"])


def test_calls_in_the_other_order() -> None:
    check_proposals("call-nesting", "x = f(g(a))  # <-", offers=["x = g(f(a))"])
    check_proposals("call-nesting", "x = a.f(1).g()  # <-", offers=["x = a.g().f(1)"])
    check_proposals("call-nesting", "x = f(a)  # <-", at_most=0)


def test_a_function_of_the_file_is_called_with_the_names_in_scope() -> None:
    check_proposals(
        "call-by-names",
        """
        def play(teams, strength):
            return teams

        def seed(draw):
            return draw

        def champion(teams, strength):
            return champion(teams[::2], strength)  # <-
        """,
        offers=["return champion(play(teams, strength), strength)"],
        never=["champion(seed(", "champion(champion("],
    )


def test_the_last_call_of_a_chain_may_have_to_come_first() -> None:
    check_proposals(
        "call-nesting",
        """x = text.replace("<", "&lt;").replace(">", "&gt;").replace("&", "&amp;")  # <-""",
        offers=["""x = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")"""],
    )


def test_repetitions_go_and_the_order_stays() -> None:
    check_proposals("ordered-set", "x = list(set(xs))  # <-", offers=["x = list(dict.fromkeys(xs))"])
    check_proposals("ordered-set", "x = set(xs)  # <-", at_most=0)


def test_an_unread_place_is_where_the_item_goes() -> None:
    check_proposals(
        "pop-end",
        """
        def insert(items, item):
            place = len(items) // 2
            items.append(item)  # <-
        """,
        offers=["items.insert(place, item)"],
        never=["items.insert(items, item)"],
    )
