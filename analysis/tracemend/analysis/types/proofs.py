"""Tests that hold at a place for certain: `if isinstance(x, T):` around it, `assert isinstance(x, T)` before it.

This is the one use of tests that *makes* a type, for a value of which nothing else is known. It is made only where the
order of statements proves the test to hold: on the way up from the place to its function, no statement passed binds the
name again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.analysis.types.scopes import FunctionScope, bindings_of, own_nodes

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def proven_classes(name: str, place: ast.AST, scope: FunctionScope) -> ast.expr | None:
    """Return the class expression that the object called `name` certainly is an instance of at `place`, if any."""
    inner = place
    while inner is not scope.node:
        outer = scope.parents.get(inner)
        if outer is None:
            return None
        for test in _tests_passed(outer, inner, name):
            if isinstance(test, ast.expr):
                return test
            return None
        inner = outer
    return None


def _tests_passed(outer: ast.AST, inner: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """Yield the classes that hold in `inner` because of `outer`; None where `outer` may bind the name again before."""
    match outer:
        case ast.BoolOp(op=ast.And(), values=values):
            yield from _positive(values[: _index(values, inner)], name)
        case ast.IfExp(test=test, body=body) if inner is body:
            yield from _positive([test], name)
        case ast.If() | ast.While() if inner in outer.body:
            yield from _before(outer.body, inner, name)
            yield from _positive([outer.test], name)
            if isinstance(outer, ast.While) and _binds(outer.body, name):
                yield None
        case ast.For() | ast.AsyncFor() | ast.While() if isinstance(inner, ast.stmt):
            yield from _before(outer.body if inner in outer.body else outer.orelse, inner, name)
            if _binds([outer], name):
                yield None
        case _:
            for field in ("body", "orelse", "finalbody"):
                block = getattr(outer, field, None)
                if isinstance(block, list) and inner in block:
                    yield from _before(block, inner, name)
            if not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and _binds_itself(outer, name):
                yield None


def _before(block: list[ast.stmt], inner: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """Yield what the statements before `inner` in its block prove, from the last one back."""
    for statement in reversed(block[: _index(block, inner)]):
        match statement:
            case ast.Assert(test=test):
                yield from _positive([test], name)
            case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=test), body=body, orelse=[]):
                if isinstance(body[-1], _LEAVING):
                    yield from _positive([test], name)
        if _binds([statement], name):
            yield None


def _positive(tests: list[ast.expr], name: str) -> Iterator[ast.expr]:
    """Yield the classes of the `isinstance` tests that hold if all of `tests` do."""
    for test in tests:
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                yield from _positive(values, name)
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=tested), classes]) if (
                tested == name
            ):
                yield classes


def _binds(statements: Sequence[ast.stmt], name: str) -> bool:
    return any(binding.name == name for node in own_nodes(list(statements)) for binding in bindings_of(node))


def _binds_itself(node: ast.AST, name: str) -> bool:
    """Say whether `node` binds the name by itself, such as the target of a `with` or a handler's name."""
    return any(binding.name == name for binding in bindings_of(node))


def _index(values: list[ast.expr] | list[ast.stmt], inner: ast.AST) -> int:
    return next((index for index, one in enumerate(values) if one is inner), 0)
