"""What a consultation tells a model besides the failure."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from model_scene import DOCSTRING, TESTS, ModelScene, answer
from scripted_model import ScriptedModel

from tracemend.repair.consulting import consult
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.advisors import advisors_for

REMEMBERED = "return remembered_repair"


@pytest.mark.parametrize("is_taped", [False, True])
def test_what_is_remembered_is_an_example_unless_questions_are_on_tape(
    tmp_path: Path, is_taped: bool
) -> None:
    """A repair enters the memory when it is proven, so the same question would never be asked again."""
    model = ScriptedModel([answer(1, 2, 3)])
    scene = ModelScene(tmp_path, model, is_taped=is_taped)
    ground = scene.ground
    ground.check = SimpleNamespace(
        violations=lambda *place: (), guide=lambda *place: None, mask_fields=lambda *place: {}
    )
    example = SimpleNamespace(before="return 0", after=REMEMBERED)
    ground.memory = SimpleNamespace(examples=lambda signature, most: [example])
    target = scene.runner.run(TESTS[:1]).tests[TESTS[0]]
    suspects = [Suspect("m.py", 2 + DOCSTRING.count("\n"), 1.0, "poly")]
    consult(ground, scene.search, target, suspects, None, time.monotonic() + 60.0, lambda found: [])
    assert model.asked
    told = [REMEMBERED in turn.content for question in model.asked for turn in question]
    assert any(told) is not is_taped


def test_a_tape_is_known_to_be_one(tmp_path: Path) -> None:
    for tape in (None, tmp_path / "tape.jsonl"):
        settings = ModelSettings("http://127.0.0.1:1/v1", "m", cassette=tape, records_cassette=True)
        with advisors_for(settings) as advisors:
            assert advisors is not None and advisors.is_taped is (tape is not None)
