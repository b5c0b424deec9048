"""What a function takes and does not read."""

from __future__ import annotations

from operator_check import check_proposals, proposals


def test_the_default_that_was_written_out_gives_way() -> None:
    check_proposals(
        "use-unused-parameter",
        """
        def joined(parts, sep=" ", limit=3):
            return " ".join(parts[:limit])  # <-
        """,
        offers=["return sep.join(parts[:limit])"],
        never=["limit.join"],
    )


def test_a_constant_of_the_type_is_dearer_than_the_default() -> None:
    found = proposals(
        "use-unused-parameter",
        """
        def padded(text, width=4, fill="."):
            return text.rjust(width, "-") + "."  # <-
        """,
    )
    costs = {after.splitlines()[-1].strip(): cost for after, _, cost in found}
    assert costs['return text.rjust(width, "-") + fill'] < costs['return text.rjust(width, fill) + "."']


def test_it_is_handed_on_to_who_takes_it() -> None:
    check_proposals(
        "pass-unused-parameter",
        """
        def unquote(text, encoding="utf-8"):
            return bytes(text, encoding).decode(encoding)

        def parsed(text, encoding="utf-8"):
            return [unquote(one) for one in text.split("&")]  # <-
        """,
        offers=['return [unquote(one, encoding=encoding) for one in text.split("&")]'],
    )


def test_what_is_read_somewhere_is_not_unused() -> None:
    check_proposals(
        "use-unused-parameter",
        """
        def joined(parts, sep=" "):
            inner = lambda: sep
            return " ".join(parts)  # <-
        """,
        never=["sep.join"],
    )
