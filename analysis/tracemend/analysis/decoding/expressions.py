"""What the expression that is being written can be: the listener that turns words, dots and brackets into types.

It follows primaries (`cart.total().amount`) through the types of a hole's symbol table, and says of each name behind a
dot whether it is certainly wrong. Whatever may be otherwise than it looks is unknown and never judged:

* a name that the logical line itself may bind: by `lambda`, `for`, `as`, `:=`, in front of a `;` or a block's `:`, or in
  the element of what may become a comprehension;
* a name that the line asks about (`isinstance(x, ...)`);
* a member that may be stored: an attribute at the beginning of a statement is judged only once what follows it shows that
  it is read, for assigning to it makes it, unless its type keeps no others, as that of lists;
* everything in the body of a `try` and of a `with` that expects failures, and behind the dots of an import.

Bare names are judged, where the table knows all of them, only where they must be read and cannot be bound (monitor M4).
"""

from __future__ import annotations

from collections.abc import Hashable

from tracemend.analysis.monitors.interpreter import Meaning
from tracemend.analysis.monitors.tables import UNKNOWN_TYPE, is_dunder

from .statements import (
    ASKING,
    AUGMENTING,
    BINDS_ANYTHING,
    BRACE,
    COLON,
    COMMA,
    COMPARING,
    COMPOUND,
    CONSTANTS,
    DEFINING,
    DISPLAY,
    EQUALS,
    EXPECTS_FAILURE,
    KEYWORDS,
    KNOWN_NAMES,
    NO_WORDS,
    NOTHING,
    PARENTHESIS,
    READING,
    READING_OPERATORS,
    RUNS_LATER,
    SEMICOLON,
    STAR,
    Binder,
    Dotted,
    Frame,
    Target,
    Wrong,
    characters_in,
    members_of,
    text_of,
)


