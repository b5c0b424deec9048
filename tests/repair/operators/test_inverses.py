"""Edits of two functions that undo each other, and clean-up that must happen in any case."""

from __future__ import annotations

from operator_check import check_proposals

SEATS = """
    def index(row, number, width):
        {document}return row * width + number  # <-

    def name(place, width):
        row, number = {parts}
        return f"{{row}}-{{number}}"
    """

SHIFTED = """return row * width + number {} 1

def name(place, width):
row, number = divmod(place, width)
return f"{{row}}-{{number {} 1}}\""""


def test_both_ways_are_shifted() -> None:
    check_proposals(
        "inverse-offset",
        SEATS.format(document="", parts="divmod(place, width)"),
        offers=[SHIFTED.format("-", "+"), SHIFTED.format("+", "-")],
        never=[SHIFTED.format("-", "-")],
        at_most=40,
    )


def test_a_docstring_may_say_that_a_function_undoes_another() -> None:
    document = '"""The opposite of name."""\n        '
    check_proposals("inverse-offset", SEATS.format(document=document, parts="place"), offers=["{number + 1}"])


def test_strangers_are_left_alone() -> None:
    check_proposals("inverse-offset", SEATS.format(document="", parts="place"), at_most=0)


def test_the_second_half_of_a_pair_goes_into_finally() -> None:
    check_proposals(
        "cleanup-finally",
        """
        class Pool:
            async def run(self, job):
                self.free -= 1
                result = await job()  # <-
                self.free += 1
                return result
        """,
        offers=["try:\nresult = await job()\nfinally:\nself.free += 1\nreturn result"],
        at_most=8,
    )
    check_proposals(
        "cleanup-finally",
        """
        def guarded(lock, work):
            lock.acquire()
            work()  # <-
            lock.release()
        """,
        offers=["try:\nwork()\nfinally:\nlock.release()"],
    )


def test_an_update_that_undoes_nothing_stays() -> None:
    check_proposals(
        "cleanup-finally",
        """
        def count(self, work):
            self.started += 1
            work()  # <-
            self.done += 1
        """,
        at_most=0,
    )
