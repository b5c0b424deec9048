"""A model that says what a test wants it to say, in the place of `models.endpoint.Endpoint`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracemend.repair.models.errors import Cancelled
from tracemend.repair.models.protocol import Answer, Message, Usage

Answers = Sequence[str | Exception] | Callable[[Sequence[Message]], str]


class ScriptedModel:
    """Answers from a list, the last answer again and again, or by a function of the messages; remembers what it was asked."""

    def __init__(self, answers: Answers, *, name: str = "scripted") -> None:
        self.answers = answers
        self.name = name
        self.asked: list[Sequence[Message]] = []
        self.limits: list[int] = []
        self.extras: list[Any] = []

    def chat(
        self, messages: Sequence[Message], *, max_tokens: int, cancel: Any = None, extra: Any = None, **_: Any
    ) -> Answer:
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled.")
        self.asked.append(messages)
        self.limits.append(max_tokens)
        self.extras.append(extra)
        said = self._said(messages)
        if isinstance(said, Exception):
            raise said
        usage = Usage(sum(len(one.content) for one in messages) // 4, len(said) // 4)
        return Answer(said, "stop", usage, self.name, 0.0)

    def look(self) -> None:
        """It is there."""

    def get_ready(self) -> None:
        """It is ready."""

    def _said(self, messages: Sequence[Message]) -> str | Exception:
        if callable(self.answers):
            return self.answers(messages)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]

    @property
    def questions(self) -> list[str]:
        """The last message of each question."""
        return [one[-1].content for one in self.asked]
