"""The names that a module's `__getattr__` can serve, where it says so itself (PEP 562).

Most of these functions are shims: they answer to a few names written out in their conditions and raise AttributeError
for the rest. A path on which nothing limits the name must end by raising; any other path, and everything that is not
plainly that, means that all names may be served. The function may be one that another function of the module makes.
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


def made_function(value: ast.expr | None, functions: Sequence[ast.FunctionDef]) -> ast.FunctionDef | None:
    """Return the function that `value` gives where it calls one of `functions` that returns a function inside it."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name)):
        return None
    makers = [one for one in functions if one.name == value.func.id]
    if len(makers) != 1 or makers[0].decorator_list:
        return None
    returned = [one for one in ast.walk(makers[0]) if isinstance(one, ast.Return)]
    for inner in makers[0].body:
        if isinstance(inner, ast.FunctionDef) and _is_what_is_returned(inner, makers[0], returned):
            return inner
    return None


def _is_what_is_returned(
    inner: ast.FunctionDef, maker: ast.FunctionDef, returned: Sequence[ast.Return]
) -> bool:
    """Say whether `maker` ends by returning `inner` and returns nothing else; what `inner` returns is not of it."""
    own = set(returned) - {one for one in ast.walk(inner) if isinstance(one, ast.Return)}
    last = maker.body[-1]
    names_inner = (
        isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == inner.name
    )
    return names_inner and own == {last}


def _ends(statements: Sequence[ast.stmt], parameter: str, served: set[str]) -> bool:
    """Say whether every name that is not in `served` makes these statements raise; add to `served` on the way."""
    for statement in statements:
        match statement:
            case ast.Raise():
                return True
            case ast.If(test=test, body=body) if (allowed := _allowed(test, parameter)) is not None:
                served |= allowed
                if _ends(body, parameter, served):
                    return True  # What comes behind is for the allowed names alone.
                raise _ServesAnything
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


def _allowed(test: ast.expr, parameter: str) -> set[str] | None:
    """Return the names for which `test`, `name not in (...)`, does not hold; None where it is another test."""
    match test:
        case ast.Compare(left=left, ops=[ast.NotIn()], comparators=[value]):
            return _limits(ast.Compare(left, [ast.In()], [value]), parameter)
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[value]):
            return _limits(ast.Compare(left, [ast.Eq()], [value]), parameter)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare() as operand):
            return _limits(operand, parameter)
        case _:
            return None


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
