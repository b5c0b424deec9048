"""An incremental lexer of Python, byte by byte: what a decoder must know of the text so far to read the next token.

It is told bytes as a model writes them, which may end anywhere: inside a name, a character, an escape, a quote. What it
understands it tells a `Listener`: words, dots, brackets, operators, lines. It knows string prefixes and kinds, the fields
of f-strings with quotes nested as PEP 701 has them, which reads older code the same way, comments, line continuation,
numbers (`1.` has no member, `1..real` has), and indentation. It reads any text and never fails; text that no grammar
allows is merely read without sense.

A lexer is copied (`fork`) for each alternative that is to be tried, so its state is a few slots and shared tuples.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Protocol

# The modes: what the next byte is read as.
MARGIN, CODE, WORD, NUMBER, COMMENT, TEXT, JOINED, NOTE = range(8)

# Which bytes go on with a name; those of any character beyond ASCII do, the oracle decides when the name has ended.
IDENTIFIER = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") | frozenset(
    range(128, 256)
)
_DIGITS = frozenset(b"0123456789")
_BLANKS = frozenset(b" \t\f")
_NEWLINES = frozenset(b"\r\n")
_QUOTES = frozenset(b"\"'")
_OPENERS = frozenset(b"([{")
_CLOSERS = frozenset(b")]}")
_PREFIXES = frozenset(
    (b"r", b"b", b"u", b"f", b"t", b"br", b"rb", b"fr", b"rf", b"tr", b"rt")
)  # In lower case.
_WORD_RUN = re.compile(rb"[\w\x80-\xff]*", re.ASCII)
_COMMENT_RUN = re.compile(rb"[^\r\n]*")
_TEXT_RUN = re.compile(rb"[^\\\"'{}\r\n]*")
_TAB_WIDTH = 8


class Listener(Protocol):
    """Who is told what the lexer understands. `following` is the byte behind a word, -1 where nothing is known of it."""

    @property
    def dotted(self) -> int:
        """Whether a word here is a member, and so no prefix of a string."""

    def word(self, word: bytes, end: int, following: int) -> None:
        """A name or a keyword has ended at index `end` of the data."""

    def dot(self) -> None:
        """A dot that is no part of a number."""

    def literal(self, kind: str) -> None:
        """A number, or the beginning of a string: the name of its class, "" where that is of no interest."""

    def blank(self) -> None:
        """White space, a comment or a joined line inside a logical line."""

    def operator(self, byte: int) -> None:
        """Any other byte of code."""

    def opened(self, byte: int) -> None:
        """A bracket, or with `{` the field of a formatted string."""

    def closed(self, byte: int) -> None:
        """The bracket or field opened last has been closed; or one that none had opened."""

    def line_began(self, indentation: int) -> None:
        """The first byte of code on a logical line is next."""

    def line_ended(self, line: bytes) -> None:
        """A logical line has ended; `line` is its text without indentation."""


class StringKind:
    """How a string is read: its quote, whether there are three of them, whether it is raw, and has fields."""

    __slots__ = ("formatted", "quote", "raw", "triple")

    def __init__(self, quote: int, *, triple: bool, raw: bool, formatted: bool) -> None:
        self.quote = quote
        self.triple = triple
        self.raw = raw
        self.formatted = formatted


_KINDS = {
    (quote, triple, raw, formatted): StringKind(quote, triple=triple, raw=raw, formatted=formatted)
    for quote in _QUOTES
    for triple in (False, True)
    for raw in (False, True)
    for formatted in (False, True)
}

# An open bracket with those around it: (around, bracket, the string whose field it is or None, whether that stands in a
# format specification).
Open = tuple["Open | None", int, StringKind | None, bool]


class Lexer:
    """The state of reading one text. `pending` is what a string has begun that its next bytes decide.

    Inside strings `pending` is `quote` bytes (a quote that may be the first of three, or of the end), a backslash with
    what follows it of a `\\N{...}`, or a brace that a second one would make a plain character.
    """

    __slots__ = (
        "_data",
        "_line_from",
        "in_spec",
        "indentation",
        "line",
        "mode",
        "open",
        "pending",
        "string",
        "word",
    )

    def __init__(self) -> None:
        self.mode = MARGIN
        self.word = b""  # The name or number that the text ends in.
        self.open: Open | None = None
        self.string: StringKind | None = None
        self.in_spec = (
            False  # In the format specification of a field, which reads like the text of its string.
        )
        self.pending = b""
        self.indentation = 0
        self.line = b""  # The logical line so far, without the data that is being read.
        self._data = b""
        self._line_from = 0

    def fork(self) -> Lexer:
        """Return an independent copy."""
        other = object.__new__(Lexer)
        other.mode = self.mode
        other.word = self.word
        other.open = self.open
        other.string = self.string
        other.in_spec = self.in_spec
        other.pending = self.pending
        other.indentation = self.indentation
        other.line = self.line
        other._data = b""
        other._line_from = 0
        return other

    @property
    def key(self) -> Hashable:
        """What decides how the next bytes are read; words are left to the listener's key."""
        return self.mode, self.open, self.string, self.in_spec, self.pending

    def feed(self, data: bytes, listener: Listener) -> None:
        """Read more bytes."""
        self._data = data
        self._line_from = 0
        position = 0
        size = len(data)
        while position < size:
            position = _READERS[self.mode](self, data, position, listener)
        if self.mode not in (MARGIN, NOTE):
            self.line += data[self._line_from :]
        self._data = b""

    def finish(self, listener: Listener, following: int = -1) -> None:
        """Tell of a name that the text ends in."""
        if self.mode == WORD:
            listener.word(self.word, 0, following)

    def begin_inside(self, indentation: int) -> None:
        """Read on from the first byte behind the indentation of a line."""
        self.mode = MARGIN
        self.indentation = indentation

    def _margin(self, data: bytes, position: int, listener: Listener) -> int:
        """Count the indentation; lines of white space or of a comment alone have none."""
        byte = data[position]
        if byte in _BLANKS:
            tab = _TAB_WIDTH - self.indentation % _TAB_WIDTH
            self.indentation += tab if byte == 9 else byte == 32
            return position + 1
        if byte in _NEWLINES:
            self.indentation = 0
            return position + 1
        if byte == 35:
            self.mode = NOTE
            return position
        self.mode = CODE
        self.line, self._line_from = b"", position
        listener.line_began(self.indentation)
        return position

    def _code(self, data: bytes, position: int, listener: Listener) -> int:
        byte = data[position]
        if byte in IDENTIFIER:
            self.mode = NUMBER if byte in _DIGITS else WORD
            self.word = b""
            return position
        if byte == 46:
            listener.dot()
        elif byte in _BLANKS:
            listener.blank()
        elif byte in _NEWLINES:
            self._newline(data, position, listener)
        elif byte in _QUOTES:
            self._open_string(byte, b"", listener)
        elif byte in _OPENERS:
            self.open = (self.open, byte, None, False)
            listener.opened(byte)
        elif byte in _CLOSERS:
            self._close(byte, listener)
        elif byte == 35:
            self.mode = COMMENT
        elif byte == 92:
            self.mode = JOINED
        elif byte == 58 and self.open is not None and self.open[2] is not None:
            self._open_spec(self.open[2])
        else:
            listener.operator(byte)
        return position + 1

    def _word(self, data: bytes, position: int, listener: Listener) -> int:
        end = _end(_WORD_RUN, data, position)
        if not self.word and position < end and data[position] < 128:
            self.word = data[position:end]
        else:
            self.word += data[position:end]
        if end == len(data):
            return end
        self.mode = CODE
        word, self.word = self.word, b""
        byte = data[end]
        if byte in _QUOTES and word.lower() in _PREFIXES and not listener.dotted:
            self._open_string(byte, word.lower(), listener)
            return end + 1
        listener.word(word, end, byte)
        return end

    def _number(self, data: bytes, position: int, listener: Listener) -> int:
        """Read a number; a dot goes on with it unless it has one, an exponent, or another base."""
        end = _end(_WORD_RUN, data, position)
        self.word += data[position:end]
        if end == len(data):
            return end
        if data[end] == 46 and not (set(self.word.lower()) & set(b".exjob")):
            self.word += b"."
            return end + 1
        self.mode = CODE
        self.word = b""
        listener.literal("")
        return end

    def _comment(self, data: bytes, position: int, listener: Listener) -> int:
        end = _end(_COMMENT_RUN, data, position)
        if end == len(data):
            return end
        self.mode = CODE
        return end

    def _note(self, data: bytes, position: int, listener: Listener) -> int:
        """Read a comment that has a line of its own, which is no logical line."""
        end = _end(_COMMENT_RUN, data, position)
        if end < len(data):
            self.mode, self.indentation = MARGIN, 0
        return end

    def _joined(self, data: bytes, position: int, listener: Listener) -> int:
        """Read what follows a backslash: the end of the line, or something that should not stand there."""
        byte = data[position]
        self.mode = CODE
        if byte in _NEWLINES:
            listener.blank()
            return position + (2 if data[position : position + 2] == b"\r\n" else 1)
        listener.operator(92)
        return position

    def _newline(self, data: bytes, position: int, listener: Listener) -> None:
        if self.open is not None:
            listener.blank()
            return
        line = self.line + data[self._line_from : position]
        self.line, self._line_from = b"", position
        self.mode, self.indentation = MARGIN, 0
        listener.line_ended(line)

    def _close(self, byte: int, listener: Listener) -> None:
        if self.open is None:
            listener.closed(byte)
            return
        self.open, _, field, in_spec = self.open
        listener.closed(byte)
        if field is not None:
            self.string, self.mode, self.pending, self.in_spec = field, TEXT, b"", in_spec

    def _open_string(self, quote: int, prefix: bytes, listener: Listener) -> None:
        formatted = b"f" in prefix or b"t" in prefix
        self.string = _KINDS[quote, False, b"r" in prefix, formatted]
        self.mode, self.pending, self.in_spec = TEXT, b"?", False
        listener.literal("bytes" if b"b" in prefix else "" if b"t" in prefix else "str")

    def _open_spec(self, string: StringKind) -> None:
        """Read the format specification of a field, which may have fields of its own."""
        self.string, self.mode, self.pending, self.in_spec = string, TEXT, b"", True

    def _text(self, data: bytes, position: int, listener: Listener) -> int:
        string = self.string
        assert string is not None, "a string is being read"
        if self.pending:
            return self._decide(data, position, string, listener)
        end = _end(_TEXT_RUN, data, position)
        if end == len(data):
            return end
        byte = data[end]
        if byte == string.quote:
            if string.triple:
                self.pending = bytes((byte,))
            else:
                self._end_string()
        elif byte == 92:
            self.pending = b"\\"
        elif byte in _NEWLINES and not string.triple:
            self._end_string()  # A string that its line does not close ends with the line.
            return end
        elif byte == 123 and string.formatted:
            self.pending = b"{"
        elif byte == 125 and self.in_spec:
            self._close(byte, listener)
        return end + 1

    def _decide(self, data: bytes, position: int, string: StringKind, listener: Listener) -> int:
        """Read the byte that decides what the pending ones are."""
        byte, pending = data[position], self.pending
        quote = string.quote
        if pending == b"{":
            self.pending = b""
            if byte == 123 and not self.in_spec:
                return position + 1
            self.open = (self.open, 123, string, self.in_spec)
            self.mode = CODE
            listener.opened(123)
            return position
        if (
            pending == b"?"
        ):  # The first quote of a string: one of three, the whole of an empty string, or just the first.
            self.pending = b"??" if byte == quote else b""
            return position + (byte == quote)
        if pending == b"??":
            self.pending = b""
            if byte == quote:
                self.string = _KINDS[quote, True, string.raw, string.formatted]
                return position + 1
            self._end_string()
            return position
        if pending[0] == quote:
            return self._count_quotes(byte, position, quote)
        return self._escaped(byte, position, string)

    def _count_quotes(self, byte: int, position: int, quote: int) -> int:
        """Read a quote, or something else, behind one or two that may end a string in triple quotes."""
        if byte != quote:
            self.pending = b""
            return position
        if len(self.pending) == 2:
            self._end_string()
        else:
            self.pending += bytes((byte,))
        return position + 1

    def _escaped(self, byte: int, position: int, string: StringKind) -> int:
        """Read what a backslash escapes: a quote, a line end, the name of a character; a brace begins a field still."""
        if self.pending == b"\\":
            self.pending = b""
            if byte == 123 and string.formatted:
                return position
            if byte == 78 and string.formatted and not string.raw:
                self.pending = b"\\N"
            elif byte == 13:
                self.pending = b"\\\r"
            return position + 1
        if self.pending == b"\\\r":
            self.pending = b""
            return position + (byte == 10)
        if self.pending == b"\\N":
            self.pending = b"\\N{" if byte == 123 else b""
            return position + (byte == 123)
        if byte == 125 or byte == string.quote:
            self.pending = b""
            return position + (byte == 125)
        return position + 1

    def _end_string(self) -> None:
        self.string, self.mode, self.pending, self.in_spec = None, CODE, b"", False


_READERS = (
    Lexer._margin,
    Lexer._code,
    Lexer._word,
    Lexer._number,
    Lexer._comment,
    Lexer._text,
    Lexer._joined,
    Lexer._note,
)


def _end(run: re.Pattern[bytes], data: bytes, position: int) -> int:
    """Return where the run of bytes that begins at `position` ends; each of the patterns matches the empty run."""
    found = run.match(data, position)
    assert found is not None, "a run may be empty"
    return found.end()
