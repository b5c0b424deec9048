"""How a job finds out by itself how answers can be guided: once, within the user's caps, and silently where that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, MODEL, Behaviour, OpenAIServer, Traits, refused_url

from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models.capabilities import Capabilities, recall, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import Cancelled
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.advisors import advisors_for
from tracemend.repair.propose.strategies.guidance import MOST_PROBES, Guidance, GuidanceOfEndpoint

ROUTES = {
    "an engine with our plug-in": (Traits(plugin=True), (True, False)),
    "a server that streams": (Traits(), (False, True)),
    "a gateway that does not": (Traits(streams=False), (False, False)),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@contextmanager
def job_at(base_url: str, **settings: Any) -> Iterator[GuidanceOfEndpoint]:
    asked = ModelSettings(base_url, MODEL, **settings)
    with Endpoint(asked, Meter(asked)) as endpoint:
        yield GuidanceOfEndpoint(endpoint)


def found_by(job: GuidanceOfEndpoint, cancel: threading.Event | None = None) -> Guidance:
    return job("strong", cancel, 60.0)


@pytest.mark.parametrize(("traits", "expected"), ROUTES.values(), ids=ROUTES.keys())
def test_it_is_found_out_once_and_remembered(traits: Traits, expected: tuple[bool, bool]) -> None:
    with OpenAIServer("hi", traits) as server:
        with job_at(server.base_url) as job:
            first, second = found_by(job), found_by(job)
        asked = len(server.asked)
        with job_at(server.base_url) as job:
            third = found_by(job)
        assert len(server.asked) == asked
    assert [(one.masks, one.guarded is not None) for one in (first, second, third)] == 3 * [expected]
    assert "tiny requests" in first.told and not second.told and not third.told


def test_a_fast_model_is_found_out_about_by_itself() -> None:
    with OpenAIServer("hi", Traits(models=(MODEL, "small"))) as server:
        with job_at(server.base_url, fast_model="small") as job:
            for role in ("strong", "fast", "strong"):
                assert job(role, None, 60.0).guarded is not None
        asked = [one.body["model"] for one in server.asked]
        assert asked.count(MODEL) == asked.count("small") > 0
        assert recall(server.base_url, "small") is not None


@pytest.mark.parametrize(
    ("prefill", "told"),
    [("none", "asked for with the legal ones."), ("echo", "under a grammar of the legal ones.")],
)
def test_it_is_told_how_chats_are_guided(prefill: Any, told: str) -> None:
    """Where only completions can be continued the rest of a chat has to be asked for."""
    traits = Traits(grammar=True, lazy_grammar=True, prefill=prefill)
    with OpenAIServer("hi", traits) as server, job_at(server.base_url) as job:
        assert found_by(job).told.endswith(told)


CAPS = {
    "requests": {"max_requests": 3},
    "tokens": {"max_tokens": 2000},
    "money": {"max_cost": 0.001, "price_in": 1},
}


@pytest.mark.parametrize("caps", CAPS.values(), ids=CAPS.keys())
def test_what_the_user_allows_is_not_spent_on_it(caps: dict[str, Any]) -> None:
    """What is remembered costs nothing, and is used."""
    with OpenAIServer("hi") as server:
        with job_at(server.base_url, **caps) as job:
            assert found_by(job) == Guidance()
        assert not server.asked and recall(server.base_url, MODEL) is None
        remember(server.base_url, MODEL, Capabilities(MODEL, streaming=True))
        with job_at(server.base_url, **caps) as job:
            assert found_by(job).guarded is not None
        assert not server.asked


@pytest.mark.parametrize("fault", ["refused", "401", "404 model", "500", "cut at once", "web page"])
def test_where_it_fails_questions_are_asked_as_they_are(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is told by the answer to the first of them. A fault that lasts is not looked into again and again."""
    monkeypatch.setattr(endpoint_module, "pause", lambda seconds, cancel: None)
    with OpenAIServer(FAULTS.get(fault, "never asked")) as server:
        url = refused_url() if fault == "refused" else server.base_url
        with job_at(url) as job:
            for _ in range(MOST_PROBES):
                assert found_by(job) == Guidance()
            asked = len(server.asked)
            assert found_by(job) == Guidance() and len(server.asked) == asked
        assert recall(url, MODEL) is None


def test_a_fault_that_has_passed_is_forgotten() -> None:
    behaviour: list[Behaviour] = [FAULTS["401"]]
    with OpenAIServer(lambda asked: behaviour[-1]) as server, job_at(server.base_url) as job:
        assert found_by(job) == Guidance()
        behaviour.append("hi")
        assert found_by(job).guarded is not None


def test_calling_the_job_off_calls_it_off() -> None:
    cancel = threading.Event()

    def script(asked: object) -> Behaviour:
        cancel.set()
        return FAULTS["slow first byte"]

    with OpenAIServer(script) as server, job_at(server.base_url) as job:
        with pytest.raises(Cancelled):
            found_by(job, cancel)
        assert len(server.asked) == 1 and recall(server.base_url, MODEL) is None


def test_what_takes_too_long_is_given_up() -> None:
    with OpenAIServer(FAULTS["slow first byte"]) as server, job_at(server.base_url) as job:
        assert job("strong", None, 0.2) == Guidance()
        assert recall(server.base_url, MODEL) is None


def test_a_tape_does_not_hang_on_what_an_endpoint_can_do(tmp_path: Path) -> None:
    with OpenAIServer("hi") as server:
        for tape in (None, tmp_path / "tape.jsonl"):
            settings = ModelSettings(server.base_url, MODEL, cassette=tape, records_cassette=True)
            with advisors_for(settings) as advisors:
                assert advisors is not None and not server.asked, (
                    "Expected that only a question finds it out."
                )
                guidance = advisors.guidance("strong", None, 60.0)
                assert (guidance.guarded is None, not server.asked) == (tape is not None, tape is not None)
            server.asked.clear()
