"""The type that a binding gives a name: assignment, loop, `with`, `except`, import, definition, parameter."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, FunctionDef, ImportDef
from tracemend.analysis.symbols.summarize import summarize
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.types.assigned import with_assigned
from tracemend.analysis.types.attributes import symbol_type
from tracemend.analysis.types.calls import OPERATORS, call_method
from tracemend.analysis.types.classes import class_at
from tracemend.analysis.types.fixtures import fixture_type
from tracemend.analysis.types.model import (
    MISSING,
    Class,
    ClassObject,
    Evidence,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    parts,
    union,
    without_elements,
)
from tracemend.analysis.types.scopes import (
    ANY_ELEMENT,
    REST,
    Binding,
    FunctionScope,
    InnerScope,
    Scope,
    module_scope,
)
from tracemend.analysis.types.world import Symbol

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_BROAD_EXCEPTIONS = frozenset({"builtins.BaseException", "builtins.Exception"})


def bound_type(evaluator: Evaluator, binding: Binding, scope: FunctionScope | InnerScope) -> Type:
    """Return the type that `binding` gives its name in `scope`."""
    node = binding.node
    match binding.kind:
        case "parameter":
            return parameter_type(evaluator, binding, scope)
        case "annotate" if binding.annotation is not None:
            return _annotated(evaluator, binding, scope)
        case "assign" | "walrus" | "for" | "async for" | "with" | "async with" if binding.value is not None:
            return _declared_or(evaluator, binding, scope, _unpacked(evaluator, binding, scope))
        case "augment":
            return _augmented(evaluator, binding, scope)
        case "except":
            return _caught(evaluator, binding.value, scope)
        case "import" if isinstance(node, ast.Import | ast.ImportFrom):
            return _imported(evaluator, binding.name, node, scope)
        case "function" if isinstance(node, FunctionNode):
            return symbol_type(evaluator, Symbol(local_function(node), scope, f"{_prefix(scope)}{node.name}"))
        case "class" if isinstance(node, ast.ClassDef):
            return symbol_type(evaluator, Symbol(local_class(node), scope, f"{_prefix(scope)}{node.name}"))
        case _:
            return Unknown(binding.kind)


def parameter_type(evaluator: Evaluator, binding: Binding, scope: Scope) -> Type:
    """Return the type of a parameter: its annotation (and None as its default), or `self` and `cls`."""
    if not isinstance(scope, FunctionScope):
        return Unknown("lambda")
    arguments = scope.node.args
    if binding.annotation is not None:
        declared = closed_over_variables(evaluator.annotation(binding.annotation, scope.parent))
        return _packed(evaluator, declared, binding, arguments) or union(
            (declared, *_none_default(evaluator, binding.name, arguments))
        )
    if arguments.vararg is not None and arguments.vararg.arg == binding.name:
        return evaluator.instance_of("tuple")
    if arguments.kwarg is not None and arguments.kwarg.arg == binding.name:
        return evaluator.instance_of("dict")
    positional = [*arguments.posonlyargs, *arguments.args]
    if scope.owner_scope is not None and positional and positional[0].arg == binding.name:
        return _receiver(evaluator, scope, class_at(scope.owner_scope))
    return fixture_type(evaluator, binding, scope) or Unknown("untyped-parameter")


def _receiver(evaluator: Evaluator, scope: FunctionScope, cls: Class) -> Type:
    """Return the type of the first parameter of a method."""
    name = scope.node.name
    decorators = [ast.unparse(one) for one in scope.node.decorator_list]
    first = [*scope.node.args.posonlyargs, *scope.node.args.args][0].arg
    if "staticmethod" in decorators and name != "__new__":
        return Unknown("untyped-parameter")
    if "classmethod" in decorators or name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return ClassObject(cls, exact=False)
    if first == "cls" and decorators:
        return union((ClassObject(cls, exact=False), Instance(cls)))
    if decorators and first != "self":
        return Unknown("decorator")
    return Instance(cls)


def _packed(evaluator: Evaluator, declared: Type, binding: Binding, arguments: ast.arguments) -> Type | None:
    """Return the tuple of `*args: X` or the dict of `**kwargs: X`, None for other parameters."""
    if arguments.vararg is not None and arguments.vararg.arg == binding.name:
        return Instance(evaluator.builtin_class("tuple"), (declared,))
    if arguments.kwarg is not None and arguments.kwarg.arg == binding.name:
        return Instance(evaluator.builtin_class("dict"), (Instance(evaluator.builtin_class("str")), declared))
    return None


def _none_default(evaluator: Evaluator, name: str, arguments: ast.arguments) -> list[Type]:
    """Return None's type where the default of the parameter is None, whatever its annotation says (PEP 484, old)."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(
        zip([one.arg for one in reversed(positional)], reversed(arguments.defaults), strict=False)
    )
    defaults |= {
        one.arg: default
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default
    }
    default = defaults.get(name)
    return [evaluator.none] if isinstance(default, ast.Constant) and default.value is None else []


def _annotated(evaluator: Evaluator, binding: Binding, scope: Scope) -> Type:
    assert binding.annotation is not None, "a binding by annotation has one"
    declared = closed_over_variables(evaluator.annotation(binding.annotation, scope))
    if binding.value is None or isinstance(declared, Unknown):
        return declared
    return with_assigned(evaluator, declared, evaluator.expression(binding.value, scope))


