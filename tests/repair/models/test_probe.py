"""What servers of the kinds that were measured can do, found out without being told."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, STANDARD_FIELDS, Asked, Behaviour, Fail, OpenAIServer, Raw, Traits

from tracemend.repair.models import capabilities, trials
from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models.capabilities import Capabilities, choose_route, forget, recall, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import (
    BadAnswer,
    Cancelled,
    ModelError,
    NoSuchModel,
    RateLimited,
    ServerFault,
)
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings

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


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (endpoint_module, trials):
        monkeypatch.setattr(module, "pause", lambda seconds, cancel: None)


def endpoint_of(server: OpenAIServer, **settings: Any) -> Endpoint:
    asked = ModelSettings(server.base_url, **{"model": "scripted", **settings})
    return Endpoint(asked, Meter(asked))


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
    near, lan, far = "https://localhost:1/v1", "http://10.0.0.7:1/v1", "https://far.example/v1"
    for url in (near, lan, far):
        remember(url, "m", Capabilities("m", prefill="echo"), tmp_path)
    now = capabilities.time.time()
    monkeypatch.setattr(capabilities.time, "time", lambda: now + 2 * capabilities.HOUR_S)
    assert recall(near, "m", tmp_path) is None and recall(lan, "m", tmp_path) is None
    assert recall(far, "m", tmp_path) == Capabilities("m", prefill="echo")
    for file in tmp_path.iterdir():
        file.write_text("{")
    assert recall(far, "m", tmp_path) is None


def test_a_memory_that_is_written_is_never_half_there(tmp_path: Path) -> None:
    for _ in range(2):
        remember("http://localhost:1/v1", "m", Capabilities("m"), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_what_was_left_out_is_not_remembered(tmp_path: Path) -> None:
    remember("http://localhost:1/v1", "m", Capabilities("m", is_provisional=True), tmp_path)
    assert recall("http://localhost:1/v1", "m", tmp_path) is None


PASSING: dict[str, Behaviour] = {
    "HTTP 500": Fail(500, "Internal server error"),
    "a model that is loaded": Fail(503, "Loading model", headers={"Retry-After": "0"}),
    "HTTP 408": Fail(408, "Request timeout"),
    "HTTP 425": Fail(425, "Too early"),
    "a connection that is closed": FAULTS["cut at once"],
    "an error in the stream": FAULTS["error in the stream"],
    "an answer without its end": Raw(b'data: {"choices": [{"text": "h", "delta": {"content": "h"}}]}\n\n'),
    "a rate limit": FAULTS["429"],
}
LLAMA, VLLM = (SERVERS[name] for name in ("llama-server", "vLLM as it is"))


# All requests meet the first of them, and every third one the others, for the sake of the suite's time.
@pytest.mark.parametrize(
    ("kind", "fault", "every"),
    [(LLAMA, "HTTP 500", 1), (VLLM, "HTTP 500", 3), *((LLAMA, one, 3) for one in list(PASSING)[1:])],
    ids=["HTTP 500", "HTTP 500-vLLM", *list(PASSING)[1:]],
)
@pytest.mark.usefixtures("no_pauses")
def test_nothing_is_concluded_from_a_fault_that_passes(
    kind: tuple[Traits, dict[str, Any], str], fault: str, every: int
) -> None:
    """Whichever of its requests meets it, but for faults of streams in what is beside the endpoint."""
    traits, expected, _ = kind
    found = Capabilities(**{"model": "scripted", "models": ("scripted",), **BASE, **expected})
    behaviour, met = PASSING[fault], 0

    def meets(number: int, path: str) -> Behaviour | None:
        is_possible = path != traits.tokenizer or (isinstance(behaviour, Fail) and behaviour.status != 429)
        return behaviour if number == met and is_possible else None

    with OpenAIServer("hi", traits, meets=meets) as server, endpoint_of(server) as endpoint:
        while met <= server.posts:
            server.posts = 0
            assert endpoint.capabilities(refresh=True) == found, f"request {met}"
            met += every
    assert met > 10


@pytest.mark.parametrize("lasts", [1, 3, 4, 5])
@pytest.mark.usefixtures("no_pauses")
def test_a_server_that_still_loads_its_model_is_waited_for(lasts: int) -> None:
    """Four times it is asked for a text, and then for a chat, behind which it is asked for a text again."""
    loading = Fail(503, "Loading model")
    with OpenAIServer("hi", meets=lambda number, path: loading if number < lasts else None) as server:
        found = endpoint_of(server).capabilities()
    assert found.completions and found.chat


@pytest.mark.parametrize("fault", ["HTTP 500", "a model that is loaded", "a connection that is closed"])
@pytest.mark.usefixtures("no_pauses")
def test_a_server_that_goes_away_leaves_no_finding(fault: str) -> None:
    first = 0

    def meets(number: int, path: str) -> Behaviour | None:
        return PASSING[fault] if number >= first else None

    with OpenAIServer("hi", LLAMA[0], meets=meets) as server, endpoint_of(server) as endpoint:
        for number in range(0, 11, 2):
            first, server.posts = number, 0
            with pytest.raises((ServerFault, RateLimited)):
                endpoint.capabilities()
            assert recall(server.base_url, "scripted") is None


@pytest.mark.usefixtures("no_pauses")
def test_a_server_that_always_fails_at_what_it_does_not_know_is_understood() -> None:
    """With HTTP 500, beside answering everything else."""

    def script(asked: Asked) -> Behaviour:
        return Fail(500, "KeyError") if set(asked.body) - STANDARD_FIELDS else "hi"

    with OpenAIServer(script) as server:
        found = endpoint_of(server).capabilities()
        assert found == Capabilities("scripted", models=("scripted",), **BASE)
        assert recall(server.base_url, "scripted") == found


def test_a_probe_that_is_called_off_leaves_no_finding() -> None:
    """While any of its requests is under way but the last one, which may be answered by then."""
    cancel = threading.Event()
    called_off_at = -1

    def meets(number: int, path: str) -> None:
        if number == called_off_at:
            cancel.set()

    with OpenAIServer("hi", LLAMA[0], meets=meets) as server, endpoint_of(server) as endpoint:
        endpoint.capabilities(refresh=True)
        forget(server.base_url, "scripted")
        for number in range(server.posts - 1):
            called_off_at, server.posts = number, 0
            cancel.clear()
            with pytest.raises(Cancelled):
                endpoint.capabilities(refresh=True, cancel=cancel)
            assert recall(server.base_url, "scripted") is None


@pytest.mark.parametrize("fault", ["slow first byte", "429"])
def test_what_says_nothing_beside_the_endpoint_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Some gateways leave paths that they do not know open."""
    monkeypatch.setattr(endpoint_module, "LIST_TIMEOUT_S", 0.5)
    with OpenAIServer(
        "hi", meets=lambda number, path: FAULTS[fault] if "tokenize" in path else None
    ) as server:
        endpoint = endpoint_of(server)
        monkeypatch.setattr(endpoint, "models", lambda cancel: ("scripted",))
        found = endpoint.capabilities()
        assert found.is_provisional and found.completions and found.tokenizer == ""
        assert recall(server.base_url, "scripted") is None


