"""What an object knows and nobody asks: flags, limits, first values, exceptions."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed

PLAYER = """
    class Player:
        def __init__(self):
            self.paused = False
            self.track = 1

        def pause(self):
            self.paused = True

        def forward(self):
            self.track += 1{here}
            return self.track
"""


def test_a_method_asks_for_the_flag_that_another_sets() -> None:
    check_proposals(
        "guard-state",
        PLAYER.format(here="  # <-"),
        offers=[
            "if self.paused:\nreturn self.track\nself.track += 1",
            "if self.paused:\nself.paused = False\nreturn self.track\nself.track += 1",
        ],
        never=["if self.track:"],
    )


def test_a_flag_forbids_what_the_test_waits_for() -> None:
    check_proposals(
        "guard-state",
        PLAYER.format(here="  # <-"),
        offers=["if self.paused:\nraise RuntimeError("],
        never=["if self.paused:\nreturn"],
        error="Failed: DID NOT RAISE <class 'RuntimeError'>",
    )


def test_a_limit_that_is_stored_and_never_read_is_asked_for() -> None:
    check_proposals(
        "missing-early-return",
        """
        class Session:
            def __init__(self, lifetime):
                self.lifetime = lifetime
                self.started = 0

            def user(self, now):
                return self.started and now  # <-
        """,
        offers=["if now - self.started > self.lifetime:\nreturn 0"],
        observed={"now": Observed(("int",)), "self.started": Observed(("int",))},
    )


def test_what_is_asked_whether_it_is_none_starts_with_none() -> None:
    snippet = """
    class Range:
        def __init__(self):
            self.low = 0  # <-
            self.high = 0
            self.size = 0

        def take(self, value):
            self.size += 1
            if self.low is None or value < self.low:
                self.low = value
            if self.high is None or value > self.high:
                self.high = value
    """
    check_proposals(
        "initial-none",
        snippet,
        offers=["self.low = None\nself.high = None", "self.low = None\nself.high = 0"],
    )
    check_proposals("initial-none", snippet.replace("self.low is None", "not self.low"), at_most=0)


def test_the_last_attempt_raises() -> None:
    check_proposals(
        "refuse-instead",
        """
        class Unreachable(Exception):
            def __init__(self, host):
                super().__init__(host)

        def first_answer(host, ask):
            try:
                return ask(host)
            except TimeoutError as problem:
                return None  # <-
        """,
        offers=["raise Unreachable(host) from problem"],
        error="Failed: DID NOT RAISE <class 'hosts.Unreachable'>",
    )
    check_proposals("refuse-instead", "def f(x):\n    if x:\n        return 3  # <-", at_most=0)


def test_a_shortage_is_what_the_exception_asks_for() -> None:
    check_proposals(
        "guard-overdraw",
        """
        class OutOfStock(Exception):
            def __init__(self, lacking):
                self.lacking = lacking

        class Shelf:
            def take(self, pieces):
                self.pieces -= pieces  # <-
        """,
        offers=["if self.pieces < pieces:\nraise OutOfStock(pieces - self.pieces)"],
        error="Failed: DID NOT RAISE <class 'shop.OutOfStock'>",
    )


def test_what_is_older_than_a_window_is_forgotten() -> None:
    check_proposals(
        "prune-window",
        """
        class Alarm:
            def __init__(self, span):
                self.span = span
                self.trips = []

            def trip(self, moment):
                self.trips.append(moment)  # <-
                return len(self.trips) > 3
        """,
        offers=[
            "self.trips = [one for one in self.trips if moment - one < self.span]\nself.trips.append(moment)"
        ],
        observed={"moment": Observed(("int",)), "self.trips": Observed(("list",))},
    )
