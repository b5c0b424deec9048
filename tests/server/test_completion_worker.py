"""The part of the completion worker that answers names: a question that fails or is cancelled holds up nobody."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from completion_check import placed

from tracemend.server import completion_worker
from tracemend.server.completion_messages import HeldText, NamesAnswer, Question
from tracemend.server.completion_worker import NameDesk

SNIPPET = """
#- shop.py
class Shop:
    def total(self): ...
#- main.py
from shop import Shop
Shop().$0
"""


class Answers(SimpleQueue[Any]):
    """What the desk sent."""

    def send(self, kind: str, reply: Any) -> None:
        self.put(reply)


@pytest.fixture
def scene() -> tuple[NameDesk, Answers, Question]:
    reviewer, path, text, offset = placed(SNIPPET)
    answers = Answers()
    return NameDesk(reviewer, answers), answers, Question(0, "names", str(path), text, offset)  # type: ignore[arg-type]


def serve(desk: NameDesk) -> None:
    threading.Thread(target=desk.serve, daemon=True).start()


def first_name(answer: NamesAnswer) -> str:
    return answer.names[0][0]


def numbered(question: Question, number: int) -> Question:
    return Question(number, question.kind, question.path, question.text, question.offset)


def test_a_question_that_fails_is_answered_with_nothing_and_the_next_one_is_answered(
    scene: tuple[NameDesk, Answers, Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, answers, question = scene
    real, failures = completion_worker.suggest, [RecursionError("too deep")]

    def suggest(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(completion_worker, "suggest", suggest)
    desk.put(numbered(question, 1))
    desk.put(numbered(question, 2))
    serve(desk)
    assert answers.get(timeout=120) == NamesAnswer(1, question.offset, question.offset, (), incomplete=False)
    assert first_name(answers.get(timeout=120)) == "total"


def test_cancelled_questions_are_passed_over_and_texts_are_held_in_order(
    scene: tuple[NameDesk, Answers, Question],
) -> None:
    desk, answers, question = scene
    shop = str(Path(question.path).with_name("shop.py"))
    desk.cancel(1)
    desk.put(numbered(question, 1))
    desk.put(HeldText(shop, "class Shop:\n    def tonight(self): ...\n"))
    desk.put(numbered(question, 2))
    desk.put(HeldText(shop, None))
    desk.put(numbered(question, 3))
    serve(desk)
    found = [answers.get(timeout=120), answers.get(timeout=120)]
    assert [(one.id, first_name(one)) for one in found] == [(2, "tonight"), (3, "total")]
