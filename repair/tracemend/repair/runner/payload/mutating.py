"""Fresh inputs for a function, derived from those that it was seen to get.

The recorded calls show which types, shapes and sizes the function is made for; a fresh input differs from one of them
in one argument and keeps that argument's type (the apparent precondition), so that what the function does with it
means something. The changes are those that find boundary bugs: empty, one, one more, one less, negated, reversed,
repeated, swapped. Each `changed` value comes with a rank; lower ranks, the likelier ones, are spent first.

Everything is deterministic for a given random generator. Nothing here is called on the recorded values but `deepcopy`.
"""

from __future__ import annotations

import collections
import copy
import datetime
import random
from typing import Any, Callable, Iterator, NamedTuple, Sequence

from .layouts import class_dict, layout_of
from .values import (
    as_atom,
    builtin_base,
    instance_dict,
    pairs_of,
    represent,
    state_of,
    trusted_text,
)

MAX_LENGTH = 400
MAX_MAGNITUDE = 10**9
MAX_ATTRIBUTES = 6
MAX_POSITIONS = 3

Ranked = Iterator["Change"]


class Change(NamedTuple):
    """A changed value; rank 0 for the boundary values that tell most."""

    rank: int
    value: object


def fresh_calls(
    calls: Sequence[Sequence[object]], generator: random.Random, *, mutable: Sequence[bool]
) -> Iterator[list[object]]:
    """Yield argument lists derived from `calls`, most telling first; `mutable` says which positions may change.

    The lists share parts with the recorded calls; copy deeply before use.
    """
    ranked: list[tuple[int, float, int, int, object]] = []
    for index, call in enumerate(calls):
        for position, value in enumerate(call):
            if mutable[position]:
                others = [other[position] for other in calls if other is not call]
                for change in _changes_of_argument(value, others, generator):
                    ranked.append((change.rank, generator.random(), index, position, change.value))
    ranked.sort(key=lambda one: one[:2])
    for _, _, index, position, value in ranked:
        call = calls[index]
        yield [*call[:position], value, *call[position + 1 :]]


def changed(value: Any, generator: random.Random, depth: int = 1) -> Ranked:
    """Yield values of the type of `value` that differ from it a little."""
    exact = type(value)
    base: Any = builtin_base(value)
    if exact in _BY_TYPE:
        yield from _BY_TYPE[exact](value, generator)
    elif layout_of(exact).is_enum:
        members = class_dict(exact).get("_member_map_")
        yield from (Change(1, one) for one in list(dict(members or {}).values()) if one is not value)  # type: ignore[call-overload]
    elif base in _SEQUENCES:
        yield from _changed_sequence(value, list(base.__iter__(value)), generator, depth)
    elif base in (set, frozenset):
        yield from _changed_set(value, sorted(base.__iter__(value), key=represent), generator, depth)
    elif base is dict:
        yield from _changed_dict(value, list(pairs_of(value)), generator, depth)
    elif base in _BY_TYPE:  # A subclass of an atom, `class Metres(float)`.
        plain = _BY_TYPE[base](as_atom(value, base), generator)
        yield from (Change(one.rank, base.__new__(exact, one.value)) for one in plain)
    elif trusted_text(value) is not None:
        yield from _changed_standard(value)
    else:
        yield from _changed_object(value, generator, depth)


def _changes_of_argument(value: object, others: Sequence[object], generator: random.Random) -> Ranked:
    """Changes of one argument, and what other calls had in its place (crossover)."""
    yield from changed(value, generator)
    crossed = [other for other in others if other is not value]
    for other in generator.sample(crossed, min(3, len(crossed))):
        yield Change(2, other)


def _changed_bool(value: bool, _: random.Random) -> Ranked:
    yield Change(0, not value)


def _changed_int(value: int, generator: random.Random) -> Ranked:
    if abs(value) > MAX_MAGNITUDE:
        yield Change(1, value - 1)
        return
    yield from (Change(0, one) for one in (value + 1, value - 1) if one >= 0 or value < 0)
    yield from (Change(1, one) for one in (0, 1, value * 2) if one != value)
    yield Change(2, value + generator.randint(2, 9))
    if value >= 0:
        yield from (Change(3, one) for one in (-1, -value) if one != value)


def _changed_float(value: float, _: random.Random) -> Ranked:
    yield from (Change(0, one) for one in (0.0, value + 1.0) if one != value)
    yield from (Change(1, one) for one in (value / 2, value + 0.1, 1.0) if one != value)
    yield Change(2, -value)


def _changed_str(value: str, generator: random.Random) -> Ranked:
    yield from (Change(0, one) for one in ("", value[:1], value[:-1]) if one != value)
    tries = [value[::-1], value[1:], value + value[-1:], value.swapcase(), f" {value} ", value.title()]
    yield from (Change(1, one) for one in tries if one != value)
    if value:
        at = generator.randrange(len(value))
        yield Change(1, value[:at] + value[at] + value[at:])
        yield Change(2, value[:at] + " " + value[at:])
        yield Change(2, value[:at] + value[at + 1 :])
    yield Change(2, (value + value)[:MAX_LENGTH] or "a")
    yield Change(3, value + "é")


def _changed_bytes(value: bytes, _: random.Random) -> Ranked:
    tries = (b"", value[:-1], value[::-1], value + value[-1:], value + b"\0")
    yield from (Change(1, one) for one in tries if one != value)


