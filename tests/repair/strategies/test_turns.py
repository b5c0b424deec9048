"""Templates and models by turns, on a clock that only runs and answers move: what a failing endpoint may not cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import model_scene
import pytest
from model_scene import ModelScene, TextRunner, answer, poly
from scripted_model import ScriptedModel

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair import consulting
from tracemend.repair.consulting import take_turns, templates_share
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.models.errors import BadAnswer, Refused, TimedOut
from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.site import Proposal
from tracemend.repair.propose.strategies import desk
from tracemend.repair.search import search as search_module
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.frontier import Frontier

RUN_S, TIME_S = 1.0, 100.0
FOUND_AT = 70  # Beyond the first share of the templates, within what they have alone.
NUMBERS_LINE = poly(0, 0, 0)[: poly(0, 0, 0).index("0, 0, 0")].count("\n") + 1


class Clock:
    """Stands where it was put."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


class TimedRunner(TextRunner):
    """Takes a second for each run."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def run(self, tests: Sequence[str], **options: Any) -> Any:
        self.clock.now += RUN_S
        return super().run(tests, **options)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (model_scene, consulting, desk, search_module):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=made.monotonic))
    return made


def templates() -> Frontier:
    """Return a hundred candidates, of which one holds."""
    module = parse_module("m.py", poly(0, 0, 0))
    start = module.text.index("0, 0, 0")
    place = Suspect("m.py", NUMBERS_LINE, 1.0, "poly")

    def candidate(at: int) -> Candidate:
        text = "1, 0, 0" if at == FOUND_AT else f"-{at}, 0, 0"
        edits = (TextEdit(start, start + 7, text),)
        return Candidate(((place, module, Proposal(edits, text, 1.0, "test")),), 1.0)

    made = [candidate(at) for at in range(1, 101)]
    return Frontier([place], lambda one: [SimpleNamespace(floor=lambda: 0.0, candidates=lambda: made)])


def mended_by_turns(
    folder: Path, clock: Clock, model: Any, strategy: str, tests: Sequence[str]
) -> ModelScene:
    """Let templates and a model mend by turns, as `mend` does."""
    scene = ModelScene(folder, model, strategy=strategy, tests=tests)
    runner = TimedRunner(clock)
    scene.search.frontier, started = templates(), clock.now
    until = started + templates_share(None) * TIME_S
    scene.search.deadline = started + templates_share(scene.advisors) * TIME_S
    scene.search.run(runner)
    assert scene.search.outcome.tried < FOUND_AT, "Expected that the first share does not suffice."

    def ask_models(deadline: float) -> None:
        scene.work(strategy)

    take_turns(scene.search, until, ask_models, lambda: scene.search.run(runner))
    return scene


def slow(clock: Clock, said: Exception | str, seconds: float) -> ScriptedModel:
    def write(messages: Sequence[Message]) -> str:
        clock.now += seconds
        if isinstance(said, Exception):
            raise said
        return said

    return ScriptedModel(write)


@pytest.mark.parametrize("strategy", ["auto", "simple"])
@pytest.mark.parametrize("seconds", [0.0, 30.0, 1000.0])
@pytest.mark.parametrize(
    "said", [Refused("It is down."), TimedOut("It is late."), BadAnswer("A web page."), "No code at all."]
)
def test_an_endpoint_of_which_nothing_can_be_run_costs_the_templates_nothing(
    tmp_path: Path, clock: Clock, strategy: str, seconds: float, said: Exception | str
) -> None:
    scene = mended_by_turns(tmp_path, clock, slow(clock, said, seconds), strategy, model_scene.TESTS[:1])
    (found,) = scene.search.outcome.plausible
    assert "1, 0, 0" in found.candidate.patch.diff
    assert scene.search.outcome.tried >= FOUND_AT


def test_a_model_that_writes_has_its_own_time_and_no_more(tmp_path: Path, clock: Clock) -> None:
    """Its patch ends the search, and what does not hold takes of the time that the user gave."""
    model = slow(clock, answer(9, 0, 0), 30.0)
    scene = mended_by_turns(tmp_path, clock, model, "simple", model_scene.TESTS[:1])
    assert not scene.search.outcome.plausible and clock.now <= 0.8 * TIME_S + 30.0
    model = slow(clock, answer(1, 2, 3), 30.0)
    scene = mended_by_turns(tmp_path, clock, model, "auto", model_scene.TESTS[:1])
    assert {one.candidate.conversation > 0 for one in scene.search.outcome.plausible} == {True}


def test_what_is_judged_meanwhile_is_not_the_time_of_a_model(tmp_path: Path, clock: Clock) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([]), tests=model_scene.TESTS[:1])
    scene.search.deadline, until = clock.now + 40.0, clock.now + 80.0
    clock.now += 500.0
    left: list[float] = []
    take_turns(scene.search, until, lambda deadline: left.append(deadline - clock.now), lambda: None)
    assert left == [40.0]


def test_getting_ready_is_not_the_time_of_a_model(tmp_path: Path, clock: Clock) -> None:
    """The client takes seconds to load on a busy machine; an endpoint was then told to be late that nobody had asked."""

    class SlowToLoad(ScriptedModel):
        def get_ready(self) -> None:
            clock.now += 500.0

    model = SlowToLoad([answer(1, 2, 3)])
    scene = ModelScene(tmp_path, model, tests=model_scene.TESTS[:1])
    scene.consult(within_s=40.0)
    assert model.asked and scene.search.outcome.plausible
