"""The cheap try: the fast model is told how the test fails, twice at most, before the strong one is asked at all.

Many bugs need no strong model, and a small one answers in a fraction of the time and money. What it finds is put to the
strong model's independent judgement like all else: the second opinion is always the strong one's, and two models are more
independent of each other than two conversations with one.
"""

from __future__ import annotations

from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.conversation import converse, opening, tell_result
from tracemend.repair.propose.strategies.protocol import Case, Desk, Strategy

ROUNDS = 2


def _try_quickly(case: Case, desk: Desk) -> None:
    converse(case, desk, opening(case, prompt_text("task_fix")), tell_result, rounds=ROUNDS, role="fast")


QUICK = Strategy("quick", _try_quickly)
