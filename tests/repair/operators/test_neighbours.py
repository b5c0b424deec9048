"""Values that are computed as those beside them."""

from __future__ import annotations

from operator_check import check_proposals, proposals


def test_an_assignment_is_written_as_the_one_before_it() -> None:
    check_proposals(
        "written-as-neighbour",
        """
        class Version:
            def __init__(self, pre, build):
                self._pre = None if pre is None else str(pre)
                self._build = str(build)  # <-
        """,
        offers=["self._build = None if build is None else str(build)"],
    )


def test_a_keyword_is_written_as_the_one_beside_it() -> None:
    check_proposals(
        "written-as-neighbour",
        """
        def loaded(row):
            return Point(x=float(row["x"]), y=row["y"])  # <-
        """,
        offers=['return Point(x=float(row["x"]), y=float(row["y"]))'],
    )


def test_an_entry_is_written_as_the_one_beside_it() -> None:
    check_proposals(
        "written-as-neighbour",
        """
        def shown(start, end):
            return {"start": start.isoformat(), "end": end}  # <-
        """,
        offers=['return {"start": start.isoformat(), "end": end.isoformat()}'],
    )


def test_the_neighbour_may_stand_in_the_next_branch() -> None:
    check_proposals(
        "written-as-neighbour",
        """
        def read(self, key, text):
            if key == "width":
                self.width = int(text.strip("width"))
            elif key == "height":
                self.height = int(text)  # <-
        """,
        offers=['self.height = int(text.strip("height"))'],
    )


def test_what_holds_the_value_is_cheaper_than_what_differs() -> None:
    found = proposals(
        "written-as-neighbour",
        """
        def both(self, low, high):
            self.low = abs(low)
            self.high = high  # <-
            self.high_low = low + 1
        """,
    )
    assert [text.splitlines()[2].strip() for text, _, _ in found] == ["self.high = abs(high)"]


def test_names_that_are_unknown_here_are_not_written() -> None:
    check_proposals(
        "written-as-neighbour",
        """
        def both(self, low, top):
            self.low = low or raw_low
            self.high = top  # <-
        """,
        never=["raw_high"],
    )
