"""Recorded conversations with each strategy, replayed without a network; see `record_cassettes`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openai_server import refused_url
from record_cassettes import FOLDER, scene_of

from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.scheduler import STRATEGIES

AGAIN = "If a prompt was changed on purpose, record them anew: python tests/record_cassettes.py"


@pytest.mark.parametrize("strategy", [one.name for one in STRATEGIES])
def test_a_recorded_conversation_leads_to_its_patch_again(tmp_path: Path, strategy: str) -> None:
    tape = FOLDER / f"{strategy}.jsonl"
    scene = scene_of(tmp_path, ModelSettings(refused_url(), "scripted", cassette=tape))
    scene.work(strategy)
    answers = [json.loads(line)["answer"] for line in tape.read_text().splitlines()]
    assert not scene.advisors.problem, AGAIN
    assert scene.advisors.requests == len(answers), AGAIN
    (found, *_) = scene.search.outcome.plausible
    assert found.candidate.patch.origin.author == f"{strategy} (scripted)"
