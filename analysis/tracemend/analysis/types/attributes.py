"""What an attribute is: definitions found through the lineage, and what descriptors and decorators make of them.

The rules are those of the data model (reference 3.3.2), read for soundness: a class attribute and the stores to an
instance's attribute both count, wherever they stand. What a store from outside the class, a subclass or an unknown
decorator may have put there makes the attribute unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, Definition, FunctionDef, ValueDef
from tracemend.analysis.types.annotations import type_of_class
from tracemend.analysis.types.assigned import with_assigned, with_declared_elements
from tracemend.analysis.types.calls import function_result
from tracemend.analysis.types.classes import Ancestor, class_scope, decorator_name, lineage
from tracemend.analysis.types.decorators import PROPERTIES, decorated, is_accessor
from tracemend.analysis.types.model import (
    MISSING,
    Class,
    ClassObject,
    Evidence,
    FunctionType,
    Instance,
    ModuleType,
    Substitution,
    Type,
    TypeVariable,
    Unknown,
    closed_over_variables,
    parts,
    substitute,
    union,
    without_elements,
)
from tracemend.analysis.types.origins import may_be_of_other_library
from tracemend.analysis.types.scopes import ClassScope, FunctionScope, ModuleScope, Scope, module_scope
from tracemend.analysis.types.special import typing_alias
from tracemend.analysis.types.world import Found, LocalSymbol, Missing, ModuleSymbol, Symbol

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_BARE_WRAPPERS = frozenset({"ClassVar", "Final", "TypeAlias"})


def found_type(evaluator: Evaluator, found: Found) -> Type:
    """Return the type of all that a name was followed to; overloads are one function."""
    functions = [one for one in found if isinstance(one, Symbol) and isinstance(one.definition, FunctionDef)]
    if len(functions) == len(found) > 1:
        definitions = tuple(one.definition for one in functions if isinstance(one.definition, FunctionDef))
        return function_type(evaluator, definitions, functions[0].scope, functions[0].qualname)
    return union(symbol_type(evaluator, one) for one in found)


def symbol_type(evaluator: Evaluator, found: Symbol | ModuleSymbol | LocalSymbol | Missing) -> Type:
    """Return the type of one thing that a name was followed to."""
    match found:
        case Missing(why=why):
            return Unknown(why)
        case ModuleSymbol(name=name):
            return ModuleType(name)
        case LocalSymbol(binding=binding, scope=scope):
            return evaluator.binding_type(binding, scope)
        case Symbol(definition=ClassDef() as definition, scope=scope, qualname=qualname):
            return ClassObject(Class(module_scope(scope).name, qualname, definition.line, definition, scope))
        case Symbol(definition=FunctionDef() as definition, scope=scope, qualname=qualname):
            return function_type(evaluator, (definition,), scope, qualname)
        case Symbol(definition=definition, scope=scope, qualname=qualname):
            alias = typing_alias(evaluator, found)
            if alias is not None:
                return ClassObject(alias)
            assert isinstance(definition, ValueDef), "the other kinds of definition came before"
            return _checked_value(evaluator, definition, scope, qualname)


def function_type(
    evaluator: Evaluator, definitions: tuple[FunctionDef, ...], scope: Scope, qualname: str
) -> Type:
    """Return the type of a function with its decorators; alternatives of one name that are no overloads count each."""
    module = module_scope(scope).name
    overloads = tuple(one for one in definitions if is_overload(one))
    found = []
    for group in [overloads] if overloads else [(one,) for one in definitions]:
        plain = FunctionType(module, qualname, group, scope, group[0].line)
        found.append(_with_decorators(evaluator, plain, group[-1], scope))
    return union(found)


def _with_decorators(
    evaluator: Evaluator, function: FunctionType, definition: FunctionDef, scope: Scope
) -> Type:
    """Apply the decorators; one may name the very function, as in `@render.register`."""
    if not definition.decorators:
        return function
    key = ("decorated", function, definition.line)
    return evaluator.solve(key, scope, lambda: decorated(evaluator, function, definition, scope))


def is_overload(definition: FunctionDef) -> bool:
    """Say whether a definition is one of several overloads."""
    return any(one.rpartition(".")[2] == "overload" for one in definition.decorators)


def attribute_type(evaluator: Evaluator, type_: Type, name: str) -> Type:
    """Return what attribute `name` can be; alternatives that certainly lack it would raise, and do not count."""
    found = [_attribute(evaluator, one, name) for one in parts(type_)]
    known = [one for one in found if one != MISSING]
    return union(known) if known or not found else MISSING


def _attribute(evaluator: Evaluator, type_: Type, name: str) -> Type:
    match type_:
        case Unknown():
            return type_
        case ModuleType(name=module):
            return _module_attribute(evaluator, module, name)
        case TypeVariable():
            return attribute_type(evaluator, closed_over_variables(type_), name)
        case FunctionType(receiver=receiver):
            kind = "FunctionType" if receiver is None else "MethodType"
            return attribute_type(evaluator, Instance(evaluator.class_in("types", kind)), name)
        case ClassObject():
            return class_attribute(evaluator, type_, name)
        case Instance():
            return instance_attribute(evaluator, type_, name)
        case _:
            return Unknown("attribute")


def _module_attribute(evaluator: Evaluator, module: str, name: str) -> Type:
    scope = evaluator.world.module(module)
    if scope is None:
        return Unknown("unknown-import")
    found = evaluator.world.member_of_module(scope, name)
    if not found:
        return MISSING if not scope.module.summary.dynamic else Unknown("dynamic-module")
    return found_type(evaluator, found)


# Classes and their objects.


def instance_attribute(evaluator: Evaluator, instance: Instance, name: str) -> Type:
    """Return what `instance.name` can be."""
    if name == "__class__":
        return type_of_class(evaluator, instance)
    line = lineage(evaluator, instance.cls, instance.args)
    found: list[Type] = []
    seen_in_class = False
    for ancestor in line.ancestors:
        definitions = ancestor.cls.definition.members.get(name)
        if definitions and not seen_in_class:
            seen_in_class = True
            found.append(_member(evaluator, definitions, ancestor, name, instance))
        stores = ancestor.cls.definition.attributes.get(name)
        if stores and not (seen_in_class and _is_property(evaluator, definitions, ancestor)):
            found += _all_stored(evaluator, stores, ancestor, name)
    if not found:
        return Unknown(line.reasons[0]) if line.reasons else MISSING
    if may_be_of_other_library(evaluator, line.ancestors, name, union(found)):
        return Unknown("library-attribute")
    if not _is_declared(line.ancestors, name):
        found += _overriding(evaluator, instance, name)
        found += _stored_outside(evaluator, name)
    return _more_than_none(evaluator, union(found))


def class_attribute(evaluator: Evaluator, type_: ClassObject, name: str) -> Type:
    """Return what `Class.name` can be: of the class, else of its metaclass."""
    line = lineage(evaluator, type_.cls, type_.args)
    for ancestor in line.ancestors:
        if ancestor.cls.full_name == "builtins.object" and name in ("__init__", "__doc__", "__class__"):
            break  # `type` has its own.
        definitions = ancestor.cls.definition.members.get(name)
        if definitions:
            if line.has("enum.Enum") and _is_enum_member(definitions, name):
                return Instance(type_.cls, evidence=Evidence.DECLARED)
            return _more_than_none(evaluator, _member(evaluator, definitions, ancestor, name, type_))
        stores = ancestor.cls.definition.attributes.get(name)
        if stores:
            return union(_stored(evaluator, one, ancestor, name) for one in stores)
    for meta in (*line.metaclasses, evaluator.builtin_class("type")):
        found = instance_attribute(evaluator, Instance(meta), name)
        if found != MISSING:
            return _with_receiver(found, type_)
    return Unknown(line.reasons[0]) if line.reasons else MISSING


def _member(
    evaluator: Evaluator, definitions: tuple[Definition, ...], ancestor: Ancestor, name: str, receiver: Type
) -> Type:
    """Return what the definitions of a name in a class body give when accessed on `receiver`."""
    scope = class_scope(ancestor.cls)
    substitution = tuple(ancestor.substitution.items())
    functions = tuple(one for one in definitions if isinstance(one, FunctionDef) and not is_accessor(one))
    others = [one for one in definitions if not isinstance(one, FunctionDef)]
    found = (
        [_method(evaluator, functions, scope, ancestor.cls, name, receiver, substitution)]
        if functions
        else []
    )
    for one in evaluator.world.follow(tuple(others), scope, f"{ancestor.cls.qualname}.{name}"):
        value = closed_over_variables(substitute(symbol_type(evaluator, one), ancestor.substitution))
        found.append(_got(evaluator, value, receiver))
    return union(found)


def _method(
    evaluator: Evaluator,
    functions: tuple[FunctionDef, ...],
    scope: ClassScope,
    owner: Class,
    name: str,
    receiver: Type,
    substitution: Substitution,
) -> Type:
    module = module_scope(scope).name
    overloads = tuple(one for one in functions if is_overload(one))
    found = []
    for group in [overloads] if overloads else [(one,) for one in functions]:
        plain = FunctionType(
            module, f"{owner.qualname}.{name}", group, scope, group[0].line, owner, None, substitution
        )
        found.append(_accessed(evaluator, plain, group[-1], scope, receiver))
    return union(found)


def _accessed(
    evaluator: Evaluator, function: FunctionType, definition: FunctionDef, scope: ClassScope, receiver: Type
) -> Type:
    """Return what a function in a class body gives when accessed on an object or on the class."""
    names = [decorator_name(evaluator, one, scope.parent) for one in definition.decorators]
    on_class = isinstance(receiver, ClassObject)
    if any(one in PROPERTIES for one in names):
        if on_class:
            return Unknown("property")
        return function_result(evaluator, replace(function, receiver=receiver), (), None)
    made = _with_decorators(evaluator, function, definition, scope.parent)
    if "builtins.staticmethod" in names or definition.name == "__new__":
        return made
    if "builtins.classmethod" in names or definition.name in ("__init_subclass__", "__class_getitem__"):
        return _with_receiver(made, receiver if on_class else type_of_class(evaluator, receiver))
    return _got(evaluator, made, receiver)


def _got(evaluator: Evaluator, value: Type, receiver: Type) -> Type:
    """Apply the descriptor protocol to a value that a class body holds."""
    found = []
    for one in parts(value):
        if isinstance(one, FunctionType) and one.receiver is None and isinstance(receiver, Instance):
            one = replace(one, receiver=receiver)
        elif isinstance(one, Instance) and _may_have_getter(evaluator, one):
            one = _asked(evaluator, one, receiver)
        found.append(one)
    return union(found)


def _may_have_getter(evaluator: Evaluator, instance: Instance) -> bool:
    line = lineage(evaluator, instance.cls)
    return "unknown-base" in line.reasons or any(
        "__get__" in one.cls.definition.members for one in line.ancestors
    )


def _asked(evaluator: Evaluator, descriptor: Instance, receiver: Type) -> Type:
    """Return what a descriptor's `__get__` gives for an object, or for the class; anything but a declared type is unknown."""
    getter = evaluator.attribute(descriptor, "__get__")
    if not isinstance(getter, FunctionType) or isinstance(receiver, ClassObject):
        return Unknown("descriptor")
    for_objects = tuple(
        one
        for one in getter.definitions
        if len(one.parameters) > 1 and one.parameters[1].annotation != "None"
    )
    if not for_objects or any(one.returns is None for one in for_objects):
        return Unknown("descriptor")
    result = function_result(evaluator, replace(getter, definitions=for_objects), (receiver, receiver), None)
    result = closed_over_variables(result)
    return Unknown("descriptor") if isinstance(result, Unknown) else result


