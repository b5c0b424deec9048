"""Divisors of sums, and the last digits of numbers."""

from __future__ import annotations

import pytest
from operator_check import check_proposals


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("sum(xs) / mid", "sum(xs) / len(xs)"),
        ("sum(abs(x - mid) for x in xs) / mid", "sum(abs(x - mid) for x in xs) / len(xs)"),
        ("math.sqrt(sum([x * x for x in xs]) // 2)", "math.sqrt(sum([x * x for x in xs]) // len(xs))"),
    ],
)
def test_a_sum_is_divided_by_how_many_it_adds(wrong: str, right: str) -> None:
    check_proposals("mean-divisor", f"def f(xs, mid):\n    return {wrong}  # <-", offers=[f"return {right}"])


def test_a_sum_that_a_loop_makes_is_known_too() -> None:
    check_proposals(
        "mean-divisor",
        """
        def mean(xs):
            total = 0
            for x in xs:
                total += x
            return total / total  # <-
        """,
        offers=["return total / len(xs)"],
    )


@pytest.mark.parametrize("sound", ["sum(xs) / len(xs)", "sum(x for x in xs if x) / mid", "max(xs) / mid"])
def test_what_is_no_mean_of_all_is_left_alone(sound: str) -> None:
    check_proposals("mean-divisor", f"def f(xs, mid):\n    return {sound}  # <-", at_most=0)


@pytest.mark.parametrize("wrong", ["x -= base", "x = x / base", "x //= 2"])
def test_the_digit_that_was_read_is_dropped(wrong: str) -> None:
    check_proposals(
        "loop-digits",
        f"""
        def digits(x, base):
            found = ""
            while x > 0:
                found = str(x % base) + found
                {wrong}  # <-
            return found
        """,
        offers=["x //= base"],
    )


def test_no_digit_is_dropped_outside_of_a_loop() -> None:
    check_proposals("loop-digits", "def f(x):\n    y = x % 10\n    x -= 10  # <-\n    return x, y", at_most=0)
