"""Who is asked, in which order, and when it is enough.

Breadth before depth: at an equal budget two or three starts of a few rounds find more than one of many (Olausson et al.,
"Is Self-Repair a Silver Bullet for Code Generation?", 2023), and most fixes come early. The tree does both as execution
suggests, from two starts that the failure's features choose; a third start is of another kind. Where there is a fast
model besides the strong one, it is asked first, for little. After the first patch that holds, one fresh conversation that knows nothing of it is asked too: where both
lead to the same behaviour, that is evidence, and without it no patch of a model is called `high` (functional consensus, as
in FunCoder). A strategy that the user names is the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracemend.repair.propose.prompts import prompt_text
from tracemend.repair.propose.strategies.bug_class import BUG_CLASS
from tracemend.repair.propose.strategies.conversation import converse, opening, tell_result
from tracemend.repair.propose.strategies.decompose import DECOMPOSE
from tracemend.repair.propose.strategies.ldb import LDB
from tracemend.repair.propose.strategies.plan import PLAN
from tracemend.repair.propose.strategies.protocol import Case, Desk, Enough, Strategy
from tracemend.repair.propose.strategies.quick import QUICK
from tracemend.repair.propose.strategies.self_debug import EXPLANATION, SIMPLE, TRACE, UNIT_TEST
from tracemend.repair.propose.strategies.tree import TREE

STRATEGIES = (QUICK, SIMPLE, UNIT_TEST, EXPLANATION, TRACE, LDB, PLAN, DECOMPOSE, BUG_CLASS, TREE)
BY_NAME = {one.name: one for one in STRATEGIES}
MOST_STARTS = 2
OPINIONS = (
    3  # Fresh conversations, at most, after the first patch that holds: two of three may have to outvote one.
)
OPINION_TEMPERATURE = 0.7  # So that the second opinion is one.


def work(
    case: Case,
    desk: Desk,
    *,
    strategy: str,
    begin: Callable[[str], None],
    found: Callable[[], bool],
    agreed: Callable[[], bool],
    has_fast_model: bool = False,
) -> None:
    """Let strategies work at `desk` until one finds something and it is agreed to, or nothing is left to be asked.

    `begin` is told the name of each strategy before it starts, `found` says whether any patch holds, `agreed` whether
    independent conversations agree on one.
    """
    try:
        for one in chosen(case, strategy, has_fast_model=has_fast_model):
            begin(one.name)
            desk.begin()
            one.run(case, desk)
            if found():
                break
        for _ in range(OPINIONS if found() else 0):
            if agreed():
                break
            begin("second-opinion")
            desk.begin()
            question = opening(case, prompt_text("task_fix"))
            converse(case, desk, question, tell_result, rounds=2, temperature=OPINION_TEMPERATURE)
    except Enough:
        return


def chosen(case: Case, strategy: str, *, has_fast_model: bool = False) -> Sequence[Strategy]:
    """Return the strategies to try: the one that is named, if the case has what it needs, else what the features say.

    A fast model, where there is one, has the first try.
    """
    if strategy in BY_NAME:
        named = BY_NAME[strategy]
        return [named] if named.suits(case) else [UNIT_TEST]
    starts = [one for one in _ordered(case) if one.suits(case)][:MOST_STARTS]
    return [QUICK, *starts] if has_fast_model else starts


def _ordered(case: Case) -> tuple[Strategy, ...]:
    """The tree first, which found most for the fewest runs and tokens; then a start that thinks otherwise."""
    if case.features.wrong_value:
        return TREE, PLAN, DECOMPOSE, EXPLANATION
    return TREE, EXPLANATION