def _all_stored(
    evaluator: Evaluator, stores: tuple[ValueDef, ...], ancestor: Ancestor, name: str
) -> Iterator[Type]:
    """Yield what the methods of a class store in an attribute; what one of them declares, holds for the others' values."""
    declared = [_stored(evaluator, one, ancestor, name) for one in stores if one.annotation is not None]
    yield from declared
    for one in stores:
        if one.annotation is None:
            value = _stored(evaluator, one, ancestor, name)
            yield value if isinstance(value, Unknown) else with_declared_elements(evaluator, declared, value)


def _stored(evaluator: Evaluator, definition: ValueDef, ancestor: Ancestor, name: str) -> Type:
    """Return what a method stores in an attribute of `self`."""
    scope = class_scope(ancestor.cls)
    if definition.annotation is not None:
        declared = evaluator.annotation_text(definition.annotation, scope)
        return closed_over_variables(substitute(declared, ancestor.substitution))
    key = ("stored", ancestor.cls, name, definition.function, definition.line)
    return evaluator.solve(
        key, scope, lambda: _stored_values(evaluator, scope, definition, name), lasting=False
    )


def _stored_values(evaluator: Evaluator, scope: ClassScope, definition: ValueDef, name: str) -> Type:
    """Evaluate all assignments to attribute `name` in one method, where they stand."""
    methods = [
        one for one in scope.definition.members.get(definition.function, ()) if isinstance(one, FunctionDef)
    ]
    found: list[Type] = []
    for method in methods:
        function = evaluator.world.function_tree(scope, method)
        if function is None:
            return Unknown("no-source")
        found += [
            without_elements(evaluator.expression(value, function)) if value is not None else Unknown("store")
            for value in _assigned_to(function, name)
        ]
    return union(found) if found else Unknown("store")


