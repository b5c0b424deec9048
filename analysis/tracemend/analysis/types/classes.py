"""Classes: their bases, the order in which those are searched, type parameters, and what makes them open.

Bases are evaluated where they stand. A base that has several definitions (one a branch) gives several classes, all of
which count. What cannot be followed is not an error: it is a *reason* why nothing may be concluded from a name that is
missing (`Lineage.reasons`, stable slugs).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, Definition
from tracemend.analysis.types.class_decorators import leaves_constructor
from tracemend.analysis.types.model import (
    Class,
    ClassObject,
    FunctionType,
    Instance,
    Type,
    TypeVariable,
    Unknown,
    parts,
    substitute,
    union,
)
from tracemend.analysis.types.scopes import ClassScope, ModuleScope, Scope, module_scope
from tracemend.analysis.types.special import special_form
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

MAX_LINEAGE = 120
# What these decorators return is the class that they were given, with methods and dunder names added.
HARMLESS_DECORATORS = frozenset(
    {
        "abc.update_abstractmethods", "attr.attrs", "attr.define", "attr.frozen", "attr.mutable", "attr.s",
        "attr.dataclass", "attrs.define", "attrs.frozen", "attrs.mutable", "dataclasses.dataclass", "enum.unique",
        "enum.verify", "enum._simple_enum", "functools.total_ordering", "pydantic.dataclasses.dataclass",
        "typing.dataclass_transform", "typing.disjoint_base", "typing.final", "typing.runtime_checkable",
        "typing.runtime", "typing.type_check_only", "typing_extensions.dataclass_transform",
        "typing_extensions.deprecated", "typing_extensions.disjoint_base", "typing_extensions.final",
        "typing_extensions.runtime", "typing_extensions.runtime_checkable", "typing_extensions.type_check_only",
        "warnings.deprecated",
    }
)  # fmt: skip
# Of these, the ones that leave the constructor of the class as it is, and those of its subclasses.
_LEAVING_CONSTRUCTORS = frozenset(
    {
        "abc.update_abstractmethods", "enum.unique", "enum.verify", "functools.total_ordering", "typing.disjoint_base",
        "typing.final", "typing.runtime", "typing.runtime_checkable", "typing.type_check_only",
        "typing_extensions.deprecated", "typing_extensions.disjoint_base", "typing_extensions.final",
        "typing_extensions.runtime", "typing_extensions.runtime_checkable", "typing_extensions.type_check_only",
        "warnings.deprecated",
    }
)  # fmt: skip
# Their `__new__` and `__call__` add no attribute but dunder and private ones that their stubs list.
HARMLESS_METACLASSES = frozenset(
    {
        "builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "typing._ProtocolMeta",
        "typing_extensions._ProtocolMeta", "pydantic._internal._model_construction.ModelMetaclass",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A class in the lineage of another, with the types put in for its type variables."""

    cls: Class
    substitution: Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and all its ancestors in the order of the search; `reasons` say why there may be more than is known."""

    ancestors: tuple[Ancestor, ...]
    metaclasses: tuple[Class, ...]
    reasons: tuple[str, ...]

    def has(self, full_name: str) -> bool:
        """Say whether the class of that full name is among the ancestors."""
        return any(one.cls.full_name == full_name for one in self.ancestors)


def class_scope(cls: Class) -> ClassScope:
    """Return the scope of the class body."""
    return ClassScope(cls.definition, cls.qualname, cls.scope)


def class_of(definition: ClassDef, qualname: str, module: ModuleScope) -> Class:
    """Return the class of that qualified name in a module, its scope being the classes around it."""
    scope: Scope = module
    level: Mapping[str, tuple[Definition, ...]] = module.module.summary.names
    names = qualname.split(".")
    for depth, name in enumerate(names[:-1], 1):
        outer = next((one for one in level.get(name, ()) if isinstance(one, ClassDef)), None)
        if outer is None:
            break
        scope = ClassScope(outer, ".".join(names[:depth]), scope)
        level = outer.members
    return Class(module.name, qualname, definition.line, definition, scope)


def class_at(scope: ClassScope) -> Class:
    """Return the class whose body `scope` is."""
    module = module_scope(scope).name
    return Class(module, scope.qualname, scope.definition.line, scope.definition, scope.parent)


def enclosing_class(scope: Scope) -> Class | None:
    """Return the innermost class around `scope`, in the body or a method of it."""
    while not isinstance(scope, ModuleScope):
        if isinstance(scope, ClassScope):
            return class_at(scope)
        scope = scope.parent
    return None


def lineage(evaluator: Evaluator, cls: Class, args: tuple[Type, ...] = ()) -> Lineage:
    """Return the lineage of a class whose type parameters stand for `args`."""
    if not args:
        return evaluator.remember(("lineage", cls), cls.scope, lambda: _lineage(evaluator, cls, ()))
    return _lineage(evaluator, cls, args)


def _lineage(evaluator: Evaluator, cls: Class, args: tuple[Type, ...]) -> Lineage:
    """Walk the bases depth first, each class at its last place.

    That order is the method resolution order (C3) wherever no class is inherited twice, and for the rest it keeps what
    matters here: derived classes come before their bases.
    """
    found: dict[Class, Ancestor] = {}
    reasons: dict[str, None] = {}
    metaclasses: dict[Class, None] = {}
    stack: list[tuple[Class, tuple[Type, ...]]] = [(cls, args)]
    while stack and len(found) < MAX_LINEAGE:
        one, one_args = stack.pop()
        substitution = dict(zip(type_parameters(evaluator, one), one_args, strict=False))
        earlier = found.pop(one, None)
        if earlier is not None:
            substitution = _either(earlier.substitution, substitution)
        found[one] = Ancestor(one, substitution)
        reasons.update(dict.fromkeys(_own_reasons(evaluator, one)))
        bases = direct_bases(evaluator, one)
        for base in reversed(bases):
            if isinstance(base, ClassObject) and base.cls != one:
                stack.append((base.cls, tuple(substitute(arg, substitution) for arg in base.args)))
            else:
                reasons.setdefault("unknown-base")
        for meta in _metaclass(evaluator, one):
            if isinstance(meta, ClassObject):
                metaclasses.setdefault(meta.cls)
            else:
                reasons.setdefault("unknown-metaclass")
    if stack:
        reasons.setdefault("too-many-bases")
    root = evaluator.builtin_class("object")
    found.pop(root, None)
    found[root] = Ancestor(root, {})
    return Lineage(tuple(found.values()), tuple(metaclasses), tuple(reasons))


def _either(first: Mapping[str, Type], second: Mapping[str, Type]) -> dict[str, Type]:
    """Return what type variables stand for in a base that is inherited with several arguments: any of them."""
    names = dict.fromkeys((*first, *second))
    return {name: union(one[name] for one in (first, second) if name in one) for name in names}


def direct_bases(evaluator: Evaluator, cls: Class) -> tuple[Type, ...]:
    """Return what the base expressions of a class evaluate to; special forms such as `Generic[T]` add nothing."""
    found: list[Type] = []
    for text in cls.definition.bases:
        node = parsed_expression(text)
        if node is None or special_form(evaluator, node, cls.scope) not in ("Generic", "Protocol"):
            base = Unknown("unknown-base") if node is None else base_type(evaluator, node, cls.scope)
            found += parts(base) or (Unknown("recursion"),)
    return tuple(found)


def base_type(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Type:
    """Return the class that a base expression names, with its type arguments."""
    form = special_form(evaluator, node, scope)
    if form == "TypedDict":
        return evaluator.class_named("typing", "_TypedDict")
    if isinstance(node, ast.Subscript):
        instance = evaluator.annotation(node, scope)
        if isinstance(instance, Instance):
            return ClassObject(instance.cls, instance.args)
        if isinstance(instance, ClassObject):
            return ClassObject(evaluator.builtin_class("type"))
    return evaluator.expression(node, scope)


def type_parameters(evaluator: Evaluator, cls: Class) -> tuple[str, ...]:
    """Return the names of a class's type variables in the order in which it is subscripted.

    That is the order of `Generic[...]` or `Protocol[...]`, else that of first appearance in the bases (PEP 484).
    """
    return evaluator.remember(("parameters", cls), cls.scope, lambda: tuple(_parameters(evaluator, cls)))


def _parameters(evaluator: Evaluator, cls: Class) -> Iterator[str]:
    appeared: dict[str, None] = {}
    for text in cls.definition.bases:
        node = parsed_expression(text)
        if not isinstance(node, ast.Subscript):
            continue
        variables = dict.fromkeys(_variables(evaluator, node.slice, cls.scope))
        if special_form(evaluator, node, cls.scope) in ("Generic", "Protocol"):
            yield from variables
            return
        appeared.update(variables)
    yield from appeared


def _variables(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name | ast.Attribute):
            type_ = evaluator.annotation(one, scope)
            if isinstance(type_, TypeVariable):
                yield type_.name


def _own_reasons(evaluator: Evaluator, cls: Class) -> Iterator[str]:
    """Yield why the members that `cls` itself brings cannot be listed."""
    definition = cls.definition
    if cls.full_name != "builtins.object":
        if "__getattr__" in definition.members:
            yield "getattr"
        if "__getattribute__" in definition.members:
            yield "getattribute"
    if definition.dynamic:
        yield f"dynamic-class:{definition.dynamic[0]}"
    for text in definition.decorators:
        if not _is_harmless(evaluator, text, cls):
            yield "class-decorator"
    for keyword in definition.keywords:
        if keyword == "**":
            yield "class-keywords"


def _is_harmless(evaluator: Evaluator, text: str, cls: Class) -> bool:
    """Say whether a class decorator is a known one, or is declared to return the very class that it is given."""
    if decorator_name(evaluator, text, cls.scope) in HARMLESS_DECORATORS:
        return True
    decorator = evaluator.expression_text(text, cls.scope)
    functions = [one for one in parts(decorator) if isinstance(one, FunctionType)]
    definitions = [definition for one in functions for definition in one.definitions]
    if not definitions or any(one.returns is None for one in definitions):
        return False
    return evaluator.result_of_calling(decorator, ClassObject(cls)) == ClassObject(cls)


def decorator_name(evaluator: Evaluator, text: str, scope: Scope) -> str:
    """Return the full name of what a decorator expression calls or is, "" where it leads nowhere."""
    node = parsed_expression(text)
    if isinstance(node, ast.Call):
        node = node.func
    return "" if node is None else evaluator.full_name(node, scope)


def constructor_decorators(evaluator: Evaluator, cls: Class) -> tuple[str, ...]:
    """Return the decorators of a class that may make its constructor, or those of its subclasses, as they are written."""

    def compute() -> tuple[str, ...]:
        return tuple(one for one in cls.definition.decorators if not _leaves_constructor(evaluator, one, cls))

    return (
        evaluator.remember(("constructor decorators", cls), cls.scope, compute)
        if cls.definition.decorators
        else ()
    )


def _leaves_constructor(evaluator: Evaluator, text: str, cls: Class) -> bool:
    """Say whether a decorator is known to leave constructors alone, or returns the class and is seen to write none on it."""
    name = decorator_name(evaluator, text, cls.scope)
    if name in _LEAVING_CONSTRUCTORS or name in HARMLESS_DECORATORS:
        return name in _LEAVING_CONSTRUCTORS
    return _is_harmless(evaluator, text, cls) and leaves_constructor(evaluator, text, cls.scope)


def _metaclass(evaluator: Evaluator, cls: Class) -> tuple[Type, ...]:
    """Return the metaclass that a class names; that of a protocol is an abstract one, whatever its stub says."""
    text = cls.definition.keywords.get("metaclass")
    node = None if text is None else parsed_expression(text)
    if node is not None:
        return parts(evaluator.expression(node, cls.scope))
    bases = [parsed_expression(one) for one in cls.definition.bases]
    if any(one is not None and special_form(evaluator, one, cls.scope) == "Protocol" for one in bases):
        return (ClassObject(evaluator.class_in("abc", "ABCMeta")),)
    return ()
