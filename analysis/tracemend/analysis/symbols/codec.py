"""Module summaries to msgpack and back, as nested lists: field names would double the size and the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgpack  # type: ignore[import-untyped]

from .model import ClassDef, Definition, FunctionDef, ImportDef, ModuleSummary, Parameter, ValueDef

_KINDS: tuple[type[Definition], ...] = (FunctionDef, ClassDef, ValueDef, ImportDef)
_FIELDS = {kind: tuple(one.name for one in fields(kind)) for kind in (*_KINDS, Parameter)}


def encode_summary(summary: ModuleSummary) -> bytes:
    """Return `summary` as bytes; equal summaries give equal bytes."""
    packed: bytes = msgpack.packb(
        [
            _encode_table(summary.names),
            summary.star_imports,
            summary.exported,
            summary.is_stub,
            summary.dynamic,
            sorted(summary.stores),
            summary.installs,
            summary.changes_sys_path,
            [_encode(one) for one in summary.local_classes],
        ]
    )
    return packed


def decode_summary(data: bytes) -> ModuleSummary:
    """Return the summary that `encode_summary` made `data` of. Raises `ValueError` for anything else."""
    try:
        names, stars, exported, is_stub, dynamic, stores, installs, changes_path, local = _unpack(data)
        return ModuleSummary(
            _decode_table(names),
            tuple(stars),
            None if exported is None else tuple(exported),
            is_stub,
            tuple(dynamic),
            frozenset((receiver, attribute) for receiver, attribute in stores),
            tuple(installs),
            changes_path,
            tuple([one for one in map(_decode, local) if isinstance(one, ClassDef)]),
        )
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError(f"not a module summary: {error!r}") from error


def _unpack(data: bytes) -> Any:
    return msgpack.unpackb(data)


def _encode_table(table: Mapping[str, Sequence[Definition]]) -> dict[str, list[list[Any]]]:
    return {name: [_encode(one) for one in found] for name, found in table.items()}


def _encode(definition: Definition) -> list[Any]:
    kind = type(definition)
    values = [getattr(definition, name) for name in _FIELDS[kind]]
    if isinstance(definition, FunctionDef):
        values[2] = [[getattr(one, name) for name in _FIELDS[Parameter]] for one in definition.parameters]
    elif isinstance(definition, ClassDef):
        values[5:7] = [_encode_table(definition.members), _encode_table(definition.attributes)]
    return [_KINDS.index(kind), *values]


def _decode_table(table: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, tuple[Any, ...]]:
    return {name: tuple([_decode(one) for one in found]) for name, found in table.items()}


def _decode(values: Sequence[Any]) -> Definition:
    kind, *parts = values
    if kind == 0:
        name, line, parameters, returns, decorators, is_async, is_generator, returned = parts
        signature = tuple([Parameter(*one) for one in parameters])
        return FunctionDef(
            name, line, signature, returns, tuple(decorators), is_async, is_generator, tuple(returned)
        )
    if kind == 1:
        name, line, bases, keywords, decorators, members, attributes, slots, dynamic = parts
        return ClassDef(
            name,
            line,
            tuple(bases),
            keywords,
            tuple(decorators),
            _decode_table(members),
            _decode_table(attributes),
            None if slots is None else tuple(slots),
            tuple(dynamic),
        )
    return ValueDef(*parts) if kind == 2 else ImportDef(*parts)
