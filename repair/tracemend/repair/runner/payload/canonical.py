"""One text for all values that are equal for practical purposes, to compare what two versions of a function do.

Equal means: the same types and the same content, floats to twelve significant digits, sets and dictionaries without
their order, objects by type and state, text without memory addresses. Identity and sharing do not count. User code
(`__eq__`, `__hash__`, `__repr__`) is not asked, with one exception that the comparison needs: generators and the
iterators of builtins are drained, at most `MAX_DRAINED` items of each.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import itertools
import re
import sys
import types
from typing import Any, Iterable, Sequence

from .layouts import ATOMS, CONTAINERS, FUNCTION_TYPES, layout_of, mro_of
from .values import (
    as_atom,
    class_name,
    exception_arguments,
    pairs_of,
    state_of,
    trusted_text,
    type_name,
)

MAX_NODES = 20_000
MAX_DRAINED = 100
MAX_INLINE = 120

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")


class TooLarge(Exception):
    """The value has more parts than are worth comparing."""


def canonical(value: object) -> str:
    """Return the canonical text of `value`, a hash where it is long. Raises `TooLarge`."""
    return _Canonical().text(value)


def digest(value: object) -> str:
    """Return a short hash of the canonical text. Raises `TooLarge`."""
    return hashed([canonical(value)])


def hashed(texts: Sequence[str]) -> str:
    """Return a short hash of some texts."""
    joined = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=10).hexdigest()


class _Canonical:
    """One walk over a value; counts its nodes and knows the containers that it stands in."""

    def __init__(self) -> None:
        self._nodes = 0
        self._path: dict[int, int] = {}

    def text(self, value: Any) -> str:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLarge(f"more than {MAX_NODES} parts")
        exact = type(value)
        if exact in ATOMS:
            return _shortened(_atom(value))
        if exact in FUNCTION_TYPES or exact is types.ModuleType:
            return f"<{getattr(value, '__qualname__', None) or getattr(value, '__name__', '?')}>"
        if layout_of(exact).is_class:
            return f"<class {class_name(value)}>"
        known = self._path.get(id(value))
        if known is not None:
            return f"<cycle {len(self._path) - known}>"
        self._path[id(value)] = len(self._path)
        try:
            return _shortened(self._compound(value))
        finally:
            del self._path[id(value)]

    def _compound(self, value: Any) -> str:
        exact = type(value)
        layout = layout_of(exact)
        base = layout.base
        if layout.is_enum:
            return f"{type_name(value)}.{state_of(value).get('_name_')}"
        if base is not None:
            content = self._container(value, base) if base in CONTAINERS else _atom(as_atom(value, base))
            state = self._fields(state_of(value)) if exact is not base else ""
            return f"{type_name(value)}({content}{state})"
        if layout.is_exception:
            return f"{type_name(value)}{self._sequence(exception_arguments(value))}"
        numbers = _numbers(value)
        if numbers is not None:
            return f"{type_name(value)}({self.text(numbers)})"
        if _is_lazy(value):
            return f"{type_name(value)}{self._drained(value)}"
        return trusted_text(value) or f"{type_name(value)}({self._fields(state_of(value))})"

    def _container(self, value: Any, base: Any) -> str:
        if base is bytearray:
            return repr(bytes(value))
        if base is dict:
            return ",".join(sorted(f"{self.text(key)}:{self.text(item)}" for key, item in pairs_of(value)))
        if base in (set, frozenset):
            return ",".join(sorted(self.text(one) for one in base.__iter__(value)))
        return self._sequence(base.__iter__(value))

    def _sequence(self, items: Iterable[object]) -> str:
        return f"[{','.join(self.text(one) for one in items)}]"

    def _fields(self, state: dict[str, object]) -> str:
        return ",".join(f"{name}={self.text(state[name])}" for name in sorted(state))

    def _drained(self, iterator: Any) -> str:
        """Read a copy of an iterator, or the iterator itself where it cannot be copied, as a generator."""
        with contextlib.suppress(Exception):
            iterator = copy.deepcopy(iterator)
        found = []
        try:
            for item in itertools.islice(iterator, MAX_DRAINED):
                found.append(self.text(item))
        except TooLarge:
            raise
        except Exception as error:  # noqa: BLE001 (whatever the user's generator raises is its behaviour)
            found.append(f"raises {type_name(error)}{self._sequence(exception_arguments(error))}")
        return f"[{','.join(found)}]"


def _atom(value: Any) -> str:
    if type(value) is float:
        return f"{value + 0.0:.12g}f"
    if type(value) is complex:
        return f"{value.real + 0.0:.12g}+{value.imag + 0.0:.12g}j"
    if type(value) is int:
        return f"{value:x}i"  # Decimal digits are quadratic to write, and limited.
    return _ADDRESS.sub("0x", repr(value)) if type(value) is str else repr(value)


def _numbers(value: Any) -> object:
    """Return the content of a numpy array or scalar as plain numbers, None for anything else."""
    numpy = sys.modules.get("numpy")
    kinds = (getattr(numpy, "ndarray", None), getattr(numpy, "generic", None))
    if numpy is None or not any(kind in mro_of(type(value)) for kind in kinds):
        return None
    if value.size > MAX_NODES:
        raise TooLarge(f"an array of {value.size} numbers")
    return (str(value.dtype), tuple(value.shape), value.tolist())


def _is_lazy(value: object) -> bool:
    exact = type(value)
    return hasattr(exact, "__next__") and exact.__module__ in ("builtins", "itertools")


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_INLINE else f"#{hashed([text])}"
