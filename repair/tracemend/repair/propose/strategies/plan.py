"""Plan, check the plan on the visible test, then code.

After LPW (Lei et al., "Planning-Driven Programming", 2024), which verifies a plan on the visible tests before any code is
written, and CodeSim (Islam et al., 2025). What the plan leads to is compared with the literal that the test expects: a
plan that contradicts the test is sent back once, for the price of a few lines instead of a whole wrong program.
"""

from __future__ import annotations

import ast
import re

from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.prompts import fenced, fill, prompt_text
from tracemend.repair.propose.strategies.conversation import converse, opening, tell_result
from tracemend.repair.propose.strategies.protocol import Case, Desk, Expectation, Strategy

PLAN_TOKENS = 500
_RESULT = re.compile(r"^[^\w\n]*RESULT[ \t*]*:(?P<value>[^\n]*)$", re.MULTILINE)


def _plan_then_code(case: Case, desk: Desk) -> None:
    expected = case.expectations[0]
    begin = opening(case, fill("task_plan", call=expected.call))
    plan = desk.ask(begin, max_tokens=PLAN_TOKENS)
    given = plan_result(plan)
    if given is not None and contradicts(given, expected):
        again = fill("task_plan_again", call=expected.call, given=given, expected=expected.value)
        question = (*begin, Message("assistant", plan), Message("user", again))
        plan = desk.ask(question, max_tokens=PLAN_TOKENS)
    extra = fenced("a plan for the corrected code", plan)
    converse(case, desk, opening(case, prompt_text("task_code_the_plan"), extra), tell_result, rounds=2)


def plan_result(plan: str) -> str | None:
    """Return what the model says its plan leads to, None if it does not say."""
    found = list(_RESULT.finditer(plan))
    return found[-1]["value"].strip(" \t*`") or None if found else None


def contradicts(given: str, expected: Expectation) -> bool:
    """Say whether two literals certainly differ; what is no literal contradicts nothing."""
    try:
        return bool(ast.literal_eval(given) != ast.literal_eval(expected.value))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


PLAN = Strategy(
    "plan",
    _plan_then_code,
    lambda case: bool(case.expectations),
)
