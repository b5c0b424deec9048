"""Self-Debug with its four kinds of feedback (Chen et al., "Teaching Large Language Models to Self-Debug", 2023).

Simple: it is wrong. Unit test: how the test fails. Explanation: the model first explains its code ("rubber duck"). Trace:
in the paper the model imagines the execution; here it gets the real one, because models simulate execution badly.
"""

from __future__ import annotations

from tracemend.repair.propose.prompts import fenced, fill, prompt_text
from tracemend.repair.propose.strategies.blocks import told_trace
from tracemend.repair.propose.strategies.conversation import converse, opening, tell_result
from tracemend.repair.propose.strategies.protocol import Attempted, Case, Desk, Strategy


def _simple(case: Case, desk: Desk) -> None:
    converse(case, desk, opening(case, prompt_text("task_fix")), _say_wrong)


def _unit_test(case: Case, desk: Desk) -> None:
    converse(case, desk, opening(case, prompt_text("task_fix")), tell_result)


def _explanation(case: Case, desk: Desk) -> None:
    converse(case, desk, opening(case, prompt_text("task_explain")), _ask_for_explanation)


def _trace(case: Case, desk: Desk) -> None:
    converse(case, desk, opening(case, prompt_text("task_fix")), _show_trace)


def _say_wrong(case: Case, desk: Desk, tried: Attempted) -> str:
    if not tried.sources:  # An answer in a form that cannot be applied is no attempt yet.
        return tell_result(case, desk, tried)
    return fill("again_simple", rules=prompt_text(case.rules))


def _ask_for_explanation(case: Case, desk: Desk, tried: Attempted) -> str:
    return fill("again_explain", verdict=tried.told, failure=tried.failure, rules=prompt_text(case.rules))


def _show_trace(case: Case, desk: Desk, tried: Attempted) -> str:
    trace = desk.trace(tried.sources) if tried.sources else None
    if trace is None:
        return tell_result(case, desk, tried)
    rows = fenced("what your version did", told_trace(case, trace, tried.sources))
    rules = prompt_text(case.rules)
    return fill("again_trace", verdict=tried.told, failure=tried.failure, trace=rows, rules=rules)


SIMPLE = Strategy("simple", _simple)
UNIT_TEST = Strategy("unit-test", _unit_test)
EXPLANATION = Strategy("explanation", _explanation)
TRACE = Strategy("trace", _trace, lambda case: case.trace is not None)
