"""Caps hold before a question is asked, by its worst case, also among questions asked at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_server import OpenAIServer, Say

from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import BudgetSpent, Cancelled
from tracemend.repair.models.meter import Meter, estimated_tokens
from tracemend.repair.models.protocol import Message, ModelSettings, Usage


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def meter(clock: Clock | None = None, **caps: Any) -> Meter:
    return Meter(ModelSettings("http://x/v1", "m", **caps), clock=clock or Clock())


@pytest.mark.parametrize(
    ("caps", "key"),
    [
        ({"max_tokens": 149}, "model-max-tokens"),
        ({"max_requests": 0}, "model-max-requests"),
        ({"max_cost": 0.00019, "price_in": 1.0, "price_out": 2.0}, "model-max-cost"),
        ({"max_seconds": 0.0}, "model-max-seconds"),
    ],
)
def test_a_question_that_could_exceed_a_cap_is_not_asked(caps: dict[str, Any], key: str) -> None:
    with pytest.raises(BudgetSpent, match=key):
        meter(**caps).reserve(100, 50)


def test_what_was_reserved_and_not_used_is_free_again() -> None:
    spending = meter(max_tokens=150)
    spending.settle(spending.reserve(100, 50), Usage(10, 10))
    spending.settle(spending.reserve(100, 30), Usage(10, 10))
    with pytest.raises(BudgetSpent, match="40 of 150 tokens are used, and this request could take 111"):
        spending.reserve(100, 11)
    assert spending.totals().usage == Usage(20, 20) and spending.totals().requests == 2


def test_a_question_waits_for_others_that_may_leave_it_room() -> None:
    spending = meter(max_tokens=100)
    first = spending.reserve(40, 40)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(spending.reserve, 40, 40)
        assert not second.done()
        spending.settle(first, Usage(10, 10))
        assert second.result(20).tokens == 80


def test_waiting_can_be_cancelled() -> None:
    spending, cancel = meter(max_tokens=100), threading.Event()
    spending.reserve(50, 50)
    cancel.set()
    with pytest.raises(Cancelled):
        spending.reserve(20, 20, cancel=cancel)


def test_time_is_that_in_which_something_was_under_way() -> None:
    clock = Clock()
    spending = meter(clock, max_seconds=10.0)
    one, clock.now = spending.reserve(1, 1), 2.0
    other, clock.now = spending.reserve(1, 1), 4.0
    spending.settle(one, Usage())
    spending.settle(other, Usage())
    clock.now = 100.0
    assert spending.totals().seconds == 4.0 and spending.remaining_s() == 6.0


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=12), st.data())
def test_caps_hold_whatever_is_asked_at_once(wanted: list[tuple[int, int]], data: st.DataObject) -> None:
    spending = meter(max_tokens=150, max_requests=8)
    used = [data.draw(st.tuples(st.integers(0, one), st.integers(0, two))) for one, two in wanted]

    def ask(number: int) -> None:
        try:
            reservation = spending.reserve(*wanted[number])
        except BudgetSpent:
            return
        spending.settle(reservation, Usage(*used[number]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(len(wanted))))
    assert spending.totals().usage.tokens <= 150 and spending.totals().requests <= 8


def test_a_real_call_stays_below_the_cap_and_the_next_is_refused() -> None:
    with OpenAIServer(Say("word " * 40, usage=None)) as server:
        found = ModelSettings(server.base_url, "scripted", max_tokens=160)
        endpoint = Endpoint(found, Meter(found))
        endpoint.chat([Message("user", "hello")], max_tokens=100)
        totals = endpoint.meter.totals()
        assert 0 < totals.usage.tokens <= 160 and totals.usage.estimated
        with pytest.raises(BudgetSpent):
            endpoint.chat([Message("user", "hello")], max_tokens=100)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("hello", 3), ("    x = 12", 7), ("añb", 4), ("\n\n", 2), (" " * 40, 3), ("\udcff", 3)],
)
def test_estimates_are_worst_cases(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens
