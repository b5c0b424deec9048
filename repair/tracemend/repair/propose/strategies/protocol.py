"""The vocabulary of strategies: the case, the desk, and what became of an answer."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tracemend.repair.models.protocol import Answer, Message, ModelRole
from tracemend.repair.propose.answers.reading import Shown
from tracemend.repair.runner.traces import Trace

# unusable: no edit. violation: certainly wrong by static analysis. duplicate: tried before. The others are verdicts.
Effect = Literal[
    "unusable", "violation", "duplicate", "same", "changed", "progress", "timeout", "regressed", "refused",
    "plausible",
]  # fmt: skip

ROUNDS = 3  # 85 % of LDB's fixes came by its third round, 94 % by the fifth.


class Enough(Exception):
    """No strategy is to go on: there is a fix, or the budget is spent, or the user has called it off."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A call of the failing test and the literal that it must equal, both as source text."""

    call: str
    value: str


@dataclass(frozen=True, slots=True)
class Features:
    """What the choice of a strategy goes by."""

    exception: str  # "AssertionError".
    wrong_value: bool  # The test compared a result; else something was raised, or hung.
    hangs: bool
    lines: int  # Of the longest function that is shown.
    blocks: int  # Steps of the trace in the functions that are shown.


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a question about one failure may hold. Texts are bounded and already fenced as data."""

    test: str
    shown: tuple[Shown, ...]  # What may be edited.
    whole: bool  # Answers are whole functions; else search/replace blocks.
    code: str
    context: str  # Signatures of what the shown code may call.
    test_source: str
    failure: str
    examples: str  # Repairs of this workspace that are remembered.
    features: Features
    expectations: tuple[Expectation, ...] = ()
    trace: Trace | None = None

    @property
    def rules(self) -> str:
        """The name of the prompt file with the rules of the format."""
        return "rules_whole" if self.whole else "rules_replace"


@dataclass(frozen=True, slots=True)
class Attempted:
    """What became of one answer."""

    effect: Effect
    told: str  # A sentence for the model.
    failure: str = ""  # How the test fails with it, fenced.
    value: float = 0.0  # 0 to 1, by running alone: how much of the way it goes.
    answer: str = ""  # What the model had written, without what surrounds its code.
    sources: Mapping[str, str] = field(default_factory=dict)  # {path: new text}, empty where it was no edit.

    @property
    def plausible(self) -> bool:
        """True when the test passes and nothing that was run is broken."""
        return self.effect == "plausible"


class Desk(Protocol):
    """Where a strategy works. Both methods may raise `Enough`, which a strategy lets pass."""

    def ask(
        self,
        messages: Sequence[Message],
        *,
        role: ModelRole = "strong",
        temperature: float = 0.2,
        max_tokens: int | None = None,
    ) -> str:
        """Return the model's answer."""

    def attempt(self, answer: str) -> Attempted:
        """Read an answer as an edit, check it, run it."""

    def trace(self, sources: Mapping[str, str]) -> Trace | None:
        """Trace the failing test with `sources` patched in."""

    def begin(self) -> None:
        """Begin a conversation that knows nothing of those before: what it finds is independent of them."""


class Asks(Protocol):
    """What is needed of `models.endpoint.Endpoint`."""

    def chat(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.2,
        stop: Sequence[str] = (),
        seed: int | None = None,
        role: ModelRole = "strong",
        cancel: threading.Event | None = None,
        on_text: Callable[[str], None] | None = None,
        extra: Mapping[str, object] | None = None,
        within_s: float = math.inf,
    ) -> Answer:
        """Ask one question."""

    def look(self) -> None:
        """Raise `ModelError` if certainly nobody is there to be asked."""

    def get_ready(self) -> None:
        """Do what the first question would have to wait for. Raises `ModelError`."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named way to ask. `run` returns when it knows no further; `suits` says whether the case has what it needs."""

    name: str
    run: Callable[[Case, Desk], None]
    suits: Callable[[Case], bool] = lambda case: True