def _assigned_to(function: FunctionScope, name: str) -> Iterator[ast.expr | None]:
    """Yield the values assigned to an attribute of that name, None where that is no plain assignment in `function`."""
    nested = set()
    for node in ast.walk(function.node):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            and node is not function.node
        ):
            nested |= set(ast.walk(node))
    for node in ast.walk(function.node):
        if not (isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)):
            continue
        parent = function.parents.get(node)
        plain = isinstance(parent, ast.Assign) or (
            isinstance(parent, ast.AnnAssign) and parent.value is not None
        )
        if isinstance(parent, ast.AnnAssign) and parent.value is None:
            continue
        yield parent.value if plain and node not in nested else None  # type: ignore[union-attr]


def _overriding(evaluator: Evaluator, instance: Instance, name: str) -> Iterator[Type]:
    """Yield what subclasses in the workspace make of an attribute that no annotation holds them to."""
    if instance.exact:
        return
    for cls in evaluator.descendants(instance.cls):
        ancestor = Ancestor(cls, {})
        if name in cls.definition.members:
            yield _member(evaluator, cls.definition.members[name], ancestor, name, Instance(cls))
        for one in cls.definition.attributes.get(name, ()):
            yield _stored(evaluator, one, ancestor, name)


def _stored_outside(evaluator: Evaluator, name: str) -> Iterator[Type]:
    if evaluator.is_stored_outside(name):
        yield Unknown("stored-outside")


