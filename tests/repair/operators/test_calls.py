"""Calls that enclose too much or too little, and other functions for the same arguments."""

from __future__ import annotations

from operator_check import check_proposals


def test_the_bracket_closes_earlier() -> None:
    check_proposals(
        "call-parenthesis", "x = tuple(map(tuple, xs * n))  # <-", offers=["x = tuple(map(tuple, xs)) * n"]
    )
    check_proposals("call-parenthesis", "x = len(xs > 3)  # <-", offers=["x = len(xs) > 3"])
    check_proposals("call-parenthesis", "x = f(a, key=b * c)  # <-", at_most=0)


def test_the_bracket_closes_later() -> None:
    check_proposals("call-parenthesis", "x = int(a) / b  # <-", offers=["x = int(a / b)"])
    check_proposals("call-parenthesis", "x = int(a - c) / b  # <-", offers=["x = int((a - c) / b)"])
    check_proposals("call-parenthesis", "x = f() + 1  # <-", at_most=0)


def test_what_the_file_calls_elsewhere() -> None:
    check_proposals(
        "called-elsewhere",
        """
        from html import escape

        class Page:
            def image(self, src):
                return escape(src)  # <-

            def link(self, src, base):
                return self.safe(src) + self.joined(base, src)
        """,
        offers=["return self.safe(src)"],
        never=["return self.joined(src)"],
    )


def test_both_sides_through_a_function_of_the_file() -> None:
    check_proposals(
        "comparison-through",
        """
        import os

        def is_same(a, b):
            if a == b:  # <-
                return True
            return os.path is not None and os.fspath(a)
        """,
        offers=["if os.fspath(a) == os.fspath(b):"],
    )
    check_proposals("comparison-through", "if a == 3:  # <-\n    f(a)\n", at_most=0)


def test_replaced_instead_of_updated() -> None:
    check_proposals("assign-for-update", "self.context.update(new)  # <-", offers=["self.context = new"])
    check_proposals("assign-for-update", "self.context.update(a=1)  # <-", at_most=0)


def test_what_may_be_called_is_called() -> None:
    check_proposals(
        "call-or-function",
        """
        def fill(d, k, init):
            if not callable(init):
                return
            d[k] = init  # <-
        """,
        offers=["d[k] = init()"],
    )
