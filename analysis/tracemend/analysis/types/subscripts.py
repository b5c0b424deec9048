"""What `value[index]` gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tracemend.analysis.types.calls import call_method
from tracemend.analysis.types.classes import lineage
from tracemend.analysis.types.model import (
    MISSING,
    ClassObject,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    parts,
    union,
)
from tracemend.analysis.types.scopes import Scope

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator


def item_type(evaluator: Evaluator, value: Type, index: ast.expr, scope: Scope) -> Type:
    """Return what a subscript, written in `scope`, gives."""
    found = [one for part in parts(value) if (one := _item(evaluator, part, index, scope)) != MISSING]
    return union(found) if found or not parts(value) else MISSING


def _item(evaluator: Evaluator, value: Type, index: ast.expr, scope: Scope) -> Type:
    match value:
        case Unknown():
            return value
        case ClassObject(cls=cls):
            line = lineage(evaluator, cls)
            if line.has("enum.Enum"):
                return Instance(cls)
            meta = any("__getitem__" in one.definition.members for one in line.metaclasses)
            return Unknown("metaclass-item") if meta else value
        case Instance(items=items) if items is not None and isinstance(index, ast.Slice):
            return Instance(value.cls, value.args)
        case Instance(items=items) if items is not None and (place := _integer(index)) is not None:
            return items[place] if -len(items) <= place < len(items) else MISSING
        case Instance(cls=cls) if lineage(evaluator, cls).has("typing._TypedDict"):
            return _entry(evaluator, value, index)
        case _:
            given = (
                evaluator.expression(index, scope) if not isinstance(index, ast.Slice) else _slice(evaluator)
            )
            return closed_over_variables(call_method(evaluator, value, "__getitem__", (given,)))


def _entry(evaluator: Evaluator, value: Instance, index: ast.expr) -> Type:
    """Return the declared type of a `TypedDict`'s key."""
    if not (isinstance(index, ast.Constant) and isinstance(index.value, str)):
        return Unknown("typed-dict-key")
    return evaluator.attribute(value, index.value)


def _slice(evaluator: Evaluator) -> Type:
    return evaluator.instance_of("slice")


def _integer(index: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(index)
    except (ValueError, TypeError, SyntaxError):
        return None
    return value if isinstance(value, int) else None
