"""What the failing test says that a call must return, read off its assertions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.repair.propose.strategies.protocol import Expectation

MOST = 5
_EQUALITIES = frozenset(
    {"assertEqual", "assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual"}
)


def expectations_of(module: Module, test: FunctionNode) -> tuple[Expectation, ...]:
    """Return the calls that `test` compares with a literal, in its order."""
    found = [one for statement in ast.walk(test) for one in _expected(module, statement)]
    return tuple(dict.fromkeys(found))[:MOST]


def _expected(module: Module, node: ast.AST) -> Iterator[Expectation]:
    match node:
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right])):
            yield from _pair(module, left, right)
        case ast.Call(func=ast.Attribute(attr=name), args=[left, right, *_]) if name in _EQUALITIES:
            yield from _pair(module, left, right)


def _pair(module: Module, left: ast.expr, right: ast.expr) -> Iterator[Expectation]:
    for call, value in ((left, right), (right, left)):
        if isinstance(call, ast.Call) and _is_literal(value):
            yield Expectation(module.segment(call), module.segment(value))
            return


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True
