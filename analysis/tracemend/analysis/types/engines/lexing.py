"""A light lexer: which brackets, string and statement a place in Python text stands in.

It knows strings, comments, brackets and line ends, which is what must be known of the text before a cursor to close
what is open there. It reads any text, and forgets an open bracket where a line can only begin a new statement, so that
one typing mistake at the top of a file does not swallow the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import iskeyword

_PIECE = re.compile(
    r"(?:(?<!\w)(?P<prefix>[rRbBuUfFtT]{1,2}))?(?P<quote>\"\"\"|'''|\"|')|(?P<comment>\#[^\r\n]*)|(?P<bracket>[()\[\]{}])"
    r"|(?P<joined>\\(?:\r\n|\n|\r))|(?P<newline>\r\n|\n|\r)"
)
_LINE_END = re.compile(r"[\r\n]")
_STRING_REST = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*"""', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*'''", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\r\n]|\\(?:\r\n|.))*"', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\r\n]|\\(?:\r\n|.))*'", re.DOTALL),
}
# What only a statement can begin with; a line that does so ends every bracket that is still open.
_STATEMENT_START = re.compile(
    r"[ \t]*(?:(?:def|class|return|import|while|try|with|raise|assert|del|pass|break|continue|global|nonlocal)\b"
    r"(?!\s*=)|from[ \t]+[\w.]+[ \t]+import\b|@\w|async[ \t]+def\b|elif\b)"
)
# A line at the margin that belongs to the statement before it.
CONTINUES_BLOCK = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")
_LAST_WORD = re.compile(r"\w+\Z")
MAX_WORD = 80
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Bracket:
    """An open bracket and where it stands."""

    character: str
    offset: int


@dataclass(frozen=True, slots=True)
class Place:
    """What is open at one offset of a text.

    `statements` are the offsets where logical lines begin (the first character behind the indentation), from the last
    one that stands at the margin to the one that holds the place. Inside a string `string_start` is the offset of its
    prefix or quote; it is -1 outside. A replacement field of an f-string is code: its brace is the bracket that stands
    behind `string_start`.
    """

    statements: tuple[int, ...]
    brackets: tuple[Bracket, ...]
    string_start: int = -1
    quote: str = ""
    in_comment: bool = False

    @property
    def statement(self) -> int:
        """Where the logical line of the place begins."""
        return self.statements[-1]

    @property
    def is_code(self) -> bool:
        """Whether an expression can stand here."""
        in_field = bool(self.brackets) and self.brackets[-1].offset > self.string_start >= 0
        return not self.in_comment and (self.string_start < 0 or in_field)


def place_at(text: str, offset: int) -> Place:
    """Return what is open at `offset`; only the text before it counts."""
    brackets: list[Bracket] = []
    statements = [_behind_indentation(text, 0, offset)]
    position = 0
    while (piece := _PIECE.search(text, position, offset)) is not None:
        position = piece.end()
        if piece["quote"]:
            end = _end_of_string(text, piece, offset)
            if end is None:
                return _inside_string(text, offset, piece, statements, brackets)
            position = end
        elif piece["bracket"]:
            _count_bracket(brackets, piece["bracket"], piece.start())
        elif piece["comment"] and position == offset:
            return Place(tuple(statements), tuple(brackets), in_comment=True)
        elif piece["newline"] and (not brackets or _STATEMENT_START.match(text, position)):
            brackets.clear()
            _begin_statement(text, position, offset, statements)
    return Place(tuple(statements), tuple(brackets))


def ends_with_call(text: str, offset: int) -> bool:
    """Tell whether the bracket that closes just before `offset` is that of a call, not one around an expression."""
    place = place_at(text, offset - 1)
    if not place.brackets or place.brackets[-1].character != "(":
        return False
    callee = text[max(place.brackets[-1].offset - MAX_WORD, 0) : place.brackets[-1].offset].rstrip(" \t")
    word = _LAST_WORD.search(callee)
    return callee.endswith((")", "]")) if word is None else not iskeyword(word[0])


def closing_line_end(text: str, line_end: int, brackets: tuple[Bracket, ...]) -> int | None:
    """Return the end of the line behind `line_end` on which the last of `brackets`, open there, is closed.

    None where a new statement, a string without end or the end of the text comes first.
    """
    still_open = list(brackets)
    position = line_end
    while still_open and (piece := _PIECE.search(text, position)) is not None:
        position = piece.end()
        if piece["quote"]:
            end = _end_of_string(text, piece, len(text))
            if end is None:
                return None
            position = end
        elif piece["bracket"]:
            _count_bracket(still_open, piece["bracket"], piece.start())
        elif piece["newline"] and _STATEMENT_START.match(text, position):
            return None
    if still_open:
        return None
    found = _LINE_END.search(text, position)
    return found.start() if found is not None else len(text)


def _begin_statement(text: str, position: int, offset: int, statements: list[int]) -> None:
    """Add the logical line at `position`; one at the margin that continues nothing begins the list anew."""
    start = _behind_indentation(text, position, offset)
    if start < offset and text[start] in "#\r\n":
        return
    if start == position and not CONTINUES_BLOCK.match(text, start):
        statements.clear()
    statements.append(start)


def _count_bracket(brackets: list[Bracket], character: str, offset: int) -> None:
    """Open or close a bracket; one that closes nothing is passed over."""
    if character in CLOSING:
        brackets.append(Bracket(character, offset))
    elif brackets and CLOSING[brackets[-1].character] == character:
        brackets.pop()


def _end_of_string(text: str, piece: re.Match[str], offset: int) -> int | None:
    """Return where the string that `piece` begins ends, None if it is still open at `offset`.

    A string in single quotes that its line does not close ends with the line, as the tokenizer would say.
    """
    found = _STRING_REST[piece["quote"]].match(text, piece.end(), offset)
    if found is not None:
        return found.end()
    if len(piece["quote"]) == 3:
        return None
    line_end = _LINE_END.search(text, piece.end(), offset)
    return line_end.start() if line_end is not None else None


def _inside_string(
    text: str, offset: int, piece: re.Match[str], statements: list[int], brackets: list[Bracket]
) -> Place:
    """Describe a place in a string: text, or the expression of an f-string's replacement field."""
    is_formatted = bool(set(piece["prefix"] or "") & set("fFtT"))
    inner = _open_in_fields(text, piece.end(), offset) if is_formatted else []
    return Place(tuple(statements), (*brackets, *inner), piece.start(), piece["quote"])


def _open_in_fields(text: str, start: int, offset: int) -> list[Bracket]:
    """Return the brackets open at `offset` in an f-string whose content begins at `start`, the field's brace first."""
    inner: list[Bracket] = []
    position = start
    while position < offset:
        character = text[position]
        if not inner and text[position : position + 2] in ("{{", "}}"):
            position += 2
            continue
        if character == "{" or (inner and character in "()[]}"):
            _count_bracket(inner, character, position)
        position += 1
    return inner


def _behind_indentation(text: str, position: int, limit: int) -> int:
    """Return the offset of the first character behind the indentation at `position`, at most `limit`."""
    while position < limit and text[position] in " \t\f":
        position += 1
    return position
