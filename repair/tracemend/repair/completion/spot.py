"""Where a cursor stands, as far as that says what kind of name is being written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal

from tracemend.analysis.monitors.position import Position, position_of
from tracemend.analysis.monitors.protocol import Hole
from tracemend.analysis.types.document import Document

SpotKind = Literal["member", "name", "module", "imported-name"]

_WORD_BEFORE = re.compile(r"\w*\Z")
_WORD_AFTER = re.compile(r"\w*")
# Possessive, for these meet statements of any length that somebody else may have written.
_FROM_NAMES = re.compile(
    r"\s*from\s*+(\.*+)\s*+([\w.]*?)\s*+\bimport\s*+\(?\s*+(?:\w++(?:\s++as\s++\w++)?\s*+,\s*+)*+$"
)
_MODULE_NAME = re.compile(r"\s*(?:import\s++(?:[\w.\s]++,)*+\s*+|from\s*+)(\.*+)((?:\w++\.)*+)$")
_FROM_READY = re.compile(r"\s*from\s*+[\w.]*+\s++\w*+$")
# Behind these words a name is made up, not chosen.
_NAMING = frozenset({"as", "class", "def", "for"})
MAX_WORD = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """The identifier around a cursor, characters [start, end), and what kind of name it is to be.

    `module` is the module of an import as written, with its dots. `call` is the offset of the bracket of the call whose
    argument begins here, -1 elsewhere.
    """

    kind: SpotKind
    start: int
    end: int
    partial: str  # What of it stands before the cursor.
    module: str = ""
    call: int = -1


def spot_at(document: Document, offset: int) -> Spot | None:
    """Return where `offset` is, None where no name can be chosen: in strings, comments, numbers and new names."""
    text = document.text
    before, after = (
        _WORD_BEFORE.search(text, max(0, offset - MAX_WORD), offset),
        _WORD_AFTER.match(text, offset),
    )
    assert before is not None and after is not None, "both patterns match the empty text"
    start, end = before.start(), after.end()
    if text[start : start + 1].isdigit():
        return None
    position = position_of(Hole(document, start))
    if not position.place.is_code or _is_behind_quote(text, start, before[0]):
        return None
    partial = before[0]
    if found := _FROM_NAMES.match(position.statement):
        return Spot("imported-name", start, end, partial, found[1] + found[2])
    if found := _MODULE_NAME.match(position.statement):
        return Spot("module", start, end, partial, found[1] + found[2].rstrip("."))
    if _FROM_READY.match(position.statement):
        return None  # Only `import` can follow.
    tokens = position.tokens
    if tokens and tokens[-1] == ".":
        return Spot("member", start, end, partial)
    if tokens and (_is_number(tokens[-1], text, start) or _is_being_named(position, tokens)):
        return None
    return Spot("name", start, end, partial, call=_call_of_argument(text, position, tokens))


def _is_number(token: str, text: str, start: int) -> bool:
    """Say whether the dot before `start` belongs to a number, as in `1.`."""
    return token[0].isdigit() and text[start - 1 : start] == "."


def _is_behind_quote(text: str, start: int, word: str) -> bool:
    """Say whether the word follows a string without a space, where only a prefix of the next one could stand."""
    return bool(word) and text[start - 1 : start] in ("'", '"')


def _is_being_named(position: Position, tokens: Sequence[str]) -> bool:
    """Say whether the next word is a new name: of a definition, a parameter, a loop."""
    if tokens[-1] in _NAMING:
        return True
    defining = "def" in tokens[:2] and len(position.place.brackets) == 1
    return defining and tokens[-1] in ("(", ",", "*", "**") and position.place.brackets[0].character == "("


def _call_of_argument(text: str, position: Position, tokens: Sequence[str]) -> int:
    """Return the offset of the call's bracket where an argument begins, -1 elsewhere."""
    brackets = position.place.brackets
    if not tokens or tokens[-1] not in ("(", ",") or not brackets or brackets[-1].character != "(":
        return -1
    before = text[max(0, brackets[-1].offset - MAX_WORD) : brackets[-1].offset].rstrip(" \t")
    word = _WORD_BEFORE.search(before)
    assert word is not None, "the pattern matches the empty text"
    is_call = not iskeyword(word[0]) if word[0] else before.endswith((")", "]"))
    return brackets[-1].offset if is_call and tokens[0] != "class" else -1
