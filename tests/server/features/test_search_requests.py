"""What a search is asked: which failures together, who stands guard, what is unsaved."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scene import Scene

from tracemend.repair.engine import Engine
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.settings import Project, RunnerSettings
from tracemend.server.search_requests import background_request, group_with

SNIPPET = """
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    def other(): pass
    #- test_shop.py
    def test_a(): assert 0
    def test_b(): assert 1 == 2
    def test_c(): assert 2 == 3
"""


def failing_scene(folder: Path) -> Scene:
    scene = Scene(folder, SNIPPET)
    for name in "abc":
        test = f"test_shop.py::test_{name}"
        scene.fails(test, "AssertionError", "", at=f"def test_{name}")
        scene.suspects(test, ("shop.py", "return sum", 1.0))
    return scene


def test_failures_are_grouped_by_the_function_that_they_point_to(tmp_path: Path) -> None:
    scene = failing_scene(tmp_path)
    a, _, c = scene.states.values()
    elsewhere = scene.knows("test_shop.py::test_b", suspects=())
    assert group_with(a, [a, elsewhere, c]) == (a, c)
    assert group_with(elsewhere, [a, elsewhere, c]) == (elsewhere,)


def test_the_tests_that_execute_a_suspected_file_stand_guard(tmp_path: Path) -> None:
    scene = failing_scene(tmp_path)
    lines = frozenset({1})
    covered: dict[str, Any] = {
        "test_shop.py::test_a": {"shop.py": lines},
        "test_rare.py::test_x": {"shop.py": lines},
        "test_often.py::test_y": {"shop.py": lines},
        "test_often.py::test_z": {"shop.py": lines},
        "test_none.py::test_w": {"other.py": lines},
    }
    live: Any = SimpleNamespace(coverage=lambda: covered)
    request = background_request(scene.folder, {}, list(scene.states.values())[:1], live, asked=False)
    assert request.guards == ("test_often.py", "test_rare.py")
    assert request.tests == ("test_shop.py::test_a",)


@pytest.mark.parametrize(
    ("load_per_core", "limit_s", "time_s"),
    [(0.2, None, 30.0), (3.0, None, 90.0), (50.0, None, 180.0), (3.0, 20.0, 20.0)],
)
def test_a_search_that_nobody_asked_for_has_the_longer_the_busier_the_machine_is(
    load_per_core: float,
    limit_s: float | None,
    time_s: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "getloadavg", lambda: (4 * load_per_core, 0.0, 0.0))
    scene = failing_scene(tmp_path)
    scene.settings = replace(scene.settings, max_time_s=limit_s)
    states = list(scene.states.values())
    assert background_request(scene.folder, {}, states, None, asked=False).max_time_s == time_s
    assert background_request(scene.folder, {}, states, None, asked=True).max_time_s == (limit_s or 60.0)


def test_texts_that_the_disk_does_not_have_go_along(tmp_path: Path) -> None:
    scene = failing_scene(tmp_path)
    scene.edit("shop.py", lambda text: text.replace("+ 1", "+ 2"))
    documents = {one.path: one for one in scene.snapshot.documents.values() if one.path}
    request = background_request(scene.folder, documents, list(scene.states.values()), None, asked=True)
    assert request.overlay == (("shop.py", scene.texts["shop.py"]),)


def test_guards_are_collected_and_not_mended(tmp_path: Path) -> None:
    project = Project(tmp_path, Path("python"), ("test_a.py::test_x",))
    engine = Engine(project, RunnerSettings(), FixOptions(), guards=("test_b.py",))
    assert engine.project.selection == ("test_a.py", "test_b.py")
    assert engine.selection.names("test_a.py::test_x") and not engine.selection.names("test_b.py::test_y")
