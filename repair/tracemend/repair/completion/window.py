"""How much of the text around a cursor a model is shown, within a budget of tokens."""

from __future__ import annotations

from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 3  # Of code, for the tokenizers of all families; rather too few than too many.
CONTEXT_SHARE = 0.25
AFTER_SHARE = 0.2
STEP_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown: `context` of other files, and the text from `start` up to the cursor and from there to `end`."""

    context: str
    start: int
    end: int


def context_budget(max_tokens: int) -> int:
    """Return how many characters may tell of other files."""
    return int(max_tokens * CHARACTERS_PER_TOKEN * CONTEXT_SHARE)


def window_of(text: str, offset: int, context: str, max_tokens: int) -> Window:
    """Return the window around `offset`.

    It begins at a line, and moves on in large steps only: what is sent begins with the same text while one types, so that
    an endpoint that caches prefixes has computed most of it before.
    """
    budget = max_tokens * CHARACTERS_PER_TOKEN - len(context)
    end = _line_end(text, offset, offset + int(budget * AFTER_SHARE))
    left = max(0, budget - (end - offset))
    if offset <= left:
        return Window(context, 0, end)
    steps = -(-(offset - left) // STEP_CHARACTERS)
    start = text.find("\n", min(steps * STEP_CHARACTERS, offset), offset) + 1
    return Window(context, start or text.rfind("\n", 0, offset) + 1, end)


def _line_end(text: str, offset: int, limit: int) -> int:
    """Return the last end of a line between `offset` and `limit`, `limit` itself where a line is longer."""
    if limit >= len(text):
        return len(text)
    found = text.rfind("\n", offset, limit)
    return limit if found < 0 else found
