"""The code blocks of an answer in Markdown, found while it is written.

A block begins with a line of at least three backticks or tildes and an info string, and ends with a line of at least as
many of the same and nothing else (CommonMark 0.31, section 4.5). A block of ours is one whose info string begins with a
name of Python. Inside it a line that ends it is only known by its newline; backticks are no Python, so that nothing is
judged wrongly until then.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

_PYTHON = frozenset((b"python", b"py", b"python3", b"py3", b"pycon3", b"pyi"))
_MAX_LINE = 80  # Of a line only this much is kept: a fence is shorter.


class Fence:
    """Where in a Markdown text one is. `line` is the current line's head; `marker` the run that opened the block."""

    __slots__ = ("is_code", "line", "marker")

    def __init__(self) -> None:
        self.line = b""
        self.marker = b""
        self.is_code = False

    def fork(self) -> Fence:
        """Return an independent copy."""
        other = object.__new__(Fence)
        other.line, other.marker, other.is_code = self.line, self.marker, self.is_code
        return other

    @property
    def key(self) -> Hashable:
        """What decides how the text goes on."""
        stripped = self.line.lstrip()
        return self.is_code, self.marker, stripped if stripped[:1] in (b"`", b"~", b"") else None

    def split(self, data: bytes) -> Iterator[tuple[bytes, bool | None]]:
        """Yield the parts of `data`, each with whether it begins a block of Python; None for what is no Python."""
        for part in data.splitlines(keepends=True):
            was_code = self.is_code
            self.line = (self.line + part)[:_MAX_LINE]
            ended = part[-1:] in (b"\n", b"\r")
            begins = self._end_line() if ended else False
            yield part, False if was_code and self.is_code else None
            if begins:
                yield b"", True

    def _end_line(self) -> bool:
        """Take the line for what it is now that it has ended; say whether it begins a block of Python."""
        line, self.line = self.line.strip(), b""
        run = _run_of_marks(line)
        if not self.marker:
            if len(run) < 3:
                return False
            info = line[len(run) :].strip().lower().split()
            self.marker = run
            self.is_code = bool(info) and info[0].strip(b"{}.") in _PYTHON
            return self.is_code
        if run == line and run[:1] == self.marker[:1] and len(run) >= len(self.marker):
            self.marker, self.is_code = b"", False
        return False


def _run_of_marks(line: bytes) -> bytes:
    """Return the backticks or tildes that a line begins with."""
    mark = line[:1]
    return line[: len(line) - len(line.lstrip(mark))] if mark in (b"`", b"~") else b""
