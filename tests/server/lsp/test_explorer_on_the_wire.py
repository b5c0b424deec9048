"""A test explorer's conversation with a real server: what is there, run one, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsp_wire import TIMEOUT_S, Wire
from project_fixture import make_project

PROJECT = """
    #- pyproject.toml
    [tool.tracemend]
    background-repair = false
    #- test_shop.py
    def test_right():
        assert 1 + 1 == 2

    def test_wrong():
        assert 1 + 1 == 3
"""
RIGHT, WRONG = "test_shop.py::test_right", "test_shop.py::test_wrong"


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that the server tells only those who ask."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "The run did not come to an end."
        time.sleep(0.02)


def test_tests_are_listed_and_a_later_run_has_a_greater_number(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", PROJECT)

    def known() -> dict[str, Any]:
        (folder,) = client.call("tracemend/tests")
        assert folder["root"] == str(project.root)
        return {one["id"]: one for one in folder["tests"]}

    with Wire.start(env={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as client:
        client.initialize(project.root)
        client.heard("tracemend/status", lambda status: status["message"].startswith("1 failed, 1 passed"))
        before = known()
        assert [(one, before[one]["line"], before[one]["verdict"]) for one in before] == [
            (RIGHT, 0, "passed"),
            (WRONG, 3, "failed"),
        ]
        assert before[WRONG]["failure"]["line"] == 4
        target = {"root": str(project.root), "tests": [RIGHT]}
        run = client.call("workspace/executeCommand", {"command": "tracemend.run", "arguments": [target]})[
            "run"
        ]
        assert run > before[RIGHT]["run"]
        until(lambda: known()[RIGHT]["run"] == run)
        found = client.call("tracemend/repairs", {"root": str(project.root), "tests": [WRONG]})
        assert (found["test"], found["repairs"]) == (WRONG, [])
        assert "not known to fail" in client.error("tracemend/repairs", target)["message"]
