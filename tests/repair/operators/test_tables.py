"""Tables of words that lack one."""

from __future__ import annotations

from operator_check import check_proposals

_MODES = """
def is_mode(word):
    return word in ("WORK", "TRAN", "IMMEDIATE")  # <-
"""


def test_a_word_of_the_test_in_the_form_of_the_entries_is_added() -> None:
    check_proposals(
        "element-of-test",
        _MODES,
        test_literals=['"BEGIN READ write; WORK"'],
        offers=['return word in ("WORK", "TRAN", "IMMEDIATE", "READ")'],
        never=['"write"', '"WORK")'],
    )


def test_codes_have_the_length_of_the_others() -> None:
    check_proposals(
        "element-of-test",
        """
        SIGNS = {  # <-
            "de": ".",
            "fr": " ",
            "it": ".",
        }
        """,
        test_literals=["'lv'", "'12 345'", "'four'"],
        offers=['"it": ".", "lv": "."'],
        never=['"four"', '"345"'],
    )


def test_two_words_are_no_table() -> None:
    check_proposals(
        "element-of-test",
        """
        def is_side(word):
            return word in ("left", "right")  # <-
        """,
        test_literals=['"middle"'],
        at_most=0,
    )


def test_a_tuple_without_parentheses_grows_too() -> None:
    check_proposals(
        "element-of-test",
        """
        NAMES = "abs", "neg", "pos"  # <-
        """,
        test_literals=["'inv'"],
        offers=['NAMES = "abs", "neg", "pos", "inv"'],
    )
