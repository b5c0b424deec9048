"""The Python code in an answer in Markdown, found while it is written.

A block begins with a line of at least three backticks or tildes and an info string, and ends with a line of at least as
many of the same and nothing else (CommonMark 0.31, section 4.5). A block of ours is one whose info string begins with a
name of Python. Inside it a line that ends it is only known by its newline; backticks are no Python, so that nothing is
judged wrongly until then.

Some models write their code without a fence. An answer that begins with the line of a definition, a decorator or an import is
read as code, line by line, as long as its lines are more of these or indented: what stands at the margin is held back until its
end tells which it is. The first one that is none ends that for good, since what it binds is not known.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from enum import IntEnum

_PYTHON = frozenset((b"python", b"py", b"python3", b"py3", b"pycon3", b"pyi"))
_MAX_LINE = 240  # Of a line only this much is kept: a fence is shorter, and most heads of definitions are.
_INDENTED = (
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b")",
)  # What a line of bare code begins with that goes on with the last one.
_BARE = re.compile(
    rb"(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*(?=\()|class[ \t]+\w+[ \t]*(?=[(:])).*(?:[:(,]|\):.*|->.*)[ \t]*\Z"
    rb"|@\w[\w.]*[ \t]*(?:\(.*)?\Z|import[ \t]+\w[\w., \t]*\Z|from[ \t]+[\w.]+[ \t]+import[ \t(]"
)


class Part(IntEnum):
    """What is to be done with a part of an answer."""

    SKIPPED = 0  # It is no Python.
    READ = 1
    BEGINS = 2  # Nothing: here Python begins anew.
    LATE = 3  # It was skipped, and is to be read now: it ends here.


class Fence:
    """Where in a Markdown text one is. `line` is the current line's head; `marker` the run that opened the block."""

    __slots__ = ("has_begun", "is_code", "line", "marker", "may_be_bare")

    def __init__(self) -> None:
        self.line = b""
        self.marker = b""
        self.is_code = False
        self.may_be_bare = True  # All lines so far are code without a fence, or blank;
        self.has_begun = False  # and at least one of them is code.

    def fork(self) -> Fence:
        """Return an independent copy."""
        other = object.__new__(Fence)
        for name in Fence.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    @property
    def key(self) -> Hashable:
        """What decides how the text goes on."""
        stripped = self.line.lstrip()
        line = stripped if stripped[:1] in (b"`", b"~", b"") else None
        return self.is_code, self.marker, line, self.may_be_bare and not self.line

    def split(self, data: bytes) -> Iterator[tuple[bytes, Part]]:
        """Yield the parts of `data`, each with what is to be done with it."""
        for part in data.splitlines(keepends=True):
            if self.may_be_bare and not self.line and part[:1] not in _INDENTED:
                self.is_code = False
            was_code = self.is_code
            self.line = line = (self.line + part)[:_MAX_LINE]
            ended = part[-1:] in (b"\n", b"\r")
            is_python = self._end_line() if ended else False
            yield part, Part.READ if was_code and self.is_code else Part.SKIPPED
            if is_python and not self.has_begun:
                yield b"", Part.BEGINS
            if is_python and self.may_be_bare:
                self.has_begun = True
                yield line, Part.LATE

    def _end_line(self) -> bool:
        """Take the line for what it is now that it has ended; say whether it begins a block of Python, or is code that was held back."""
        whole, self.line = self.line, b""
        line = whole.strip()
        if self.may_be_bare and (self.is_code or not line):
            return False
        is_whole = whole[-1:] in (b"\n", b"\r")
        self.may_be_bare = self.may_be_bare and is_whole and bool(_BARE.match(whole.rstrip()))
        if self.may_be_bare:
            self.is_code = True
            return True
        self.has_begun = False  # Each fenced block begins anew.
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
