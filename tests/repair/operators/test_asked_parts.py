"""Conditions about the part of a value that is used below."""

from __future__ import annotations

from operator_check import check_proposals, proposals

from tracemend.repair.propose.site import Observed

_PAIR = """
def window(self):
    found = self.next_of(Over)
    if not found:  # <-
        return None
    return found[1].tokens[-1]
"""


def test_a_pair_gives_way_to_the_half_that_is_used() -> None:
    check_proposals("condition-part", _PAIR, offers=["if found[1] is None:", "if not found[1]:"])


def test_what_is_known_to_be_a_pair_is_likelier_to_be_meant() -> None:
    seen = {"found": Observed(("tuple",))}
    assert proposals("condition-part", _PAIR, observed=seen)[0][2] < proposals("condition-part", _PAIR)[0][2]


def test_the_truth_of_a_value_gives_way_to_that_of_an_attribute() -> None:
    check_proposals(
        "condition-part",
        """
        def total(order):
            if order:  # <-
                return sum(order.lines)
            return 0
        """,
        offers=["if order.lines:", "if order.lines is not None:"],
        never=["order.lines is None"],
    )


def test_a_method_is_no_part() -> None:
    check_proposals(
        "condition-part",
        """
        def total(order):
            if order:  # <-
                return order.total()
        """,
        at_most=0,
    )


def test_the_branch_says_what_else_to_ask_for() -> None:
    check_proposals(
        "clause-of-body",
        """
        def respond(query, response):
            if query.signed:  # <-
                response.sign(query.key, level=response.level)
        """,
        offers=["if query.signed and query.key:", "if query.signed and query.key is not None:"],
        never=["and response.sign:"],
    )


def test_nothing_is_asked_twice() -> None:
    check_proposals(
        "clause-of-body",
        """
        def respond(query):
            if query.key:  # <-
                return query.key
        """,
        at_most=0,
    )
