"""What a consultation tells a model besides the failure."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from model_scene import ModelScene, answer
from scripted_model import ScriptedModel

from tracemend.repair.events import Note
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.advisors import advisors_for
from tracemend.repair.runner.errors import RunnerError

REMEMBERED = "return remembered_repair"


@pytest.mark.parametrize("is_taped", [False, True])
def test_what_is_remembered_is_an_example_unless_questions_are_on_tape(
    tmp_path: Path, is_taped: bool
) -> None:
    """A repair enters the memory when it is proven, so the same question would never be asked again."""
    model = ScriptedModel([answer(1, 2, 3)])
    scene = ModelScene(tmp_path, model, is_taped=is_taped)
    example = SimpleNamespace(before="return 0", after=REMEMBERED)
    scene.consult([example])
    assert model.asked
    told = [REMEMBERED in turn.content for question in model.asked for turn in question]
    assert any(told) is not is_taped


def test_a_runner_that_a_model_broke_does_not_take_the_templates_patch_along(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([answer(9, 9, 9)]))
    scene.desk.attempt(answer(1, 0, 0))
    found = list(scene.search.outcome.plausible)
    scene.ground.runner = SimpleNamespace(run=_broken)
    scene.consult()
    assert scene.search.outcome.plausible == found != []
    (note,) = [one.text for one in scene.events if isinstance(one, Note)]
    assert note == "What a model wrote could not be run any further: the runner ended"


def _broken(*tests: object, **options: object) -> None:
    raise RunnerError("the runner ended")


def test_a_tape_is_known_to_be_one(tmp_path: Path) -> None:
    for tape in (None, tmp_path / "tape.jsonl"):
        settings = ModelSettings("http://127.0.0.1:1/v1", "m", cassette=tape, records_cassette=True)
        with advisors_for(settings) as advisors:
            assert advisors is not None and advisors.is_taped is (tape is not None)
