"""The stream guard: invented names are cut out while they stream in, however an endpoint takes up its answer again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, Asked, Behaviour, OpenAIServer, Say, Traits

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable, TableType
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.guard import GuardedAnswer, GuardLimits, guarded_chat, guarded_completion
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings
from tracemend.repair.models.resuming import healed

CART = TableType("Cart", frozenset({"add", "total", "clear"}), is_open=False)
TABLE = SymbolTable((CART,), {"cart": 0})
PLAIN = Traits()
PROMPT = "def bill(cart):\n"
TRUTH = "    cart.add(1)\n    price = cart.total()\n    return price\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def complete(script: Callable[[Asked], Behaviour], traits: Traits = PLAIN, **options: Any) -> GuardedAnswer:
    with OpenAIServer(script, traits) as server:
        return guarded_completion(
            endpoint_of(server), lambda: Guide(TABLE, before=PROMPT), PROMPT, max_tokens=200, **options
        )


def chat(script: Callable[[Asked], Behaviour], traits: Traits = PLAIN, **options: Any) -> GuardedAnswer:
    with OpenAIServer(script, traits) as server:
        return guarded_chat(
            endpoint_of(server),
            lambda: Guide(TABLE, before="", fenced=True),
            [Message("user", "Write bill.")],
            max_tokens=200,
            **options,
        )


def endpoint_of(server: OpenAIServer) -> Endpoint:
    """Return an endpoint that has been probed before; `test_probe` shows that this is what is found."""
    traits = server.traits
    found = Capabilities(
        "scripted", completions=traits.has_completions, prefill=traits.prefill, regex=traits.regex
    )
    remember(server.base_url, "scripted", found)
    settings = ModelSettings(server.base_url, "scripted")
    return Endpoint(settings, Meter(settings))


def author(*wrongs: str) -> Callable[[Asked], Behaviour]:
    """Return a model that writes TRUTH behind what it is given, with the first `total` written in these ways in turn."""
    names = iter(wrongs)

    def write(asked: Asked) -> Behaviour:
        so_far = asked.text.removeprefix(PROMPT)
        if not TRUTH.startswith(so_far):
            return TRUTH[TRUTH.index("()", len(so_far) - 8) :]  # Goes on behind a name of another's.
        return TRUTH[len(so_far) :].replace("total", next(names, "total"))

    return write


def test_an_invented_name_is_cut_and_the_answer_goes_on_from_there() -> None:
    answer = complete(author("totl"))
    assert answer.text == TRUTH and answer.finish == "stop"
    assert answer.requests == 2 and [one.name for one in answer.violations] == ["totl"]
    assert 0 < answer.discarded_tokens <= answer.usage.completion_tokens


def test_a_right_answer_takes_one_request() -> None:
    answer = complete(author())
    assert (answer.text, answer.requests, answer.violations) == (TRUTH, 1, ())


def test_the_names_are_forced_where_the_endpoint_takes_a_grammar() -> None:
    seen = []

    def write(asked: Asked) -> Behaviour:
        seen.append(asked.body.get("structured_outputs", {}).get("regex", ""))
        return author("totl")(asked)

    assert complete(write, Traits(regex=True)).text == TRUTH
    assert seen[-1].startswith("(add|clear|total|")


@pytest.mark.parametrize(
    ("wrong", "text", "finish"),
    [
        ("totl", TRUTH, "stop"),  # There is one nearest name.
        ("zzz", TRUTH[: TRUTH.index("total")], "violation"),  # There is none: the answer ends before it.
    ],
)
def test_a_place_that_stays_wrong(wrong: str, text: str, finish: str) -> None:
    answer = complete(author(*[wrong] * 9), limits=GuardLimits(retries_at_place=2))
    assert (answer.text, answer.finish) == (text, finish)
    assert answer.replaced == ((("totl", "total"),) if finish == "stop" else ())
    assert answer.requests == (2 if finish == "stop" else 3)


def test_the_name_in_which_an_answer_ends_is_judged_with_what_follows_the_hole() -> None:
    def write(asked: Asked) -> Behaviour:
        return "    x = cart.totl" if asked.ordinal == 0 else "total"

    assert complete(write).text == "    x = cart.total"
    with OpenAIServer("    x = cart.tot") as server:
        guide = Guide(TABLE, before=PROMPT, after="al()\n")
        answer = guarded_completion(endpoint_of(server), lambda: guide, PROMPT, max_tokens=50)
    assert (answer.text, answer.requests) == ("    x = cart.tot", 1)


def test_a_name_that_nobody_binds_is_asked_for_again_and_not_forced() -> None:
    closed = SymbolTable((CART,), {"cart": 0, "price": -1}, is_open=False)

    def write(asked: Asked) -> Behaviour:
        assert "structured_outputs" not in asked.body  # What is bound is not all that may stand there.
        return "x = prise + 1\ny = x\n" if asked.ordinal == 0 else " price + 1\ny = x\n"

    with OpenAIServer(write, Traits(regex=True)) as server:
        guide = Guide(closed, before="")
        answer = guarded_completion(endpoint_of(server), lambda: guide, "", max_tokens=50)
    assert (answer.text, answer.requests) == ("x = price + 1\ny = x\n", 2)


def test_retries_are_bounded_in_all() -> None:
    def write(asked: Asked) -> Behaviour:
        return f"{'' if asked.text.endswith('.') else '    cart.'}add(1)\n    cart.zzz()\n"

    answer = complete(write, limits=GuardLimits(retries_at_place=5, retries=3))
    assert answer.requests == 4 and answer.finish == "violation"
    assert answer.text.count("add") == 4 and "zzz" not in answer.text


def test_a_stop_text_that_lies_across_a_cut() -> None:
    answer = complete(author("totl"), stop=["cart.total()\n"])
    assert answer.text == TRUTH[: TRUTH.index("cart.total")] and answer.finish == "stop"


def test_what_is_fine_survives_when_the_endpoint_dies() -> None:
    def write(asked: Asked) -> Behaviour:
        return author("totl")(asked) if asked.text == PROMPT else FAULTS["401"]

    answer = complete(write)
    assert answer.text == TRUTH[: TRUTH.index("total")] and answer.finish == "violation"


FENCED = (
    f"Here it is:\n```python\ncart = cart\n{TRUTH.replace('    ', '')}```\nDone: cart.nothing is prose.\n"
)


@pytest.mark.parametrize("prefill", ["continue_final_message", "prefix", "echo"])
def test_a_chat_goes_on_in_a_begun_turn(prefill: Any) -> None:
    def write(asked: Asked) -> Behaviour:
        last = asked.body["messages"][-1]
        so_far = last["content"] if last["role"] == "assistant" else ""
        return FENCED[len(so_far) :].replace("total", "total" if so_far else "totl")

    for traits in (
        Traits(prefill="continue_final_message"),
        Traits(prefill="echo"),
        Traits(prefill="prefix"),
    ):
        answer = chat(write, traits)
        assert answer.text == FENCED and answer.requests == 2, traits


REST = FENCED[FENCED.index("price") :]


@pytest.mark.parametrize(
    "rest",
    [
        f"```python\n{REST}",
        f"Sure, here is the rest.\n\n```py\n{REST}",
        f"```python\ncart.add(1)\n{REST}",  # The last line again.
        f"Sorry!\n{FENCED[FENCED.index('```') :]}",  # All of it again.
        REST,  # Without a fence.
    ],
)
def test_a_chat_that_cannot_go_on_is_asked_for_the_rest(rest: str) -> None:
    asked_for = []

    def write(asked: Asked) -> Behaviour:
        if len(asked.body["messages"]) == 1:
            return FENCED.replace("total", "totl")
        asked_for.append(asked.text)
        return rest

    answer = chat(write)
    assert answer.text == FENCED and answer.requests == 2
    assert "`Cart` has no member `totl`" in asked_for[-1] and "total, add, clear" in asked_for[-1]


def test_pieces_may_end_anywhere() -> None:
    for size in (1, 2, 3, 7, 500):
        say = author("totl")
        assert complete(lambda asked: Say(str(say(asked)), piece=size)).text == TRUTH  # noqa: B023


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("x = ", "x ="),
        ("return ", "return "),
        ("if a:\n    ", "if a:\n    "),
        ("f(", "f("),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_tokens_are_healed_without_opening_a_name(text: str, base: str) -> None:
    assert healed(text) == base
