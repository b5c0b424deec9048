"""Tree search over strategy, solution and refinement, whose value is what running shows.

After CodeTree (Li et al., 2024): the first level are ways to ask, as the failure suggests them, the second solutions,
below them refinements. Where CodeTree's critic agent scores a node, here execution does: the share of failing tests that turn green and how far the
target gets. The best open node is expanded next, less a price for each time that it was expanded before, so that one
dead end cannot take the whole budget (the "breadth before depth" of equal-budget studies). A sample that repairs half of
a bug is thus built upon, where flat sampling throws it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.bug_class import class_opening
from tracemend.repair.propose.strategies.conversation import next_question, opening, tell_result
from tracemend.repair.propose.strategies.ldb import LDB, block_opening
from tracemend.repair.propose.strategies.protocol import Attempted, Case, Desk, Strategy

MOST_NODES = 10
ROOT_VALUE = (
    0.3  # What another fresh start is worth: more than an answer without any effect, less than progress.
)
PRICE_OF_VISIT = 0.12
DEEPEST = 4
TEMPERATURE = 0.6


@dataclass
class Node:
    """A place in the tree: the conversation so far and what its last answer was worth."""

    question: Sequence[Message]
    value: float
    depth: int = 0
    tried: Attempted | None = None  # None at the root.
    visits: int = field(default=0)

    @property
    def priority(self) -> float:
        """What expanding it next is worth."""
        return self.value - PRICE_OF_VISIT * self.visits


def _search(case: Case, desk: Desk) -> None:
    nodes = [Node(one, ROOT_VALUE) for one in _roots(case)]
    for _ in range(MOST_NODES):
        node = max((one for one in nodes if one.depth < DEEPEST), key=lambda one: one.priority)
        child = _expand(case, desk, node)
        node.visits += 1
        if child is None:
            continue
        if child.tried is not None and child.tried.plausible:
            return
        nodes.append(child)


def _roots(case: Case) -> tuple[Sequence[Message], ...]:
    """Return two first questions: the plain one, and one that suits the failure."""
    plain = opening(case, prompt_text("task_fix"))
    if case.features.wrong_value and LDB.suits(case):
        return plain, block_opening(case)
    return plain, opening(case, prompt_text("task_explain")) if case.features.wrong_value else class_opening(
        case
    )


def _expand(case: Case, desk: Desk, node: Node) -> Node | None:
    """Ask once more at `node`; None where the answer leads nowhere new."""
    question = node.question
    if node.tried is not None:
        question = next_question(case, desk, node.question, node.tried, tell_result)
    tried = desk.attempt(desk.ask(question, temperature=TEMPERATURE))
    if tried.effect == "duplicate" or not tried.sources:
        return None
    return Node(node.question, tried.value, node.depth + 1, tried)


TREE = Strategy("tree", _search)