def _is_declared(ancestors: tuple[Ancestor, ...], name: str) -> bool:
    """Say whether an annotation says what attribute `name` is: of a value, or of what a function returns."""
    for ancestor in ancestors:
        definition = ancestor.cls.definition
        for one in (*definition.members.get(name, ()), *definition.attributes.get(name, ())):
            if isinstance(one, ValueDef) and one.annotation is not None:
                return True
            if isinstance(one, FunctionDef) and (one.returns is not None or name.startswith("__")):
                return True
    return False


def _is_property(
    evaluator: Evaluator, definitions: tuple[Definition, ...] | None, ancestor: Ancestor
) -> bool:
    return any(
        decorator_name(evaluator, text, ancestor.cls.scope) in PROPERTIES
        for one in definitions or ()
        if isinstance(one, FunctionDef)
        for text in one.decorators
    )


def _is_enum_member(definitions: tuple[Definition, ...], name: str) -> bool:
    is_private = name.startswith("_")
    return not is_private and any(isinstance(one, ValueDef) for one in definitions)


def _with_receiver(type_: Type, receiver: Type) -> Type:
    return union(
        replace(one, receiver=receiver) if isinstance(one, FunctionType) else one for one in parts(type_)
    )


# Values.


def _checked_value(evaluator: Evaluator, definition: ValueDef, scope: Scope, qualname: str) -> Type:
    key = (
        "value",
        module_scope(scope).name,
        qualname,
        definition.line,
        definition.value,
        definition.annotation,
    )
    type_ = evaluator.solve(key, scope, lambda: _value_type(evaluator, definition, scope))
    if definition.annotation is None and isinstance(scope, ModuleScope):
        type_ = union((type_, *_stored_outside(evaluator, qualname)))
        return _more_than_none(evaluator, type_)
    return type_


def _value_type(evaluator: Evaluator, definition: ValueDef, scope: Scope) -> Type:
    """Return the declared type of a value, else that of the expression that it is assigned."""
    annotation = definition.annotation
    if annotation is not None and annotation.rpartition(".")[2] not in _BARE_WRAPPERS:
        declared = evaluator.annotation_text(annotation, scope)
        if definition.value in (None, "...") or isinstance(declared, Unknown):
            return declared
        return with_assigned(evaluator, declared, evaluator.expression_text(definition.value, scope))
    if definition.value is None:
        return Unknown("binding")
    return without_elements(evaluator.expression_text(definition.value, scope))


def _more_than_none(evaluator: Evaluator, type_: Type) -> Type:
    """A name whose only known value is None is meant to get another one somewhere out of sight."""
    return Unknown("only-none") if type_ == evaluator.none else type_
