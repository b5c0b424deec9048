"""A proven change of a file as edits of the text that the editor holds now.

A patch was proven on one text. On that very text it is applied as it is. Where the document has gone on since, it is
carried over only if every line that it touches, and one line on either side, still reads the same and still stands
together; anything else raises `OutOfDate`, for guessing is what the proof was there to avoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.syntax.source import prevailing_newline
from tracemend.repair.patch import FileChange

from .line_map import LineMap, line_map, split_lines


class OutOfDate(Exception):
    """The text has changed where the patch touches it; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines [start, end) of the old text, counted from 1, give way to `lines`, which carry no ends."""

    start: int
    end: int
    lines: tuple[str, ...]


def same_content(first: str, second: str) -> bool:
    """Say whether two texts are the same but for how their lines end, on which editors have their own ideas."""
    return first == second or split_lines(first) == split_lines(second)


def edits_for(change: FileChange, current: str) -> tuple[TextEdit, ...]:
    """Return the smallest edits that make `change` in `current`. Raises `OutOfDate`."""
    lines = LineIndex(current)
    moved = line_map(change.old, current)
    total = len(split_lines(change.old))
    newline = prevailing_newline(current)
    return tuple(
        _edit(lines, _moved_start(hunk, moved, total, change.path), hunk, newline)
        for hunk in hunks_of(change)
    )


def hunks_of(change: FileChange) -> Iterator[Hunk]:
    """Yield what differs between the old and the new text, line by line."""
    old, new = split_lines(change.old), split_lines(change.new)
    old_at, new_at = 1, 1
    ends = (len(old) + 1, len(new) + 1, 0)
    for old_start, new_start, count in (*line_map(change.old, change.new).blocks, ends):
        if old_start > old_at or new_start > new_at:
            yield Hunk(old_at, old_start, tuple(new[new_at - 1 : new_start - 1]))
        old_at, new_at = old_start + count, new_start + count


def _moved_start(hunk: Hunk, moved: LineMap, total: int, path: str) -> int:
    """Return the line at which the hunk begins now, having checked all that it touches and one line around it."""
    first, last = max(1, hunk.start - 1), min(total, hunk.end)
    places = [moved.new_line(line) for line in range(first, last + 1)]
    start = places[0]
    if start is None or places != list(range(start, start + len(places))):
        raise OutOfDate(
            f"{path} has changed around line {hunk.start} since the repair was proven. "
            "Save the file to have it looked at again."
        )
    return start + hunk.start - first


def _edit(lines: LineIndex, line: int, hunk: Hunk, newline: str) -> TextEdit:
    """Return the edit of whole lines, less what both texts share at either end, so that cursors stay."""
    line_after = line + hunk.end - hunk.start
    start, end = lines.line_start(line), lines.line_start(line_after)
    text = "".join(one + newline for one in hunk.lines)
    if line > len(lines):
        text = "".join(newline + one for one in hunk.lines)
    elif line_after > len(
        lines
    ):  # The last line has no end of its own: that of the line before goes or stays.
        text = newline.join(hunk.lines)
        if not hunk.lines:
            start = len(lines.text[:start].removesuffix("\n").removesuffix("\r"))
    return _trimmed(TextEdit(start, end, text), lines.text)


def _trimmed(edit: TextEdit, text: str) -> TextEdit:
    old = text[edit.start : edit.end]
    head = _shared(old, edit.text)
    tail = min(_shared(old[::-1], edit.text[::-1]), min(len(old), len(edit.text)) - head)
    if text[edit.end - tail - 1 : edit.end - tail + 1] == "\r\n":
        tail = 0  # No editor knows a position between the two.
    return TextEdit(edit.start + head, edit.end - tail, edit.text[head : len(edit.text) - tail])


def _shared(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))
