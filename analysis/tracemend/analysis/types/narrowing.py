"""Tests that a function makes of a value: `isinstance(x, T)`, `hasattr(x, "y")`, `match x: case T():`.

They are used to *add*: a value that is somewhere in the function asked whether it is a `T` may be one everywhere in it.
What a test rules out is never taken away. Only where nothing else is known of a name, and a test certainly holds at the
place (`proofs`), do the tests make its type, all of them together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tracemend.analysis.types.annotations import declared_instance
from tracemend.analysis.types.classes import Lineage, lineage
from tracemend.analysis.types.model import NEVER, ClassObject, Instance, Type, Unknown, parts, union
from tracemend.analysis.types.proofs import proven_classes
from tracemend.analysis.types.scopes import FunctionScope, Scope, function_scope

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator


# Of these nothing was known, and not because a guard said so.
_PROVABLE = frozenset({"untyped-parameter", "object", "any", "untyped-call", "typevar", "lambda"})
_ABSTRACT_MODULES = frozenset({"typing", "collections.abc", "numbers", "io", "os", "types"})


@dataclass(frozen=True, slots=True)
class Tests:
    """The classes that a receiver is tested for, the attributes that it is asked for, and whether any name may be."""

    classes: tuple[ast.expr, ...] = ()
    subclasses: tuple[ast.expr, ...] = ()
    names: frozenset[str] = frozenset()
    any_name: bool = False


def with_narrowings(evaluator: Evaluator, type_: Type, node: ast.Name | ast.Attribute, scope: Scope) -> Type:
    """Add to `type_` the classes that the function around `scope` tests `node` for."""
    tests = tests_of(node, scope)
    if tests is None:
        return type_
    if isinstance(type_, Unknown):
        if not (type_.why in _PROVABLE and isinstance(node, ast.Name) and _is_proven(evaluator, node, scope)):
            return type_
        type_ = NEVER
    outer = _outermost(scope)
    found: list[Type] = [type_]
    for one in tests.classes:
        found += _instances(evaluator, evaluator.expression(one, outer))
    for one in tests.subclasses:
        named = evaluator.expression(one, outer)
        found += [part if isinstance(part, ClassObject) else Unknown("narrowed") for part in parts(named)]
    return union(found)


def _is_proven(evaluator: Evaluator, node: ast.Name, scope: Scope) -> bool:
    """Say whether a test around `node` proves it to be of a class that says all about it.

    Abstract classes and exceptions are tested for where the object has more than they have.
    """
    if not isinstance(scope, FunctionScope) or node.id in scope.rebound_inside or node.id in scope.elsewhere:
        return False
    proven = proven_classes(node.id, node, scope)
    if proven is None:
        return False
    found = [one for text in _alternatives(proven) for one in parts(evaluator.expression(text, scope))]
    return bool(found) and all(
        isinstance(one, ClassObject) and _says_all(lineage(evaluator, one.cls)) for one in found
    )


def _says_all(line: Lineage) -> bool:
    cls = line.ancestors[0].cls
    base_names = {text.partition("[")[0].rpartition(".")[2] for text in cls.definition.bases}
    is_abstract = "metaclass" in cls.definition.keywords or bool(base_names & {"ABC", "Protocol"})
    is_special = line.has("builtins.BaseException") or line.has("builtins.type") or len(line.ancestors) == 1
    return not (is_abstract or is_special or cls.module in _ABSTRACT_MODULES)


def tests_of(node: ast.expr, scope: Scope) -> Tests | None:
    """Return the tests that the function around `scope` makes of an expression that reads as `node`."""
    function = _outermost(scope)
    if not isinstance(function, FunctionScope):
        return None
    tests = _tests_in(function.node)
    return tests.get(ast.unparse(node)) if tests else None


def _outermost(scope: Scope) -> Scope:
    """Return the outermost function around `scope`: what an enclosing function tests holds in those inside it too."""
    found: Scope = scope
    function = function_scope(scope)
    while function is not None:
        found = function
        function = function_scope(function.parent)
    return found


def _instances(evaluator: Evaluator, type_: Type) -> Iterator[Type]:
    """Yield the objects of a class, of the classes in a tuple, or of a union of classes."""
    for one in parts(type_):
        if isinstance(one, ClassObject):
            yield declared_instance(evaluator, one.cls)
        elif isinstance(one, Instance) and one.items is not None:
            for item in one.items:
                yield from _instances(evaluator, item)
        else:
            yield Unknown("narrowed")


@lru_cache(maxsize=512)
def _tests_in(function: ast.AST) -> Mapping[str, Tests]:
    """Collect all tests in a function by the text of what they test."""
    found: dict[str, Tests] = {}
    for node in ast.walk(function):
        for subject, test in _tests(node):
            if isinstance(subject, ast.Name | ast.Attribute):
                text = ast.unparse(subject)
                found[text] = _merged(found.get(text, Tests()), test)
    return found


def _merged(left: Tests, right: Tests) -> Tests:
    return Tests(
        left.classes + right.classes,
        left.subclasses + right.subclasses,
        left.names | right.names,
        left.any_name or right.any_name,
    )


def _tests(node: ast.AST) -> Iterator[tuple[ast.expr, Tests]]:
    match node:
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
            yield subject, Tests(classes=_alternatives(classes))
        case ast.Call(func=ast.Name(id="issubclass"), args=[subject, classes]):
            yield subject, Tests(subclasses=_alternatives(classes))
        case ast.Call(func=ast.Name(id="hasattr"), args=[subject, ast.Constant(value=str(name))]):
            yield subject, Tests(names=frozenset({name}))
        case ast.Call(func=ast.Name(id="hasattr" | "setattr"), args=[subject, *_]):
            yield subject, Tests(any_name=True)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq() | ast.In()], comparators=[classes]):
            if (classed := _classed(left)) is not None:
                yield classed, Tests(classes=_alternatives(classes))
        case ast.Match(subject=subject, cases=cases):
            for case in cases:
                yield subject, Tests(classes=tuple(_pattern_classes(case.pattern)))


def _classed(node: ast.expr) -> ast.expr | None:
    """Return the `x` of `type(x)` or `x.__class__`."""
    match node:
        case ast.Call(func=ast.Name(id="type"), args=[subject]):
            return subject
        case ast.Attribute(value=subject, attr="__class__"):
            return subject
        case _:
            return None


def _alternatives(classes: ast.expr) -> tuple[ast.expr, ...]:
    if isinstance(classes, ast.Tuple | ast.List | ast.Set):
        return tuple(part for one in classes.elts for part in _alternatives(one))
    if isinstance(classes, ast.BinOp) and isinstance(classes.op, ast.BitOr):
        return (*_alternatives(classes.left), *_alternatives(classes.right))
    return (classes,)


def _pattern_classes(pattern: ast.pattern) -> Iterator[ast.expr]:
    """Yield the classes that a pattern matches the subject itself against."""
    match pattern:
        case ast.MatchClass(cls=cls):
            yield cls
        case ast.MatchAs(pattern=ast.pattern() as inner):
            yield from _pattern_classes(inner)
        case ast.MatchOr(patterns=patterns):
            for one in patterns:
                yield from _pattern_classes(one)
