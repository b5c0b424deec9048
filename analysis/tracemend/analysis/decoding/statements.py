"""The parts that `expressions` reads statements with: what it remembers of brackets, and which words mean what."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from tracemend.analysis.monitors import interpreter
from tracemend.analysis.monitors.interpreter import Meaning

NOTHING = -2  # No primary has just ended; of a call, that it would be none.
DISPLAY = -3  # Of braces: they make a dictionary or a set, and it does not show yet which.


class Target(IntEnum):
    """Whether the primary that stands here may be assigned to."""

    READ = 0  # It is read.
    FIRST = (
        1  # It may be: at the beginning of a statement, or behind the `=` of one that assigns to attributes.
    )
    BOUND = 2  # It is: between `for` and `in`, behind `as` and `del`.


class Dotted(IntEnum):
    """What a name here would be."""

    NO = 0  # A bare name.
    MEMBER = 1  # A member of the receiver.
    ALONE = 2  # Behind a dot without a receiver, as in `from .shop import`.


@dataclass(frozen=True, slots=True)
class Wrong:
    """A name that certainly does not exist.

    `start` and `end` are characters of the text that was fed with a position (`Tracker.at`). `owner` is a type of the
    table, `NOTHING` for a bare name.
    """

    name: str
    owner: int
    start: int
    end: int


class Frame(NamedTuple):
    """An open bracket."""

    around: Frame | None
    result: int  # The type of the whole; NOTHING for brackets that only group, or DISPLAY.
    may_be_bound: bool  # Whether what is in it may still turn out to be the element of a comprehension.
    is_lone: bool  # Whether there is no more than one primary in it.
    target: Target  # What held outside.
    is_asking: bool  # Whether it is asked about the names in it.


class Binder(NamedTuple):
    """What binds the names that follow, up to its own end in the same bracket."""

    word: bytes  # lambda, for, as
    frame: Frame | None


KEYWORDS = frozenset(word.encode() for word in keyword.kwlist)
CONSTANTS = frozenset((b"None", b"True", b"False"))
# The colon of these begins a block.
COMPOUND = frozenset(b"if elif else for while with try except finally def class async match case".split())
# Behind these a name is read, for nothing can be bound there.
READING = frozenset(b"return yield await in if elif while not and or is assert raise else".split())
READING_OPERATORS = frozenset(b"=+-*/%@&|^~<>!")
DEFINING = frozenset(b"def class match case".split())
ASKING = frozenset(word.encode() for word in interpreter.ASKING)
EXPECTS_FAILURE = re.compile(
    rb"try\b|(?:async\s+)?with\b.*(?:suppress|raises|AttributeError|NameError|Exception)", re.DOTALL
)
# In such blocks, and behind such lines, a name may be bound later than it is read.
RUNS_LATER = re.compile(rb"(?:async\b|def\b|class\b|for\b|while\b|match\b)")
BINDS_ANYTHING = re.compile(rb"import\s*\*|\b(?:exec|globals|locals)\b")
KNOWN_NAMES = frozenset(dir(builtins)) | {
    "_",
    "get_ipython",
    "display",
    "reveal_type",
    "reveal_locals",
    "profile",
}
NO_WORDS: frozenset[bytes] = frozenset()
COMPARING, AUGMENTING = frozenset(b"!<>"), frozenset(b"+-*/%@&|^")
EQUALS, COMMA, COLON, SEMICOLON, STAR, BRACE, PARENTHESIS = b"=,:;*{("


@lru_cache(maxsize=1024)
def members_of(meaning: Meaning, owner: int) -> frozenset[str] | None:
    """Return what type `owner` of the table may be asked for; None where nothing is forbidden."""
    if owner < 0:
        return None
    found = meaning.table.types[owner]
    # None holds the place of what will be bound later, perhaps by text that is still to be written.
    if found.is_open or found.name == "None":
        return None
    return found.members | meaning.stored if meaning.stored else found.members


def text_of(word: bytes) -> str:
    """Return a name as Python sees it, in the normal form NFKC (PEP 3131)."""
    name = word.decode("utf-8", "replace")
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def characters_in(data: bytes) -> int:
    """Return how many characters begin in `data`."""
    return len(data) if data.isascii() else sum(byte & 0xC0 != 0x80 for byte in data)
