"""Looking at the user's values without running the user's code.

A value is shown by its exact type and the state that the interpreter itself keeps of it: `__repr__`, `__len__`, `__eq__`,
`__getattr__` and properties of user classes are never called, because they may be what is broken, may be endless, and
would change what is observed. Everything is bounded in depth, width and length.

Start with `represent`; `type_name` and `public_attributes` say what a value is, `state_of` what an object holds.
"""

from __future__ import annotations

import collections
import itertools
import sys
import types
from typing import Any, Callable, Iterable, Iterator, NamedTuple

from .layouts import ATOMS, CONTAINERS, FUNCTION_TYPES, Layout, layout_of

MAX_INT_BITS = 256
MAX_STATE = 200
MAX_SORTED = 40  # Members of a set that are put into order before the first ones are shown.
MAX_ATTRIBUTES = 200
ELLIPSIS = "…"

NAMED_TYPES: dict[type, str] = {
    types.ModuleType: "module",
    types.GeneratorType: "generator",
    types.CoroutineType: "coroutine",
    types.AsyncGeneratorType: "async generator",
}
VIEW_TYPES: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
# Standard library modules whose types show themselves truly and at once.
TRUSTED_MODULES = frozenset(
    ("array", "datetime", "decimal", "fractions", "ipaddress", "pathlib", "pathlib._local", "re", "uuid")
)


class Bounds(NamedTuple):
    """How much of a value is shown."""

    depth: int = 2
    items: int = 4
    leaf: int = 60
    total: int = 200


SHORT = Bounds()
LONG = Bounds(depth=6, items=24, leaf=160, total=600)


def represent(value: object, bounds: Bounds = SHORT) -> str:
    """Show `value` within `bounds`; the same state always gives the same text (no addresses, sets are sorted)."""
    return _clip(_show(value, bounds, bounds.depth), bounds.total)


def type_name(value: object) -> str:
    """Return the type's qualified name with its module, without "builtins."."""
    return class_name(type(value))


def class_name(cls: type) -> str:
    """Return the name of `cls` as its metaclass cannot forge it."""
    return layout_of(cls).full_name


def describe_exception(error: BaseException) -> str:
    """Return "KeyError: 'a'" from the type and the arguments, without calling a user's `__str__`."""
    arguments = exception_arguments(error)
    if len(arguments) == 1 and type(arguments[0]) is str and not isinstance(error, KeyError):
        message = _clip(arguments[0], SHORT.total)
    else:
        message = _clip(", ".join(represent(one) for one in arguments[: SHORT.items]), SHORT.total)
    return f"{type_name(error)}: {message}" if message else type_name(error)


def public_attributes(value: object) -> list[str]:
    """Return the public names that `value` offers, sorted; what can be called as a method ends in "()"."""
    own = {name: name for name in state_of(value) if not name.startswith("_")}
    return sorted({**layout_of(type(value)).attributes, **own}.values())[:MAX_ATTRIBUTES]


def state_of(value: object) -> dict[str, object]:
    """Return the instance dictionary and the slots of `value`, read by the interpreter's own descriptors."""
    pairs = _first(pairs_of(instance_dict(value) or {}), MAX_STATE)
    state = {key: item for key, item in pairs if type(key) is str}
    for name, member in layout_of(type(value)).slots.items():
        try:
            state.setdefault(name, member.__get__(value, type(value)))
        except AttributeError:
            continue  # The slot is empty.
    return state


def instance_dict(value: object) -> dict[Any, object] | None:
    """Return the dictionary that holds the attributes of `value`, None for values without one."""
    dictionary = layout_of(type(value)).dictionary
    held = dictionary.__get__(value, type(value)) if dictionary is not None else None
    return held if type(held) is dict else None


def exception_arguments(error: object) -> tuple[object, ...]:
    """Return the arguments that an exception was made with."""
    arguments: tuple[object, ...] = _EXCEPTION_ARGS(error)  # type: ignore[arg-type]
    return arguments


def trusted_text(value: Any) -> str | None:
    """Return `repr(value)` for exact types of the standard library that are known to be harmless, else None."""
    exact = type(value)
    if exact is range or value is Ellipsis or value is NotImplemented:
        return repr(value)
    layout = layout_of(exact)
    if type(layout.module) is not str or layout.module not in TRUSTED_MODULES:
        return None
    if vars(sys.modules[layout.module]).get(layout.name) is not exact:
        return None  # A class that only claims to come from there.
    zone = getattr(value, "tzinfo", None)
    if zone is not None and trusted_text(zone) is None:  # The user's class; its repr would be called.
        value = value.replace(tzinfo=None)
    return repr(value)


def builtin_base(value: object) -> Any:
    """Return the builtin type whose layout `value` has (`list` for a list or a subclass of it), None for objects."""
    return layout_of(type(value)).base


_EXCEPTION_ARGS: Callable[[BaseException], Any] = BaseException.__dict__["args"].__get__


