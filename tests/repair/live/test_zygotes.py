"""Which of the runners that were warmed the runs go to."""

from types import SimpleNamespace
from typing import ClassVar

import pytest
from project_fixture import make_project

from tracemend.repair.live import zygotes as module
from tracemend.repair.live.texts import ProjectTexts
from tracemend.repair.live.zygotes import Zygotes
from tracemend.repair.runner.results import CollectionError
from tracemend.repair.runner.settings import RunnerSettings


class Idle:
    """A runner that does nothing; `on_start` stands for what happens while it warms up."""

    made: ClassVar[list["Idle"]] = []
    broken: ClassVar[tuple[str, ...]] = ()  # The files that the next one cannot collect.

    def __init__(self, on_start):
        self.is_closed = False
        errors = tuple(CollectionError(path, "ImportError", "no", (), "") for path in Idle.broken)
        self.collection = SimpleNamespace(errors=errors)
        on_start()

    @classmethod
    def start(cls, project, settings, *, on_progress):
        during, cls.during = cls.during, lambda: None
        cls.made.append(cls(during))
        return cls.made[-1]

    def close(self):
        self.is_closed = True

    def during():
        pass


@pytest.fixture
def texts(tmp_path, monkeypatch):
    monkeypatch.setattr(Idle, "made", [])
    monkeypatch.setattr(Idle, "broken", ())
    monkeypatch.setattr(Idle, "during", lambda: None)
    monkeypatch.setattr(module, "Runner", Idle)
    make_project(tmp_path, "#- a.py\none = 1\n#- b.py\ntwo = 2\n")
    texts = ProjectTexts(tmp_path)
    texts.load()
    return texts


@pytest.fixture
def warm(texts, tmp_path):
    """Runners of which one is current, and a second is warmed in the background by `warm_next`."""
    made = Zygotes(make_project(tmp_path, ""), RunnerSettings(), texts, lambda: None)
    made.ready()
    yield made
    made.close()
    assert all(one.is_closed for one in Idle.made)


def warm_next(warm):
    warm.warm_next()
    await_next(warm)


def await_next(warm):
    warming = warm._warming
    if warming is not None:  # It may have ended already.
        warming.join()


def test_a_runner_warmed_in_the_background_takes_over(warm, texts):
    texts.update("a.py", "one = 3")
    warm_next(warm)
    _, sources, is_new = warm.ready()
    assert (warm.current.runner, sources, is_new) == (Idle.made[1], {}, True)
    assert Idle.made[0].is_closed


def test_a_runner_that_has_seen_a_file_that_is_gone_does_not(warm, texts):
    texts.update("a.py", "one = 3")
    Idle.during = lambda: texts.update("b.py", None)
    warm_next(warm)
    assert not warm.take_over()
    assert Idle.made[1].is_closed


def test_nor_does_one_older_than_that_of_a_run_which_could_not_wait(warm, texts):
    texts.update("a.py", "one = 3")

    def run():
        texts.update("b.py", None)
        warm.ready()
        texts.update("b.py", "two = 2")

    Idle.during = run
    warm_next(warm)
    assert (len(Idle.made), warm.take_over()) == (3, False)
    assert warm.current.runner.is_closed is False


def test_nor_does_one_that_met_an_edit_half_done_and_the_next_is_warmed(warm, texts):
    texts.update("a.py", "one = ")
    Idle.broken = ("test_a.py",)
    Idle.during = lambda: texts.update("a.py", "one = 3")
    warm_next(warm)
    Idle.broken = ()
    assert not warm.take_over()
    await_next(warm)
    assert warm.take_over()
    assert warm.current.runner is Idle.made[2]


def test_one_that_cannot_collect_what_the_current_one_cannot_either_does(texts, tmp_path):
    Idle.broken = ("test_a.py",)
    warm = Zygotes(make_project(tmp_path, ""), RunnerSettings(), texts, lambda: None)
    warm.ready()
    texts.update("a.py", "one = 2")
    Idle.during = lambda: texts.update("a.py", "one = 3")
    warm_next(warm)
    assert warm.take_over()
    warm.close()
