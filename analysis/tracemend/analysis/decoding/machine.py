"""The byte-level guide of one generated sequence: which names may come next at a hole, and which certainly were wrong.

A guide needs no vocabulary: it reads the bytes that a model writes (`lexing`), follows the types of what they say through
the hole's symbol table (`expressions`), and judges each name where it ends, so that it does not matter where the tokens
of a model begin and end. Published monitor-guided decoding (Agrawal et al., arXiv 2306.10763) looks at its monitors only
behind a token that ends in a dot, which modern vocabularies hardly have. `masks` turns a guide into masks over tokens; a
stream guard feeds it the text of an answer and cuts where it says so.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from enum import IntEnum

from tracemend.analysis.monitors.interpreter import Meaning, at_hole
from tracemend.analysis.monitors.nearest import nearest_names
from tracemend.analysis.monitors.tables import SymbolTable
from tracemend.analysis.types.engines.lexing import place_at

from .expressions import Tracker
from .fences import Fence, Part
from .lexing import CODE, NUMBER, TEXT, WORD, Lexer
from .statements import NOTHING, Wrong, characters_in

_LOOP_TARGETS = re.compile(r"\bfor\b([^:\n\"'#]{1,120}?)\bin\b")
_WORDS = re.compile(r"[^\W\d]\w*")
_NAME_HEAD = re.compile(r"\w*")
# What may stand behind the dot of a receiver: blanks, a joined line, a name; in brackets also a line end and a comment.
_BEHIND_DOT = re.compile(rb"[ \t\f]*(?:[A-Za-z_\x80-\xff]|\\(?:[\r\n]|\Z)|\Z)")
_BEHIND_DOT_IN_BRACKET = re.compile(rb"[ \t\f]*(?:[A-Za-z_\x80-\xff\r\n#]|\\(?:[\r\n]|\Z)|\Z)")
_LOOP = re.compile(r"(?:async\s+)?(?:for|while)\b")
_MAX_AFTER = 200  # So much of the text behind the hole can decide about a name in front of it.
_SHORT_NAMES = frozenset(bytes((byte,)) for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")


@dataclass(frozen=True, slots=True)
class Violation:
    """A name that certainly may not stand where it was written.

    The first `start` characters of the generated text are fine: cut there, in front of the name and behind its dot. The
    name ended in front of character `end`. `receiver` is the name of the type that was asked for it, "" for a bare name.
    """

    start: int
    end: int
    receiver: str
    name: str
    allowed: frozenset[str]
    nearest: tuple[str, ...]
    why: str


class Situation(IntEnum):
    """What a mask may have to do, in the order of how much that is."""

    QUIET = 0  # Nothing is judged.
    TEXT = 1  # A string or a comment, which a token may end.
    CODE = 2  # Nothing is known of what stands here.
    RECEIVER = 3  # Something has just ended, or may have, that can be asked for few members.
    MEMBER = 4  # Behind a dot: a member is begun.


class Guide:
    """The state of one generated sequence at one hole."""

    __slots__ = ("_after", "_characters", "_fence", "_lexer", "_silent", "_tracker")

    def __init__(self, table: SymbolTable, *, before: str, after: str = "", fenced: bool = False) -> None:
        """Begin at a hole.

        `before` and `after` are the text of the file around it; the head of `after` may go on with a name that the hole
        ends in. `fenced` says that what is generated is an answer in Markdown, of which only Python code is judged.
        """
        self._lexer = Lexer()
        loop_names = _loop_names(before) | _loop_names(after)
        place = place_at(before, len(before))
        # Behind the hole a loop may bind what it reads; and a block of an answer may show a part of anything.
        judges_names = not fenced and not any(_LOOP.match(before, start) for start in place.statements)
        self._tracker = Tracker(at_hole(table), loop_names, judges_names=judges_names)
        self._fence = Fence() if fenced else None
        self._after = "" if fenced else after[:_MAX_AFTER]
        self._characters = 0
        self._silent = False
        if not fenced:
            self._read_before(before, place.statement)

    def feed(self, data: bytes) -> Violation | None:
        """Go on by `data`; return the first certain violation, after which the guide is silent."""
        if self._silent:
            return None
        self._go_on(data)
        if self._tracker.wrong is None:
            return None
        self._silent = True
        return self._violation(self._tracker.wrong)

    def finish(self) -> Violation | None:
        """Judge the name that the text ends in, together with the head of the text behind the hole."""
        if self._silent:
            return None
        end = self.fork()
        wrong = end._wrong_at_end()
        return end._violation(wrong) if wrong is not None else None

    def fork(self) -> Guide:
        """Return an independent copy, from which another continuation can be tried."""
        other = object.__new__(Guide)
        other._lexer = self._lexer.fork()
        other._tracker = self._tracker.fork()
        other._fence = self._fence.fork() if self._fence is not None else None
        other._after = self._after
        other._characters = self._characters
        other._silent = self._silent
        return other

    def accepts(self, data: bytes) -> bool:
        """Say whether `data` may come next: it holds no violation, and no name behind a dot that nothing can complete."""
        return self.behind(data) is not None

    def behind(self, data: bytes) -> Guide | None:
        """Return a guide that has read `data` as well; None if that may not come next (see `accepts`)."""
        if self.situation() == Situation.MEMBER and not self.partial:
            possible = _BEHIND_DOT_IN_BRACKET if self.is_in_bracket else _BEHIND_DOT
            if not possible.match(data):
                return None
        other = self.fork()
        other._go_on(data)
        return other if other._tracker.wrong is None and other.is_viable else None

    @property
    def is_viable(self) -> bool:
        """Whether the name behind the dot, as far as it is written, can become one that is legal."""
        legal = self.legal
        if legal is None:
            return True
        partial = self.partial.decode("utf-8", "replace")
        return _can_become(partial, legal)

    @property
    def partial(self) -> bytes:
        """The name that the text ends in, as far as it is written."""
        return self._lexer.word if self._lexer.mode == WORD else b""

    @property
    def legal(self) -> frozenset[str] | None:
        """The whole names that are legal at this point behind a dot, beside dunder names; None where anything is."""
        return self._tracker.legal if self.active() else None

    @property
    def forced(self) -> str:
        """What every legal name goes on with, "" where there is a choice: a completion engine can write it itself."""
        partial = self.partial
        names = sorted(name.encode() for name in self.legal or ())
        going_on = tuple(name for name in names if name.startswith(partial))
        return forced_by(going_on, partial).decode("utf-8", "ignore")

    @property
    def key(self) -> Hashable:
        """What masks depend on: guides with equal keys have equal masks."""
        if not self.active():
            return None
        fence = self._fence.key if self._fence is not None else None
        return self._lexer.key, self._lexer.word, self._tracker.key, self._after, fence

    def active(self) -> bool:
        """Say whether a mask may forbid something for the next bytes."""
        return not (self._silent or self._tracker.is_quiet) and (self._fence is None or self._fence.is_code)

    @property
    def is_in_bracket(self) -> bool:
        """Whether a line end is white space here."""
        return self._lexer.open is not None

    @property
    def meaning(self) -> Meaning:
        """What names mean here."""
        return self._tracker.meaning

    def situation(self) -> Situation:
        """Say what a mask may have to do here."""
        tracker, mode = self._tracker, self._lexer.mode
        if not self.active():
            return Situation.QUIET
        if mode > WORD and mode != NUMBER:
            begins_field = mode == TEXT and self._lexer.pending == b"{"
            return Situation.CODE if begins_field else Situation.TEXT
        if tracker.dotted and tracker.legal is not None:
            return Situation.MEMBER
        if tracker.dotted:  # What begins a statement may be stored to, but behind one more dot it is read.
            is_known = mode == WORD and tracker.owner >= 0
            is_receiver = is_known and self.legal_behind_dot() is not None
            return Situation.RECEIVER if is_receiver else Situation.CODE
        value = tracker.value if mode == CODE else -1
        if mode == WORD:
            value = tracker.type_of_name(self._lexer.word)[0]
        return Situation.RECEIVER if value >= 0 else Situation.CODE

    def legal_behind_dot(self) -> frozenset[str] | None:
        """Return the names that would be legal if a dot came next; None where anything would be."""
        behind = self.fork()
        return behind.legal if behind.feed(b".") is None else None

    def may_end(self) -> bool:
        """Say whether the text may end here, given the text behind the hole."""
        head = _NAME_HEAD.match(self._after)
        has_name = self._lexer.mode == WORD or bool(head and head[0])
        return (has_name or not self._tracker.dotted) and self.fork()._wrong_at_end() is None

    def _read_before(self, before: str, start: int) -> None:
        """Read the statement that the hole is in, which begins at `start`."""
        line_start = max(before.rfind("\n", 0, start), before.rfind("\r", 0, start)) + 1
        self._lexer.begin_inside(len(before[line_start:start].expandtabs(8)))
        self._read(before[start:].encode("utf-8", "surrogatepass"), start - len(before))
        self._tracker.wrong = None

    def _go_on(self, data: bytes) -> None:
        if self._fence is None:
            self._read(data, self._characters)
        else:
            self._read_fenced(self._fence, data)
        self._characters += characters_in(data)

    def _read(self, data: bytes, at: int) -> None:
        tracker = self._tracker
        tracker.data, tracker.at = data, at
        self._lexer.feed(data, tracker)

    def _read_fenced(self, fence: Fence, data: bytes) -> None:
        """Read those parts of a Markdown text that are Python code; each block of it begins anew."""
        at = self._characters
        for part, what in fence.split(data):
            if what == Part.BEGINS:
                self._lexer = Lexer()
                self._tracker.begin_anew()
            elif what == Part.LATE:
                self._read(part, at - characters_in(part))
            else:
                if what == Part.READ:
                    self._read(part, at)
                at += characters_in(part)

    def _wrong_at_end(self) -> Wrong | None:
        """End the text here, and return the name that this makes wrong."""
        head = _NAME_HEAD.match(self._after)
        assert head is not None, "a head may be empty"
        lexer, tracker = self._lexer, self._tracker
        written = characters_in(lexer.word) if lexer.mode == WORD else 0
        if head[0] and lexer.mode in (CODE, WORD) and (lexer.mode == WORD or tracker.dotted):
            self._read(head[0].encode(), self._characters)
        if lexer.mode == WORD:
            tracker.at, tracker.data = self._characters, b""
            lexer.finish(tracker)
            tracker.settle_at_end(self._after[head.end() :])
        if tracker.wrong is None:
            return None
        start = self._characters - written
        return Wrong(tracker.wrong.name, tracker.wrong.owner, start, self._characters)

    def _violation(self, wrong: Wrong) -> Violation:
        table = self._tracker.meaning.table
        names = frozenset(self._tracker.meaning.names)
        receiver, why = "", f"nothing binds the name `{wrong.name}`"
        if wrong.owner != NOTHING:
            whole = table.types[wrong.owner]
            receiver, why = whole.name, f"`{whole.name}` has no member `{wrong.name}`"
            names = whole.members | self._tracker.meaning.stored
        return Violation(
            max(wrong.start, 0),
            max(wrong.end, 0),
            receiver,
            wrong.name,
            names,
            nearest_names(wrong.name, names),
            why,
        )


def forced_by(names: tuple[bytes, ...], partial: bytes) -> bytes:
    """Return what all of `names`, which are in order, go on with; nothing where a dunder name may be meant."""
    if not names or partial in (b"", b"_"):
        return b""
    first, last = names[0], names[-1]  # They are in order, so that what these two share all do.
    size = len(partial)
    while size < len(first) and first[: size + 1] == last[: size + 1]:
        size += 1
    return first[len(partial) : size]


def _can_become(partial: str, legal: frozenset[str]) -> bool:
    """Say whether `partial` begins one of the legal names, or what may be a dunder name."""
    if partial.startswith("__") or partial in ("", "_"):
        return True
    if not partial.isascii():
        return not all(map(str.isascii, legal))
    return any(name.startswith(partial) for name in legal)


def _loop_names(text: str) -> frozenset[bytes]:
    """Return the names that loops and comprehensions of a file bind, and all of one letter, which they like best."""
    found = {word for targets in _LOOP_TARGETS.findall(text) for word in _WORDS.findall(targets)}
    return _SHORT_NAMES.union(word.encode() for word in found)
