"""What can be chosen about a model's completions; a module of its own, for who only passes it on imports nothing else."""

from __future__ import annotations

from dataclasses import dataclass

AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True)
class InlineOptions:
    """How much a model is shown and may write, in tokens, and how it is asked."""

    context_tokens: int = 2048
    max_tokens: int = 128
    family: str = AUTOMATIC
