"""What a model wrote, cut into what can be inserted.

Models go on past what was asked for: they repeat themselves, write the text behind the cursor once more, leave the block,
close brackets that are closed already. Each step here takes something away at the end and never adds anything, so that
what is left is the model's own text. The steps are in the order in which one makes the next one right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracemend.analysis.types.engines.lexing import CLOSING, place_at

from .templates import Family

_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:\n?```|\Z)", re.DOTALL)
_ONLY_CLOSES = re.compile(r"[ \t)\]}:,;'\"]*\Z")
MAX_REPEATED = 2  # Times that the same lines may follow each other.
LONGEST_PERIOD = 4  # Of lines that repeat.
MIN_PERIOD_CHARACTERS = 12  # Of text within a line that repeats.
_LOOP = re.compile(rf"(.{{{MIN_PERIOD_CHARACTERS},80}}?)\1{{3,}}", re.DOTALL)
SHORTEST_DUPLICATE = 3


def is_single_line(after: str) -> bool:
    """Say whether only the line of the cursor can be completed: it goes on behind the cursor with more than closing."""
    return bool(after.partition("\n")[0].strip())


def can_complete(before: str, after: str) -> bool:
    """Say whether a text could be put in here at all: not inside a word, and not in the middle of a line."""
    if (before[-1:].isalnum() or before[-1:] == "_") and (after[:1].isalnum() or after[:1] == "_"):
        return False
    return _ONLY_CLOSES.match(after.partition("\n")[0].rstrip("\r")) is not None


def unfenced(text: str, before: str) -> str:
    """Return the code in the answer of a model that talks, less the line of the cursor where it began with that."""
    found = _FENCED.search(text)
    code = found[1] if found is not None else text.strip("\n")
    line = before.rpartition("\n")[2]
    if line.strip() and code.startswith(line):
        return code[len(line) :]
    if line.strip() and code.startswith(line.lstrip()):
        return code[len(line.lstrip()) :]
    if not line.strip() and line and code.startswith(line):
        return code[len(line) :]
    return code


def trimmed(text: str, before: str, after: str, family: Family) -> str:
    """Return the part of `text` that can stand between `before` and `after`, "" for none."""
    text = _without_tokens(text, family.tokens).replace("\r\n", "\n")
    if is_single_line(after):
        text = text.partition("\n")[0]
    text = _without_loop(text)
    text = _inside_block(text, before)
    text = _without_duplicate(text, after)
    text = _balanced(text, before, after)
    return text.rstrip() if text.strip() else ""


def _without_tokens(text: str, tokens: Sequence[str]) -> str:
    ends = [text.find(one) for one in tokens if one in text]
    return text[: min(ends)] if ends else text


def _without_loop(text: str) -> str:
    """Cut where the model began to repeat itself, lines or parts of one, after the first time."""
    loop = _LOOP.search(text)
    if loop is not None and loop[1].strip():
        text = text[: loop.start() + len(loop[1])]
    lines = text.split("\n")
    for at in range(len(lines)):
        for period in range(1, LONGEST_PERIOD + 1):
            block = lines[at : at + period]
            rest = lines[at + period : at + period * (MAX_REPEATED + 1)]
            if any(one.strip() for one in block) and rest == block * MAX_REPEATED:
                return "\n".join(lines[: at + period])
    return text


def _inside_block(text: str, before: str) -> str:
    """Cut in front of the first line that is indented less than the cursor's, where the text leaves the block."""
    current = before.rpartition("\n")[2]
    indentation = len(current) - len(current.lstrip())
    first, *lines = text.split("\n")
    if not current.strip():
        # The model may write the indentation itself, or go further back than the editor is.
        indentation += len(first) - len(first.lstrip()) if first.strip() else 0
    if indentation == 0 and not current.strip():
        return text
    kept = [first]
    brackets = 0
    for line in lines:
        stripped = line.lstrip()
        outside = bool(stripped) and len(line) - len(stripped) < indentation
        if outside and not (brackets > 0 and stripped[0] in ")]}"):
            break
        kept.append(line)
        brackets = len(place_at("\n".join(kept), len("\n".join(kept))).brackets)
    return "\n".join(kept).rstrip("\n") if len(kept) <= len(lines) else text


def _without_duplicate(text: str, after: str) -> str:
    """Cut off at the end what stands behind the cursor already: the rest of the line, or the lines that follow."""
    rest, _, below = after.partition("\n")
    lines = text.split("\n")
    if rest.strip() and lines[0].rstrip().endswith(rest.strip()) and len(lines) == 1:
        opened = lines[0].rstrip()[: -len(rest.strip())]
        if _depth(opened) <= 0 or rest.strip() not in CLOSING.values():
            return opened
    following = [one.strip() for one in below.split("\n") if one.strip()]
    if following and len(following[0]) >= SHORTEST_DUPLICATE:
        for at, line in enumerate(lines[1:], 1):
            same = [one.strip() for one in lines[at:] if one.strip()]
            if line.strip() == following[0] and same == following[: len(same)]:
                return "\n".join(lines[:at])
    return text


def _depth(text: str) -> int:
    return len(place_at(text, len(text)).brackets)


def _balanced(text: str, before: str, after: str) -> str:
    """Cut in front of the first bracket that closes nothing, and at the last line that leaves none open.

    A bracket that is open before the cursor may be closed, unless it is closed behind the cursor.
    """
    open_before = [CLOSING[one.character] for one in place_at(before, len(before)).brackets]
    for character in after.partition("\n")[0].strip():
        if open_before and character == open_before[-1]:
            open_before.pop()
    text = text[: _first_surplus(text, open_before)]
    lines = text.split("\n")
    for count in range(len(lines), 1, -1):
        part = "\n".join(lines[:count])
        place = place_at(part, len(part))
        if not place.brackets and place.string_start < 0:
            return part
    return lines[0]


def _first_surplus(text: str, may_close: Sequence[str]) -> int:
    """Return where the first bracket stands that closes neither one of `text` nor the last one that may be closed."""
    left = list(may_close)
    for found in re.finditer(r"[)\]}]", text):
        place = place_at(text, found.start())
        if place.in_comment or (place.string_start >= 0 and not place.is_code):
            continue
        if place.brackets:
            if CLOSING[place.brackets[-1].character] != found[0]:
                return found.start()
        elif left and left[-1] == found[0]:
            left.pop()
        else:
            return found.start()
    return len(text)
