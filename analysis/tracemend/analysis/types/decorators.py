"""What decorators make of a function: nothing, a known wrapper, or something unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef
from tracemend.analysis.types.calls import called, function_result
from tracemend.analysis.types.classes import decorator_name
from tracemend.analysis.types.model import FunctionType, Instance, Type, Unknown, closed_over_variables
from tracemend.analysis.types.scopes import Scope
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

PROPERTIES = frozenset(
    {
        "abc.abstractproperty", "builtins.property", "enum._magic_enum_attr", "enum.property",
        "functools.cached_property", "types.DynamicClassAttribute",
    }
)  # fmt: skip
# What these return is the function that they were given, or one just like it.
TRANSPARENT = frozenset(
    {
        "abc.abstractclassmethod", "abc.abstractmethod", "abc.abstractstaticmethod", "builtins.classmethod",
        "builtins.staticmethod", "functools.wraps", "types.coroutine", "typing.final", "typing.no_type_check",
        "typing.overload", "typing.override", "typing.type_check_only", "typing_extensions.deprecated",
        "typing_extensions.final", "typing_extensions.overload", "typing_extensions.override",
        "typing_extensions.type_check_only", "warnings.deprecated",
    }
)  # fmt: skip
_CACHES = frozenset({"functools.cache", "functools.lru_cache"})
_CONTEXT_MANAGERS = {
    "contextlib.contextmanager": "_GeneratorContextManager",
    "contextlib.asynccontextmanager": "_AsyncGeneratorContextManager",
}


def decorated(evaluator: Evaluator, function: FunctionType, definition: FunctionDef, scope: Scope) -> Type:
    """Return what the decorators of `definition`, written in `scope`, make of `function`."""
    type_: Type = function
    for text in reversed(definition.decorators):
        name = decorator_name(evaluator, text, scope)
        if name in TRANSPARENT:
            continue
        type_ = _applied(evaluator, type_, name, text, scope)
        if isinstance(type_, Unknown):
            return type_
    return type_


def is_accessor(definition: FunctionDef) -> bool:
    """Say whether a definition is the setter or deleter of a property, which adds nothing to its type."""
    return any(one.endswith((".setter", ".deleter")) for one in definition.decorators)


def _applied(evaluator: Evaluator, type_: Type, name: str, text: str, scope: Scope) -> Type:
    if isinstance(type_, FunctionType) and name in _CACHES:
        result = function_result(evaluator, type_, (), None)
        return Instance(evaluator.class_in("functools", "_lru_cache_wrapper"), (result,))
    if isinstance(type_, FunctionType) and name in _CONTEXT_MANAGERS:
        produced = function_result(evaluator, type_, (), None)
        element = evaluator.element(produced, is_async="async" in name)
        manager = Instance(evaluator.class_in("contextlib", _CONTEXT_MANAGERS[name]), (element,))
        return replace(type_, result=manager)
    node = parsed_expression(text)
    if node is None:
        return Unknown("decorator")
    decorator = evaluator.expression(node, scope)
    if isinstance(decorator, Unknown):
        return Unknown("decorator")
    result = closed_over_variables(called(evaluator, decorator, (type_,), None))
    return Unknown("decorator") if isinstance(result, Unknown) else result
