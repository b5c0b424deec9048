"""Divide into helpers, draw several versions, and let their behaviour vote.

After FunCoder (Chen et al., "Divide-and-Conquer Meets Consensus", NeurIPS 2024): among several samples the one that
behaves as most of the others do is right more often than the one that passes self-written tests. The vote is that of the
judge, which clusters plausible patches by what they do on recorded and fresh inputs; each sample is therefore asked in a
conversation of its own. Where none is plausible, the one that got furthest is refined.
"""

from __future__ import annotations

from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.conversation import next_question, opening, tell_result
from tracemend.repair.propose.strategies.protocol import Attempted, Case, Desk, Strategy

SAMPLES = 3
TEMPERATURE = 0.8
LONG_ENOUGH = 12  # Lines; a shorter function has no steps to divide it into.


def _decompose(case: Case, desk: Desk) -> None:
    begin = opening(case, prompt_text("task_decompose"))
    tried: list[Attempted] = []
    for number in range(SAMPLES):
        if number:
            desk.begin()
        tried.append(desk.attempt(desk.ask(begin, temperature=TEMPERATURE)))
    if any(one.plausible for one in tried):
        return
    best = max(tried, key=lambda one: one.value)
    desk.attempt(desk.ask(next_question(case, desk, begin, best, tell_result)))


DECOMPOSE = Strategy(
    "decompose",
    _decompose,
    lambda case: case.whole and case.features.lines >= LONG_ENOUGH,
)
