"""The symbol table of one hole: all that a decoder must know to judge names there, as a few kilobytes of msgpack.

A table is shipped with a request instead of asking the oracle token by token, so that an answer can neither be late nor
differ between the ranks of a model. It is content-addressed: equal knowledge gives equal bytes, hence an equal digest.

The encoded form, in which every map is sorted by its keys and optional keys that say nothing are left away:

    {"v": 3,
     "words":   [...],               the names of members, each once, for types share most of theirs
     "types":   [{"name", "open", "members": [word, ...], "mtype": [word, id, ...], "ret": [word, id, ...],
                  "item": id, "enter": id, "fixed": true}],          a word is its number in "words"
     "names":   {name: id},          what names have which type at the hole; -1 stands for a name of unknown type
     "ret":     {name: id},          what calling a name returns
     "lit":     {kind: id},          what literals and displays are, see `LITERALS`
     "open":    bool}                whether there may be other names

A type that is open forbids nothing, and neither does a name of unknown type. Names such as `__len__` are not listed: they
are allowed everywhere. See `interpreter` for the reader's part.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgpack  # type: ignore[import-untyped]

FORM_VERSION = 3
MAX_BYTES = 64 * 1024
UNKNOWN_TYPE = -1
LITERALS = ("str", "bytes", "list", "dict")  # The classes of what is written without a name.


class UnreadableTable(ValueError):
    """The bytes are no symbol table of this form."""


@dataclass(frozen=True, slots=True)
class TableType:
    """One type: its members, and the types of what they are and return as far as known (ids in the table).

    `item` is what iterating gives, `enter` what `with ... as` binds. Where the type `is_fixed`, assigning makes no members.
    """

    name: str
    members: frozenset[str] = frozenset()
    is_open: bool = True
    member_types: Mapping[str, int] = field(default_factory=dict)
    returns: Mapping[str, int] = field(default_factory=dict)
    item: int | None = None
    enter: int | None = None
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """What is known at one hole. Types stand in the order of their importance, the nearest to the hole first."""

    types: tuple[TableType, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    returns: Mapping[str, int] = field(default_factory=dict)
    is_open: bool = True
    literals: Mapping[str, int] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return the table as msgpack; equal tables give equal bytes."""
        words = _words_of(self.types)
        numbers = {word: number for number, word in enumerate(words)}
        content = {
            "v": FORM_VERSION,
            "words": words,
            "types": [_type_content(one, numbers) for one in self.types],
            "names": _sorted(self.names),
            "ret": _sorted(self.returns),
            "open": self.is_open,
        }
        if self.literals:
            content["lit"] = _sorted(self.literals)
        packed: bytes = msgpack.packb(content, use_bin_type=True)
        return packed

    @property
    def digest(self) -> str:
        """The address of the table's content."""
        return hashlib.sha256(self.encode()).hexdigest()

    def within(self, max_bytes: int = MAX_BYTES) -> SymbolTable:
        """Return the table with so much taken away that it fits: first the last types, then names.

        What is taken away is unknown from then on, so that a smaller table is quieter and never wrong.
        """
        table = self
        emptied = len(table.types)
        while emptied and len(table.encode()) > max_bytes:
            emptied = emptied * 3 // 4
            closed = table.types[:emptied]
            table = replace(table, types=(*closed, *(TableType(one.name) for one in table.types[emptied:])))
        if len(table.encode()) > max_bytes:
            table = SymbolTable()
        return table


def is_dunder(name: str) -> bool:
    """Say whether `name` is one of those that every type is allowed."""
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def decode_table(packed: bytes) -> SymbolTable:
    """Return the table that `packed` holds. Raises `UnreadableTable`.

    Everything is checked here, for a table comes from whoever may send requests, and is read in the middle of decoding.
    """
    try:
        content = msgpack.unpackb(packed, raw=False, strict_map_key=True)
        if content["v"] != FORM_VERSION:
            raise UnreadableTable(f"the form has version {content['v']}, not {FORM_VERSION}")
        types = len(content["types"])
        words = [_text(one) for one in _row(content["words"])]
        table = SymbolTable(
            tuple(_type_of(one, types, words) for one in content["types"]),
            _ids(content["names"], types),
            _ids(content["ret"], types),
            bool(content["open"]),
            _ids(content.get("lit", {}), types),
        )
    except UnreadableTable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, msgpack.exceptions.UnpackException) as error:
        raise UnreadableTable(f"these bytes hold no symbol table: {error}") from error
    return table


def _words_of(types: Sequence[TableType]) -> list[str]:
    """Return the names of all members, each once: types share most of theirs. Frequent ones come first, as small numbers."""
    counts: Counter[str] = Counter()
    for one in types:
        counts.update(() if one.is_open else one.members)
        counts.update(one.member_types)
        counts.update(one.returns)
    return sorted(counts, key=lambda word: (-counts[word], word))


def _type_content(one: TableType, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return a type with its members as numbers of words, and pairs of a word and a type in one row."""
    content: dict[str, Any] = {"name": one.name, "open": one.is_open}
    if one.members and not one.is_open:
        content["members"] = sorted(numbers[member] for member in one.members)
    for key, ids in (("mtype", one.member_types), ("ret", one.returns)):
        if ids:
            pairs = sorted((numbers[member], type_) for member, type_ in ids.items())
            content[key] = [number for pair in pairs for number in pair]
    for key, value in (("item", one.item), ("enter", one.enter)):
        if value is not None:
            content[key] = value
    if one.is_fixed:
        content["fixed"] = True
    return content


def _type_of(content: Mapping[str, Any], types: int, words: Sequence[str]) -> TableType:
    return TableType(
        _text(content["name"]),
        frozenset(_word(one, words) for one in _row(content.get("members", []))),
        bool(content["open"]),
        _pairs(content.get("mtype", []), types, words),
        _pairs(content.get("ret", []), types, words),
        None if content.get("item") is None else _id(content["item"], types),
        None if content.get("enter") is None else _id(content["enter"], types),
        bool(content.get("fixed", False)),
    )


def _pairs(value: Any, types: int, words: Sequence[str]) -> dict[str, int]:
    row = _row(value)
    return {_word(word, words): _id(type_, types) for word, type_ in zip(row[::2], row[1::2], strict=True)}


def _row(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise UnreadableTable(f"a row is of type {type(value).__name__}")
    return value


def _word(value: Any, words: Sequence[str]) -> str:
    if not 0 <= _count(value) < len(words):
        raise UnreadableTable(f"there is no word {value}")
    return words[int(value)]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnreadableTable(f"a name is of type {type(value).__name__}")
    return value


def _count(value: Any) -> int:
    if type(value) is not int:
        raise UnreadableTable(f"a number is of type {type(value).__name__}")
    return value


def _id(value: Any, types: int) -> int:
    if not UNKNOWN_TYPE <= _count(value) < types:
        raise UnreadableTable(f"there is no type {value}")
    return int(value)


def _ids(value: Any, types: int) -> dict[str, int]:
    if not isinstance(value, dict):
        raise UnreadableTable(f"a map of names is of type {type(value).__name__}")
    return {_text(name): _id(number, types) for name, number in value.items()}


def _sorted(numbers: Mapping[str, int]) -> dict[str, int]:
    return {key: numbers[key] for key in sorted(numbers)}
