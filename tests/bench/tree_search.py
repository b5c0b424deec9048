"""Measures how many runs the tree needs of what independent samples need, at equal quality of the model.

The model repairs each of three faults with the same chance in every answer. As real ones do, it leaves alone what the version
that it is shown already has right; a fresh question shows it none. Both searches run the same code below them, in which a
text is run once, however often it is written.

python tests/bench/tree_search.py --trials 400
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from model_scene import NUMBERS, ModelScene, answer
from scripted_model import ScriptedModel

from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.conversation import opening
from tracemend.repair.propose.strategies.protocol import Enough

FAULTS = 3
MOST_RUNS = 2000
RESAMPLED = 4000

Searches = Callable[[ModelScene, int], int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--p", type=float, nargs="*", default=[0.3, 0.5, 0.6, 0.7])
    arguments = parser.parse_args()
    for p in arguments.p:
        flat, tree = (runs_of(search, p, arguments.trials) for search in (flat_search, tree_search))
        low, high = interval(flat, tree)
        share = statistics.mean(tree) / statistics.mean(flat)
        print(
            f"p {p}: independent samples {statistics.mean(flat):.2f} runs, tree {statistics.mean(tree):.2f}, {share:.1%} "
            f"({low:.1%} to {high:.1%}); expected {1 / p**FAULTS:.2f}, at least {fewest_runs(p):.2f}, "
            f"{fewest_runs(p) * p**FAULTS:.1%}",
            flush=True,
        )


def fewest_runs(p: float, faults: int = FAULTS) -> float:
    """Return the mean of the largest of some geometric variables: the runs that no search can do without."""
    left, mean = 1.0, 0.0
    for run in range(1, MOST_RUNS):
        mean += left
        left = 1.0 - (1.0 - (1.0 - p) ** run) ** faults
    return mean


def runs_of(search: Searches, p: float, trials: int, most_runs: int = MOST_RUNS) -> list[int]:
    """Return the runs that a search needed, for so many models."""
    found = []
    for seed in range(trials):
        with tempfile.TemporaryDirectory() as folder:
            model = partial_model(random.Random(seed), p)
            found.append(search(scene_of(Path(folder), model), most_runs))
    return found


def scene_of(folder: Path, model: ScriptedModel) -> ModelScene:
    """Return a scene in which only what mends all faults passes."""
    return ModelScene(
        folder, model, tokens_per_failure=10**9, refuses=lambda one: "1, 2, 3" not in one.patch.diff
    )


def partial_model(chance: random.Random, p: float) -> ScriptedModel:
    """Return a model that mends each fault with chance `p`, and writes some other number else."""

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


def flat_search(scene: ModelScene, most_runs: int) -> int:
    """Ask the first question again and again; return the runs."""
    question = opening(scene.case, prompt_text("task_fix"))
    try:
        while not is_right(scene) and scene.search.outcome.written < most_runs:
            scene.desk.attempt(scene.desk.ask(question))
    except Enough:
        pass
    return scene.search.outcome.written


def tree_search(scene: ModelScene, most_runs: int) -> int:
    """Search trees until one finds it, for each gives up after a few nodes; return the runs."""
    while not is_right(scene) and scene.search.outcome.written < most_runs:
        scene.work("tree")
    return scene.search.outcome.written


def is_right(scene: ModelScene) -> bool:
    """Say whether the right patch was found."""
    return any(re.search("1, 2, 3", one.candidate.patch.diff) for one in scene.search.outcome.plausible)


def interval(flat: Sequence[int], tree: Sequence[int]) -> tuple[float, float]:
    """Return the 95 % interval of the share by bootstrap over the models, which both searches had alike."""
    chance = random.Random(0)
    shares = []
    for _ in range(RESAMPLED):
        chosen = chance.choices(range(len(flat)), k=len(flat))
        shares.append(sum(tree[at] for at in chosen) / sum(flat[at] for at in chosen))
    shares.sort()
    return shares[int(0.025 * RESAMPLED)], shares[int(0.975 * RESAMPLED)]


if __name__ == "__main__":
    main()
