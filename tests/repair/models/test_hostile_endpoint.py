"""Endpoints that mean harm, or are broken beyond what the protocol foresees: all they can do is to give no answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openai_server import MODEL, Behaviour, Fail, OpenAIServer, Raw, Say, Traits

from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models import errors, transport
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings

HELLO = [Message("user", "hello")]
KEY = "a-very-secret-key"


def endpoint_at(base_url: str, **settings: Any) -> Endpoint:
    found = ModelSettings(base_url, MODEL, **settings)
    return Endpoint(found, Meter(found))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "pause", lambda seconds, cancel: None)


def event(content: bytes) -> Raw:
    return Raw(b"data: " + content + b"\n\n")


HOSTILE: Mapping[str, tuple[Behaviour, str]] = {
    "nested too deeply": (event(b"[" * 100_000), "no JSON"),
    "a number of many digits": (event(b'{"usage": {"prompt_tokens": ' + b"9" * 5000 + b"}}"), "no JSON"),
    "a whole answer nested too deeply": (Raw(b'{"a":' * 30_000, "application/json"), "no JSON"),
    "a line without an end": (Raw(b"data: " + b"x" * 300_000), "has no end"),
    "an error without an end": (Fail(400, "x" * 300_000), "has no end"),
    "compressed": (Fail(200, headers={"Content-Encoding": "gzip"}), "compressed"),
    "compressed, as an error": (Fail(500, headers={"Content-Encoding": "br"}), "compressed"),
}


@pytest.mark.parametrize(("behaviour", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_none(behaviour: Behaviour, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 200_000)
    with OpenAIServer(behaviour) as server, pytest.raises(errors.BadAnswer, match=words):
        endpoint_at(server.base_url).chat(HELLO, max_tokens=10)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_neither_text_nor_key_follows_a_redirect(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with OpenAIServer("stolen") as elsewhere:
        away = Fail(status, headers={"Location": f"{elsewhere.base_url}/chat/completions"})
        with OpenAIServer(away) as server, pytest.raises(errors.Refused, match="Correct the address"):
            endpoint_at(server.base_url).chat(HELLO, max_tokens=10)
        assert not elsewhere.asked


def test_one_event_brings_no_more_than_was_asked_for() -> None:
    heard: list[str] = []
    with OpenAIServer(Say("x" * 1_000_000, piece=1_000_000)) as server:
        answer = endpoint_at(server.base_url).chat(HELLO, max_tokens=10, on_text=heard.append)
    assert answer.finish == "length" and answer.text == "".join(heard)
    assert len(answer.text) < 2000


def test_an_absurd_count_of_tokens_counts_as_none() -> None:
    said = b'{"choices": [{"delta": {"content": "x"}}], "usage": {"completion_tokens": ' + b"9" * 400 + b"}}"
    with OpenAIServer(event(said)) as server:
        answer = endpoint_at(server.base_url, price_out=1.0).chat(HELLO, max_tokens=10)
    assert answer.usage.estimated and answer.usage.completion_tokens <= 10


@pytest.mark.parametrize("wait", ["nan", "-inf", "Fri, 99 Foo 99999 99:99:99 GMT", "1e400"])
def test_an_absurd_wait_is_none(wait: str) -> None:
    behaviours = iter([Fail(500, headers={"Retry-After": wait}), Say("at last")])
    with OpenAIServer(lambda asked: next(behaviours)) as server:
        assert endpoint_at(server.base_url).chat(HELLO, max_tokens=10).text == "at last"


def test_half_a_character_does_not_end_the_job() -> None:
    with OpenAIServer("fine") as server, endpoint_at(server.base_url) as endpoint:
        endpoint.chat([Message("user", "a\ud800b")], max_tokens=10)
        endpoint.complete("a\udfffb", max_tokens=10)
        assert [one.text for one in server.asked] == ["a?b", "a?b"]


def test_an_error_cannot_steer_the_terminal() -> None:
    said = Fail(400, "\x1b]0;owned\x07\x1b[2Jno\u202e")
    with OpenAIServer(said) as server, pytest.raises(errors.BadAnswer) as caught:
        endpoint_at(server.base_url).chat(HELLO, max_tokens=10)
    assert str(caught.value).isprintable()


def test_a_key_that_an_answer_repeats_is_not_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    noted: list[Mapping[str, object]] = []
    tape = tmp_path / "tape.jsonl"
    with OpenAIServer(f"your key is {KEY}", Traits(key=KEY)) as server:
        settings = ModelSettings(server.base_url, MODEL, cassette=tape, records_cassette=True)
        endpoint = Endpoint(settings, Meter(settings), record=lambda kind, fields: noted.append(fields))
        assert KEY in endpoint.chat(HELLO, max_tokens=100).text
    assert KEY not in json.dumps(noted) and KEY not in tape.read_text("utf-8")
    assert "***" in json.dumps(noted) and "***" in tape.read_text("utf-8")
