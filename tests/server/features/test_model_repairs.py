"""Repairs in the editor with a model: asked for by the user alone, and done without where it is down."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from openai_server import refused_url
from project_fixture import make_project
from scene import Scene

from tracemend.repair import consulting
from tracemend.repair.events import Event, Note
from tracemend.repair.models.protocol import ModelSettings
from tracemend.server.completion_messages import model_of_row, model_row
from tracemend.server.search_requests import background_request
from tracemend.server.search_worker import search
from tracemend.server.searching import SearchRequest

SNIPPET = """
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    from shop import total
    def test_total(): assert total([]) == 0
"""


def with_model(scene: Scene, asked: bool) -> SearchRequest:
    settings = replace(
        scene.folder.settings, model_base_url="http://127.0.0.1:1/v1", model_name="m", model_max_cost=0.5
    )
    folder = replace(scene.folder, settings=settings)
    return background_request(folder, {}, list(scene.states.values()), None, asked=asked)


def test_only_what_the_user_asks_for_asks_a_model(tmp_path: Path) -> None:
    scene = Scene(tmp_path, SNIPPET)
    scene.fails("test_shop.py::test_total", "AssertionError", "assert 1 == 0", at="def test_total")
    scene.knows("test_shop.py::test_total", suspects=())
    assert with_model(scene, asked=False).model == ""
    request = with_model(scene, asked=True)
    settings = model_of_row(request.model)
    assert (settings.base_url, settings.model, settings.max_cost) == ("http://127.0.0.1:1/v1", "m", 0.5)
    assert request.max_time_s == 180.0


def test_without_its_endpoint_the_embedded_result_stands_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consulting, "TEMPLATES_SHARE", 0.02)
    project = make_project(tmp_path, """
        #- words.py
        def words(text):
            return None
        #- test_words.py
        from words import words
        def test_words(): assert words("a b")[1] == "b" and words("c")[0] == "c"
    """)  # fmt: skip
    row = model_row(ModelSettings(refused_url(), "m"))
    request = SearchRequest(
        str(project.root), str(project.python), ("test_words.py",), max_time_s=40.0, niceness=0, model=row
    )
    told: list[Event] = []
    outcome = search(request, told.append, threading.Event())
    (failure,) = outcome.failures
    assert "No model was asked: " in failure.reason
    assert "No trustworthy fix" in failure.reason or failure.patches
    assert any(isinstance(one, Note) and "without a model" in one.text for one in told)
