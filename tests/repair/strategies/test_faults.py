"""Every way in which an endpoint fails, over real HTTP: it is said once, and what templates found stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from model_scene import ModelScene, answer
from openai_server import FAULTS, OpenAIServer, refused_url

from tracemend.repair.consulting import look_for_models
from tracemend.repair.events import Note
from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

GIVEN_UP = {
    "401": "Set the variable OPENAI_API_KEY to a valid key",
    "404 model": "has no model 'scripted'",
    "429": "limits the rate",
    "429 for long": "asks to wait 3600 s",
    "500": "failed (HTTP 500)",
    "slow first byte": "did not answer in time",
    "cut at once": "closed the connection in mid-answer",
    "invalid JSON": "something that is no JSON",
    "error in the stream": "out of memory",
    "another shape": "not as the OpenAI protocol says",
    "web page": "no answer of a model",
    "empty": "answered with nothing",
}
USED_ALL_THE_SAME = {"cut": "broke off; what had come of it was used", "endless": "did not end within"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(endpoint_module, "pause", lambda seconds, cancel: None)
    yield


def scene_at(folder: Path, base_url: str, **settings: Any) -> ModelScene:
    """Return a scene in which a template has found a patch, and an endpoint is to be asked."""
    asked = ModelSettings(base_url, "scripted", **settings)
    scene = ModelScene(folder, Endpoint(asked, Meter(asked)))
    scene.desk.attempt(answer(1, 0, 0))
    return scene


def notes(scene: ModelScene) -> list[str]:
    return [one.text for one in scene.events if isinstance(one, Note)]


@pytest.mark.parametrize(("fault", "said"), GIVEN_UP.items())
def test_a_failing_endpoint_is_given_up_in_so_many_words(tmp_path: Path, fault: str, said: str) -> None:
    with OpenAIServer(FAULTS[fault]) as server:
        scene = scene_at(tmp_path, server.base_url, timeout_s=2.0 if fault == "slow first byte" else 20.0)
        found = list(scene.search.outcome.plausible)
        scene.work("auto")
        asked = len(server.asked)
        scene.work("auto")
        assert asked == len(server.asked) > 0
    (note,) = notes(scene)
    assert said in note and note.endswith("Going on without a model.")
    assert [said in one for one in scene.notes] == [True]
    assert scene.search.outcome.plausible == found


@pytest.mark.parametrize(("fault", "said"), USED_ALL_THE_SAME.items())
def test_an_answer_without_its_end_is_used_and_told_of_once(tmp_path: Path, fault: str, said: str) -> None:
    with OpenAIServer(FAULTS[fault]) as server:
        scene = scene_at(tmp_path, server.base_url)
        found = list(scene.search.outcome.plausible)
        scene.work("simple")
        assert len(server.asked) > 1
    assert [said in one for one in notes(scene)] == [said in one for one in scene.notes] == [True]
    assert scene.search.outcome.plausible == found


def test_where_nobody_listens_nobody_is_waited_for(tmp_path: Path) -> None:
    """It is found out before templates are given only a part of the time."""
    scene = scene_at(tmp_path, refused_url())
    look_for_models(scene.ground)
    look_for_models(scene.ground)
    (note,) = notes(scene)
    assert note.startswith("Nobody answers at") and scene.advisors.problem in scene.notes[0]
    assert scene.work("auto") == 1, "Expected that only the template's patch was run."


def test_an_endpoint_that_answered_before_was_only_asked_too_late(tmp_path: Path) -> None:
    with OpenAIServer(FAULTS["slow first byte"]) as server:
        scene = scene_at(tmp_path, server.base_url, timeout_s=2.0)
        scene.advisors.requests = 1
        scene.work("auto")
    assert not notes(scene) and not scene.advisors.problem
