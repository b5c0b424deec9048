"""Tree search against flat sampling, at equal quality of the model.

The model repairs each of three faults with the same chance in every answer. As real ones do, it leaves alone what the version
that it is shown already has right; a fresh question shows it none. Both searches run the same code below them.
"""

from __future__ import annotations

import random
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest
from model_scene import NUMBERS, ModelScene, answer
from scripted_model import ScriptedModel

from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.conversation import opening
from tracemend.repair.propose.strategies.protocol import Enough

TRIALS = 8
MOST_RUNS = 60


def partial_model(chance: random.Random, p: float) -> ScriptedModel:
    def write(messages: Sequence[Message]) -> str:
        shown = NUMBERS.search(messages[2].content) if len(messages) > 2 else None
        before = list(map(int, shown.groups())) if shown else [0, 0, 0]
        wanted = (1, 2, 3)
        values = [
            right if now == right or chance.random() < p else -chance.randrange(1, 10**6)
            for now, right in zip(before, wanted, strict=True)
        ]
        return answer(values[0], values[1], values[2])

    return ScriptedModel(write)


def flat(scene: ModelScene) -> int:
    """Ask the first question again and again."""
    question = opening(scene.case, prompt_text("task_fix"))
    try:
        while not is_right(scene) and scene.search.outcome.written < MOST_RUNS:
            scene.desk.attempt(scene.desk.ask(question))
    except Enough:
        pass
    return scene.search.outcome.written


def tree(scene: ModelScene) -> int:
    """Search trees until one finds it: each gives up after a few nodes."""
    while not is_right(scene) and scene.search.outcome.written < MOST_RUNS:
        scene.work("tree")
    return scene.search.outcome.written


def is_right(scene: ModelScene) -> bool:
    return any(re.search("1, 2, 3", one.candidate.patch.diff) for one in scene.search.outcome.plausible)


@pytest.mark.parametrize("p", [0.3, 0.5])
def test_the_tree_needs_at_most_60_percent_of_the_runs(tmp_path: Path, p: float) -> None:
    runs: dict[str, list[int]] = {"flat": [], "tree": []}
    for seed in range(TRIALS):
        for name, search in (("flat", flat), ("tree", tree)):
            model = partial_model(random.Random(seed), p)
            scene = ModelScene(
                tmp_path, model, tokens_per_failure=10**9, refuses=lambda one: "1, 2, 3" not in one.patch.diff
            )
            runs[name].append(search(scene))
    assert statistics.mean(runs["tree"]) <= 0.6 * statistics.mean(runs["flat"]), runs
