"""The part of the completion worker that asks a model: the newest question, once, and quiet after a failure."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tracemend.repair.completion.inline import Completion
from tracemend.repair.models.errors import BudgetSpent, Cancelled, ModelError, Unauthorized
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.runner.environment import Choice
from tracemend.server.completion_inline import FIRST_QUIET_S, LONGEST_QUIET_S, InlineDesk, completion_settings
from tracemend.server.completion_messages import (
    CompletionProject,
    InlineAnswer,
    Question,
    model_of_row,
    model_row,
)

SETTINGS = ModelSettings("http://127.0.0.1:1/v1", "m", max_cost=0.5)


class Scripted:
    """A completer that raises or returns what comes next, and counts how often it was asked."""

    def __init__(self, *said: ModelError | str) -> None:
        self.said = list(said)

    def complete(self, cursor: Any, *, cancel: threading.Event) -> Completion:
        found = self.said.pop(0)
        if isinstance(found, ModelError):
            raise found
        return Completion(found, "checked", "m")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def desk_with(*said: ModelError | str) -> tuple[InlineDesk, Scripted, Clock, list[InlineAnswer]]:
    sent: list[InlineAnswer] = []
    post: Any = type("Post", (), {"send": lambda self, kind, reply: sent.append(reply)})()
    clock, reviewer = Clock(), None
    desk = InlineDesk(
        CompletionProject("/p", Choice(), True, model_row(SETTINGS)), reviewer, post, clock=clock
    )  # type: ignore[arg-type]
    scripted = Scripted(*said)
    desk._completer = scripted  # type: ignore[assignment]
    return desk, scripted, clock, sent


def question(number: int) -> Question:
    return Question(number, "inline", "/p/a.py", "x = ", 4)


def test_a_failure_is_told_and_then_it_is_quiet_longer_each_time():
    desk, scripted, clock, _ = desk_with(Unauthorized("no key"), Unauthorized("no key"), "text", "text")
    assert desk.answer(question(1), threading.Event()).problem == "no key"
    assert desk.answer(question(2), threading.Event()) == InlineAnswer(2)
    clock.now += FIRST_QUIET_S + 1
    assert desk.answer(question(3), threading.Event()).problem == "no key"
    clock.now += FIRST_QUIET_S + 1
    assert desk.answer(question(4), threading.Event()) == InlineAnswer(4)
    clock.now += FIRST_QUIET_S
    assert desk.answer(question(5), threading.Event()).text == "text"
    assert len(scripted.said) == 1


def test_spent_money_is_not_tried_again():
    desk, _, clock, _ = desk_with(BudgetSpent("spent"), "text")
    assert desk.answer(question(1), threading.Event()).problem == "spent"
    clock.now += LONGEST_QUIET_S + 1
    assert desk.answer(question(2), threading.Event()) == InlineAnswer(2)


def test_cancelling_is_no_failure():
    desk, _, _, _ = desk_with(Cancelled("gone"), "text")
    assert desk.answer(question(1), threading.Event()) == InlineAnswer(1)
    assert desk.answer(question(2), threading.Event()).text == "text"


def test_a_question_that_is_cancelled_while_it_waits_is_never_asked():
    desk, scripted, _, _ = desk_with("text")
    cancelled = threading.Event()
    cancelled.set()
    assert desk.answer(question(1), cancelled) == InlineAnswer(1)
    assert scripted.said == ["text"]


def test_of_several_that_wait_the_newest_is_asked_and_the_others_are_answered():
    desk, _, _, sent = desk_with("text")
    for number in (1, 2, 3):
        desk.put(question(number))
    assert sent == [InlineAnswer(1), InlineAnswer(2)]


@pytest.mark.parametrize("settings", [SETTINGS, ModelSettings("", "m", cassette=None)])
def test_settings_travel_to_the_worker(settings: ModelSettings):
    assert model_of_row(model_row(settings)) == settings
    assert model_row(None) == ""


def test_only_the_cap_on_money_holds_for_a_session():
    settings = completion_settings(SETTINGS)
    assert settings.max_cost == 0.5
    assert settings.max_requests > 10**9 < settings.max_tokens
