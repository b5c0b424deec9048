"""Where a hole stands: in which statement, behind which tokens, in code or in a string."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass
from functools import lru_cache

from tracemend.analysis.types.engines.lexing import Place, place_at

from .protocol import Hole

_LAYOUT = (
    tokenize.NEWLINE,
    tokenize.NL,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.COMMENT,
    tokenize.ENDMARKER,
)


@dataclass(frozen=True, slots=True)
class Position:
    """What stands before a hole on its logical line."""

    place: Place
    statement: str  # The text of the statement up to the hole.

    @property
    def is_code(self) -> bool:
        """Whether code, not text of a string or a comment, stands here."""
        return self.place.is_code and self.place.string_start < 0

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the statement before the hole, layout and comments left out."""
        return _tokens(self.statement)


def position_of(hole: Hole) -> Position:
    """Return where `hole` stands."""
    return _position(hole.document.text, hole.offset)


@lru_cache(maxsize=64)
def _position(text: str, offset: int) -> Position:
    place = place_at(text, offset)
    return Position(place, text[place.statement : offset])


@lru_cache(maxsize=64)
def _tokens(statement: str) -> tuple[str, ...]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(statement).readline):
            if token.type not in _LAYOUT:
                found.append(token.string)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return tuple(found)  # The statement goes on behind the hole, which is no news.
    return tuple(found)
