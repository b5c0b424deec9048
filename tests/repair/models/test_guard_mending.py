"""Where no request is left, a legal name takes the place of an invented one while the answer goes on streaming."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from openai_server import Asked, OpenAIServer

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable, TableType
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.guard import GuardedAnswer, Mending, guarded_completion
from tracemend.repair.models.guard_mending import MOST_REQUESTS, REQUESTS_A_LINE, RequestAllowance
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

CART = TableType("Cart", frozenset({"add", "total", "clear"}), is_open=False)
TABLE = SymbolTable((CART,), {"cart": 0})
LINES = "    price = cart.zzz()\n    again = cart.zzz()\n    other = cart.yyy()\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def complete(mending: Mending, script: str | Callable[[Asked], str] = LINES) -> GuardedAnswer:
    with OpenAIServer(script) as server:
        remember(server.base_url, "scripted", Capabilities("scripted", completions=True))
        settings = ModelSettings(server.base_url, "scripted")
        endpoint = Endpoint(settings, Meter(settings))
        return guarded_completion(
            endpoint, lambda: Guide(TABLE, before="def f(cart):\n"), "", max_tokens=99, mending=mending
        )


def in_turn(*names: str) -> Callable[[str, Collection[str]], str]:
    chosen = iter(names)
    return lambda so_far, legal: next(chosen)


def spent() -> RequestAllowance:
    allowance = RequestAllowance()
    while allowance.spend():
        pass
    return allowance


def test_without_a_request_left_the_likeliest_name_is_written_and_nothing_is_asked_again() -> None:
    answer = complete(Mending(in_turn("total", "clear"), spent()))
    expected = LINES.replace("zzz", "total").replace("yyy", "clear")  # The same name for the same mistake.
    assert (answer.text, answer.finish, answer.requests) == (expected, "stop", 1)
    assert answer.replaced == (("zzz", "total"), ("zzz", "total"), ("yyy", "clear"))
    assert answer.discarded_tokens == 0


def test_without_a_request_and_a_likely_name_the_answer_ends() -> None:
    answer = complete(Mending(lambda so_far, legal: None, spent()))
    assert (answer.text, answer.finish, answer.requests) == ("    price = cart.", "violation", 1)


def test_the_first_mistake_is_asked_again_and_the_request_is_paid() -> None:
    asked: list[str] = []

    def write(one: Asked) -> str:
        asked.append(one.text)
        return LINES if len(asked) == 1 else "total()\n    other = cart.yyy()\n"

    allowance = RequestAllowance()
    answer = complete(Mending(in_turn("clear"), allowance), write)
    assert answer.text == "    price = cart.total()\n    other = cart.clear()\n" and answer.requests == 2
    assert asked[1] == "    price = cart." and not allowance.is_left


def test_what_opens_an_answer_is_sent_once() -> None:
    grammars: list[str] = []

    def write(one: Asked) -> str:
        grammars.append(one.body.get("grammar", ""))
        return "    x = cart.zzz()\n" if len(grammars) == 1 else "total()\n"

    with OpenAIServer(write) as server:
        remember(server.base_url, "scripted", Capabilities("scripted", completions=True))
        settings = ModelSettings(server.base_url, "scripted")
        guide = Guide(TABLE, before="def f(cart):\n")
        answer = guarded_completion(
            Endpoint(settings, Meter(settings)),
            lambda: guide,
            "",
            max_tokens=99,
            opening={"grammar": "first"},
        )
    assert (answer.text, grammars) == ("    x = cart.total()\n", ["first", ""])


def test_requests_are_earned_by_lines_and_saved_up_to_a_limit() -> None:
    allowance = spent()
    assert not allowance.is_left and not allowance.spend()
    allowance.earn(round(1 / REQUESTS_A_LINE))
    assert allowance.is_left and allowance.spend() and not allowance.is_left
    allowance.earn(100_000)
    assert [allowance.spend() for _ in range(round(MOST_REQUESTS) + 1)] == [True] * round(MOST_REQUESTS) + [
        False
    ]


def test_an_answer_earns_by_its_lines() -> None:
    allowance = spent()
    complete(Mending(in_turn(), allowance), "    cart.add(1)\n" * round(1 / REQUESTS_A_LINE))
    assert allowance.is_left
