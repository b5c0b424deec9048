"""Edits as values: apply them, order them, and show them as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class OverlappingEdits(ValueError):
    """Two edits of one set touch the same characters."""


@dataclass(frozen=True, slots=True, order=True)
class TextEdit:
    """Replace the characters [start, end) of a document by `text`; start == end inserts."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Return `text` after all `edits`, whose offsets refer to `text` itself.

    Insertions at one place are kept in the order given. Raises `OverlappingEdits`.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise OverlappingEdits(f"edit at {edit.start} overlaps the one that ends at {position}")
        pieces += (text[position : edit.start], edit.text)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def edits_overlap(first: Iterable[TextEdit], second: Iterable[TextEdit]) -> bool:
    """Say whether the two sets cannot be applied together in an unambiguous way."""
    others = list(second)
    return any(
        (one.start < other.end and other.start < one.end) or one.start == other.start
        for one in first
        for other in others
    )


def unified_diff(path: str, old: str, new: str, context: int = 3) -> str:
    """Return the change of the file at `path` (relative, posix) as a unified diff, empty for no change.

    Line ends are part of the lines, so that CRLF files and files without a final newline survive `git apply`.
    """
    if old == new:
        return ""
    lines = difflib.unified_diff(
        _split(old), _split(new), fromfile=f"a/{path}", tofile=f"b/{path}", n=context, lineterm="\n"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _split(text: str) -> list[str]:
    """Split at "\\n" alone, as git does."""
    pieces = text.split("\n")
    lines = [f"{piece}\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines
