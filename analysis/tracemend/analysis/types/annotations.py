"""Annotations: the type of an object that is declared with them.

Both the old and the new spellings (PEP 484, 585, 604) are read, strings too. An alias is read where it was written. A
declared class says what an object is *at least*: that it may be of a subclass is for `members` to remember.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, FunctionDef, Parameter, ValueDef
from tracemend.analysis.types.classes import enclosing_class
from tracemend.analysis.types.model import (
    NEVER,
    Class,
    ClassObject,
    Evidence,
    FunctionType,
    Instance,
    Type,
    TypeVariable,
    Unknown,
    parts,
    union,
)
from tracemend.analysis.types.scopes import Scope, module_scope
from tracemend.analysis.types.special import special_form, typing_alias
from tracemend.analysis.types.world import LocalSymbol, ModuleSymbol, Symbol, parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

# The numeric tower of PEP 484: an int is welcome where a float is declared.
_PROMOTED = {"builtins.float": ("int",), "builtins.complex": ("float", "int")}
_WRAPPERS = frozenset({"Annotated", "ClassVar", "Final", "NotRequired", "ReadOnly", "Required"})
CALLABLE_NAME = "<callable>"


def annotated_type(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Type:
    """Return the type that `node`, an annotation in `scope`, declares."""
    match node:
        case ast.Constant(value=str() as text):
            inner = parsed_expression(text.strip())
            return Unknown("annotation") if inner is None else evaluator.annotation(inner, scope)
        case ast.Constant(value=None):
            return evaluator.none
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return union((evaluator.annotation(left, scope), evaluator.annotation(right, scope)))
        case ast.Name() | ast.Attribute():
            return _named(evaluator, node, scope)
        case ast.Subscript():
            return _subscripted(evaluator, node, scope)
        case ast.Starred(value=value):
            return evaluator.annotation(value, scope)
        case _:
            return Unknown("annotation")


def declared_instance(evaluator: Evaluator, cls: Class, args: tuple[Type, ...] = ()) -> Type:
    """Return the type of what is declared with a class."""
    if cls.full_name == "builtins.object":
        return Unknown("object")
    instance = Instance(cls, args, evidence=Evidence.DECLARED)
    promoted = _PROMOTED.get(cls.full_name, ())
    return union([instance, *(Instance(evaluator.builtin_class(name)) for name in promoted)])


def type_of_class(evaluator: Evaluator, instance: Type) -> Type:
    """Return `type[X]` for an `X`."""
    match instance:
        case Instance(cls=cls, args=args):
            return ClassObject(cls, args, exact=False)
        case TypeVariable():
            return Instance(evaluator.builtin_class("type"), (instance,))
        case Unknown():
            return instance
        case _:
            if parts(instance) == (instance,):
                return Unknown("type-of")
            return union(type_of_class(evaluator, one) for one in parts(instance))


def _named(evaluator: Evaluator, node: ast.Name | ast.Attribute, scope: Scope) -> Type:
    form = special_form(evaluator, node, scope)
    if form:
        return _bare_form(evaluator, form, scope)
    found = evaluator.world.resolve(node, scope)
    types = [
        one for one in found if not (isinstance(one, Symbol) and isinstance(one.definition, FunctionDef))
    ]
    return union(_symbol_annotation(evaluator, one) for one in types or found)


def _bare_form(evaluator: Evaluator, form: str, scope: Scope) -> Type:
    match form:
        case "Self":
            cls = enclosing_class(scope)
            return Unknown("self") if cls is None else TypeVariable("Self", Instance(cls))
        case "LiteralString":
            return Instance(evaluator.builtin_class("str"))
        case "AnyStr":
            return union(Instance(evaluator.builtin_class(name)) for name in ("str", "bytes"))
        case "Never" | "NoReturn":
            return NEVER
        case "Tuple":
            return Instance(evaluator.builtin_class("tuple"))
        case "TypeGuard" | "TypeIs":
            return Instance(evaluator.builtin_class("bool"))
        case "Callable":
            return _callable(evaluator, None, scope)
        case _:
            return Unknown("any")


def _symbol_annotation(evaluator: Evaluator, found: object) -> Type:
    match found:
        case Symbol(definition=ClassDef() as definition, scope=scope, qualname=qualname):
            cls = Class(module_scope(scope).name, qualname, definition.line, definition, scope)
            return declared_instance(evaluator, cls)
        case Symbol() if (alias := typing_alias(evaluator, found)) is not None:
            return declared_instance(evaluator, alias)
        case Symbol(definition=ValueDef(value=str(text)), scope=scope, qualname=qualname):
            value = parsed_expression(text)
            if value is None:
                return Unknown("alias")
            key = ("alias", module_scope(scope).name, qualname, text)
            return evaluator.solve(key, scope, lambda: _alias(evaluator, value, scope, qualname))
        case LocalSymbol(binding=binding, scope=scope) if binding.kind in ("class", "import"):
            type_ = evaluator.binding_type(binding, scope)
            return (
                declared_instance(evaluator, type_.cls)
                if isinstance(type_, ClassObject)
                else Unknown("local-alias")
            )
        case ModuleSymbol():
            return Unknown("annotation")
        case _:
            return Unknown(getattr(found, "why", "annotation"))


def _alias(evaluator: Evaluator, value: ast.expr, scope: Scope, name: str) -> Type:
    """Read what was assigned to a name that is used as an annotation."""
    if isinstance(value, ast.Call):
        maker = evaluator.world.full_name(value.func, scope).rpartition(".")[2]
        if maker == "TypeVar":
            return TypeVariable(name, _bound(evaluator, value, scope))
        if maker == "NewType" and len(value.args) == 2:
            return evaluator.annotation(value.args[1], scope)
        type_ = evaluator.expression(value, scope)
        return declared_instance(evaluator, type_.cls) if isinstance(type_, ClassObject) else Unknown("alias")
    return evaluator.annotation(value, scope)


def _bound(evaluator: Evaluator, call: ast.Call, scope: Scope) -> Type | None:
    """Return what a `TypeVar(...)` is at least: its bound, or one of its constraints."""
    for keyword in call.keywords:
        if keyword.arg == "bound":
            return evaluator.annotation(keyword.value, scope)
    if len(call.args) > 1:
        return union(evaluator.annotation(one, scope) for one in call.args[1:])
    return None


def _subscripted(evaluator: Evaluator, node: ast.Subscript, scope: Scope) -> Type:
    arguments = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    form = special_form(evaluator, node, scope)
    if form in _WRAPPERS:
        return evaluator.annotation(arguments[0], scope)
    match form:
        case "Optional":
            return union((evaluator.annotation(node.slice, scope), evaluator.none))
        case "Union":
            return union(evaluator.annotation(one, scope) for one in arguments)
        case "Literal":
            return union(_literal(evaluator, one, scope) for one in arguments)
        case "Type":
            return type_of_class(evaluator, evaluator.annotation(node.slice, scope))
        case "Tuple":
            return _tuple(evaluator, evaluator.builtin_class("tuple"), arguments, scope)
        case "Callable":
            return _callable(evaluator, arguments[-1] if len(arguments) == 2 else None, scope)
        case "TypeGuard" | "TypeIs":
            return Instance(evaluator.builtin_class("bool"))
        case "":
            origin = evaluator.annotation(node.value, scope)
            return union(_applied(evaluator, one, arguments, scope) for one in parts(origin))
        case _:
            return Unknown("any")


def _applied(evaluator: Evaluator, origin: Type, arguments: list[ast.expr], scope: Scope) -> Type:
    if not isinstance(origin, Instance):
        return origin
    if origin.cls.full_name == "builtins.type":
        return type_of_class(evaluator, evaluator.annotation(arguments[0], scope))
    if origin.cls.full_name == "builtins.tuple":
        return _tuple(evaluator, origin.cls, arguments, scope)
    args = tuple(evaluator.annotation(one, scope) for one in arguments)
    return Instance(origin.cls, origin.args or args, evidence=Evidence.DECLARED)


def _tuple(evaluator: Evaluator, cls: Class, arguments: list[ast.expr], scope: Scope) -> Type:
    """Return the type of `tuple[A, B]` or `tuple[A, ...]`."""
    if len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is Ellipsis:
        return Instance(cls, (evaluator.annotation(arguments[0], scope),), evidence=Evidence.DECLARED)
    items = tuple(evaluator.annotation(one, scope) for one in arguments)
    if any(isinstance(one, ast.Starred) for one in arguments):
        return Instance(cls, (union(items),), evidence=Evidence.DECLARED)
    return Instance(cls, (union(items),), items, evidence=Evidence.DECLARED)


def _literal(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Type:
    if isinstance(node, ast.Constant):
        return evaluator.expression(node, scope)
    if isinstance(node, ast.Attribute):
        return evaluator.expression(node, scope)  # A member of an enum.
    return Unknown("literal")


def _callable(evaluator: Evaluator, result: ast.expr | None, scope: Scope) -> Type:
    """Return something that can be called with anything; what else it has is not known."""
    everything = (Parameter("args", "var-positional"), Parameter("kwargs", "var-keyword"))
    returned = Unknown("any") if result is None else evaluator.annotation(result, scope)
    definition = FunctionDef(CALLABLE_NAME, 0, everything)
    return FunctionType(module_scope(scope).name, CALLABLE_NAME, (definition,), scope, result=returned)
