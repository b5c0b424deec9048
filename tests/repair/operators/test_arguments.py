"""Arguments and calls."""

from __future__ import annotations

from operator_check import check_proposals, proposals

from tracemend.repair.propose.site import Observed

AREA = """
def area(width, height, *, scale=1, unit="m"):
    return width * height * scale

"""


def test_arguments_swapped_dropped_and_added() -> None:
    check_proposals("argument-order", "x = f(a, b + 1, *c)  # <-", offers=["x = f(b + 1, a, *c)"])
    check_proposals("argument-dropped", "x = f(a, b, k=c)  # <-", offers=["x = f(a, b)", "x = f(b, k=c)"])
    check_proposals(
        "argument-missing",
        "def f(a, b, g):\n    x = g(a)  # <-\n",
        offers=["x = g(a, b)", "x = g(b, a)"],
        never=["x = g(a, a)"],
    )


def test_a_signature_of_the_file_decides_how_many() -> None:
    check_proposals("argument-dropped", AREA + "x = area(a, b)  # <-", at_most=0)
    check_proposals(
        "argument-missing",
        AREA + "def f(a, scale):\n    return area(a, 2)  # <-\n",
        offers=["return area(a, 2, scale=scale)"],
        never=["return area(a, 2, a)", "return area(a, 2, scale)"],
    )


def test_what_calls_of_a_kind_often_lack() -> None:
    check_proposals("argument-missing", "x = sorted(a)  # <-", offers=["x = sorted(a, reverse=True)"])
    check_proposals("argument-missing", "x = max(a)  # <-", offers=["x = max(a, default=0)"])
    check_proposals("argument-missing", "x = sorted(a, reverse=True)  # <-", never=["reverse=True, reverse"])


def test_keywords() -> None:
    call = AREA + "x = area(1, 2, scale=3)  # <-"
    check_proposals("keyword-name", call, offers=["x = area(1, 2, unit=3)", "x = area(1, 2, 3)"])
    check_proposals("keyword-values", "x = f(a=1, b=2)  # <-", offers=["x = f(a=2, b=1)"])
    check_proposals("positional-to-keyword", AREA + "x = area(1, 2)  # <-", offers=["x = area(1, scale=2)"])


def test_stars() -> None:
    check_proposals("unpacked-argument", "x = f(a)  # <-", offers=["x = f(*a)"])
    check_proposals("unpacked-argument", "x = f(*a, **b)  # <-", offers=["x = f(a, **b)", "x = f(*a, b)"])
    check_proposals("unpacked-argument", "x = [a, b]  # <-", offers=["x = [*a, b]", "x = [a, *b]"])
    check_proposals(
        "unpacked-argument", "x = f(a)  # <-", observed={"a": Observed(("int",))}, never=["f(*a)"]
    )


def test_functions_and_their_results() -> None:
    check_proposals("call-or-function", "x = map(f(), a)  # <-", offers=["x = map(f, a)"])
    seen = {"a": Observed(("Cart",), ("total()", "name"))}
    check_proposals("call-or-function", "x = a.total + 1  # <-", observed=seen, offers=["x = a.total() + 1"])
    check_proposals("call-or-function", "x = a.name  # <-", observed=seen, at_most=0)


def test_receiver_and_argument() -> None:
    check_proposals("receiver-and-argument", "x = a.startswith(b)  # <-", offers=["x = b.startswith(a)"])
    check_proposals("receiver-and-argument", "import a\nx = a.f(b)  # <-", at_most=0)


def test_donors_for_arguments() -> None:
    check_proposals(
        "argument-donor",
        "def f(a, b):\n    y = a.left + b\n    return g(a)  # <-\n",
        offers=["return g(a.left)", "return g(a.left + b)"],
    )


def test_numbers_and_marks_that_stand_near_fill_arguments() -> None:
    check_proposals(
        "argument-missing",
        """
        def parse(line):
            parts = line.split()  # <-
            return parts[:3], ";"
        """,
        offers=["line.split(maxsplit=1)", "line.split(maxsplit=2)", 'line.split(";")'],
        never=["{n}", "{s}"],
    )


def test_names_tell_the_order_of_arguments() -> None:
    snippet = """
        @dataclass
        class Entry:
            payer: str
            receiver: str

        def note({0}, {1}):
            return Entry({0}, {1})  # <-
        """
    by_order = {
        names: proposals("argument-order", snippet.format(*names))[0][2]
        for names in (("receiver", "payer"), ("one", "two"), ("payer", "receiver"))
    }
    assert list(by_order.values()) == sorted(by_order.values()), by_order
    assert len(set(by_order.values())) == 3, by_order


def test_a_table_is_asked_for_its_best_key() -> None:
    check_proposals(
        "argument-missing",
        "def best(votes):\n    return max(votes)  # <-",
        offers=["return max(votes, key=votes.get)"],
        observed={"votes": Observed(("dict",))},
    )
    check_proposals(
        "argument-missing",
        "def best(votes):\n    return max(votes)  # <-",
        never=["votes.get"],
        observed={"votes": Observed(("list",))},
    )


def test_another_name_for_a_missing_keyword() -> None:
    check_proposals(
        "argument-missing",
        """
        def windowed(xs, n, fill=None):
            return xs

        def replaced(xs, n, marker):
            return windowed(xs, n)  # <-
        """,
        offers=["windowed(xs, n, fill=marker)"],
    )