def _declared_or(
    evaluator: Evaluator, binding: Binding, scope: FunctionScope | InnerScope, value: Type
) -> Type:
    """Return the assigned type, with the declared one if the name is annotated elsewhere in the scope."""
    annotations = [
        one.annotation for one in scope.bindings.get(binding.name, ()) if one.annotation is not None
    ]
    if not annotations or binding.kind == "walrus":
        return value
    declared = [closed_over_variables(evaluator.annotation(one, scope)) for one in annotations]
    if any(one.kind == "parameter" for one in scope.bindings[binding.name]):
        return value  # A parameter may be given another type in its function.
    return with_assigned(evaluator, union(declared), value)


def _unpacked(evaluator: Evaluator, binding: Binding, scope: Scope) -> Type:
    assert binding.value is not None, f"a binding by {binding.kind} has a value"
    type_ = evaluator.expression(binding.value, _scope_of_iterable(binding, scope))
    match binding.kind:
        case "for" | "async for":
            type_ = evaluator.element(type_, is_async=binding.kind == "async for")
        case "with":
            type_ = call_method(evaluator, type_, "__enter__", ())
        case "async with":
            type_ = evaluator.awaited(call_method(evaluator, type_, "__aenter__", ()))
        case _:
            type_ = without_elements(type_)
    for step in binding.path:
        type_ = _part(evaluator, type_, step)
    return closed_over_variables(type_)


def _scope_of_iterable(binding: Binding, scope: Scope) -> Scope:
    """The first iterable of a comprehension is evaluated outside of it (reference 6.2.4)."""
    if isinstance(scope, InnerScope) and not isinstance(scope.node, ast.Lambda):
        return scope.parent if scope.node.generators[0].iter is binding.value else scope
    return scope


def _part(evaluator: Evaluator, type_: Type, step: int) -> Type:
    """Return what unpacking gives at one position."""
    if step == REST:
        return Instance(evaluator.builtin_class("list"), (evaluator.element(type_),))
    found = []
    for one in parts(type_):
        if (
            isinstance(one, Instance)
            and one.items is not None
            and step != ANY_ELEMENT
            and step < len(one.items)
        ):
            found.append(one.items[step])
        else:
            found.append(evaluator.element(one))
    return union(found)


def _augmented(evaluator: Evaluator, binding: Binding, scope: Scope) -> Type:
    node = binding.node
    assert isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name), "an augmented name"
    name = OPERATORS[type(node.op)]
    left = evaluator.name_type(binding.name, scope, node)
    right = evaluator.expression(node.value, scope)
    plain = evaluator.operated(left, right, f"__{name}__", f"__r{name}__")
    in_place = call_method(evaluator, left, f"__i{name}__", (right,))
    return union((left, plain)) if in_place == MISSING else union((left, in_place))


def _caught(evaluator: Evaluator, node: ast.expr | None, scope: Scope) -> Type:
    """Return what an `except` clause catches; so general a class as `Exception` says nothing about the object."""
    if node is None:
        return Unknown("broad-except")
    types = [
        evaluator.expression(one, scope) for one in (node.elts if isinstance(node, ast.Tuple) else [node])
    ]
    found: list[Type] = []
    for one in [part for type_ in types for part in parts(type_)]:
        if isinstance(one, Instance) and one.cls.full_name == "builtins.tuple":
            one = union(one.items) if one.items else Unknown("except")
        for part in parts(one):
            found.append(_exception(part))
    return union(found)


def _exception(type_: Type) -> Type:
    if not isinstance(type_, ClassObject):
        return type_ if isinstance(type_, Unknown) else Unknown("except")
    if type_.cls.full_name in _BROAD_EXCEPTIONS:
        return Unknown("broad-except")
    return Instance(type_.cls, type_.args, evidence=Evidence.INFERRED)


def _imported(evaluator: Evaluator, name: str, node: ast.Import | ast.ImportFrom, scope: Scope) -> Type:
    module = module_scope(scope).module
    found = []
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        if bound != name:
            continue
        if isinstance(node, ast.Import):
            definition = ImportDef(0, alias.name, None, binds_top=alias.asname is None)
        else:
            definition = ImportDef(0, "." * node.level + (node.module or ""), alias.name)
        found += [symbol_type(evaluator, one) for one in evaluator.world.imported(module, definition)]
    return union(found) if found else Unknown("import")


@lru_cache(maxsize=512)
def local_class(node: ast.ClassDef) -> ClassDef:
    """Return the summary of a class inside a function, made of its text alone."""
    found = summarize(ast.unparse(node)).names[node.name][-1]
    assert isinstance(found, ClassDef), f"a class is summarized as one, not as {found!r}"
    return replace(found, line=node.lineno)  # Two classes of a function may have one name.


@lru_cache(maxsize=512)
def local_function(node: FunctionNode) -> FunctionDef:
    """Return the summary of a function inside a function, made of its text alone."""
    found = summarize(ast.unparse(node)).names[node.name][-1]
    assert isinstance(found, FunctionDef), f"a function is summarized as one, not as {found!r}"
    return replace(found, line=node.lineno)


def _prefix(scope: Scope) -> str:
    return f"{scope.qualname}.<locals>." if isinstance(scope, FunctionScope) else ""
