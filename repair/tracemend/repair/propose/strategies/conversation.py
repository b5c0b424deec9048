"""The parts that strategies share: the opening question, the next one after an attempt, the loop of both.

A conversation carries the opening and the last attempt alone. Models read everything that they are sent at full price,
and earlier failures tell them little that the last one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracemend.repair.models.protocol import Message, ModelRole
from tracemend.repair.propose.prompts import fill, prompt_text
from tracemend.repair.propose.strategies.protocol import ROUNDS, Attempted, Case, Desk

Feedback = Callable[[Case, Desk, Attempted], str]


def opening(case: Case, task: str, extra: str = "") -> tuple[Message, ...]:
    """Return the first question about `case`; `task` is the text of what to do, `extra` further data."""
    question = fill(
        "case",
        examples=case.examples,
        code=case.code,
        context=case.context,
        test=case.test_source,
        failure=case.failure,
        extra=extra,
        task=task,
        rules=prompt_text(case.rules),
    )
    return Message("system", prompt_text("system")), Message("user", question)


def next_question(
    case: Case, desk: Desk, before: Sequence[Message], tried: Attempted, feedback: Feedback
) -> tuple[Message, ...]:
    """Return the question that follows an attempt: the opening, the last answer, and what came of it."""
    return *before, Message("assistant", tried.answer), Message("user", feedback(case, desk, tried))


def converse(
    case: Case,
    desk: Desk,
    begin: Sequence[Message],
    feedback: Feedback,
    *,
    rounds: int = ROUNDS,
    temperature: float = 0.2,
    role: ModelRole = "strong",
) -> Attempted:
    """Ask, attempt, and ask again with what came of it, up to `rounds` times; return the last attempt.

    A model that writes the same again, or twice in a row nothing usable, will not get further.
    """
    tried = desk.attempt(desk.ask(begin, role=role, temperature=temperature))
    for _ in range(rounds - 1):
        if tried.plausible:
            break
        before = tried.effect
        question = next_question(case, desk, begin, tried, feedback)
        tried = desk.attempt(desk.ask(question, role=role, temperature=temperature))
        if tried.effect == "duplicate" or (before == tried.effect == "unusable"):
            break
    return tried


def tell_result(case: Case, desk: Desk, tried: Attempted) -> str:
    """Say what came of the attempt, with the real failure: worth more to every model than its own reflection."""
    return fill("again_unit_test", verdict=tried.told, failure=tried.failure, rules=prompt_text(case.rules))
