"""Frozen dataclasses to plain JSON values and back.

Evidence and reports leave the process as JSON and are read again by the HTML page, by scripts and by later versions of
tracemend. One generic pair of functions keeps every record in step with its declaration. Reading is strict about types
and lenient about age: a field that the reader does not know is ignored, a missing one takes its default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, cast

Record = TypeVar("Record")
JsonObject = dict[str, Any]


class BadRecord(ValueError):
    """The JSON value does not have the shape of the record; the message names the field."""


def to_json(value: Any) -> Any:
    """Return `value` (records, tuples, mappings and plain values, nested) as JSON types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return [to_json(item) for item in sorted(value)]
    return value


def from_json(kind: type[Record], value: Any) -> Record:
    """Return the record of type `kind` that `to_json` made `value` of. Raises `BadRecord`."""
    return cast(Record, _decode(kind, value, kind.__name__))


def _decode(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin is typing.Literal:
        return _expect(value in arguments, value, where, f"one of {arguments}")
    if origin in (typing.Union, types.UnionType):
        return _decode_optional(arguments, value, where)
    if origin is tuple:
        return _decode_tuple(arguments, value, where)
    if dataclasses.is_dataclass(kind):
        return _decode_record(cast(type[Any], kind), value, where)
    if kind is float:
        return float(_expect(_is_number(value), value, where, "a number"))
    return _expect(type(value) is kind, value, where, f"of type {kind.__name__}")


def _decode_optional(arguments: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in arguments:
        return None
    (kind,) = (one for one in arguments if one is not type(None))
    return _decode(kind, value, where)


def _decode_tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    items = _expect(isinstance(value, list | tuple), value, where, "a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], item, f"{where}[{at}]") for at, item in enumerate(items))
    _expect(len(items) == len(arguments), value, where, f"a list of {len(arguments)}")
    return tuple(
        _decode(kind, item, f"{where}[{at}]")
        for at, (kind, item) in enumerate(zip(arguments, items, strict=True))
    )


def _decode_record(kind: type[Any], value: Any, where: str) -> Any:
    _expect(isinstance(value, Mapping), value, where, "an object")
    hints = typing.get_type_hints(kind)
    present = [one.name for one in dataclasses.fields(kind) if one.name in value]
    try:
        return kind(**{name: _decode(hints[name], value[name], f"{where}.{name}") for name in present})
    except TypeError as error:
        raise BadRecord(f"{where}: {error}") from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expect(holds: bool, value: Any, where: str, wanted: str) -> Any:
    if not holds:
        raise BadRecord(f"{where} is not {wanted}: {str(value)[:80]!r}")
    return value
