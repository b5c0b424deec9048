"""Constructors that nobody wrote: those of data classes, attrs classes, named tuples and enums.

The rules are those of the library reference (`dataclasses`, `typing.NamedTuple`, `enum.EnumType.__call__`). A constructor is
made out of the fields of the whole lineage; whatever cannot be read off the text (another decorator, a shortened call of
`field`, keywords with `**`) leaves it unknown. So do pydantic, which takes more than its fields, and TypedDict, which takes
anything. Fields of attrs are the matter of `attrs_fields`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter
from tracemend.analysis.types.attrs_fields import attrs_fields, is_attrs_class
from tracemend.analysis.types.classes import (
    HARMLESS_METACLASSES,
    Ancestor,
    Lineage,
    class_scope,
    constructor_decorators,
    decorator_name,
)
from tracemend.analysis.types.fields import Unreadable, annotated_value, constant_keywords
from tracemend.analysis.types.model import Class
from tracemend.analysis.types.special import special_form
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_DATACLASS = "dataclasses.dataclass"
_DECISIVE = frozenset({"init", "kw_only"})
_CONSTRUCTORS = frozenset({"__init__", "__new__"})
_ENUM_CALL = (
    Parameter("value", "positional"),
    Parameter("names", "positional", has_default=True),
    Parameter("values", "var-positional"),
    *(
        Parameter(name, "keyword-only", has_default=True)
        for name in ("module", "qualname", "type", "start", "boundary")
    ),
)


def made_constructor(evaluator: Evaluator, line: Lineage) -> FunctionDef | None:
    """Return the constructor that a class of this lineage has been given, None where that cannot be told."""
    if line.reasons or any(meta.full_name not in HARMLESS_METACLASSES for meta in line.metaclasses):
        return None
    if line.has("enum.Enum"):
        return FunctionDef("__call__", line.ancestors[0].cls.line, _ENUM_CALL)
    for position, ancestor in enumerate(line.ancestors):
        definition = ancestor.cls.definition
        if definition.members.keys() & _CONSTRUCTORS:
            return None
        if _derives_from_named_tuple(line, position):
            return _made(ancestor.cls, _read(_named_tuple_fields(ancestor.cls)))
        if is_attrs_class(evaluator, ancestor.cls):
            return _made(ancestor.cls, _read(attrs_fields(evaluator, line.ancestors[position:])))
        if constructor_decorators(evaluator, ancestor.cls):
            options = _options(evaluator, ancestor.cls)
            if options is None or options.get("init") is False:
                return None
            return _made(ancestor.cls, _read(_lineage_fields(evaluator, line.ancestors[position:])))
    return None


def is_left_alone(evaluator: Evaluator, cls: Class) -> bool:
    """Say whether a class has a constructor of its own that `@dataclass` leaves in its place."""
    has_own = bool(cls.definition.members.keys() & _CONSTRUCTORS)
    return has_own and bool(constructor_decorators(evaluator, cls)) and _options(evaluator, cls) is not None


def _made(cls: Class, parameters: tuple[Parameter, ...] | None) -> FunctionDef | None:
    return None if parameters is None else FunctionDef("__init__", cls.line, parameters)


def _read(fields: Iterator[Parameter]) -> tuple[Parameter, ...] | None:
    """Return the fields as the parameters of a constructor: each name once, at its first place, keywords last."""
    found: dict[str, Parameter] = {}
    try:
        for one in fields:
            found[one.name] = one
    except Unreadable:
        return None
    return tuple(sorted(found.values(), key=lambda one: one.kind == "keyword-only"))


# Named tuples.


def _derives_from_named_tuple(line: Lineage, position: int) -> bool:
    following = line.ancestors[position + 1 : position + 2]
    return bool(following) and following[0].cls.full_name == "typing.NamedTuple"


def _named_tuple_fields(cls: Class) -> Iterator[Parameter]:
    for name, definitions in cls.definition.members.items():
        field = annotated_value(definitions)
        if field is not None:
            yield Parameter(name, "positional", field.value is not None, field.annotation)


# Data classes.


def _lineage_fields(evaluator: Evaluator, ancestors: tuple[Ancestor, ...]) -> Iterator[Parameter]:
    """Yield the fields of all data classes of a lineage, those of the bases first."""
    for ancestor in reversed(ancestors):
        cls = ancestor.cls
        if not constructor_decorators(evaluator, cls):
            continue
        options = _options(evaluator, cls)
        if options is None:
            raise Unreadable
        yield from _own_fields(evaluator, cls, by_keyword=options.get("kw_only") is True)


def _own_fields(evaluator: Evaluator, cls: Class, *, by_keyword: bool) -> Iterator[Parameter]:
    for name, definitions in cls.definition.members.items():
        field = annotated_value(definitions)
        if field is None or field.annotation is None:
            continue
        annotation = parsed_expression(field.annotation.strip("\"'"))
        if annotation is None:
            raise Unreadable
        if special_form(evaluator, annotation, class_scope(cls)) == "ClassVar":
            continue
        if evaluator.full_name(annotation, class_scope(cls)) == "dataclasses.KW_ONLY":
            by_keyword = True
            continue
        parameter = Parameter(
            name, "keyword-only" if by_keyword else "positional", annotation=field.annotation
        )
        complete = _with_value(evaluator, cls, parameter, field.value)
        if complete is not None:
            yield complete


def _with_value(evaluator: Evaluator, cls: Class, parameter: Parameter, text: str | None) -> Parameter | None:
    """Return the parameter with what its value says: a default, or the arguments of `field`; None for `init=False`."""
    node = None if text is None else parsed_expression(text)
    if text is None:
        return parameter
    if not isinstance(node, ast.Call):
        return replace(parameter, has_default=True)
    name = evaluator.full_name(node.func, class_scope(cls))
    if not name:
        raise Unreadable
    if name != "dataclasses.field":
        return replace(parameter, has_default=True)
    options = constant_keywords(node, _DECISIVE)
    if options.get("init", True) is not True:
        return None
    by_keyword = options.get("kw_only", parameter.kind == "keyword-only") is True
    has_default = "default" in options or "default_factory" in options
    return replace(parameter, kind="keyword-only" if by_keyword else "positional", has_default=has_default)


def _options(evaluator: Evaluator, cls: Class) -> dict[str, object] | None:
    """Return the keywords of `@dataclass(...)`, None where another decorator stands beside or instead of it."""
    (text, *others) = constructor_decorators(evaluator, cls)
    node = parsed_expression(text)
    if others or node is None or decorator_name(evaluator, text, cls.scope) != _DATACLASS:
        return None
    try:
        return constant_keywords(node, _DECISIVE) if isinstance(node, ast.Call) else {}
    except Unreadable:
        return None
