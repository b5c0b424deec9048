"""Asking over real HTTP: what comes back, what is told when nothing does, and that nobody waits for ever."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pytest
from openai_server import FAULTS, MODEL, Asked, Fail, OpenAIServer, Say, Traits, refused_url

from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models import errors, listening
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings

HELLO = [Message("user", "hello")]
KEY = "sk-very-secret"


def endpoint_at(base_url: str, **settings: Any) -> Endpoint:
    found = ModelSettings(base_url, MODEL, **settings)
    return Endpoint(found, Meter(found))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "pause", lambda seconds, cancel: None)


def test_a_chat_and_a_completion() -> None:
    with OpenAIServer(Say("hello, world", usage=(7, 3))) as server, endpoint_at(server.base_url) as endpoint:
        pieces: list[str] = []
        answer = endpoint.chat(HELLO, max_tokens=50, stop=["\n"], seed=3, on_text=pieces.append)
        assert (answer.text, answer.finish, answer.model) == ("hello, world", "stop", MODEL)
        assert "".join(pieces) == "hello, world" and len(pieces) > 1
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 3)
        assert (
            endpoint.complete("def f", max_tokens=9, suffix=None, extra={"top_k": 1}).text == "hello, world"
        )
        chat, completion = (one.body for one in server.asked)
        assert (chat["seed"], chat["stop"], chat["messages"][0]["content"]) == (3, ["\n"], "hello")
        assert (completion["prompt"], completion["top_k"]) == ("def f", 1)
        assert endpoint.meter.totals().usage.tokens == 20


FAULTY = {
    "401": (errors.Unauthorized, "Set the variable OPENAI_API_KEY"),
    "404 model": (errors.NoSuchModel, "has no model 'scripted'"),
    "429": (errors.RateLimited, "limits the rate"),
    "429 for long": (errors.RateLimited, "asks to wait 3600 s"),
    "500": (errors.ServerFault, "HTTP 500"),
    "slow first byte": (errors.TimedOut, "did not answer in time"),
    "cut at once": (errors.ServerFault, "in mid-answer"),
    "invalid JSON": (errors.BadAnswer, "no JSON"),
    "error in the stream": (errors.ServerFault, "out of memory"),
    "another shape": (errors.BadAnswer, "not as the OpenAI protocol says"),
    "web page": (errors.BadAnswer, "no answer of a model"),
    "empty": (errors.BadAnswer, "answered with nothing"),
}


@pytest.mark.parametrize(("fault", "expected"), FAULTY.items())
def test_each_fault_ends_in_a_message_that_says_what_to_do(fault: str, expected: Any) -> None:
    kind, words = expected
    with OpenAIServer(FAULTS[fault]) as server:
        endpoint = endpoint_at(server.base_url, timeout_s=2.0 if fault == "slow first byte" else 20.0)
        with pytest.raises(kind, match=words):
            endpoint.chat(HELLO, max_tokens=10)
        passes = fault in ("429", "500", "cut at once", "error in the stream")
        assert len(server.asked) == (4 if passes else 1)
        totals = endpoint.meter.totals()
        assert totals.requests == len(server.asked)
        assert (totals.usage.tokens > 0) == (fault in ("slow first byte", "web page", "empty"))


@pytest.mark.parametrize(("fault", "text"), [("cut", "half a"), ("endless", "again and again\n")])
def test_what_came_of_a_broken_answer_is_kept(fault: str, text: str) -> None:
    with OpenAIServer(FAULTS[fault]) as server:
        answer = endpoint_at(server.base_url).chat(HELLO, max_tokens=20)
        assert answer.text.startswith(text) and len(answer.text) < 1000
        assert answer.finish == ("cut" if fault == "cut" else "length")
        assert answer.usage.estimated and answer.usage.completion_tokens <= 20 and len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [pytest.param(refused_url(), id="refused"), "localhost:8000/v1", "ftp://x/v1", "http://", "http://[/v1"],
)
def test_nobody_is_there(url: str) -> None:
    with pytest.raises(errors.Refused, match=r"Start the server|Write it as http"):
        endpoint_at(url).chat(HELLO, max_tokens=10)


def test_a_connection_that_was_closed_behind_an_answer_costs_nothing() -> None:
    """As llama.cpp's server closes it."""
    with OpenAIServer(Say("hello"), Traits(hangs_up=True)) as server:
        with endpoint_at(server.base_url) as endpoint:
            for _ in range(3):
                assert endpoint.chat(HELLO, max_tokens=10).text == "hello"
        assert endpoint.meter.totals().requests == len(server.asked) == 3


def test_a_fault_that_passes_is_survived() -> None:
    behaviours = iter([FAULTS["500"], FAULTS["429"], Say("at last")])
    with OpenAIServer(lambda asked: next(behaviours)) as server:
        assert endpoint_at(server.base_url).chat(HELLO, max_tokens=10).text == "at last"


@pytest.mark.parametrize(
    "traits",
    [
        Traits(streams=False),
        Traits(refuses_unknown=True),
        Traits(refuses=frozenset({"max_tokens", "temperature", "seed"})),
        Traits(refuses=frozenset({"stream"})),
    ],
)
def test_dialects_are_learnt_once(traits: Traits) -> None:
    with OpenAIServer("fine", traits) as server:
        endpoint = endpoint_at(server.base_url)
        assert endpoint.chat(HELLO, max_tokens=10, seed=1).text == "fine"
        first = len(server.asked)
        assert endpoint.chat(HELLO, max_tokens=10, seed=1).text == "fine"
        assert len(server.asked) == first + 1


