"""What the interpreter itself knows of a class, read past everything that the class may override.

A user's class can redefine `__getattribute__`, `__class__`, `__dict__` or, in a metaclass, `__name__` and `mro`. The
descriptors of `type` and `object` are asked instead. As values are looked at often, each class is read once.
"""

from __future__ import annotations

import collections
import enum
import types
from typing import Any, Callable

ATOMS = (type(None), bool, int, float, complex, str, bytes)

# The collections whose content the interpreter can list without asking the user's subclass.
CONTAINERS = (list, tuple, collections.deque, dict, set, frozenset, bytearray)

FUNCTION_TYPES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.MethodWrapperType,
)
HEAP_TYPE = (
    1 << 9
)  # Py_TPFLAGS_HEAPTYPE: a class made by a `class` statement, whose members are its `__slots__`.


class Layout:
    """The facts about one class. It keeps its class alive, so that its identity can serve as a key."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.order = mro_of(cls)
        self.qualname = str(_TYPE_QUALNAME(cls))
        self.name = self.qualname.rpartition(".")[2]
        self.module = _TYPE_MODULE(cls)
        # The builtin type whose layout instances have (`list` for a subclass of list), None for plain objects.
        self.base: Any = next((base for base in CONTAINERS + ATOMS if base in self.order), None)
        self.is_class = type in self.order
        self.is_enum = enum.Enum in self.order
        self.is_exception = BaseException in self.order
        self.dictionary: Any = None  # The descriptor that gives the instance dictionary.
        self.slots: dict[str, Any] = {}  # The descriptors of `__slots__`, by name.
        self.attributes: dict[
            str, str
        ] = {}  # Public class attributes; what is called as a method ends in "()".
        for one in self.order:
            self._add_members(one)
        # How numpy's and torch's arrays say what they are, without asking Python code.
        array = (self.static("shape"), self.static("dtype"))
        self.array: Any = array if all(type(one) is types.GetSetDescriptorType for one in array) else None

    @property
    def full_name(self) -> str:
        """The qualified name with the module, without "builtins."."""
        known = type(self.module) is str and self.module != "builtins"
        return f"{self.module}.{self.qualname}" if known else self.qualname

    def static(self, name: str) -> object:
        """Return the class attribute `name` as it is stored, None without one."""
        return next((class_dict(one)[name] for one in self.order if name in class_dict(one)), None)

    def _add_members(self, cls: type) -> None:
        is_python = bool(_TYPE_FLAGS(cls) & HEAP_TYPE)
        for name, member in list(class_dict(cls).items()):
            if name == "__dict__" and type(member) is types.GetSetDescriptorType:
                self.dictionary = self.dictionary or member
            elif is_python and type(member) is types.MemberDescriptorType and not name.startswith("__"):
                self.slots.setdefault(name, member)
            if not name.startswith("_"):
                self.attributes.setdefault(name, f"{name}()" if _is_method(member) else name)


def layout_of(cls: type) -> Layout:
    """Return the facts about `cls`."""
    layout = _LAYOUTS.get(id(cls))
    if layout is None:
        layout = _LAYOUTS[id(cls)] = Layout(cls)
    return layout


def mro_of(cls: type) -> tuple[type, ...]:
    """Return the method resolution order that the interpreter uses, whatever the metaclass says."""
    order: tuple[type, ...] = _TYPE_MRO(cls)
    return order


def class_dict(cls: type) -> types.MappingProxyType[str, object]:
    """Return the class's own dictionary."""
    members: types.MappingProxyType[str, object] = _TYPE_DICT(cls)
    return members


_LAYOUTS: dict[int, Layout] = {}

_TYPE_QUALNAME: Callable[[type], str] = type.__dict__["__qualname__"].__get__
_TYPE_MODULE: Callable[[type], object] = type.__dict__["__module__"].__get__
_TYPE_FLAGS: Callable[[type], int] = type.__dict__["__flags__"].__get__
_TYPE_MRO: Callable[[type], Any] = type.__dict__["__mro__"].__get__
_TYPE_DICT: Callable[[type], Any] = type.__dict__["__dict__"].__get__


def _is_method(member: object) -> bool:
    return type(member) in FUNCTION_TYPES or type(member) in (staticmethod, classmethod)
