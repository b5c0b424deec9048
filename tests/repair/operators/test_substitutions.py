"""Values that the function already computes, and sequences that are cut at a name."""

from __future__ import annotations

from operator_check import check_proposals, proposals


def test_an_expression_of_the_function_takes_the_place_of_a_value() -> None:
    check_proposals(
        "expression-of-function",
        """
        def deviation(numbers):
            mean = sum(numbers) / len(numbers)
            return sum(abs(x - mean) for x in numbers) / mean  # <-
        """,
        offers=["for x in numbers) / len(numbers)"],
    )
    check_proposals(
        "expression-of-function",
        """
        def shift(s):
            return [chr((ord(ch) - ord("a")) % 26 + ord(ch)) for ch in s]  # <-
        """,
        offers=['+ ord("a")) for ch in s]'],
        never=["return [ord("],
    )


def test_what_is_no_value_is_not_exchanged() -> None:
    check_proposals(
        "expression-of-function",
        """
        def f(rows):
            count = len(rows)
            rows.append(None)  # <-
        """,
        at_most=0,
    )


def test_the_negative_of_what_is_there() -> None:
    check_proposals(
        "negative-name",
        """
        def smallest(xs):
            largest = max(-x for x in xs) + 0
            return min(-x for x in xs)  # <-
        """,
        offers=["return -largest"],
    )


def test_all_values_for_one_of_them() -> None:
    check_proposals(
        "aggregate-for-item",
        "total = [int(one) for one in str(n)][-1]  # <-",
        offers=["total = sum([int(one) for one in str(n)])"],
    )
    check_proposals("aggregate-for-item", 'x = "abc"[0]  # <-', at_most=0)


def test_a_sequence_is_cut_at_the_name_that_nobody_read() -> None:
    found = proposals(
        "slice-by-name",
        """
        def total(arr, k):
            n = 3
            return sum(x for x in arr if x < n)  # <-
        """,
    )
    costs = {after.splitlines()[-1].strip(): cost for after, _, cost in found}
    assert costs["return sum(x for x in arr[:k] if x < n)"] < costs["return sum(x for x in arr[:n] if x < n)"]


def test_a_sequence_is_cut_at_the_name_that_moves() -> None:
    check_proposals(
        "slice-by-name",
        """
        def start(text):
            begin = 0
            while not is_done(text):  # <-
                begin += 1
            return begin
        """,
        offers=["while not is_done(text[begin:]):"],
    )


def test_a_default_for_the_last_operand_alone() -> None:
    check_proposals(
        "operand-of-default",
        'raise ValueError("no %s" % getattr(f, "a", None) or f)  # <-',
        offers=['"no %s" % (getattr(f, "a", None) or f)'],
    )
