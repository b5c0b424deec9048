"""What the file does elsewhere, with one name exchanged."""

from __future__ import annotations

from operator_check import check_proposals


def test_what_is_done_to_another_name_is_done_to_this_one() -> None:
    check_proposals(
        "insert-analogue",
        """
        def read(raw, charset):
            key, value = raw.split(b"=")  # <-
            value = value.decode(charset)
            return key, value
        """,
        offers=['key, value = raw.split(b"=")\n    key = key.decode(charset)'],
        at_most=1,
    )


def test_what_cannot_be_understood_here_is_not_done() -> None:
    check_proposals(
        "insert-analogue",
        """
        def other(value, charset):
            value = value.decode(charset)

        def read(raw):
            key = raw  # <-
        """,
        at_most=0,
    )


def test_a_guard_of_another_function_asks_for_this_argument() -> None:
    check_proposals(
        "insert-guard-of-file",
        """
        def first(rows):
            if not rows:
                return []
            return rows[0]

        def last(lines):
            return lines[-1]  # <-
        """,
        offers=["if not lines:\n        return []\n    return lines[-1]"],
    )


def test_a_guard_with_two_foreign_names_stays_where_it_is() -> None:
    check_proposals(
        "insert-guard-of-file",
        """
        def first(rows, index):
            if index > rows:
                return []

        def last(lines):
            return lines[-1]  # <-
        """,
        at_most=0,
    )
