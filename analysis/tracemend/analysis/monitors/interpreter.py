"""A tiny abstract interpreter: what names mean after text that was generated at a hole, by the hole's symbol table.

It reads the text line by line and follows what it is sure of: a name assigned from a name, an attribute, a constructor
or a call whose result the table knows, `with ... as`, and `for ... in`. Everything else that binds a name makes its type
unknown, and so does a second binding in a block that may not run, unless it gives the same type. What the text asks about
itself (`isinstance(x, ...)`, `hasattr(self.x, ...)`) it may know better from then on than the table. No code is run.

`interpret` reads a whole text; a decoder, which sees the text grow, begins with `at_hole` and takes one line at a time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tracemend.analysis.types.engines.lexing import place_at

from .tables import UNKNOWN_TYPE, SymbolTable, TableType

MAX_GENERATED = 100_000

# What is asked about an object before more is done with it than its type allows, and what gives it more.
ASKING = frozenset({"isinstance", "issubclass", "hasattr", "getattr", "setattr", "type", "vars"})

_WORD = re.compile(r"[^\W\d]\w*")
_BRANCH = re.compile(r"(elif|else|except|finally|case)\b")
_ASKING = re.compile(rf"\b(?:{'|'.join(sorted(ASKING))})\b")


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What names mean behind generated text; a value, so that the sequences of a batch can share it.

    Attributes that the text itself assigns (`stored`) are allowed from then on. The types of attributes that it asked
    about (`doubted`) are unknown. `level` is the least indentation seen: what stands deeper may not have run.
    """

    table: SymbolTable
    names: Mapping[str, int]
    returns: Mapping[str, int]
    stored: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    level: int | None = None

    def type_of(self, receiver: str) -> TableType | None:
        """Return the type of a dotted name such as `self.cart`, or of a call of one; None if it is unknown."""
        try:
            node = ast.parse(receiver.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
        found = _evaluate(node, self)
        return None if found == UNKNOWN_TYPE else self.table.types[found]

    def allowed(self, receiver: str) -> frozenset[str] | None:
        """Return the members that `receiver` may be asked for beside dunder names, None where nothing is forbidden."""
        found = self.type_of(receiver)
        return None if found is None or found.is_open else found.members | self.stored

    def member(self, owner: int, name: str) -> tuple[int, int]:
        """Return the type of `owner.name` and of what calling it gives; `owner` is a number in the table."""
        if owner < 0 or name in self.doubted:
            return UNKNOWN_TYPE, UNKNOWN_TYPE
        whole = self.table.types[owner]
        return whole.member_types.get(name, UNKNOWN_TYPE), whole.returns.get(name, UNKNOWN_TYPE)

    def entering(self, indentation: int) -> Meaning:
        """Return what names mean on a line of that indentation, before it has run."""
        if self.level is None:
            return replace(self, level=indentation)
        if indentation >= self.level:
            return self
        return replace(self, names={**self.names, **_merged(self.table, self.names)}, level=indentation)

    def after_line(self, indentation: int, line: str) -> Meaning:
        """Return what names mean behind a finished logical line; `self` where they mean what they meant."""
        before = self.entering(indentation)
        node = _parsed(line)
        bound = _bindings(node, before) if node is not None else _all_words(line)
        stored = before.stored if node is None else before.stored.union(_stored_attributes(node))
        asked: frozenset[str] = frozenset()
        if node is not None and _ASKING.search(line):
            asked, present = _asked(node)
            stored |= present
        if not (bound or asked - before.doubted or stored != before.stored):
            return before
        names, returns = dict(before.names), dict(before.returns)
        names.update(dict.fromkeys(asked & names.keys(), UNKNOWN_TYPE))
        certain = indentation == before.level and isinstance(node, ast.Assign | ast.AnnAssign | ast.With)
        for name, found in bound.items():
            names[name] = found if certain or names.get(name, found) == found else UNKNOWN_TYPE
            returns.pop(name, None)
        return Meaning(self.table, names, returns, stored, before.doubted | asked, before.level)


def at_hole(table: SymbolTable) -> Meaning:
    """Return what names mean where the table was made."""
    return Meaning(table, table.names, table.returns)


def interpret(table: SymbolTable, generated: str, *, line_before: str = "") -> Meaning:
    """Return what names mean behind `generated`, whose last line may be unfinished and then binds nothing yet.

    `line_before` is the text of the hole's own line before it, indentation included.
    """
    if len(generated) > MAX_GENERATED:
        return Meaning(table, dict.fromkeys(table.names, UNKNOWN_TYPE), {})
    meaning = at_hole(table)
    for indentation, line in _logical_lines(line_before + generated):
        meaning = meaning.after_line(indentation, line)
    return meaning


def _merged(table: SymbolTable, names: Mapping[str, int]) -> dict[str, int]:
    """Return what names mean behind the block that held the hole, which may not have run."""
    return {
        name: found if table.names.get(name, found) == found else UNKNOWN_TYPE
        for name, found in names.items()
    }


def _asked(node: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names and attributes of whose type a statement asks, and the attributes of whose presence it does."""
    subjects: set[str] = set()
    present: set[str] = set()
    compared = {id(part) for one in ast.walk(node) if isinstance(one, ast.Compare) for part in ast.walk(one)}
    for one in ast.walk(node):
        match one:
            case ast.Call(
                func=ast.Name("hasattr" | "getattr" | "setattr"), args=[_, ast.Constant(str(name)), *_]
            ):
                present.add(name)
            case ast.Call(
                func=ast.Name("isinstance" | "issubclass" | "setattr" | "vars"), args=[subject, *_]
            ):
                subjects |= _words_of(subject)
            case ast.Call(func=ast.Name("type"), args=[subject]) if id(one) in compared:
                subjects |= _words_of(subject)
    return frozenset(subjects), frozenset(present)


def _words_of(node: ast.expr) -> set[str]:
    """Return the names and the attributes in an expression."""
    walked = list(ast.walk(node))
    names = {one.id for one in walked if isinstance(one, ast.Name)}
    return names | {one.attr for one in walked if isinstance(one, ast.Attribute)}


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the finished logical lines of `text`, each with the width of its indentation."""
    start = 0
    for found in re.finditer(r"\r\n|\n|\r", text):
        place = place_at(text[start : found.end()], found.end() - start)
        if not place.brackets and place.string_start < 0 and not text[: found.start()].endswith("\\"):
            line = text[start : found.start()].expandtabs(8)
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                yield len(line) - len(line.lstrip()), stripped
            start = found.end()


def _parsed(line: str) -> ast.stmt | None:
    """Return the statement on `line`; the header of a compound one gets a body, the continuation of one a start."""
    begun = _BRANCH.match(line)
    if begun is not None:
        before = {"case": "match _:\n ", "except": "try: pass\n", "finally": "try: pass\n"}
        line = f"{before.get(begun[1], 'if _: pass' + chr(10))}{line}"
    for text in (line, f"{line} pass"):
        try:
            (statement,) = ast.parse(text).body
        except (SyntaxError, ValueError):
            continue
        return statement
    return None


def _bindings(node: ast.stmt, meaning: Meaning) -> dict[str, int]:
    """Return the names that a statement binds, each with its type."""
    bound = {
        one.id: UNKNOWN_TYPE
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store | ast.Del)
    }
    bound |= dict.fromkeys(_bound_otherwise(node), UNKNOWN_TYPE)
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            bound[name] = _evaluate(value, meaning)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            bound[name] = _evaluate(value, meaning)
        case ast.With(items=items):
            for item in items:
                if isinstance(item.optional_vars, ast.Name):
                    bound[item.optional_vars.id] = _part(item.context_expr, "enter", meaning)
        case ast.For(target=ast.Name(id=name), iter=iterable):
            bound[name] = _part(iterable, "item", meaning)
    return bound


def _bound_otherwise(node: ast.stmt) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    yield alias.asname or alias.name.partition(".")[0]
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names


def _stored_attributes(node: ast.stmt) -> Iterator[str]:
    return (
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
    )


def _all_words(line: str) -> dict[str, int]:
    """Return every word of a line that cannot be read: any of them may be bound there."""
    return dict.fromkeys(_WORD.findall(line), UNKNOWN_TYPE)


def _evaluate(node: ast.expr, meaning: Meaning) -> int:
    """Return the id of the type of an expression."""
    match node:
        case ast.Name(id=name):
            return meaning.names.get(name, UNKNOWN_TYPE)
        case ast.Call(func=ast.Name(id=name)):
            return meaning.returns.get(name, UNKNOWN_TYPE)
        case ast.Attribute(value=value, attr=member):
            return meaning.member(_evaluate(value, meaning), member)[0]
        case ast.Call(func=ast.Attribute(value=value, attr=member)):
            return meaning.member(_evaluate(value, meaning), member)[1]
        case _:
            return meaning.table.literals.get(_kind(node), UNKNOWN_TYPE)


def _kind(node: ast.expr) -> str:
    """Return which of `LITERALS` an expression is, "" if none.

    An empty string is none: as None does, it often holds the place of what will be bound later.
    """
    match node:
        case ast.Constant(value=str(text)) if not text:
            return ""
        case ast.Constant(value=str() | bytes() as value):
            return type(value).__name__
        case ast.JoinedStr():
            return "str"
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case _:
            return ""


def _part(node: ast.expr, part: Literal["item", "enter"], meaning: Meaning) -> int:
    """Return the type of what iterating over, or entering, an expression gives."""
    owner = _evaluate(node, meaning)
    if owner < 0:
        return owner
    whole = meaning.table.types[owner]
    found = whole.item if part == "item" else whole.enter
    return UNKNOWN_TYPE if found is None else found
