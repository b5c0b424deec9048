"""What tests that nobody named say of a patch."""

import threading
from dataclasses import replace

import pytest
from project_fixture import make_project

from tracemend.repair.crew import Crew
from tracemend.repair.elsewhere import Elsewhere
from tracemend.repair.engine import Engine
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.settings import RunnerSettings

STEPS = """
    #- steps.py
    def step(x):
        return x + 1
    def leap(
        x,
    ):
        return step(
            x) + 9
    #- test_named.py
    from steps import step
    def test_named():
        assert step(1) == 1
    #- test_other.py
    from steps import step
    def test_other():
        assert step(1) == 2
    def test_red():
        assert step(1) == 3
    def test_apart():
        assert True
    def test_leap():
        from steps import leap
        assert leap(1) == 11
"""
NAMED = "test_named.py::test_named"
STEPS_TEXT = """\
def step(x):
    return x + 1
def leap(
    x,
):
    return step(
        x) + 9
"""


def patch(old: str, new: str) -> Patch:
    change = FileChange("steps.py", STEPS_TEXT, STEPS_TEXT.replace(old, new))
    return Patch((change,), Origin("templates", "", "", ()))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("steps"), STEPS)
    with Crew(project, RunnerSettings(), threading.Event()) as crew:
        yield Elsewhere(crew, [NAMED])


def test_a_test_that_only_the_patch_breaks_speaks(elsewhere):
    said = elsewhere.say(patch("x + 1", "x"))
    assert said.passed == 1
    assert said.broken == ("test_other.py::test_other", "test_other.py::test_leap")


def test_one_that_was_red_before_does_not(elsewhere):
    said = elsewhere.say(patch("x + 1", "1 + x"))
    assert (said.passed, said.broken) == (3, ())


@pytest.mark.parametrize(
    ("old", "new", "witnesses"),
    [
        pytest.param("x + 1", "1 + x", 2, id="what both execute"),
        pytest.param("x) + 9", "x) + 8 + 1", 1, id="the second line of a statement that one executes"),
        pytest.param("x + 1\n", "x + 1\n    return x\n", 0, id="what nobody executes"),
        pytest.param("x + 1\n", "x + 1\ndef hop():\n    return 1\n", 0, id="a function that nobody calls"),
    ],
)
def test_who_executes_what_a_patch_wrote_is_a_witness(elsewhere, old, new, witnesses):
    assert elsewhere.say(patch(old, new)).witnesses == witnesses


def test_nothing_is_said_where_the_others_cannot_be_collected(tmp_path):
    project = make_project(
        tmp_path, STEPS + "    #- pytest.ini\n    [pytest]\n    addopts = --no-such-option\n"
    )
    with Crew(project, RunnerSettings(), threading.Event()) as crew:
        assert Elsewhere(crew, [NAMED]).say(patch("9", "8")).broken == ()


@pytest.mark.parametrize(("guards", "status"), [(None, "unmended"), ((), "mended")])
def test_a_patch_for_a_named_test_that_breaks_another_is_none(tmp_path, guards, status):
    project = make_project(tmp_path, STEPS)
    project = replace(project, selection=(NAMED,))
    engine = Engine(project, RunnerSettings(), FixOptions(max_time_s=20, jobs=1), guards)
    (failure,) = engine.fix(lambda event: None, threading.Event()).failures
    assert failure.status == status
    assert ("test_other.py::test_other fails, which was not named" in failure.reason) == (
        status == "unmended"
    )
