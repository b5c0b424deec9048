"""What servers of the kinds that were measured can do, found out without being told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, Asked, Fail, OpenAIServer, Traits

from tracemend.repair.models import capabilities
from tracemend.repair.models.capabilities import Capabilities, choose_route, recall, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import BadAnswer, ModelError, NoSuchModel, RateLimited
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

BASE = {"chat": True, "completions": True, "streaming": True, "usage": True}
SERVERS: dict[str, tuple[Traits, dict[str, Any], str]] = {
    "vLLM with our plug-in": (
        Traits(
            prefill="continue_final_message", regex=True, logprobs=True, tokenizer="/tokenize", plugin=True
        ),
        {
            "prefill": "continue_final_message",
            "regex": True,
            "logprobs": True,
            "tokenizer": "/tokenize",
            "plugin": True,
        },
        "plug-in",
    ),
    "vLLM as it is": (
        Traits(regex=True, dispatch=True, tokenizer="/tokenize"),
        {"regex": True, "dispatch": True, "tokenizer": "/tokenize"},
        "grammar",
    ),
    "llama-server": (
        Traits(
            prefill="echo",
            grammar=True,
            lazy_grammar=True,
            logprobs=True,
            tokenizer="/tokenize",
            hangs_up=True,
        ),
        {
            "prefill": "echo",
            "grammar": True,
            "lazy_grammar": True,
            "logprobs": True,
            "tokenizer": "/tokenize",
        },
        "grammar",
    ),
    "llama-cpp-python": (Traits(grammar=True), {"grammar": True}, "grammar"),
    "transformers serve": (Traits(refuses_unknown=True), {"usage": False}, "stream guard"),
    "a hosted model": (
        Traits(has_completions=False, refuses=frozenset({"max_tokens", "temperature", "grammar"})),
        {"completions": False},
        "stream guard",
    ),
    "DeepSeek": (
        Traits(has_completions=False, prefill="prefix"),
        {"completions": False, "prefill": "prefix"},
        "stream guard",
    ),
    "a server that fills in the middle": (Traits(suffix=True), {"suffix": True}, "stream guard"),
    "a gateway that does not stream": (Traits(streams=False), {"streaming": False}, "filter"),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def endpoint_of(server: OpenAIServer) -> Endpoint:
    settings = ModelSettings(server.base_url, "scripted")
    return Endpoint(settings, Meter(settings))


@pytest.mark.parametrize(("traits", "expected", "route"), SERVERS.values(), ids=SERVERS.keys())
def test_what_servers_can_do(traits: Traits, expected: dict[str, Any], route: str) -> None:
    with OpenAIServer("hi", traits) as server:
        endpoint = endpoint_of(server)
        found = endpoint.capabilities()
        assert found == Capabilities(**{"model": "scripted", "models": ("scripted",), **BASE, **expected})
        assert choose_route(found).name == route
        assert endpoint.meter.totals().usage.tokens < 1000
        asked = len(server.asked)
        assert endpoint_of(server).capabilities() == found  # Remembered.
        assert len(server.asked) == asked <= 15


def test_trying_out_does_not_change_how_it_is_spoken_to() -> None:
    with OpenAIServer("hi", Traits(plugin=True, refuses=frozenset({"logprobs"}))) as server:
        endpoint = endpoint_of(server)
        endpoint.capabilities()
        endpoint.complete("x", max_tokens=5, seed=1)
        assert {"seed", "temperature", "stream_options"} <= server.asked[-1].body.keys()


@pytest.mark.parametrize("fault", ["401", "web page", "invalid JSON"])
def test_an_endpoint_that_does_nothing_is_not_remembered(fault: str) -> None:
    with OpenAIServer(FAULTS[fault]) as server:
        with pytest.raises(ModelError):
            endpoint_of(server).capabilities()
        assert recall(server.base_url, "scripted") is None


def test_neither_chat_nor_completions() -> None:
    def script(asked: Asked) -> Fail:
        return Fail(400, "no chats here" if asked.is_chat else "no completions here")

    with OpenAIServer(script) as server, pytest.raises(BadAnswer, match="answers neither"):
        endpoint_of(server).capabilities()


def test_what_both_have_against_it_is_said_once() -> None:
    with OpenAIServer(FAULTS["404 model"]) as server, pytest.raises(NoSuchModel, match=r"^http\S* has no"):
        endpoint_of(server).capabilities()


def test_an_endpoint_that_asks_for_a_little_time_gets_it() -> None:
    def script(asked: Asked) -> Fail | str:
        return Fail(429, "Slow down", headers={"Retry-After": "0.01"}) if asked.ordinal % 2 == 0 else "hi"

    with OpenAIServer(script) as server:
        assert endpoint_of(server).capabilities().completions
    with OpenAIServer(FAULTS["429"]) as server, pytest.raises(RateLimited):
        endpoint_of(server).capabilities()


def test_memory_expires_and_survives_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = "http://localhost:1/v1", "https://far.example/v1"
    for url in (near, far):
        remember(url, "m", Capabilities("m", prefill="echo"), tmp_path)
    now = capabilities.time.time()
    monkeypatch.setattr(capabilities.time, "time", lambda: now + 2 * capabilities.HOUR_S)
    assert recall(near, "m", tmp_path) is None
    assert recall(far, "m", tmp_path) == Capabilities("m", prefill="echo")
    for file in tmp_path.iterdir():
        file.write_text("{")
    assert recall(far, "m", tmp_path) is None