def test_a_field_of_the_caller_is_not_dropped_in_silence() -> None:
    with (
        OpenAIServer("fine", Traits(refuses_unknown=True)) as server,
        pytest.raises(errors.BadAnswer, match="grammar"),
    ):
        endpoint_at(server.base_url).chat(HELLO, max_tokens=10, extra={"grammar": "root ::= x"})


@pytest.mark.parametrize("say", [Say("tick ", endless=True, delay_s=0.005), Say("x", first_delay_s=60.0)])
def test_cancelling_closes_the_connection(say: Say) -> None:
    cancel = threading.Event()

    def script(asked: Asked) -> Say:
        cancel.set()
        return say

    with OpenAIServer(script) as server:
        endpoint = endpoint_at(server.base_url)
        with pytest.raises(errors.Cancelled):
            endpoint.chat(HELLO, max_tokens=5000, cancel=cancel)
        if say.endless:  # A server that sleeps does not look at its connection.
            assert server.somebody_hung_up.wait(20)


def test_cancelling_is_looked_at_often_enough() -> None:
    assert listening.CANCEL_STEP_S <= 0.1  # Within 200 ms, with as much again for closing.


def test_enough_is_enough() -> None:
    with OpenAIServer(Say("line\n", endless=True, delay_s=0.002)) as server:
        endpoint = endpoint_at(server.base_url)
        seen: list[str] = []

        def take(piece: str) -> bool:
            seen.append(piece)
            return "".join(seen).count("\n") >= 3

        answer = endpoint.chat(HELLO, max_tokens=5000, on_text=take)
        assert answer.text == "".join(seen) and answer.finish == "stop"
        assert server.somebody_hung_up.wait(20)


def test_no_more_requests_at_once_than_allowed() -> None:
    with OpenAIServer(Say("some text", delay_s=0.01)) as server:
        endpoint = endpoint_at(server.base_url, max_concurrent=2)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda _: endpoint.chat(HELLO, max_tokens=10), range(6)))
        assert len(server.asked) == 6 and server.most_at_once == 2


def test_roles_and_the_only_model() -> None:
    with OpenAIServer("x", Traits(models=("big", "small"))) as server:
        settings = ModelSettings(server.base_url, "big", fast_model="small")
        endpoint = Endpoint(settings, Meter(settings))
        assert [endpoint.chat(HELLO, max_tokens=5, role=role).model for role in ("fast", "strong")] == [
            "small",
            "big",
        ]
        nameless = ModelSettings(server.base_url, "")
        with pytest.raises(errors.NoSuchModel, match="big, small"):
            Endpoint(nameless, Meter(nameless)).chat(HELLO, max_tokens=5)
    with OpenAIServer("x") as server:
        nameless = ModelSettings(server.base_url, "")
        assert Endpoint(nameless, Meter(nameless)).chat(HELLO, max_tokens=5).model == MODEL


def test_what_was_said_is_recorded_and_the_key_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-account")
    noted: list[tuple[str, Mapping[str, object]]] = []
    with OpenAIServer("fine", Traits(key=KEY)) as server:
        settings = ModelSettings(server.base_url, MODEL)
        endpoint = Endpoint(
            settings, Meter(settings), record=lambda kind, fields: noted.append((kind, fields))
        )
        endpoint.chat(HELLO, max_tokens=10)
        assert "openai-organization" not in server.asked[0].headers
    assert [kind for kind, _ in noted] == ["prompt", "answer", "cost"]
    assert "hello" in json.dumps(noted) and KEY not in json.dumps(noted)


def test_an_error_does_not_repeat_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def echo(asked: Asked) -> Any:
        return Fail(400, f"Bad header {asked.headers['authorization']}")

    with OpenAIServer(echo) as server, pytest.raises(errors.BadAnswer) as caught:
        endpoint_at(server.base_url).chat(HELLO, max_tokens=10)
    assert "***" in str(caught.value) and KEY not in str(caught.value)


def test_counts_that_cannot_be_are_not_believed() -> None:
    """Else an endpoint that says it took nothing could be asked without end."""
    text = "def add(first, second): return first + second\n" * 40
    with OpenAIServer(Say(text, usage=(1, 1))) as server, endpoint_at(server.base_url) as endpoint:
        usage = endpoint.chat([Message("user", text)], max_tokens=2000).usage
    assert usage.estimated and usage.prompt_tokens > 50 and usage.completion_tokens > 50


def test_nobody_is_waited_for_beyond_the_time_that_there_is() -> None:
    late = pytest.raises(errors.TimedOut, match="did not answer in time")
    with OpenAIServer(FAULTS["slow first byte"]) as server, endpoint_at(server.base_url) as endpoint, late:
        endpoint.chat(HELLO, max_tokens=10, within_s=0.1)
    passing = Fail(503, "busy", headers={"Retry-After": "10"})
    with OpenAIServer(passing) as server, endpoint_at(server.base_url) as endpoint:
        with pytest.raises(errors.ServerFault, match="busy"):
            endpoint.chat(HELLO, max_tokens=10, within_s=9.0)
        assert len(server.asked) == 1


def test_looking_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer("hello") as server, endpoint_at(server.base_url) as endpoint:
        endpoint.look()
        assert not server.asked
    for unknown in ("http://[", "http://", "ftp://127.0.0.1/v1"):
        endpoint_at(unknown).look()
    with pytest.raises(errors.Refused, match="Nobody answers at"):
        endpoint_at(server.base_url).look()
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=socket.gaierror))
    with pytest.raises(errors.Refused, match="Nobody answers at"):
        endpoint_at("http://no-such-host.invalid/v1").look()


def test_behind_a_proxy_only_the_proxy_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    endpoint_at("http://no-such-host.invalid/v1").look()