def _show(value: object, bounds: Bounds, depth: int) -> str:
    exact = type(value)
    if exact in ATOMS:
        return _show_atom(value, bounds)
    if exact in FUNCTION_TYPES or exact in NAMED_TYPES:
        return f"<{NAMED_TYPES.get(exact, 'function')} {_plain_name(value)}>"
    layout = layout_of(exact)
    if layout.is_class:
        return f"<class {class_name(value)}>"  # type: ignore[arg-type]
    if layout.is_enum:
        return f"{layout.name}.{state_of(value).get('_name_', '?')}"
    if layout.base in CONTAINERS:
        return _show_container(value, layout, bounds, depth)
    if layout.base is not None:
        return f"{layout.name}({_show_atom(as_atom(value, layout.base), bounds)})"
    if layout.is_exception:
        return _call_text(value, ((None, one) for one in exception_arguments(value)), bounds, depth)
    if exact in VIEW_TYPES or exact is slice:
        parts = iter(value) if exact in VIEW_TYPES else (value.start, value.stop, value.step)  # type: ignore[attr-defined, call-overload]
        return _call_text(value, ((None, one) for one in parts), bounds, depth)
    text = trusted_text(value) or _show_array(value)
    return text or _call_text(value, state_of(value).items(), bounds, depth)


def _show_atom(value: object, bounds: Bounds) -> str:
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        return f"<int of {value.bit_length()} bits>"
    if isinstance(value, (str, bytes)) and len(value) > bounds.leaf:
        return f"{value[: bounds.leaf]!r}{ELLIPSIS}"
    return repr(value)


def _show_container(value: Any, layout: Layout, bounds: Bounds, depth: int) -> str:
    base = layout.base
    if base is bytearray:
        return f"{layout.name}({_show_atom(bytes(memoryview(value)[: bounds.leaf + 1]), bounds)})"
    names: Any = layout.static("_fields") if base is tuple and layout.cls is not tuple else None
    if type(names) is tuple:
        fields = ((str(names[index]), item) for index, item in enumerate(tuple.__iter__(value)))
        return _call_text(value, fields, bounds, depth)
    opening, closing = _BRACKETS[base]
    length = _length(value, base)
    shown = _show_items(value, base, bounds, depth) if length and depth > 0 else ELLIPSIS * bool(length)
    if base is tuple and length == 1 and depth > 0:
        shown += ","
    plain = f"{opening}{shown}{closing}"
    if layout.cls is base and base not in _NAMED and (shown or base is not set):
        return plain
    return f"{layout.name}({plain if shown else ''})"


_BRACKETS: dict[Any, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    collections.deque: ("[", "]"),
    dict: ("{", "}"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
}
_NAMED = (collections.deque, frozenset)


def _show_items(value: Any, base: Any, bounds: Bounds, depth: int) -> str:
    if base is dict:
        shown = [
            f"{_show(key, bounds, depth - 1)}: {_show(item, bounds, depth - 1)}"
            for key, item in _first(pairs_of(value), bounds.items)
        ]
    elif base in (set, frozenset):
        shown = sorted(_show(one, bounds, depth - 1) for one in _first(base.__iter__(value), MAX_SORTED))
        shown = shown[: bounds.items]
    else:
        shown = [_show(one, bounds, depth - 1) for one in _first(base.__iter__(value), bounds.items)]
    left_out = _length(value, base) - len(shown)
    return ", ".join([*shown, f"{ELLIPSIS} {left_out} more"] if left_out > 0 else shown)


def _call_text(value: object, fields: Iterable[tuple[str | None, object]], bounds: Bounds, depth: int) -> str:
    """Write an object as the call that might have made it: `Point(x=1, y=2)`."""
    shown = []
    for name, item in _first(iter(fields), bounds.items * 2 if depth > 0 else 1):
        text = _show(item, bounds, depth - 1) if depth > 0 else ELLIPSIS
        shown.append(f"{name}={text}" if name and depth > 0 else text)
    return f"{layout_of(type(value)).name}({', '.join(shown)})"


def _show_array(value: object) -> str:
    """Show what has a C-level `shape` and `dtype` (numpy, torch) by these, without importing either library."""
    layout = layout_of(type(value))
    if layout.array is None:
        return ""
    shape, dtype = layout.array
    return f"{layout.name}(shape={tuple(shape.__get__(value))}, dtype={dtype.__get__(value)})"


def as_atom(value: Any, base: type) -> object:
    """Strip a subclass of an atom (`class Metres(float)`) down to the atom."""
    return _TO_ATOM[base](value)


_TO_ATOM: dict[type, Callable[[Any], object]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes(memoryview(value)),
}


def pairs_of(value: Any) -> Iterator[tuple[object, object]]:
    """Iterate a dictionary or a subclass of it."""
    return iter(dict.items(value))


def _length(value: Any, base: Any) -> int:
    return int(base.__len__(value))


def _first(items: Iterator[Any], count: int) -> list[Any]:
    return list(itertools.islice(items, count))


def _plain_name(value: object) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return name if isinstance(name, str) else "?"


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + ELLIPSIS