class Tracker:
    """The state of the statement that is being read. `wrong` is the first certain mistake.

    `quiet_above` is an indentation: what stands deeper is not judged. `names_above` is the same for bare names.
    """

    __slots__ = _SLOTS = (
        "at", "attribute_assigned", "binder", "call", "data", "dotted", "doubted", "equals", "first_word", "frame",
        "hushed", "importing", "indentation", "is_asker", "last_name", "loop_names", "meaning", "names_above", "owner",
        "pending", "previous", "quiet_above", "reading", "seen", "target", "value", "wrong",
    )  # fmt: skip

    frame: Frame | None
    binder: Binder | None
    pending: Wrong | None
    target: Target
    dotted: Dotted
    first_word: bytes
    equals: bool

    def __init__(self, meaning: Meaning, loop_names: frozenset[bytes], *, judges_names: bool = True) -> None:
        self.meaning = meaning
        self.loop_names = loop_names  # Loops of the file bind them: comprehensions are likely to do so, too.
        self.wrong: Wrong | None = None
        self.quiet_above: int | None = None
        self.names_above: int | None = None if judges_names else -1
        self.indentation = 0
        self.data = b""  # What is being read, which begins at character `at` of the text.
        self.at = 0
        self._begin_line()

    def fork(self) -> Tracker:
        """Return an independent copy."""
        other = object.__new__(Tracker)
        for slot in Tracker._SLOTS:
            setattr(other, slot, getattr(self, slot))
        return other

    @property
    def key(self) -> Hashable:
        """What decides which names are right from here on."""
        return (
            self.meaning, self.value, self.call, self.dotted, self.owner, self.frame, self.target, self.hushed,
            self.importing, self.binder, self.doubted, self.is_asker, self.pending is None, self.equals,
        )  # fmt: skip

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is judged here."""
        return self.hushed or self.importing or self.wrong is not None

    @property
    def legal(self) -> frozenset[str] | None:
        """The members that may be read here beside dunder names; None where anything may stand."""
        if self.dotted != Dotted.MEMBER or self.is_quiet or not self._is_judged(self.owner):
            return None
        return members_of(self.meaning, self.owner)

    def type_of_name(self, word: bytes) -> tuple[int, int]:
        """Return the type of a bare name, and of what calling it gives."""
        frame = self.frame
        may_be_bound = frame is not None and (_is_bound_around(frame) if self.equals else frame.may_be_bound)
        if word in self.doubted or self.binder or (may_be_bound and word in self.loop_names):
            return UNKNOWN_TYPE, UNKNOWN_TYPE
        name = text_of(word)
        return self.meaning.names.get(name, UNKNOWN_TYPE), self.meaning.returns.get(name, UNKNOWN_TYPE)

    def word(self, word: bytes, end: int, following: int) -> None:
        """Read a keyword, a bare name or a member."""
        if self.dotted:
            self._member(word, end)
            return
        self._settle()
        if word in KEYWORDS:
            self._keyword(word)
        else:
            self._name(word, end)
        self.first_word = self.first_word or word

    def dot(self) -> None:
        """Read a dot."""
        self._settle(is_read=True)
        has_receiver = self.value != NOTHING and not self.dotted
        self.dotted = Dotted.MEMBER if has_receiver else Dotted.ALONE
        self.owner = self.value if has_receiver else UNKNOWN_TYPE
        self._expect()

    def literal(self, kind: str) -> None:
        """Read the beginning of a string, or a number."""
        self._settle()
        self._end_primary(self._literal(kind), UNKNOWN_TYPE)
        self.first_word = self.first_word or b"1"

    def blank(self) -> None:
        """Pass over white space."""
        if self.equals:
            self._assign()
        self.previous = 0

    def operator(self, byte: int) -> None:
        """Read one byte of an operator or a delimiter."""
        previous = self.previous
        if byte == EQUALS:
            self.pending = None
            self._read_equals(previous)
        else:
            self._settle(is_bound=byte in (COMMA, COLON))
            self._read_operator(byte)
        self.reading = byte in READING_OPERATORS and self.frame is None
        self.dotted = Dotted.NO
        self._expect()
        self.previous = byte

    def opened(self, byte: int) -> None:
        """Read an opening bracket, or the brace of a field in a string."""
        self._settle(is_read=byte != BRACE)
        is_trailer = self.value != NOTHING and byte != BRACE
        is_call = is_trailer and byte == PARENTHESIS
        result = self.call if is_call else UNKNOWN_TYPE if is_trailer else self._displayed(byte)
        if is_trailer and not is_call and self.target == Target.FIRST:
            self.attribute_assigned = True
        outer = self.frame
        self.frame = Frame(
            outer,
            result,
            (not is_trailer or is_call) or (outer is not None and outer.may_be_bound),
            True,
            self.target,
            (is_call and self.is_asker) or (outer is not None and outer.is_asking),
        )
        if is_trailer or byte == BRACE:
            self.target = Target.READ
        self.reading = False
        self.dotted = Dotted.NO
        self._expect()

    def closed(self, byte: int) -> None:
        """Read a closing bracket; one that nothing opened gives something unknown."""
        self._settle()
        frame = self.frame
        if frame is None:
            self._end_primary(UNKNOWN_TYPE, UNKNOWN_TYPE)
            return
        if self.binder is not None and self.binder.frame is frame:
            self.binder = None
        self.frame, self.target = frame.around, frame.target
        if frame.result == DISPLAY:
            is_empty = frame.is_lone and self.value == NOTHING
            self._end_primary(self._literal("dict" if is_empty else ""), UNKNOWN_TYPE)
        elif frame.result != NOTHING:
            self._end_primary(frame.result, UNKNOWN_TYPE)
        elif frame.is_lone and self.value != NOTHING:
            self._end_primary(self.value, self.call)
        else:
            self._end_primary(UNKNOWN_TYPE, UNKNOWN_TYPE)

    def line_began(self, indentation: int) -> None:
        """Begin a logical line."""
        self.indentation = indentation
        self.meaning = self.meaning.entering(indentation)
        if self.quiet_above is not None and indentation <= self.quiet_above:
            self.quiet_above = None
        if self.names_above is not None and indentation <= self.names_above:
            self.names_above = None
        self._begin_line()

    def line_ended(self, line: bytes) -> None:
        """Learn from a finished logical line."""
        self._settle(is_read=True)
        level = self.meaning.level
        self.meaning = self.meaning.after_line(self.indentation, line.decode("utf-8", "replace").strip())
        if self.quiet_above is None and EXPECTS_FAILURE.match(line):
            self.quiet_above = self.indentation
        if self.names_above is None and RUNS_LATER.match(line):
            self.names_above = self.indentation
        if BINDS_ANYTHING.search(line) or (level is not None and self.indentation < level):
            self.names_above = -1
        self._begin_line()

    def settle_at_end(self, rest: str) -> None:
        """Judge what is pending by the text behind the hole."""
        following = rest.lstrip(" \t\\")[:1]
        assigned = following == "=" and not rest.lstrip(" \t").startswith("==")
        self._settle(is_read=following in ("(", ".", "[") and following != "", is_bound=assigned)

    def begin_anew(self) -> None:
        """Begin another text that means what this one did, such as the next block of an answer."""
        self.quiet_above = None
        self._begin_line()

    def _begin_line(self) -> None:
        self.frame = None
        self.doubted = NO_WORDS  # Names and members that the line may bind, or asks about.
        self.seen = NO_WORDS  # Names with types that the line has used.
        self.hushed = self.quiet_above is not None and self.indentation > self.quiet_above
        self.pending = None
        self._begin_statement()

    def _begin_statement(self) -> None:
        self.first_word = b""
        self.last_name = b""
        self.binder = None
        self.target = Target.FIRST
        self.attribute_assigned = False
        self.importing = False
        self.reading = False  # What came last shows that a name here is read.
        self.equals = False  # A `=` came last that may be the first of two.
        self.previous = 0
        self.dotted = Dotted.NO
        self.owner = UNKNOWN_TYPE
        self._expect()

    def _expect(self) -> None:
        """No primary has just ended: one is expected, or its next part."""
        self.value = self.call = NOTHING
        self.is_asker = False
        self.previous = 0

    def _end_primary(self, value: int, call: int) -> None:
        self.value, self.call = value, call
        self.dotted = Dotted.NO
        self.is_asker = self.reading = False
        self.previous = 0

    def _literal(self, kind: str) -> int:
        return self.meaning.table.literals.get(kind, UNKNOWN_TYPE)

    def _displayed(self, byte: int) -> int:
        """Return what a bracket that begins a primary makes of it; one in a string goes on with that."""
        if byte == PARENTHESIS:
            return NOTHING
        if byte != BRACE:
            return self._literal("list")
        return self.value if self.value != NOTHING else DISPLAY

    def _is_judged(self, owner: int) -> bool:
        """Say whether a member is judged as soon as it is named: where it is read, or assigning to it would not make it."""
        if self.target == Target.FIRST and owner >= 0:
            return self.meaning.table.types[owner].is_fixed
        return self.target == Target.READ

    def _member(self, word: bytes, end: int) -> None:
        name, owner, dotted = text_of(word), self.owner, self.dotted
        is_member = dotted == Dotted.MEMBER and not self.is_quiet
        members = members_of(self.meaning, owner) if is_member else None
        if members is not None and name not in members and not is_dunder(name):
            self._find_wrong(word, owner, end)
        value, call = self.meaning.member(owner, name)
        if word in self.doubted:
            value = call = UNKNOWN_TYPE
        if self.frame is not None and self.frame.is_asking:
            self.doubted |= {word}
        self.attribute_assigned |= self.target == Target.FIRST
        self._end_primary(value, call)

    def _find_wrong(self, word: bytes, owner: int, end: int) -> None:
        """Note a member that is wrong if it is read, and judge at once where it is."""
        ended = self.at + characters_in(self.data[:end])
        found = Wrong(text_of(word), owner, ended - characters_in(word), ended)
        if self._is_judged(owner):
            self.wrong = self.wrong or found
        elif self.target == Target.FIRST:
            self.pending = found

    def _name(self, word: bytes, end: int) -> None:
        if self.value != NOTHING:
            self.target = Target.READ  # The second of two words: `match cart`, `type Alias`.
        value, call = self.type_of_name(word)
        if self.reading and self.binder is None:
            self._judge_name(word, end)
        if self.binder is not None or (self.frame is not None and self.frame.is_asking):
            self.doubted |= {word}
        if value >= 0 or call >= 0:
            self.seen |= {word}
        self._end_primary(value, call)
        self.last_name = word
        self.is_asker = word in ASKING

    def _judge_name(self, word: bytes, end: int) -> None:
        """Note a bare name that nothing binds, to be judged by what follows."""
        if self.names_above is not None or self.is_quiet or self.meaning.table.is_open:
            return
        name = text_of(word)
        known = (
            not name.isidentifier()
            or name in self.meaning.names
            or name in KNOWN_NAMES
            or is_dunder(name)
            or word in self.doubted
        )
        if not known and self.first_word not in DEFINING:
            ended = self.at + characters_in(self.data[:end])
            self.pending = Wrong(name, NOTHING, ended - characters_in(word), ended)

    def _keyword(self, word: bytes) -> None:
        if word in CONSTANTS:
            self._end_primary(UNKNOWN_TYPE, UNKNOWN_TYPE)
            return
        self._join()
        self._expect()
        binder = self.binder
        if word == b"in" and binder is not None and binder.word == b"for" and binder.frame is self.frame:
            self.binder = None
        self.target = Target.READ
        if word in (b"for", b"lambda", b"as"):
            self.binder = Binder(word, self.frame)
        if word in (b"for", b"as", b"del"):
            self.target = Target.BOUND
        if word in (b"import", b"from") and not self.first_word:
            self.importing = True
        if word == b"try" and not self.first_word:
            self.hushed = True
        self.reading = word in READING and self.frame is None and self.first_word not in DEFINING

    def _read_equals(self, previous: int) -> None:
        """Read `=`, which is told from `==`, `:=` and `+=` by its neighbours."""
        self._join()
        if self.equals or previous in COMPARING or previous in AUGMENTING:
            self.equals = False
            self.target = Target.READ
        elif previous == COLON:
            self.doubted |= {self.last_name}
            self.target = Target.READ
        else:
            self.equals = True

    def _assign(self) -> None:
        """Go on behind a single `=`: of an assignment, or of a keyword argument."""
        self.equals = False
        if self.frame is not None:
            self._replace_frame(self.frame._replace(may_be_bound=_is_bound_around(self.frame)))
            self.target = Target.READ
        elif not self.attribute_assigned:
            self.target = Target.READ

    def _read_operator(self, byte: int) -> None:
        self._join()
        if byte == COMMA:
            self._read_comma()
        elif byte == COLON:
            self._read_colon()
        elif byte == SEMICOLON and self.frame is None:
            self._begin_statement()
            self.hushed = True  # The line is read as a whole once it has ended.
        elif byte != STAR and self.target != Target.BOUND:
            self.target = Target.READ

    def _read_comma(self) -> None:
        if self.binder is not None and self.binder.word == b"as":
            self.binder = None
            self.target = Target.READ
        if self.frame is not None:
            self._replace_frame(self.frame._replace(may_be_bound=_is_bound_around(self.frame)))

    def _read_colon(self) -> None:
        if self.binder is not None and self.binder.word == b"lambda":
            if self.binder.frame is self.frame:
                self.binder = None
                self.target = Target.READ
        elif self.frame is None and self.first_word in COMPOUND:
            hushed = self.hushed or self.first_word == b"try"
            self._begin_statement()
            self.doubted |= self.seen
            self.hushed = hushed
        else:
            self.target = Target.READ
            if self.frame is not None and self.frame.result == DISPLAY:
                self._replace_frame(self.frame._replace(result=self._literal("dict")))

    def _join(self) -> None:
        """Note that what is in the bracket is more than one primary."""
        if self.frame is not None and self.frame.is_lone:
            self._replace_frame(self.frame._replace(is_lone=False))

    def _replace_frame(self, frame: Frame) -> None:
        if self.binder is not None and self.binder.frame is self.frame:
            self.binder = Binder(self.binder.word, frame)
        self.frame = frame

    def _settle(self, *, is_read: bool = False, is_bound: bool = False) -> None:
        """Judge a pending name by what comes next: something that reads it, that binds it, or anything else."""
        if self.equals:
            self._assign()
        pending = self.pending
        if pending is None:
            return
        self.pending = None
        if is_read or (pending.owner == NOTHING and not is_bound):
            self.wrong = self.wrong or pending


def _is_bound_around(frame: Frame) -> bool:
    return frame.around is not None and frame.around.may_be_bound
