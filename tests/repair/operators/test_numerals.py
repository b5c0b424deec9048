"""Bases, masks, and digits that were lost."""

from __future__ import annotations

from operator_check import check_proposals


def test_the_base_of_a_text() -> None:
    check_proposals(
        "integer-base",
        """
        def colour(text):
            value = int(text)  # <-
            return value >> 16, value >> 8 & 255, value & 255
        """,
        offers=["value = int(text, 16)", "value = int(text, 2)"],
    )
    check_proposals(
        "integer-base", "x = int(text, 2)  # <-", offers=["x = int(text, 8)", "x = int(text, 10)"]
    )
    check_proposals("integer-base", "x = int(2.5)  # <-", at_most=0)


def test_a_mask_is_a_run_of_ones() -> None:
    check_proposals(
        "integer-mask",
        "def low(word):\n    return word & 0x7F  # <-",
        offers=["return word & 0xff", "return word & 0x3f"],
        never=["return word & 0x7f", "return word & 0x00"],
    )
    check_proposals("integer-mask", "def f(word):\n    return word & 5  # <-", at_most=0)
    check_proposals("integer-mask", "def f(word):\n    return word + 7  # <-", at_most=0)


def test_a_digit_that_was_lost_or_exchanged() -> None:
    check_proposals("integer-digits", "HOUR = 360  # <-", at_most=0)
    check_proposals("integer-digits", "KIBI = 124  # <-", offers=["KIBI = 1024"])
    check_proposals("integer-digits", "HOUR = 6300  # <-", offers=["HOUR = 3600"])
    check_proposals("integer-digits", "LIMIT = 7251  # <-", at_most=0)
