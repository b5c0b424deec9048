"""The scope that a node stands in, built from the nodes around it."""

from __future__ import annotations

import ast

from tracemend.analysis.symbols.model import ClassDef, Definition
from tracemend.analysis.types.bindings import local_class
from tracemend.analysis.types.chunks import Chunk
from tracemend.analysis.types.document import Probe
from tracemend.analysis.types.evaluate import Evaluator
from tracemend.analysis.types.scopes import (
    ClassScope,
    FunctionScope,
    InnerScope,
    ModuleScope,
    Scope,
)


def scope_at(evaluator: Evaluator, probe: Probe) -> Scope:
    """Return the scope of the probe's node. The evaluator must have entered the probe's document."""
    module = evaluator.world.module(probe.document.module)
    assert module is not None, "the world knows the module of the document that it entered"
    scope: Scope = module
    for index, (outer, inner) in enumerate(zip(probe.path, probe.path[1:], strict=False)):
        after = probe.path[index + 2] if index + 2 < len(probe.path) else None
        scope = _entered(evaluator, probe.chunk, scope, outer, inner, after)
    return scope


def _entered(
    evaluator: Evaluator, chunk: Chunk, scope: Scope, outer: ast.AST, inner: ast.AST, after: ast.AST | None
) -> Scope:
    """Return the scope inside `outer`, on the way to its child `inner` (and to the child `after` of that)."""
    match outer:
        case ast.ClassDef(body=body) if inner in body:
            return _class_scope(chunk, scope, outer)
        case ast.FunctionDef(body=body, name=name) | ast.AsyncFunctionDef(body=body, name=name) if (
            inner in body
        ):
            owner = scope if isinstance(scope, ClassScope) else None
            return evaluator.world.function(outer, scope, f"{_prefix(scope)}{name}", owner)
        case ast.Lambda(body=body) if inner is body:
            return InnerScope(outer, scope)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            # The first iterable is evaluated outside (reference 6.2.4).
            first = outer.generators[0]
            return scope if inner is first and after is first.iter else InnerScope(outer, scope)
        case _:
            return scope


def _class_scope(chunk: Chunk, scope: Scope, node: ast.ClassDef) -> ClassScope:
    """Return the scope of a class body, with the summary that the module has of the class."""
    qualname = f"{_prefix(scope)}{node.name}"
    definitions: tuple[Definition, ...] = ()
    if isinstance(scope, ModuleScope):
        definitions = chunk.summary.names.get(node.name, ())
    elif isinstance(scope, ClassScope):
        definitions = scope.definition.members.get(node.name, ())
    line = chunk.relative_line(node.lineno)
    for one in definitions:
        if isinstance(one, ClassDef) and one.line == line:
            return ClassScope(one, qualname, scope)
    return ClassScope(local_class(node), qualname, scope)


def _prefix(scope: Scope) -> str:
    if isinstance(scope, FunctionScope):
        return f"{scope.qualname}.<locals>."
    return f"{scope.qualname}." if isinstance(scope, ClassScope) else ""
