"""Random edits as an editor would send them, and what they make of a text.

The model is a plain string: an edit replaces the characters from one offset to another. Its positions are those that the
LSP specification gives to these offsets in the encoding at hand.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

from lsp_wire import edit

ALPHABET = ("a", "b", " ", "\n", "\r\n", "\r", "\t", "\f", "é", "中", "𝄞", "\u2028", "def f():\n")
WIDTHS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


@dataclass(frozen=True)
class Edit:
    """One edit: the change event, and the text after it."""

    change: dict[str, Any]
    after: str


def random_edit(text: str, encoding: str, choose: random.Random) -> Edit:
    """Return an edit of `text`: mostly small, sometimes across lines, rarely the whole text."""
    new = "".join(choose.choice(ALPHABET) for _ in range(choose.choice((0, 1, 1, 2, 5))))
    if choose.random() < 0.05:
        return Edit({"text": new}, new)
    offsets = [at for at in range(len(text) + 1) if text[max(at - 1, 0) : at + 1] != "\r\n"]
    start = choose.choice(offsets)
    near = [at for at in offsets if start <= at <= start + choose.choice((0, 0, 1, 3, 40))]
    end = choose.choice(near)
    change = edit(position(text, start, encoding), position(text, end, encoding), new)
    return Edit(change, text[:start] + new + text[end:])


def position(text: str, offset: int, encoding: str) -> tuple[int, int]:
    """Return the (line, character) of an offset, straight from the definition (LSP 3.17, "Text Documents")."""
    ends = [match.end() for match in re.finditer(r"\r\n|\n|\r", text) if match.end() <= offset]
    line_start = ends[-1] if ends else 0
    column = text[line_start:offset].encode(WIDTHS[encoding])
    return len(ends), len(column) // UNIT_BYTES[encoding]
