"""What a live project knows of its tests when a runner that was warmed in the background reports."""

import pytest
from project_fixture import make_project

from tracemend.repair.live.model import Model
from tracemend.repair.runner.results import CollectedTest, Collection, Containment, TestResult

ONE, TWO = "test_one.py::test_one", "test_two.py::test_two"


def collection(*tests):
    found = tuple(CollectedTest(test, test.partition("::")[0], 1) for test in tests)
    return Collection(found, (), Containment("none"), "3.12.1", "9.0", "/")


@pytest.fixture
def model(tmp_path):
    """A model with two tests, both with a result."""
    files = "#- test_one.py\ndef test_one(): pass\n#- test_two.py\ndef test_two(): pass\n"
    model = Model(make_project(tmp_path, files), lambda event: None)
    model.texts.load()
    model.collected(collection(ONE, TWO), 0)
    for test in (ONE, TWO):
        model.board.put(TestResult(test, "passed"), run=1, sequence=0, alone=True)
    return model


def known(model):
    state = model.board.state()
    return set(state.results), {one.test for one in state.tests}


def test_a_test_that_it_does_not_collect_is_no_more(model):
    model.collected(collection(ONE), 0)
    assert known(model) == ({ONE}, {ONE})


def test_unless_its_file_was_edited_meanwhile(model):
    model.update("test_two.py", "def test_renamed(): pass\n")
    launched = model.texts.sequence
    model.update("test_two.py", "def test_two(): pass\n")
    model.collected(collection(ONE, "test_two.py::test_renamed"), launched)
    assert known(model) == ({ONE, TWO}, {ONE, TWO})
