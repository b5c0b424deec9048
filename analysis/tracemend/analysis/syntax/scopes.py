"""Which names can be seen at a statement, nearest first.

This is plain lexical scoping (Python reference 4.2.2) without flow: a local that is bound later in the function is
visible too, but ranks after those bound before. Class bodies are not visible from the methods inside them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tracemend.analysis.syntax.module import FunctionNode, Module, ScopeNode

NameKind = Literal["local", "parameter", "enclosing", "global", "function", "class", "import", "builtin"]


@dataclass(frozen=True, slots=True)
class VisibleName:
    """A name that may be loaded at the place asked about."""

    name: str
    kind: NameKind
    line: int  # Of the first binding, 0 for builtins.
    bound_before: bool  # Bound on an earlier line of the same scope, or in an outer scope.


def names_in_scope(
    module: Module, statement: ast.stmt, *, with_builtins: bool = False
) -> tuple[VisibleName, ...]:
    """Return the names visible to the expressions of `statement`: locals, parameters, enclosing, module level.

    Builtins are left out unless asked for: there are 150 of them, and callers know which few they want.
    """
    found: dict[str, VisibleName] = {}
    scopes = [one for one in module.ancestors(statement) if isinstance(one, ScopeNode)]
    for depth, scope in enumerate(scopes):
        if isinstance(scope, ast.ClassDef) and depth > 0:
            continue
        for name, (kind, line) in bindings(scope).items():
            if depth > 0 and kind in ("local", "parameter") and not isinstance(scope, ast.Module):
                kind = "enclosing"
            before = depth > 0 or kind == "parameter" or line < statement.lineno
            found.setdefault(name, VisibleName(name, kind, line, before))
    if with_builtins:
        for name in dir(builtins):
            if not name.startswith("_"):
                found.setdefault(name, VisibleName(name, "builtin", 0, True))
    return tuple(found.values())


@lru_cache(maxsize=512)
def bindings(scope: ScopeNode) -> Mapping[str, tuple[NameKind, int]]:
    """Return each name that `scope` binds itself, with its kind and the line of its first binding."""
    bound: dict[str, tuple[NameKind, int]] = {}
    elsewhere: set[str] = set()
    if isinstance(scope, FunctionNode | ast.Lambda):
        for argument in all_arguments(scope.args):
            bound[argument.arg] = ("parameter", argument.lineno)
    for node in _own_nodes(scope):
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        for name, kind in _bound_by(node, isinstance(scope, ast.Module)):
            line = getattr(node, "lineno", 0)
            if name not in bound or line < bound[name][1]:
                bound[name] = (bound[name][0] if name in bound else kind, line)
    return {name: value for name, value in bound.items() if name not in elsewhere}


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return every parameter in the order of the signature, `*args` and `**kwargs` included."""
    variadic = [one for one in (arguments.vararg, arguments.kwarg) if one]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *variadic]


def _own_nodes(scope: ScopeNode) -> Iterator[ast.AST]:
    """Yield the nodes of `scope`, not descending into functions, classes, lambdas and comprehensions inside it."""
    body = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, FunctionNode | ast.ClassDef):
            stack += node.decorator_list
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            stack += reversed(list(ast.iter_child_nodes(node)))


def _bound_by(node: ast.AST, at_module_level: bool) -> Iterator[tuple[str, NameKind]]:
    plain: NameKind = "global" if at_module_level else "local"
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name, plain
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, "function"
        case ast.ClassDef(name=name):
            yield name, "class"
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                if alias.name != "*":
                    yield alias.asname or alias.name.partition(".")[0], "import"
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, plain
        case ast.MatchMapping(rest=str(name)):
            yield name, plain
        case _:
            pass
