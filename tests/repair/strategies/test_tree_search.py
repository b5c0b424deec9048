"""Tree search against flat sampling, at equal quality of the model (`tests/bench/tree_search.py`, which measures more)."""

from __future__ import annotations

import random
import statistics
from pathlib import Path

import pytest
from bench.tree_search import fewest_runs, flat_search, partial_model, scene_of, tree_search

TRIALS = 8
MOST_RUNS = 60


@pytest.mark.parametrize("p", [0.3, 0.5])
def test_the_tree_needs_at_most_60_percent_of_the_runs(tmp_path: Path, p: float) -> None:
    runs: dict[str, list[int]] = {"flat": [], "tree": []}
    for seed in range(TRIALS):
        for name, search in (("flat", flat_search), ("tree", tree_search)):
            model = partial_model(random.Random(seed), p)
            runs[name].append(search(scene_of(tmp_path, model), MOST_RUNS))
    assert statistics.mean(runs["tree"]) <= 0.6 * statistics.mean(runs["flat"]), runs


def test_what_no_search_can_do_without_is_the_unluckiest_fault() -> None:
    """Known values: one fault takes 1/p runs; of two with p = 1/2 the later one takes 8/3."""
    assert fewest_runs(0.25, faults=1) == pytest.approx(4.0)
    assert fewest_runs(0.5, faults=2) == pytest.approx(8 / 3)
