"""Joining the rest of an answer, which a model was asked for in a new turn, to the part that is there.

Models are asked for the rest in one block and do not all do as asked: some repeat the last lines, some begin from the
start, some leave the fence away. The first line of code decides which it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FENCE = re.compile(r"^[ ]{0,3}(```|~~~)[^\n]*$", re.MULTILINE)


class Splice:
    """Takes the text of the new turn, decides on which part of the old one it follows, and passes on what is new."""

    def __init__(self, kept: str, begin: Callable[[str], None], take: Callable[[str], bool]) -> None:
        self._kept = kept
        self._begin = begin
        self._take = take
        self._waiting: str | None = ""  # None once it is decided.

    def take(self, piece: str) -> bool:
        """Take what came; True says that no more is wanted."""
        if self._waiting is None:
            return self._take(piece)
        self._waiting += piece
        start = _opening(self._waiting)
        code = "" if start is None else self._waiting[start:].lstrip("\n")
        return self._decide(code) if "\n" in code else False

    def end(self) -> None:
        """Take a turn that was not fenced, or that was over before its first line."""
        if self._waiting is not None:
            self._decide(self._waiting[_opening(self._waiting) or 0 :])

    def _decide(self, code: str) -> bool:
        self._waiting = None
        start = _code_start(self._kept)
        lines = self._kept[start:].splitlines(keepends=True)
        first = code.lstrip("\n").partition("\n")[0].rstrip()
        base = self._kept
        if first and len(lines) > 1 and first == lines[0].rstrip():
            base = self._kept[:start]
        elif first and lines and first == lines[-1].rstrip():
            base = base[: len(base) - len(lines[-1])]
        self._begin(base)
        return self._take(code)


def has_open_fence(text: str) -> bool:
    """Say whether `text` ends inside a fenced block."""
    return len(_FENCE.findall(text)) % 2 == 1


def _opening(text: str) -> int | None:
    """Return where the code of the first fenced block begins, None where there is none.

    A fence without a language that comes alone may as well end code that had no beginning.
    """
    fences = list(_FENCE.finditer(text))
    named = [one for one in fences if one[0].strip(" `~")]
    found = named or (fences if len(fences) > 1 else [])
    return found[0].end() + 1 if found else None


def _code_start(text: str) -> int:
    """Return where the last fenced block begins, or the text itself where there is none."""
    fences = list(_FENCE.finditer(text))
    return min(fences[-1].end() + 1, len(text)) if fences else 0
