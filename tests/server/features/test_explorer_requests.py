"""What test explorers and previews of repairs ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scene import Scene, patch_of

from tracemend.repair.runner.results import CollectedTest
from tracemend.server.features.test_explorer import list_repairs, list_tests, stop_run
from tracemend.server.jobs import Job
from tracemend.server.problems import RequestFailed

TEST = "test_shop.py::test_total"
OTHER = "test_shop.py::test_other"
NEW = "test_shop.py::test_new"
SNIPPET = """
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    def test_total():
        assert total([1]) == 1

    def test_other(): pass

    def test_new(): pass
"""
SESSION: Any = SimpleNamespace()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path, SNIPPET)
    made.fails(TEST, "AssertionError", "assert 2 == 1", at="assert total")
    made.passes(OTHER)
    return made


def known_tests(scene: Scene) -> dict[str, dict[str, Any]]:
    (folder,) = list_tests(SESSION, scene.snapshot, None, Job("tests"))
    assert folder["root"] == str(scene.root)
    return {one["id"]: one for one in folder["tests"]}


def test_every_collected_test_is_there_with_its_line_and_verdict(scene: Scene) -> None:
    scene.tests = tuple(
        CollectedTest(test, "test_shop.py", line) for test, line in ((TEST, 1), (OTHER, 4), (NEW, 6))
    )
    found = known_tests(scene)
    assert [(one["line"], one["verdict"]) for one in found.values()] == [
        (0, "failed"),
        (3, "passed"),
        (5, "unknown"),
    ]


def test_before_collection_those_with_a_verdict_are_there(scene: Scene) -> None:
    assert {test: one["line"] for test, one in known_tests(scene).items()} == {TEST: None, OTHER: None}


def test_a_failure_says_what_and_where(scene: Scene) -> None:
    failure = known_tests(scene)[TEST]["failure"]
    assert failure["message"] == "test_total fails: AssertionError: assert 2 == 1"
    assert (failure["uri"], failure["line"]) == (scene.uri("test_shop.py"), 1)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [({"fresh": False}, "stale"), ({"ignored": True}, "skipped")],
    ids=["stale", "ignored as flaky"],
)
def test_what_does_not_count_is_no_failure(scene: Scene, fields: dict[str, Any], verdict: str) -> None:
    scene.results[TEST] = replace(scene.results[TEST], **fields)
    found = known_tests(scene)[TEST]
    assert found["verdict"] == verdict and "failure" not in found


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [("skipped", "skipped"), ("xfailed", "skipped"), ("xpassed", "passed"), ("timeout", "failed")],
)
def test_outcomes_of_pytest_become_verdicts(scene: Scene, outcome: Any, verdict: str) -> None:
    live = scene.results[TEST]
    scene.results[TEST] = replace(live, result=replace(live.result, outcome=outcome))
    assert known_tests(scene)[TEST]["verdict"] == verdict


def test_repairs_come_with_their_diff_and_what_resolves_them(scene: Scene) -> None:
    patch = patch_of(scene, TEST, "shop.py", "sum(xs) + 1", "sum(xs)")
    scene.knows(TEST, phase="found", patches=(patch,))
    params = {"root": str(scene.root), "tests": [TEST]}
    found = list_repairs(SESSION, scene.snapshot, params, Job("repairs"))
    (repair,) = found["repairs"]
    assert (found["test"], found["phase"], repair["confidence"]) == (TEST, "found", "high")
    assert "+    return sum(xs)\n" in repair["diff"] and repair["evidence"] == "Because."
    assert repair["data"] == {"root": str(scene.root), "test": TEST, "patch": patch.key}


def test_of_a_test_that_passes_there_are_no_repairs(scene: Scene) -> None:
    params = {"root": str(scene.root), "tests": [OTHER]}
    with pytest.raises(RequestFailed, match="not known to fail"):
        list_repairs(SESSION, scene.snapshot, params, Job("repairs"))


def test_stopping_ends_the_run_of_the_folder(scene: Scene) -> None:
    stopped: list[Path] = []
    session: Any = SimpleNamespace(live=lambda root: SimpleNamespace(cancel=lambda: stopped.append(root)))
    stop_run(session, scene.snapshot, [{"root": str(scene.root)}])
    stop_run(session, scene.snapshot, [])
    assert stopped == [scene.root, scene.root]
