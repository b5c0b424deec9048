"""Which bindings of a local name can be the one that a place sees (reaching definitions over structured code).

Python has no `goto`, so it is enough to walk backwards from the place: through the statements before it in its block,
then on from the statement that holds the block. A statement that certainly binds the name ends the walk. Whatever is not
certain counts as possible: a loop's body may have run before, a `try` may have been left anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.types.scopes import Binding, FunctionScope, bindings_of, own_nodes

_KILLS = ("assign", "annotate", "augment", "with", "async with", "import", "function", "class")


@dataclass(frozen=True, slots=True)
class _Effect:
    """What running a statement may bind, and whether the name is certainly bound (or the place not reached) after."""

    bindings: tuple[Binding, ...] = ()
    ends: bool = False


def reaching(scope: FunctionScope, name: str, place: ast.AST) -> tuple[Binding, ...]:
    """Return the bindings of local `name` that `place`, a node in the body of the function, may see."""
    found: dict[Binding, None] = {}
    inner: ast.AST = place
    while True:
        outer = scope.parents.get(inner)
        if outer is None:
            return scope.bindings.get(name, ())  # A node that is not in this function: anything can be.
        ends = _before(outer, inner, name, found)
        if outer is scope.node:
            if not ends:
                found.update(dict.fromkeys(one for one in scope.bindings[name] if one.kind == "parameter"))
            return tuple(found)
        if ends:
            return tuple(found)
        inner = outer


def _before(outer: ast.AST, inner: ast.AST, name: str, found: dict[Binding, None]) -> bool:
    """Collect what `outer` may have bound before `inner`, a child of it, runs; say whether the walk ends there."""
    block = _block_of(outer, inner)
    if block is None:
        if isinstance(outer, ast.stmt) and not isinstance(outer, FunctionNode | ast.ClassDef):
            found.update(dict.fromkeys(_expression_bindings(outer, name)))
            if isinstance(outer, ast.While):  # The test runs again after the body.
                found.update(dict.fromkeys(_anywhere([outer], name)))
        return False
    effect = _block_effect(block[: _index(block, inner)], name)
    found.update(dict.fromkeys(effect.bindings))
    return effect.ends or _entering(outer, block, inner, name, found)


def _entering(
    outer: ast.AST, block: list[ast.AST], inner: ast.AST, name: str, found: dict[Binding, None]
) -> bool:
    """Collect what is bound between the start of `outer` and the start of its `block`."""
    match outer:
        case ast.For() | ast.AsyncFor() if block is outer.body:
            targets = [one for one in bindings_of(outer) if one.name == name]
            found.update(dict.fromkeys(targets or _anywhere([outer], name)))
            return bool(targets)
        case ast.With() | ast.AsyncWith() | ast.ExceptHandler():
            targets = [one for one in bindings_of(outer) if one.name == name]
            found.update(dict.fromkeys([*targets, *_expression_bindings(outer, name)]))
            return bool(targets)
        case ast.Try() | ast.TryStar() if block is outer.body:
            pass
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.TryStar() | ast.match_case():
            found.update(dict.fromkeys(_anywhere([outer], name)))
        case ast.stmt() if not isinstance(outer, FunctionNode | ast.ClassDef):
            found.update(dict.fromkeys(_expression_bindings(outer, name)))
        case _:
            pass
    return False


def _block_effect(block: list[ast.AST], name: str) -> _Effect:
    """Return the effect of running all statements of `block`, the last one first."""
    found: list[Binding] = []
    for statement in reversed(block):
        effect = _effect(statement, name)
        found += effect.bindings
        if effect.ends:
            return _Effect(tuple(found), True)
    return _Effect(tuple(found))


def _effect(statement: ast.AST, name: str) -> _Effect:
    match statement:
        case ast.If(body=body, orelse=orelse):
            branches = (_block_effect(list(body), name), _block_effect(list(orelse), name))
            bound = (*branches[0].bindings, *branches[1].bindings, *_expression_bindings(statement, name))
            return _Effect(bound, branches[0].ends and branches[1].ends)
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return _Effect((), True)
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.TryStar() | ast.Match():
            return _Effect(tuple(_anywhere([statement], name)))
        case _:
            bound = tuple(_anywhere([statement], name))
            return _Effect(bound, any(one.node is statement and one.kind in _KILLS for one in bound))


def _anywhere(statements: list[ast.AST], name: str) -> Iterator[Binding]:
    """Yield every binding of `name` by and inside `statements`."""
    for node in own_nodes(statements):  # type: ignore[arg-type]
        for binding in bindings_of(node):
            if binding.name == name:
                yield binding


def _expression_bindings(statement: ast.AST, name: str) -> Iterator[Binding]:
    """Yield the walrus bindings in the expressions that belong to `statement` itself."""
    stack: list[ast.AST] = [one for one in ast.iter_child_nodes(statement) if not isinstance(one, ast.stmt)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name) and node.target.id == name:
            yield from bindings_of(node)
        stack += [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.stmt)]


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
