"""From the oracle to the symbol table of one hole.

The names in scope come first, those that the text uses nearest to the hole before the others; their types follow, then
the types of the members that the text uses, and so on for a few steps. What is far is likelier to be cut when the table
has to shrink (`SymbolTable.within`), which makes it quieter and never wrong.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.types.calls import Arguments, called
from tracemend.analysis.types.members import members_of
from tracemend.analysis.types.model import (
    ClassObject,
    Evidence,
    FunctionType,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    describe,
    parts,
)
from tracemend.analysis.types.narrowing import tests_of
from tracemend.analysis.types.places import scope_at
from tracemend.analysis.types.special_calls import has_own_rule

from .guards import exception_names
from .interpreter import ASKING
from .protocol import Hole
from .tables import LITERALS, MAX_BYTES, UNKNOWN_TYPE, SymbolTable, TableType, is_dunder

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Probe
    from tracemend.analysis.types.evaluate import Evaluator
    from tracemend.analysis.types.oracle import Oracle

MAX_TYPES = 192
MAX_MEMBERS_FOLLOWED = 40  # Of each type, of those that the text uses.

_WORD = re.compile(r"[^\W\d]\w*")
_MEMBER = re.compile(r"\.\s*([^\W\d]\w*)")
_ASKED_MEMBER = re.compile(rf"\b(?:{'|'.join(sorted(ASKING))})\s*\([^()\n]*?\.\s*([^\W\d]\w*)\s*[,)]")


def build_table(oracle: Oracle, hole: Hole, *, max_bytes: int = MAX_BYTES) -> SymbolTable:
    """Return what is known at `hole`; an empty, open table where nothing is."""
    scope_names = oracle.names_in_scope(hole.document, hole.offset)
    probe = hole.document.expression_at(hole.offset)
    if probe is None or _may_be_indented_further(hole):
        return SymbolTable()
    expects_failure = _expects_failure(probe)
    with oracle.evaluating(probe.document) as evaluator:
        builder = _Builder(evaluator, probe, _members_to_follow(hole.document.text))
        for name in _nearest_first(hole, scope_names.names):
            builder.add_name(name)
        builder.add_literals()
        builder.follow()
    names = dict.fromkeys(sorted(scope_names.names), UNKNOWN_TYPE) | builder.names
    types = tuple(builder.types)
    if expects_failure:
        types = tuple(TableType(one.name) for one in types)
    is_open = not scope_names.closed or expects_failure
    table = SymbolTable(types, names, builder.returns, is_open, builder.literals)
    return table.within(max_bytes)


class _Builder:
    """Types found so far, each with its place in the table; those not looked into yet wait in line."""

    def __init__(self, evaluator: Evaluator, probe: Probe, used_members: frozenset[str]) -> None:
        self.types: list[TableType] = []
        self.names: dict[str, int] = {}
        self.returns: dict[str, int] = {}
        self.literals: dict[str, int] = {}
        self._evaluator = evaluator
        self._scope = scope_at(evaluator, probe)
        self._place = probe.node
        self._used_members = used_members
        self._ids: dict[tuple[Type, frozenset[str]], int] = {}
        self._pending: list[tuple[int, Type]] = []

    def add_name(self, name: str) -> None:
        """Add a name in scope with its type, and what calling it gives."""
        type_ = self._evaluator.name_type(name, self._scope, self._place)
        tests = tests_of(ast.Name(name, ast.Load()), self._scope)
        if tests is not None and tests.any_name:
            return
        self.names[name] = self._id(type_, tests.names if tests is not None else frozenset())
        self._add_call(type_, name, self.returns)

    def add_literals(self) -> None:
        """Add the types of what may be written without a name."""
        for kind in LITERALS:
            if (known := self._id(self._evaluator.instance_of(kind))) != UNKNOWN_TYPE:
                self.literals[kind] = known

    def follow(self) -> None:
        """Look into the types in the order they were found, until there are enough."""
        while self._pending:
            number, type_ = self._pending.pop(0)
            one = self.types[number]
            member_types: dict[str, int] = {}
            returns: dict[str, int] = {}
            followed = sorted(one.members & self._used_members)[:MAX_MEMBERS_FOLLOWED]
            for member in followed if not one.is_open else ():
                found = closed_over_variables(self._evaluator.attribute(type_, member))
                if (known := self._id(found)) != UNKNOWN_TYPE:
                    member_types[member] = known
                self._add_call(found, member, returns)
            self.types[number] = TableType(
                one.name,
                one.members,
                one.is_open,
                member_types,
                returns,
                self._known(self._evaluator.element(type_)),
                self._known(self._entered(type_)),
                one.is_fixed,
            )

    def _add_call(self, type_: Type, name: str, returns: dict[str, int]) -> None:
        if not isinstance(type_, FunctionType | ClassObject):
            return
        if isinstance(type_, ClassObject) and has_own_rule(type_.cls):
            return  # `super()` and `type(x)` give no plain instances of themselves.
        result = closed_over_variables(called(self._evaluator, type_, (), Arguments(is_complete=False)))
        if (known := self._id(result)) != UNKNOWN_TYPE:
            returns[name] = known

    def _entered(self, type_: Type) -> Type:
        method = self._evaluator.attribute(type_, "__enter__")
        return closed_over_variables(called(self._evaluator, method, (), None))

    def _known(self, type_: Type) -> int | None:
        number = self._id(closed_over_variables(type_))
        return None if number == UNKNOWN_TYPE else number

    def _id(self, type_: Type, more: frozenset[str] = frozenset()) -> int:
        """Return the number of a type in the table, added if there is room; `more` are members it is asked for."""
        if isinstance(type_, Unknown):
            return UNKNOWN_TYPE
        key = (type_, more)
        if key not in self._ids:
            if len(self.types) >= MAX_TYPES:
                return UNKNOWN_TYPE
            self._ids[key] = len(self.types)
            self.types.append(self._table_type(type_, more))
            self._pending.append((self._ids[key], type_))
        return self._ids[key]

    def _table_type(self, type_: Type, more: frozenset[str]) -> TableType:
        found = members_of(self._evaluator, type_)
        if not found.closed or found.evidence < Evidence.INFERRED:
            return TableType(describe(type_))
        listed = frozenset(name for name in found.names | more if not is_dunder(name))
        return TableType(describe(type_), listed, is_open=False, is_fixed=_is_fixed(type_))


def _is_fixed(type_: Type) -> bool:
    """Say whether assigning makes no member of any such object: those of builtin classes have no place to keep one."""
    return all(
        isinstance(one, Instance)
        and one.cls.module == "builtins"
        and getattr(getattr(builtins, one.cls.qualname, Exception), "__dictoffset__", 1) == 0
        for one in parts(type_)
    )


def _members_to_follow(text: str) -> frozenset[str]:
    """Return the members that a text uses, but for those that it asks about, as in `isinstance(self.reason, bytes)`.

    The type of such a member may be narrower at the hole than in its class, or have more members. Tests of names are heeded
    by the oracle (`narrowing`); a table is not asked again for each path of dots, so that here the type stays unknown.
    """
    return frozenset(_MEMBER.findall(text)).difference(_ASKED_MEMBER.findall(text))


def _may_be_indented_further(hole: Hole) -> bool:
    """Say whether the hole is in an indentation that is not finished, so that its scope is still open."""
    line_start = hole.document.lines.line_start(hole.document.lines.line_of(hole.offset))
    before = hole.document.text[line_start : hole.offset]
    if before.strip():
        return False
    above = hole.document.text[:line_start].rstrip().rpartition("\n")[2]
    needed = len(above) - len(above.lstrip()) + above.rstrip().endswith(":")
    return len(before) < needed


def _nearest_first(hole: Hole, names: frozenset[str]) -> Iterator[str]:
    """Yield the names that the text uses, by the distance of their nearest use from the hole."""
    distances: dict[str, int] = {}
    for found in _WORD.finditer(hole.document.text):
        if found[0] in names:
            distance = min(abs(found.start() - hole.offset), abs(found.end() - hole.offset))
            distances[found[0]] = min(distances.get(found[0], distance), distance)
    yield from sorted(distances, key=lambda name: (distances[name], name))


def _expects_failure(probe: Probe) -> bool:
    """Say whether the hole is inside a `try` that handles what a missing name or member raises."""
    handled = {"AttributeError", "NameError", "Exception", "BaseException"}
    return any(
        isinstance(outer, ast.Try | ast.TryStar)
        and inner in outer.body
        and any(exception_names(one.type) & handled for one in outer.handlers)
        for outer, inner in zip(probe.path, probe.path[1:], strict=False)
    )