def test_what_a_trial_is_refused_for_says_nothing_about_questions() -> None:
    """An endpoint that names no field would be asked without a temperature from then on."""

    def script(asked: Asked) -> Behaviour:
        is_plain = not set(asked.body) - STANDARD_FIELDS
        return "hi" if is_plain else Fail(422, "Extra fields are not permitted.")

    with OpenAIServer(script) as server:
        endpoint = endpoint_of(server)
        endpoint.capabilities()
        endpoint.complete("x", max_tokens=5, seed=1)
        assert {"seed", "temperature", "stream_options"} <= server.asked[-1].body.keys()


def test_what_was_found_of_another_model_is_not_recalled() -> None:
    """Where the settings name none it is that of whoever is served."""
    with OpenAIServer("hi") as server:
        remember(server.base_url, "", Capabilities("another", grammar=True))
        assert endpoint_of(server, model="").capabilities().model == "scripted"
        remember(server.base_url, "", Capabilities("scripted", grammar=True))
        assert endpoint_of(server, model="").capabilities().grammar


def test_an_endpoint_that_is_not_what_it_was_is_found_out_anew() -> None:
    """Once: what refuses a question may be the question."""
    with OpenAIServer(
        lambda asked: Fail(400, "too long") if asked.body["max_tokens"] > 50 else "hi"
    ) as server:
        remember(server.base_url, "scripted", Capabilities("scripted", grammar=True))
        endpoint = endpoint_of(server)
        for _ in range(3):
            endpoint.capabilities()
            with pytest.raises(BadAnswer):
                endpoint.chat([Message("user", "Hello.")], max_tokens=60)
        found = [one for one in server.asked if "grammar" in one.body]
        assert len(found) == 1 and not endpoint.capabilities().grammar


@pytest.mark.parametrize(("room", "probed"), [(51, False), (52, True)])
def test_caps_are_left_to_questions(room: int, probed: bool) -> None:
    """A probe may take a quarter of what is allowed; where it was asked for, all of it."""
    with OpenAIServer("hi") as server:
        found = endpoint_of(server, max_requests=room).capabilities()
        assert (found.is_provisional, bool(server.asked)) == (not probed, probed)
        assert endpoint_of(server, max_requests=room).capabilities(refresh=True).completions
