"""The vocabulary in which everybody speaks to models: what goes in, what comes back, what is written down.

Plain values without behaviour, so that strategies, completion and tests can share them without importing a client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ChatRole = Literal["system", "user", "assistant"]
ModelRole = Literal["fast", "strong"]

# stop: the model was done. length: it ran into `max_tokens`. cut: the server broke off, what came is there.
# violation: the guard could not keep an invented name out, and what stands before it is returned.
Finish = Literal["stop", "length", "cut", "violation"]

# Takes (kind, fields); the journal's `record` is one. Kinds: prompt, answer, candidate, verdict, cost, note.
Recorder = Callable[[str, Mapping[str, object]], None]

# Takes the answer piece by piece, in the thread that asks. Returning True says that this was enough.
TextReceiver = Callable[[str], object]

DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which models to ask where, and what that may cost. Caps hold for one `Meter`, that is for one job.

    Prices are for a million tokens, in whatever currency `max_cost` is in; 0 says that tokens cost nothing.
    """

    base_url: str
    model: str
    fast_model: str = ""  # Empty: `model` plays both roles.
    api_key_env: str = DEFAULT_KEY_VARIABLE
    max_tokens: int = 200_000
    max_requests: int = 200
    max_seconds: float = 600.0
    max_cost: float = 1.0
    price_in: float = 0.0
    price_out: float = 0.0
    cassette: Path | None = None  # Replay these answers and touch no network,
    records_cassette: bool = False  # or ask the endpoint, and add its answers to them.
    timeout_s: float = 120.0  # Of one request, and of silence within one.
    max_concurrent: int = 4

    def model_for(self, role: ModelRole) -> str:
        """Return the name of the model that plays `role`."""
        return self.fast_model or self.model if role == "fast" else self.model

    @property
    def has_fast_model(self) -> bool:
        """True where another model than the strong one plays the fast role."""
        return self.fast_model not in ("", self.model)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: ChatRole
    content: str
    is_begun: bool = (
        False  # An assistant's turn that the model is to go on with, where the endpoint has such a mark.
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer, or many together, took. `estimated` where the endpoint did not say and we counted characters."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Prompt and completion together, which is what the cap counts."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said to one question."""

    text: str
    finish: Finish
    usage: Usage
    model: str
    seconds: float
