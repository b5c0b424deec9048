"""The names that a module's `__getattr__` can serve, where it says so itself (PEP 562).

Most of these functions are shims: they answer to a few names written out in their conditions and raise AttributeError
for the rest. A path on which nothing limits the name must end by raising; any other path, and everything that is not
plainly that, means that all names may be served.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .spelling import string_constant


class _ServesAnything(Exception):
    """A path returns, or may return, without having asked which name it is."""


def served_names(function: ast.FunctionDef) -> frozenset[str] | None:
    """Return the names that `function`, a module's `__getattr__`, can serve; None where they cannot be told."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    if len(parameters) != 1 or function.decorator_list or _rebinds(function, parameters[0].arg):
        return None
    served: set[str] = set()
    try:
        ends = _ends(function.body, parameters[0].arg, served)
    except _ServesAnything:
        return None
    return frozenset(served) if ends else None  # Else it returns None for a name that nobody asked for.


def _ends(statements: Sequence[ast.stmt], parameter: str, served: set[str]) -> bool:
    """Say whether every name that is not in `served` makes these statements raise; add to `served` on the way."""
    for statement in statements:
        match statement:
            case ast.Raise():
                return True
            case ast.If(test=test, body=body, orelse=orelse):
                names = _limits(test, parameter)
                if names is not None:
                    served |= names
                    if _ends(orelse, parameter, served):
                        return True
                elif _ends(body, parameter, served) & _ends(orelse, parameter, served):
                    return True
            case ast.Import() | ast.ImportFrom() | ast.Assign() | ast.AnnAssign() | ast.Expr() | ast.Pass():
                continue
            case _:
                raise _ServesAnything
    return False


def _limits(test: ast.expr, parameter: str) -> set[str] | None:
    """Return the names of which one must be asked for if `test` holds; None where it does not say."""
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[value]) if name == parameter:
            text = string_constant(value)
            return None if text is None else {text}
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[ast.expr() as value]):
            return _texts(value) if name == parameter else None
        case ast.BoolOp(op=ast.Or(), values=values):
            parts = [_limits(one, parameter) for one in values]
            known = [one for one in parts if one is not None]
            return set().union(*known) if len(known) == len(parts) else None
        case ast.BoolOp(op=ast.And(), values=values):
            return next((one for part in values if (one := _limits(part, parameter)) is not None), None)
        case _:
            return None


def _texts(value: ast.expr) -> set[str] | None:
    """Return the texts of a display, None where an element is computed."""
    match value:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            pass
        case ast.Dict(keys=keys) if all(keys):
            elements = [one for one in keys if one is not None]
        case _:
            return None
    texts = [string_constant(one) for one in elements]
    return {one for one in texts if one is not None} if None not in texts else None


def _rebinds(function: ast.FunctionDef, parameter: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == parameter and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )
