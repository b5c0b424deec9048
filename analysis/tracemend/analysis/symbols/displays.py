"""What displays spell: the strings of `__all__` and `__slots__`, the parts that a tuple of targets takes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .spelling import string_constant


def string_list(node: ast.expr) -> tuple[str, ...] | None:
    """Return the strings of a literal display, of a sum of displays, or of one string; None for anything else."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            parts = [string_constant(one) for one in node.elts]
        case ast.Dict():
            parts = [string_constant(one) for one in node.keys]
        case ast.Constant(value=str() as name):
            parts = [name]
        case ast.BinOp(op=ast.Add()):
            left, right = string_list(node.left), string_list(node.right)
            return None if left is None or right is None else left + right
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[only], keywords=[]):
            return string_list(only)
        case _:
            return None
    known = tuple(one for one in parts if one is not None)
    return known if len(known) == len(parts) else None


def parts_of(value: ast.expr | None, count: int) -> Sequence[ast.expr | None]:
    """Return the expressions that a tuple of `count` targets takes from `value`, where that is a display of as many."""
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != count:
        return [None] * count
    return [None] * count if any(isinstance(one, ast.Starred) for one in value.elts) else value.elts
