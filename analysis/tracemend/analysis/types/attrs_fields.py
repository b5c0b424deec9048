"""The fields of attrs classes, as the parameters of the constructor that attrs makes of them.

The rules are those of the attrs manual ("attrs API reference", `attrs.define`, `attrs.field`, `attr.s`, `attr.ib`): which values
of a class body are fields, how private names lose their underscores, where defaults come from, and that a field of a
base which is defined again moves to its last place. Whatever is computed (`these`, `field_transformer`, an alias that is no
constant) makes the constructor unreadable, and so does a class whose other bases or decorators may take part.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import Definition, FunctionDef, Parameter, ValueDef
from tracemend.analysis.types.classes import (
    Ancestor,
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

# By decorator: whether annotations make fields; None where they do unless a field stands without one.
_DECORATORS: dict[str, bool | None] = {
    "attr.s": False,
    "attr.attrs": False,
    "attr.attributes": False,
    "attr.dataclass": True,
    "attrs.define": None,
    "attrs.frozen": None,
    "attrs.mutable": None,
}
_FIELD_CALLS = frozenset({"attr.ib", "attr.attr", "attr.attrib", "attrs.field"})
_DECISIVE = frozenset({"init", "kw_only", "force_kw_only", "auto_attribs", "alias"})
_BEYOND_READING = frozenset({"these", "field_transformer", "force_kw_only"})


@dataclass(frozen=True)
class _Options:
    """What the decorator of an attrs class says of its fields."""

    has_constructor: bool
    by_keyword: bool
    annotations_make_fields: bool | None


def is_attrs_class(evaluator: Evaluator, cls: Class) -> bool:
    """Say whether the one decorator of a class is one of attrs."""
    decorators = constructor_decorators(evaluator, cls)
    return len(decorators) == 1 and decorator_name(evaluator, decorators[0], cls.scope) in _DECORATORS


def attrs_fields(evaluator: Evaluator, ancestors: tuple[Ancestor, ...]) -> Iterator[Parameter]:
    """Yield the parameters of the constructor of the first of `ancestors`, those of its bases before its own."""
    fields: dict[str, Parameter | None] = {}
    for ancestor in reversed(ancestors):
        cls = ancestor.cls
        if not constructor_decorators(evaluator, cls):
            continue
        if not is_attrs_class(evaluator, cls):
            raise Unreadable
        options = _options(evaluator, cls)
        if options.by_keyword and fields:
            raise Unreadable  # Whether those of the bases become keywords, too, has changed between versions.
        for name, parameter in _own_fields(evaluator, cls, options):
            fields.pop(name, None)
            fields[name] = parameter
    if not _options(evaluator, ancestors[0].cls).has_constructor:
        raise Unreadable
    yield from (one for one in fields.values() if one is not None)


def _options(evaluator: Evaluator, cls: Class) -> _Options:
    (text,) = constructor_decorators(evaluator, cls)
    node = parsed_expression(text)
    given = constant_keywords(node, _DECISIVE) if isinstance(node, ast.Call) else {}
    if given.keys() & _BEYOND_READING:
        raise Unreadable
    usual = _DECORATORS[decorator_name(evaluator, text, cls.scope)]
    annotated = given.get("auto_attribs")
    return _Options(
        given.get("init") is not False,
        given.get("kw_only") is True,
        annotated if isinstance(annotated, bool) else usual,
    )


def _own_fields(
    evaluator: Evaluator, cls: Class, options: _Options
) -> Iterator[tuple[str, Parameter | None]]:
    """Yield the name of each field of a class with its parameter, None for one that the constructor does not take."""
    members = cls.definition.members
    calls = {name: _field_call(evaluator, cls, found) for name, found in members.items()}
    by_annotation = options.annotations_make_fields
    if by_annotation is None:
        by_annotation = all(_is_annotated(members[name]) for name, call in calls.items() if call is not None)
    for name, definitions in members.items():
        call = calls[name]
        is_field = _is_field_by_annotation(evaluator, cls, definitions) if by_annotation else call is not None
        if not is_field:
            continue
        if name.startswith("__") or len(definitions) != 1:
            raise Unreadable
        (value,) = definitions
        assert isinstance(value, ValueDef), f"a field is a value, not {value!r}"
        has_default = _has_decorated_default(members, name) or (value.value is not None and call is None)
        yield name, _parameter(name, value, call, has_default=has_default, by_keyword=options.by_keyword)


def _parameter(
    name: str, value: ValueDef, call: ast.Call | None, *, has_default: bool, by_keyword: bool
) -> Parameter | None:
    given = {} if call is None else constant_keywords(call, _DECISIVE)
    if given.get("init") is False:
        return None
    alias = given.get("alias")
    return Parameter(
        alias if isinstance(alias, str) else name.lstrip("_"),
        "keyword-only" if given.get("kw_only", by_keyword) is True else "positional",
        has_default or "default" in given or "factory" in given,
        value.annotation,
    )


def _field_call(evaluator: Evaluator, cls: Class, definitions: tuple[Definition, ...]) -> ast.Call | None:
    """Return the call of `field` or `ib` that makes the value of a name, None if none does."""
    for one in definitions:
        node = parsed_expression(one.value) if isinstance(one, ValueDef) and one.value else None
        if isinstance(node, ast.Call) and evaluator.full_name(node.func, class_scope(cls)) in _FIELD_CALLS:
            return node
    return None


def _is_annotated(definitions: tuple[Definition, ...]) -> bool:
    return any(isinstance(one, ValueDef) and one.annotation is not None for one in definitions)


def _is_field_by_annotation(evaluator: Evaluator, cls: Class, definitions: tuple[Definition, ...]) -> bool:
    value = annotated_value(definitions)
    if value is None or value.annotation is None:
        return False
    annotation = parsed_expression(value.annotation.strip("\"'"))
    if annotation is None:
        raise Unreadable
    return special_form(evaluator, annotation, class_scope(cls)) != "ClassVar"


def _has_decorated_default(members: Mapping[str, tuple[Definition, ...]], name: str) -> bool:
    """Say whether a method gives the default of a field: `@name.default`."""
    return any(
        isinstance(one, FunctionDef) and f"{name}.default" in one.decorators
        for definitions in members.values()
        for one in definitions
    )
