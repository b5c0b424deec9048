"""What one function does with a value that it holds under a local name, read off the uses of that name.

Two idioms look as if they could add anything, and add nothing that is not plain to see: a dictionary of attributes under a
short name (`d = self.__dict__; d["x"] = 1`), and a module that the import system has found, hung into `sys.modules` before
it is run (the recipe for lazy imports of the `importlib` documentation).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .spelling import dotted, string_constant

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def keys_written(statement: ast.AST, tree: ast.Module) -> tuple[ast.Constant, ...] | None:
    """Return the keys under which a dictionary is written that `statement` gives a local name.

    None where `statement` is anything else, or where a use of the name is more than a look or the writing of a literal key.
    """
    match statement:
        case ast.Assign(targets=[ast.Name(id=name) as target]):
            function = _around(statement, tree)
        case _:
            return None
    if function is None:
        return None
    found: list[ast.Constant] = []
    for use, parent in _uses(name, function):
        match parent:
            case _ if use is target:
                continue
            case ast.Subscript(value=value, ctx=ast.Load()) if value is use:
                continue
            case ast.Subscript(slice=ast.Constant() as key, value=value) if value is use:
                found += [key] if string_constant(key) is not None else []
            case ast.Compare() | ast.Attribute(attr="get" | "items" | "keys" | "values" | "copy" | "pop"):
                continue
            case _:
                return None
    return tuple(found)


def installs_what_is_found(statement: ast.AST, tree: ast.Module) -> bool:
    """Say whether `statement` is `sys.modules[name] = module` with the module that a search for that very name gave.

    `module` comes of `module_from_spec(spec)` alone, and `spec` of `find_spec(name)`: an import would bring the same.
    """
    match statement:
        case ast.Assign(targets=[ast.Subscript(slice=ast.Name(id=key))], value=ast.Name(id=module)):
            function = _around(statement, tree)
        case _:
            return False
    if function is None or any(isinstance(use.ctx, ast.Store) for use, _ in _uses(key, function)):
        return False
    specs = _argument_of("module_from_spec", _values(module, function))
    return bool(specs) and all(
        one is not None and _argument_of("find_spec", _values(one, function)) == {key} for one in specs
    )


def _argument_of(function: str, values: list[ast.expr | None]) -> set[str | None]:
    """Return the names of the only arguments that `values`, all calls of `function`, are made of; None for anything else."""
    found: set[str | None] = set()
    for value in values:
        match value:
            case ast.Call(func=called, args=[ast.Name(id=name)], keywords=[]) if (
                dotted(called).rpartition(".")[2] == function
            ):
                found.add(name)
            case _:
                found.add(None)
    return found


def _values(name: str, function: _FunctionNode) -> list[ast.expr | None]:
    """Return what a local name is assigned, None for each time that it is bound otherwise; as a parameter too."""
    arguments = function.args
    parameters = (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    )
    found: list[ast.expr | None] = [None for one in parameters if one is not None and one.arg == name]
    for use, parent in _uses(name, function):
        if isinstance(use.ctx, ast.Store):
            plain = isinstance(parent, ast.Assign) and parent.targets == [use]
            found.append(parent.value if plain else None)  # type: ignore[attr-defined]
    return found


def _uses(name: str, function: _FunctionNode) -> Iterator[tuple[ast.Name, ast.AST]]:
    """Yield each use of a name in a function with what it stands in, those of the functions inside it among them."""
    for parent in ast.walk(function):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Name) and child.id == name:
                yield child, parent


def _around(statement: ast.AST, tree: ast.Module) -> _FunctionNode | None:
    """Return the innermost function that `statement` stands in, none for one of a module or a class body."""
    found: _FunctionNode | None = None
    level: ast.AST = tree
    while True:
        inner = next((one for one in ast.iter_child_nodes(level) if _holds(one, statement)), None)
        if inner is None or inner is statement:
            return found
        if isinstance(inner, _FunctionNode):
            found = inner
        elif isinstance(inner, ast.ClassDef):
            found = None
        level = inner


def _holds(outer: ast.AST, statement: ast.AST) -> bool:
    """Say whether `statement` is `outer` or stands in its lines."""
    if outer is statement:
        return True
    first, last = getattr(outer, "lineno", None), getattr(outer, "end_lineno", None)
    line = getattr(statement, "lineno", 0)
    if first is None or last is None:
        return isinstance(outer, ast.match_case) and any(_holds(one, statement) for one in outer.body)
    return bool(first <= line <= last) and any(one is statement for one in ast.walk(outer))
