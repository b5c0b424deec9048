"""Missing and wrong `return`, `yield`, `break` and `continue`."""

from __future__ import annotations

import pytest
from operator_check import check_proposals


def test_returns_a_bare_expression() -> None:
    check_proposals(
        "return-expression",
        """
        def fact(n):
            if n > 1:
                n * fact(n - 1)  # <-
            return 1
        """,
        offers=["return n * fact(n - 1)"],
        never=["return fact"],
    )


def test_leaves_docstrings_alone() -> None:
    check_proposals("return-expression", 'def f():\n    """Text."""  # <-\n    return 1', at_most=0)


def test_returns_another_name() -> None:
    check_proposals(
        "return-another",
        """
        def top(xs):
            best = 0
            last = 0
            for x in xs:
                best = max(best, x)
            return last  # <-
        """,
        offers=["return best"],
        never=["return last, last"],
        at_most=30,
    )


def test_returns_the_accumulator_at_the_end() -> None:
    check_proposals(
        "return-missing",
        """
        def evens(xs):
            found = []
            for x in xs:  # <-
                if x % 2 == 0:
                    found.append(x)
        """,
        offers=["found.append(x)\nreturn found"],
        never=["return None"],
    )


def test_adds_no_return_behind_a_return() -> None:
    check_proposals(
        "return-missing",
        """
        def sign(x):
            if x < 0:  # <-
                return -1
            else:
                return 1
        """,
        at_most=0,
    )


def test_moves_a_return_out_of_the_loop() -> None:
    check_proposals(
        "return-outside",
        """
        def total(xs):
            result = 0
            for x in xs:
                result += x
                return result  # <-
        """,
        offers=["result += x\nreturn result"],
        at_most=1,
    )


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("return n", "yield n"),
        ("yield n", "yield from n"),
        ("yield from n", "yield n"),
        ("walk(n)", "yield from walk(n)"),
    ],
)
def test_exchanges_return_and_yield(statement: str, wanted: str) -> None:
    check_proposals("return-yield", f"def walk(n):\n    yield 1\n    {statement}  # <-", offers=[wanted])


def test_knows_that_sort_returns_none() -> None:
    check_proposals(
        "return-mutated",
        "def f(xs):\n    return xs.sort()  # <-",
        offers=["xs.sort()\nreturn xs"],
        never=["sorted"],
    )
    check_proposals(
        "return-mutated", "def f(xs):\n    xs = xs.sort()  # <-\n    return xs", offers=["\nxs.sort()"]
    )


def test_collects_instead_of_returning() -> None:
    check_proposals(
        "return-or-assign",
        """
        def squares(xs):
            out = []
            for x in xs:
                return x * x  # <-
            return out
        """,
        offers=["out.append(x * x)"],
        never=["out += x"],
    )


def test_returns_the_opposite() -> None:
    check_proposals(
        "return-conditional", "def f(a):\n    return a == 1  # <-", offers=["return not (a == 1)"]
    )
    check_proposals("return-conditional", "def f(a):\n    return not a  # <-", offers=["return a"], at_most=1)


@pytest.mark.parametrize(
    ("jump", "wanted"),
    [("break", "continue"), ("continue", "break"), ("pass", "continue"), ("return x", "continue")],
)
def test_exchanges_jumps(jump: str, wanted: str) -> None:
    check_proposals(
        "jump-exchange",
        f"def f(xs):\n    for x in xs:\n        if x:\n            {jump}  # <-\n    return 1",
        offers=[f"if x:\n{wanted}"],
    )


def test_adds_and_removes_jumps_in_branches() -> None:
    snippet = """
        def find(xs, y):
            at = -1
            for i, x in enumerate(xs):
                if x == y:
                    at = i  # <-
                print(x)
            return at
    """
    check_proposals(
        "jump-add", snippet, offers=["at = i\nbreak", "at = i\ncontinue"], never=["print(x)\nbreak"]
    )
    check_proposals(
        "jump-remove",
        """
        def f(xs):
            for x in xs:
                if x:
                    print(x)
                    break  # <-
        """,
        offers=["if x:\nprint(x)\n"],
        at_most=1,
    )


def test_a_search_goes_on_when_nothing_was_found() -> None:
    check_proposals(
        "return-in-loop",
        """
        def find(tree):
            for name, content in tree.items():
                below = find(content)
                return None if below is None else [name, *below]  # <-
            return None
        """,
        offers=["if below is not None:\nreturn [name, *below]", "if below is None:\nreturn None"],
    )
    check_proposals(
        "return-in-loop",
        """
        def has_even(numbers):
            for number in numbers:
                return number % 2 == 0  # <-
            return False
        """,
        offers=["if number % 2 == 0:\nreturn True", "if number % 2 != 0:\nreturn False"],
    )
    check_proposals("return-in-loop", "def f(x):\n    return x if x else None  # <-", at_most=0)


def test_the_opposite_everywhere() -> None:
    check_proposals(
        "everywhere-opposite",
        """
        def f(xs):
            for x in xs:
                if x:
                    return True  # <-
            return False
        """,
        offers=["return False\nreturn True"],
        at_most=1,
    )


def test_a_value_is_returned_at_the_end_of_its_branch() -> None:
    check_proposals(
        "return-expression",
        """
        def f(x):
            if x:
                x = list(x)  # <-
            return len(x)
        """,
        offers=["return list(x)"],
    )
