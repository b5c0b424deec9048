"""The greater of two values where the newer one is taken."""

from __future__ import annotations

from operator_check import check_proposals


def test_a_store_keeps_the_greater_of_what_its_guard_compares() -> None:
    check_proposals(
        "extreme-of-both",
        """
        def book(table, name, until):
            if name in table and until <= table[name][1]:
                table[name] = (name, until)  # <-
        """,
        offers=["table[name] = (name, max(until, table[name][1]))"],
    )
    check_proposals("extreme-of-both", "def f(x):\n    return x  # <-", at_most=0)


def test_an_attribute_stays_within_the_limit_of_its_object() -> None:
    check_proposals(
        "extreme-limit",
        """
        class Tank:
            def __init__(self, capacity):
                self.capacity = capacity
                self.level = 0

            def fill(self, litres):
                self.level += litres  # <-

            def full(self):
                return self.level == self.capacity
        """,
        offers=["self.level = min(self.capacity, self.level + litres)"],
        never=["self.level = min(self.level, "],
    )


def test_the_runner_up_takes_over_from_the_old_best() -> None:
    check_proposals(
        "extreme-runner-up",
        """
        def two_best(marks):
            top = next_best = 0
            for mark in marks:
                if mark > top:
                    top = mark  # <-
                elif mark > next_best:
                    next_best = mark
            return top, next_best
        """,
        offers=["top, next_best = mark, top"],
    )
    check_proposals(
        "extreme-runner-up", "def f(a, b):\n    if a:\n        b = a  # <-\n    return b", at_most=0
    )


def test_a_limit_that_nobody_reads_is_a_limit_whatever_it_is_called() -> None:
    check_proposals(
        "extreme-limit",
        """
        class Zoom:
            def __init__(self, farthest):
                self.factor = 1
                self.farthest = farthest

            def closer(self):
                self.factor *= 2  # <-
        """,
        offers=["self.factor = min(self.farthest, self.factor * 2)"],
    )
