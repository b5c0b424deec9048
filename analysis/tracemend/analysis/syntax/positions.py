"""Lines, columns and offsets, in characters and in the units of the editors.

Offsets are characters (code points) from the start of the text, lines count from 1 as in Python's tracebacks. Lines end
at "\\n", "\\r\\n" and "\\r" alone, as for Python's tokenizer; `str.splitlines` also splits at form feeds and would drift.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class LineIndex:
    """Line starts of one text, for conversions in both directions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: tuple[int, ...] = tuple(_line_starts(text))

    def __len__(self) -> int:
        return len(self.starts)

    def line_of(self, offset: int) -> int:
        """Return the 1-based line that holds `offset`."""
        return bisect_right(self.starts, offset)

    def line_start(self, line: int) -> int:
        """Return the offset of the first character of 1-based `line`; the end of the text past the last line."""
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)

    def line_text(self, line: int) -> str:
        """Return 1-based `line` without its line end; empty outside the text."""
        if not 1 <= line <= len(self.starts):
            return ""
        return self.text[self.line_start(line) : self.line_start(line + 1)].rstrip("\r\n")

    def offset(self, line: int, utf8_column: int) -> int:
        """Return the offset of an `ast` position: 1-based `line`, `utf8_column` in bytes."""
        start = self.line_start(line)
        return start + self._characters(start, utf8_column, "utf-8")

    def to_position(self, offset: int, encoding: Encoding = "utf-16") -> tuple[int, int]:
        """Return (0-based line, column in units of `encoding`), the position that LSP speaks."""
        line = self.line_of(offset)
        start = self.line_start(line)
        return line - 1, units(self.text[start:offset], encoding)

    def from_position(self, line: int, column: int, encoding: Encoding = "utf-16") -> int:
        """Return the offset of an LSP position, clamped to the line (LSP 3.17, Position)."""
        if line >= len(self.starts):
            return len(self.text)
        start = self.line_start(line + 1)
        offset = start + self._characters(start, column, encoding)
        return min(offset, start + len(self.line_text(line + 1)))

    def _characters(self, start: int, column: int, encoding: Encoding) -> int:
        prefix = self.text[start : start + column]
        if encoding == "utf-32" or prefix.isascii():
            return column
        taken = 0
        for count, character in enumerate(prefix):
            taken += units(character, encoding)
            if taken > column:
                return count
            if taken == column:
                return count + 1
        return len(prefix)


def _line_starts(text: str) -> Iterator[int]:
    """Yield where lines start; texts without "\\r", which are nearly all, are split at the speed of `str.split`."""
    if "\r" in text:
        return chain((0,), (match.end() for match in _LINE_END.finditer(text)))
    lengths = [len(line) + 1 for line in text.split("\n")]
    return accumulate(lengths[:-1], initial=0)


def units(text: str, encoding: Encoding) -> int:
    """Return the length of `text` in code units of `encoding`."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
