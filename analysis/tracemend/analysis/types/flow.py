"""Which bindings of a local name can be the one that a place sees (reaching definitions over structured code).

Python has no `goto`, so it is enough to walk backwards from the place: through the statements before it in its block,
then on from the statement that holds the block. A statement that certainly binds the name ends the walk. Whatever is not
certain counts as possible: a loop's body may have run before, a `try` may have been left anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.types.scopes import Binding, FunctionScope

_KILLS = ("assign", "annotate", "augment", "with", "async with", "import", "function", "class")


def reaching(scope: FunctionScope, name: str, place: ast.AST) -> tuple[Binding, ...]:
    """Return the bindings of local `name` that `place`, a node in the body of the function, may see."""
    candidates = _Candidates(scope, name)
    found: dict[Binding, None] = {}
    inner: ast.AST = place
    while True:
        outer = scope.parents.get(inner)
        if outer is None:
            return scope.bindings.get(name, ())  # A node that is not in this function: anything can be.
        ends = _before(outer, inner, candidates, found)
        if outer is scope.node:
            if not ends:
                found.update(dict.fromkeys(one for one in scope.bindings[name] if one.kind == "parameter"))
            return tuple(found)
        if ends:
            return tuple(found)
        inner = outer


class _Candidates:
    """The bindings of one name in a function, found by the statements that they lie in."""

    def __init__(self, scope: FunctionScope, name: str) -> None:
        self._by_ancestor: dict[ast.AST, list[Binding]] = {}
        self._by_statement: dict[ast.AST, list[Binding]] = {}
        for binding in scope.bindings.get(name, ()):
            if binding.kind != "parameter":
                self._add(binding, scope)

    def inside(self, statement: ast.AST) -> Sequence[Binding]:
        """Return what `statement` binds, by itself or by what is inside it."""
        return self._by_ancestor.get(statement, ())

    def by_itself(self, statement: ast.AST) -> Iterator[Binding]:
        """Yield what `statement` binds when it is entered: its own targets, not those of an expression in it."""
        return (one for one in self.inside(statement) if one.node is statement)

    def in_expressions(self, statement: ast.AST) -> Sequence[Binding]:
        """Return what the expressions that belong to `statement` itself bind with a walrus."""
        return self._by_statement.get(statement, ())

    def _add(self, binding: Binding, scope: FunctionScope) -> None:
        node: ast.AST = binding.node
        is_in_expression = binding.kind == "walrus"
        while node is not scope.node:
            self._by_ancestor.setdefault(node, []).append(binding)
            if is_in_expression and isinstance(node, ast.stmt):
                self._by_statement.setdefault(node, []).append(binding)
                is_in_expression = False
            node = scope.parents[node]


@dataclass(frozen=True, slots=True)
class _Effect:
    """What running a statement may bind, and whether the name is certainly bound (or the place not reached) after."""

    bindings: tuple[Binding, ...] = ()
    ends: bool = False


def _before(outer: ast.AST, inner: ast.AST, candidates: _Candidates, found: dict[Binding, None]) -> bool:
    """Collect what `outer` may have bound before `inner`, a child of it, runs; say whether the walk ends there."""
    block = _block_of(outer, inner)
    if block is None:
        if isinstance(outer, ast.stmt) and not isinstance(outer, FunctionNode | ast.ClassDef):
            found.update(dict.fromkeys(candidates.in_expressions(outer)))
            if isinstance(outer, ast.While):  # The test runs again after the body.
                found.update(dict.fromkeys(candidates.inside(outer)))
        return False
    effect = _block_effect(block[: _index(block, inner)], candidates)
    found.update(dict.fromkeys(effect.bindings))
    return effect.ends or _entering(outer, block, candidates, found)


def _entering(
    outer: ast.AST, block: list[ast.AST], candidates: _Candidates, found: dict[Binding, None]
) -> bool:
    """Collect what is bound between the start of `outer` and the start of its `block`."""
    match outer:
        case ast.For() | ast.AsyncFor() if block is outer.body:
            targets = list(candidates.by_itself(outer))
            found.update(dict.fromkeys(targets or candidates.inside(outer)))
            return bool(targets)
        case ast.With() | ast.AsyncWith() | ast.ExceptHandler():
            targets = list(candidates.by_itself(outer))
            found.update(dict.fromkeys([*targets, *candidates.in_expressions(outer)]))
            return bool(targets)
        case ast.Try() | ast.TryStar() if block is outer.body:
            pass
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.TryStar() | ast.match_case():
            found.update(dict.fromkeys(candidates.inside(outer)))
        case ast.stmt() if not isinstance(outer, FunctionNode | ast.ClassDef):
            found.update(dict.fromkeys(candidates.in_expressions(outer)))
        case _:
            pass
    return False


def _block_effect(block: list[ast.AST], candidates: _Candidates) -> _Effect:
    """Return the effect of running all statements of `block`, the last one first."""
    found: list[Binding] = []
    for statement in reversed(block):
        effect = _effect(statement, candidates)
        found += effect.bindings
        if effect.ends:
            return _Effect(tuple(found), True)
    return _Effect(tuple(found))


def _effect(statement: ast.AST, candidates: _Candidates) -> _Effect:
    match statement:
        case ast.If(body=body, orelse=orelse):
            branches = (_block_effect(list(body), candidates), _block_effect(list(orelse), candidates))
            in_test = candidates.in_expressions(statement)
            bound = (*branches[0].bindings, *branches[1].bindings, *in_test)
            return _Effect(bound, branches[0].ends and branches[1].ends)
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return _Effect((), True)
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.TryStar() | ast.Match():
            return _Effect(tuple(candidates.inside(statement)))
        case _:
            bound = tuple(candidates.inside(statement))
            return _Effect(bound, any(one.node is statement and one.kind in _KILLS for one in bound))


def _block_of(outer: ast.AST, inner: ast.AST) -> list[ast.AST] | None:
    """Return the list of statements (handlers, cases) of `outer` that holds `inner`."""
    if not isinstance(inner, ast.stmt | ast.ExceptHandler | ast.match_case):
        return None
    for field in ("body", "orelse", "finalbody"):
        block = getattr(outer, field, None)
        if isinstance(block, list) and any(one is inner for one in block):
            return block
    return []


def _index(block: list[ast.AST], inner: ast.AST) -> int:
    return next((index for index, one in enumerate(block) if one is inner), 0)
