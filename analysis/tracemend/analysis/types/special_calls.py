"""Calls that mean more than their signatures say: `super()`, `cast`, class factories, `partial`, `iter` and `next`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, ValueDef
from tracemend.analysis.types.classes import direct_bases, enclosing_class
from tracemend.analysis.types.model import (
    Class,
    ClassObject,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    union,
)
from tracemend.analysis.types.scopes import Scope, function_scope, module_scope

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

Handler = Callable[["Evaluator", ast.Call, Scope], Type | None]


def special_call(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    """Return what a call with a rule of its own gives, None for any other call."""
    if not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
    if name not in _SHORT_NAMES:
        return None
    handler = _HANDLERS.get(evaluator.full_name(node.func, scope))
    return None if handler is None else handler(evaluator, node, scope)


def has_own_rule(cls: Class) -> bool:
    """Say whether what calling `cls` gives depends on its arguments by a rule of its own."""
    return cls.full_name in _HANDLERS


def _super(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    """Return an object of the bases, or the bases themselves where the first parameter is the class.

    Behind `super()` stand the next classes in the *object's* order, which may be siblings from a subclass; so the types
    given here are not exact, and members of whatever descends from them count too.
    """
    if node.args:
        named = evaluator.expression(node.args[0], scope)
        cls = named.cls if isinstance(named, ClassObject) else None
    else:
        cls = enclosing_class(scope)
    if cls is None:
        return Unknown("super")
    found: list[Type] = []
    for base in direct_bases(evaluator, cls):
        if not isinstance(base, ClassObject):
            return Unknown("unknown-base")
        instance = Instance(base.cls, base.args)
        found.append(ClassObject(base.cls, base.args, exact=False) if _in_class_method(scope) else instance)
    return union(found) if found else Unknown("super-object")


def _in_class_method(scope: Scope) -> bool:
    function = function_scope(scope)
    return function is not None and (
        function.node.name in ("__new__", "__init_subclass__", "__class_getitem__")
        or any(ast.unparse(one) == "classmethod" for one in function.node.decorator_list)
    )


def _cast(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    if len(node.args) != 2:
        return None
    return closed_over_variables(evaluator.annotation(node.args[0], scope))


def _type(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    if len(node.args) != 1:
        return Unknown("class-factory")
    return evaluator.attribute(evaluator.expression(node.args[0], scope), "__class__")


def _new_type(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    if len(node.args) != 2:
        return None
    instance = evaluator.annotation(node.args[1], scope)
    return ClassObject(instance.cls, instance.args) if isinstance(instance, Instance) else Unknown("newtype")


def _partial(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    cls = evaluator.class_in("functools", "partial")
    return Instance(cls, exact=True)


def _namedtuple(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    """Return the class that `namedtuple("P", "x y")` or `NamedTuple("P", [("x", int)])` makes."""
    fields = _field_names(node.args[1]) if len(node.args) > 1 else None
    if fields is None or any(one.arg in ("rename", None) for one in node.keywords):
        return Unknown("namedtuple")
    typing = evaluator.world.module("typing")
    if typing is None or not isinstance(node.args[0], ast.Constant):
        return Unknown("namedtuple")
    has_defaults = any(one.arg == "defaults" for one in node.keywords)
    members = {
        name: (ValueDef(node.lineno, annotation="Any", value="..." if has_defaults else None),)
        for name in fields
    }
    definition = ClassDef(str(node.args[0].value), node.lineno, bases=("NamedTuple",), members=members)
    qualname = f"{definition.name}({','.join(fields)})"
    return ClassObject(Class(module_scope(scope).name, qualname, node.lineno, definition, typing))


def _field_names(node: ast.expr) -> tuple[str, ...] | None:
    """Return the fields in any of the ways to write them, None where they are computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return tuple(node.value.replace(",", " ").split())
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    names: list[str] = []
    for one in node.elts:
        first = one.elts[0] if isinstance(one, ast.Tuple) and one.elts else one
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            return None
        names.append(first.value)
    return tuple(names)


def _iter(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    """Return what `iter(x)` gives: what the `__iter__` of the object does (reference 3.3.7)."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        return None
    return evaluator.result_of_method(evaluator.expression(node.args[0], scope), "__iter__")


def _next(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    """Return what `next(x)` or `next(x, default)` gives: what the `__next__` of the object does, or the default."""
    if not node.args or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    item = evaluator.result_of_method(evaluator.expression(node.args[0], scope), "__next__")
    if item is None or len(node.args) == 1:
        return item
    return union((item, evaluator.expression(node.args[1], scope)))


def _unknown(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type | None:
    return Unknown("class-factory")


_HANDLERS: dict[str, Handler] = {
    "builtins.iter": _iter,
    "builtins.next": _next,
    "builtins.super": _super,
    "builtins.type": _type,
    "collections.namedtuple": _namedtuple,
    "functools.partial": _partial,
    "typing.NamedTuple": _namedtuple,
    "typing.NewType": _new_type,
    "typing.TypedDict": _unknown,
    "typing.cast": _cast,
    "typing_extensions.NamedTuple": _namedtuple,
    "typing_extensions.NewType": _new_type,
    "typing_extensions.TypedDict": _unknown,
    "typing_extensions.cast": _cast,
}
_SHORT_NAMES = frozenset(name.rpartition(".")[2] for name in _HANDLERS)
