"""Exceptions and resources."""

from __future__ import annotations

import pytest
from operator_check import check_proposals

from tracemend.repair.propose.site import Observed

DID_NOT_RAISE = "Failed: DID NOT RAISE <class 'KeyError'>"


def test_raises_another_class() -> None:
    check_proposals(
        "exception-class",
        'def f(x):\n    raise ValueError("no")  # <-',
        offers=['raise TypeError("no")', 'raise KeyError("no")'],
        never=['raise Failed("no")'],
        error=DID_NOT_RAISE,
    )


def test_catches_another_class_or_one_more() -> None:
    check_proposals(
        "exception-caught",
        """
        def f(x):
            try:
                return int(x)  # <-
            except ValueError:
                return 0
        """,
        offers=["except TypeError:", "except (ValueError, TypeError):"],
        never=["except (ValueError, ValueError)"],
        error="TypeError: int() argument must be a string",
    )


def test_handles_what_a_statement_may_raise() -> None:
    check_proposals(
        "exception-handle",
        """
        def parse(words):
            out = []
            for word in words:
                out.append(int(word))  # <-
            return out
        """,
        offers=["try:\nout.append(int(word))\nexcept ValueError:\ncontinue"],
        never=["except Exception", "except KeyError"],
    )


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ('ValueError("x")', 'raise ValueError("x")'),
        ('return ValueError("x")', 'raise ValueError("x")'),
        ("raise ValueError(1)", "return"),
    ],
)
def test_exchanges_raise_and_return(statement: str, wanted: str) -> None:
    check_proposals("exception-raise", f"def f(x):\n    {statement}  # <-", offers=[wanted])


def test_raises_again() -> None:
    check_proposals(
        "exception-again",
        "try:\n    f()\nexcept ValueError as e:\n    print(e)  # <-",
        offers=["print(e)\nraise"],
        at_most=1,
    )
    check_proposals(
        "exception-again",
        "try:\n    f()\nexcept ValueError as e:\n    raise KeyError(1)  # <-",
        offers=["raise KeyError(1) from e"],
        never=["raise e"],
    )


def test_reorders_handlers() -> None:
    check_proposals(
        "exception-order",
        """
        try:  # <-
            f()
        except Exception:
            a = 1
        except ValueError:
            a = 2
        """,
        offers=["except ValueError:\na = 2\nexcept Exception:\na = 1"],
        never=["except Exception:\na = 2"],
    )


def test_cleans_up_in_any_case() -> None:
    check_proposals(
        "exception-finally",
        "try:\n    f()\nexcept ValueError:\n    g()\nlock.release()  # <-",
        offers=["finally:\nlock.release()"],
        at_most=1,
    )


def test_opens_in_a_with_statement() -> None:
    check_proposals(
        "exception-resource",
        "def f(p):\n    file = open(p)  # <-\n    text = file.read()\n    return text",
        offers=["with open(p) as file:\ntext = file.read()\nreturn text"],
        never=["file = open(p)\nwith"],
    )
    check_proposals(
        "exception-resource",
        'def f(file):\n    file.write("x")  # <-',
        offers=['file.write("x")\nfile.flush()'],
    )


def test_says_whether_the_exception_is_swallowed() -> None:
    check_proposals(
        "exception-exit",
        "class A:\n    def __exit__(self, kind, value, trace):\n        return True  # <-",
        offers=["return False"],
        never=["return None"],
    )


def test_another_type_is_refused_where_the_test_waits_for_it() -> None:
    check_proposals(
        "refuse-type",
        """
        def f(name: str, size):
            return name * size  # <-
        """,
        offers=["if not isinstance(name, str):", "if isinstance(size, float):"],
        observed={"size": Observed(("float",))},
        error="Failed: DID NOT RAISE <class 'TypeError'>",
    )


def test_a_name_that_is_missing_is_not_caught() -> None:
    check_proposals(
        "exception-caught",
        """
        def first(xs):
            try:
                return ys[0]  # <-
            except IndexError:
                return None
        """,
        error="NameError: name 'ys' is not defined",
        offers=["except (IndexError, KeyError):"],
        never=["except NameError:", "except (IndexError, NameError):"],
    )
