"""A backward data-flow slice inside one function, from the names of a line to the statements that feed them.

This is Weiser's slice (ICSE 1981) without pointer analysis: a statement belongs to it when it binds a name that the
slice uses, mutates it by a method call or a subscript store, or decides whether a statement of the slice runs.
"""

from __future__ import annotations

import ast

from tracemend.analysis.syntax.module import Function, Module, header_end_line, own_expressions


def backward_slice(module: Module, function: Function, line: int) -> dict[int, int]:
    """Return {statement line: distance} for the statements of `function` that feed `line`; the line itself has 0."""
    statements = [one for one in module.statements if _inside(function, one)]
    start = [one for one in statements if one.lineno <= line <= header_end_line(one)]
    distances: dict[int, int] = {one.lineno: 0 for one in start}
    wanted = {name: 0 for one in start for name in _loaded(one)}
    for distance in range(1, 6):
        found = False
        for statement in statements:
            if statement.lineno in distances or statement is function.node:
                continue
            if _bound(statement) & wanted.keys() or _controls(statement, distances):
                distances[statement.lineno] = distance
                for name in _loaded(statement):
                    wanted.setdefault(name, distance)
                found = True
        if not found:
            break
    return distances


def called_names(node: ast.AST) -> set[str]:
    """Return the last part of the name of every call below `node`: `shop.total(x)` calls `total`."""
    names: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            function = one.func
            if isinstance(function, ast.Name):
                names.add(function.id)
            elif isinstance(function, ast.Attribute):
                names.add(function.attr)
    return names


def _inside(function: Function, statement: ast.stmt) -> bool:
    return function.node.lineno <= statement.lineno <= function.last_line


def _loaded(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in own_expressions(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that `statement` binds or may mutate."""
    bound: set[str] = set()
    for node in own_expressions(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            bound |= _root_name(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            bound |= _root_name(node.func)
    if isinstance(statement, ast.AugAssign):
        bound |= _root_name(statement.target)
    return bound


def _root_name(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _controls(statement: ast.stmt, lines: dict[int, int]) -> bool:
    """Say whether `statement` is a branch, loop or early exit that decides about a statement in `lines`."""
    if isinstance(statement, ast.If | ast.While | ast.For | ast.AsyncFor | ast.Match):
        last = statement.end_lineno or statement.lineno
        return any(statement.lineno < line <= last for line in lines)
    return isinstance(statement, ast.Return | ast.Break | ast.Continue) and any(
        line > statement.lineno for line in lines
    )
