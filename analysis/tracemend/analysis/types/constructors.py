"""Constructors that nobody wrote: those of data classes, named tuples and enums.

The rules are those of the library reference (`dataclasses`, `typing.NamedTuple`, `enum.EnumType.__call__`). A constructor is
made out of the fields of the whole lineage; whatever cannot be read off the text (another decorator, a shortened call of
`field`, keywords with `**`) leaves it unknown. So do attrs, pydantic and TypedDict, which have more ways than are known here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import Definition, FunctionDef, Parameter, ValueDef
from tracemend.analysis.types.classes import (
    HARMLESS_METACLASSES,
    Ancestor,
    Lineage,
    class_scope,
    decorator_name,
)
from tracemend.analysis.types.model import Class
from tracemend.analysis.types.special import special_form
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_DATACLASS = "dataclasses.dataclass"
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


class _Unreadable(Exception):
    """A field is written in a way that does not tell what parameter becomes of it."""


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
        if definition.decorators:
            options = _options(evaluator, ancestor.cls)
            if options is None or options.get("init") is False:
                return None
            return _made(ancestor.cls, _read(_lineage_fields(evaluator, line.ancestors[position:])))
    return None


def is_left_alone(evaluator: Evaluator, cls: Class) -> bool:
    """Say whether a class has a constructor of its own that `@dataclass` leaves in its place."""
    has_own = bool(cls.definition.members.keys() & _CONSTRUCTORS)
    return has_own and bool(cls.definition.decorators) and _options(evaluator, cls) is not None


def _made(cls: Class, parameters: tuple[Parameter, ...] | None) -> FunctionDef | None:
    return None if parameters is None else FunctionDef("__init__", cls.line, parameters)


def _read(fields: Iterator[Parameter]) -> tuple[Parameter, ...] | None:
    """Return the fields as the parameters of a constructor: each name once, at its first place, keywords last."""
    found: dict[str, Parameter] = {}
    try:
        for one in fields:
            found[one.name] = one
    except _Unreadable:
        return None
    return tuple(sorted(found.values(), key=lambda one: one.kind == "keyword-only"))


# Named tuples.


def _derives_from_named_tuple(line: Lineage, position: int) -> bool:
    following = line.ancestors[position + 1 : position + 2]
    return bool(following) and following[0].cls.full_name == "typing.NamedTuple"


def _named_tuple_fields(cls: Class) -> Iterator[Parameter]:
    for name, definitions in cls.definition.members.items():
        field = _annotated(definitions)
        if field is not None:
            yield Parameter(name, "positional", field.value is not None, field.annotation)


# Data classes.


def _lineage_fields(evaluator: Evaluator, ancestors: tuple[Ancestor, ...]) -> Iterator[Parameter]:
    """Yield the fields of all data classes of a lineage, those of the bases first."""
    for ancestor in reversed(ancestors):
        cls = ancestor.cls
        if not cls.definition.decorators or cls.module == "builtins":
            continue
        options = _options(evaluator, cls)
        if options is None:
            raise _Unreadable
        yield from _own_fields(evaluator, cls, by_keyword=options.get("kw_only") is True)


def _own_fields(evaluator: Evaluator, cls: Class, *, by_keyword: bool) -> Iterator[Parameter]:
    for name, definitions in cls.definition.members.items():
        field = _annotated(definitions)
        if field is None or field.annotation is None:
            continue
        annotation = parsed_expression(field.annotation.strip("\"'"))
        if annotation is None:
            raise _Unreadable
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
        raise _Unreadable
    if name != "dataclasses.field":
        return replace(parameter, has_default=True)
    options = _constants(node)
    if options.get("init", True) is not True:
        return None
    by_keyword = options.get("kw_only", parameter.kind == "keyword-only") is True
    has_default = "default" in options or "default_factory" in options
    return replace(parameter, kind="keyword-only" if by_keyword else "positional", has_default=has_default)


def _options(evaluator: Evaluator, cls: Class) -> dict[str, object] | None:
    """Return the keywords of `@dataclass(...)`, None where another decorator stands beside or instead of it."""
    (text, *others) = cls.definition.decorators
    node = parsed_expression(text)
    if others or node is None or decorator_name(evaluator, text, cls.scope) != _DATACLASS:
        return None
    try:
        return _constants(node) if isinstance(node, ast.Call) else {}
    except _Unreadable:
        return None


def _constants(call: ast.Call) -> dict[str, object]:
    """Return the keywords of a call with their values, `...` for one that is computed."""
    found: dict[str, object] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise _Unreadable
        found[keyword.arg] = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
    if call.args or any(found.get(name) is ... for name in ("init", "kw_only")):
        raise _Unreadable
    return found


def _annotated(definitions: tuple[Definition, ...]) -> ValueDef | None:
    """Return the one annotated value among the definitions of a name, None if it is no field."""
    found = [one for one in definitions if isinstance(one, ValueDef) and one.annotation is not None]
    if not found:
        return None
    if len(definitions) > 1:
        raise _Unreadable
    return found[0]
