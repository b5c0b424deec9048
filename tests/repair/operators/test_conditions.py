"""Conditions: None against empty, clauses added, branches swapped."""

from __future__ import annotations

from operator_check import check_proposals


def test_none_against_empty() -> None:
    check_proposals("truthiness", "if a:  # <-\n    pass\n", offers=["if a is not None:"])
    check_proposals("truthiness", "if not a.b:  # <-\n    pass\n", offers=["if a.b is None:"])
    check_proposals("truthiness", "if a is None:  # <-\n    pass\n", offers=["if not a:"])
    check_proposals("truthiness", "x = a  # <-", at_most=0)
    check_proposals("default-for-none", "x = a or b  # <-", offers=["x = a if a is not None else b"])
    check_proposals("default-for-none", "if a or b:  # <-\n    pass\n", at_most=0)


def test_a_guard_before_what_it_guards() -> None:
    check_proposals(
        "added-clause",
        """
        def f(xs, i, limit):
            while xs[i] != 0:  # <-
                i += 1
        """,
        offers=[
            "while i < len(xs) and xs[i] != 0:",
            "while xs and xs[i] != 0:",
            "while xs[i] != 0 and limit:",
            "while xs[i] != 0 or not limit:",
        ],
    )


def test_a_condition_of_the_file_is_asked_too() -> None:
    check_proposals(
        "added-clause",
        """
        def f(a, b):
            if b > 10 and a:
                return 1
            if a == 2:  # <-
                return 2
        """,
        offers=["if a == 2 and b > 10:", "if a == 2 or b > 10:"],
    )
    check_proposals("added-clause", "x = f(a)  # <-", at_most=0)


def test_an_endless_loop_gets_a_condition() -> None:
    check_proposals(
        "replaced-condition",
        """
        def f(queue):
            while True:  # <-
                queue.pop()
        """,
        offers=["while queue:"],
    )


def test_branches() -> None:
    check_proposals("branches", "x = a if b else c  # <-", offers=["x = c if b else a", "x = a", "x = c"])
    check_proposals("conditional-operand", "x = a + b if c else d  # <-", offers=["x = a + (b if c else d)"])
    check_proposals("conditional-operand", "x = a + (b if c else d)  # <-", offers=["x = a + b if c else d"])


def test_an_attribute_beside_the_one_that_is_asked_for() -> None:
    check_proposals(
        "added-clause",
        """
        def f(query):
            use(query.keyring)
            if query.signed:  # <-
                pass
        """,
        offers=["if query.signed and query.keyring:"],
    )


def test_a_choice_of_the_whole_tuple() -> None:
    check_proposals("conditional-operand", "x = (a, b if c else d)  # <-", offers=["x = (a, b) if c else d"])


def test_a_clause_that_depends_on_an_unread_parameter() -> None:
    check_proposals(
        "clause-of-unread",
        """
        def default(value, other, strict):
            if value is None or not value:  # <-
                return other
        """,
        offers=["if value is None or strict and not value:"],
        never=["other and", "other or"],
    )
