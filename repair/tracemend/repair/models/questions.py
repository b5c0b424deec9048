"""One question as it is sent: the fields of the protocol, and what bounds the waiting for its answer."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .protocol import Message, TextReceiver

CHAT_PATH = "/chat/completions"
COMPLETION_PATH = "/completions"
TRIAL_PROMPT_TOKENS = 100  # At most, of the tiny requests that only find something out.


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the fields of the request as the protocol has them, without how it is to be sent."""

    path: str
    fields: Mapping[str, object]
    taped: Mapping[
        str, object
    ]  # The request as a cassette has it: with the model that the settings name, if any.
    prompt_tokens: int
    max_tokens: int
    on_text: TextReceiver | None
    cancel: threading.Event | None
    until: float = math.inf  # On the monotonic clock.

    @property
    def remaining_s(self) -> float:
        """How long the answer is still waited for."""
        return self.until - time.monotonic()

    @property
    def model(self) -> str:
        return str(self.fields["model"])


def turn(message: Message) -> dict[str, object]:
    """Return a message as the protocol has it."""
    said: dict[str, object] = {"role": message.role, "content": sendable(message.content)}
    return {**said, "prefix": True} if message.is_begun else said


def sendable(text: str) -> str:
    """Return `text` without the halves of characters that Python strings can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def sampling(max_tokens: int, temperature: float, stop: Sequence[str], seed: int | None) -> dict[str, object]:
    """Return the fields that say how to generate; those that are not said are left away."""
    fields: dict[str, object] = {"max_tokens": max_tokens, "temperature": temperature}
    if stop:
        fields["stop"] = list(stop)
    if seed is not None:
        fields["seed"] = seed
    return fields