def _changed_sequence(value: Any, items: list[Any], generator: random.Random, depth: int) -> Ranked:
    if builtin_base(value) is not tuple or type(value) is tuple:  # A named tuple keeps its length.
        yield from _resized(value, items)
    if len(items) > 1:
        yield Change(1, _rebuilt(value, items[::-1]))
        one, other = generator.sample(range(len(items)), 2)
        swapped = list(items)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        yield Change(2, _rebuilt(value, swapped))
    for at in generator.sample(range(len(items)), min(MAX_POSITIONS, len(items)) if depth > 0 else 0):
        for change in changed(items[at], generator, depth - 1):
            yield Change(change.rank + 1, _rebuilt(value, [*items[:at], change.value, *items[at + 1 :]]))


def _resized(value: Any, items: list[Any]) -> Ranked:
    if not items:
        return
    yield Change(0, _rebuilt(value, []))
    if len(items) > 1:
        yield Change(0, _rebuilt(value, items[:1]))
        yield Change(1, _rebuilt(value, items[:-1]))
        yield Change(1, _rebuilt(value, items[1:]))
    if len(items) < MAX_LENGTH:
        yield Change(1, _rebuilt(value, [*items, items[0]]))
        yield Change(1, _rebuilt(value, [items[0], *items]))
        yield Change(2, _rebuilt(value, [*items, items[-1]]))


def _changed_set(value: Any, items: list[Any], generator: random.Random, depth: int) -> Ranked:
    if items:
        yield Change(0, _rebuilt(value, []))
        yield Change(1, _rebuilt(value, items[1:]))
    for item in items[: MAX_POSITIONS if depth > 0 else 0]:
        for change in changed(item, generator, 0):
            yield Change(change.rank + 1, _rebuilt(value, [*items, change.value]))


def _changed_dict(value: Any, pairs: list[Any], generator: random.Random, depth: int) -> Ranked:
    if pairs:
        yield Change(0, _rebuilt(value, []))
    for at in generator.sample(range(len(pairs)), min(MAX_POSITIONS, len(pairs))):
        yield Change(1, _rebuilt(value, [*pairs[:at], *pairs[at + 1 :]]))
        if depth > 0:
            key, item = pairs[at]
            for change in changed(item, generator, depth - 1):
                yield Change(
                    change.rank + 1, _rebuilt(value, [*pairs[:at], (key, change.value), *pairs[at + 1 :]])
                )
            for change in changed(key, generator, 0):
                yield Change(change.rank + 2, _rebuilt(value, [*pairs, (change.value, item)]))


def _changed_standard(value: Any) -> Ranked:
    """Neighbours of dates and exact numbers."""
    module = type(value).__module__
    if isinstance(value, datetime.date):
        yield from (Change(1, value + datetime.timedelta(days=days)) for days in (1, -1, 31, 365))
    elif isinstance(value, datetime.timedelta):
        yield from (Change(1, one) for one in (datetime.timedelta(0), -value, value * 2))
    elif module in ("decimal", "fractions") and hasattr(type(value), "__neg__"):
        yield from (Change(1, one) for one in (type(value)(0), -value, value + 1))


def _changed_object(value: object, generator: random.Random, depth: int) -> Ranked:
    """A copy with one attribute changed; only attributes of simple types, which keep most invariants."""
    if depth < 0:
        return
    for name, item in list(state_of(value).items())[:MAX_ATTRIBUTES]:
        if builtin_base(item) is None or item is None:
            continue
        for change in changed(item, generator, 0):
            yield Change(change.rank + 1, _Altered(value, name, change.value))


class _Altered:
    """Stands for a copy of an object with one attribute changed, made only when it is needed (see `made`)."""

    def __init__(self, original: object, name: str, value: object) -> None:
        self._original = original
        self._name = name
        self._value = value

    def __deepcopy__(self, memo: dict[int, Any]) -> object:
        made = copy.deepcopy(self._original, memo)
        value = copy.deepcopy(self._value, memo)
        held = instance_dict(made)
        if held is not None and self._name in held:
            held[self._name] = value
        else:
            object.__setattr__(made, self._name, value)
        return made


def _rebuilt(value: Any, items: list[Any]) -> object:
    """Return a collection of the type of `value` that holds `items`, without calling a user's constructor."""
    exact, base = type(value), builtin_base(value)
    if exact is base:
        return exact(items)
    if base in (tuple, frozenset):
        return base.__new__(exact, items)
    return _Refilled(value, items)


class _Refilled:
    """Stands for a copy of a subclass of a collection with other content (see `_Altered`)."""

    def __init__(self, original: object, items: list[Any]) -> None:
        self._original = original
        self._items = items

    def __deepcopy__(self, memo: dict[int, Any]) -> object:
        made: Any = copy.deepcopy(self._original, memo)
        base: Any = builtin_base(made)
        base.clear(made)
        items = copy.deepcopy(self._items, memo)
        if base in (dict, set):
            base.update(made, items)
        else:
            base.extend(made, items)
        return made


_SEQUENCES = (list, tuple, collections.deque)
_BY_TYPE: dict[Any, Callable[[Any, random.Random], Ranked]] = {
    bool: _changed_bool,
    int: _changed_int,
    float: _changed_float,
    str: _changed_str,
    bytes: _changed_bytes,
}
