"""What one module defines, as plain values that travel to disk and back.

A summary is made of one file alone: names are as written, expressions are source text, nothing is resolved. Every name
maps to *all* of its definitions, whatever branch they stand in: reachability is never judged, because forbidding a name
that some platform defines would be a false alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ParameterKind = Literal["positional-only", "positional", "var-positional", "keyword-only", "var-keyword"]


Binding = Literal["assign", "for", "with", "other"]

ANY_ATTRIBUTE = "*"
CLASS_OF_PARAMETER = (
    "type-call-parameter"  # Why a class is open that `type(name, (parameter,), namespace)` makes.
)
ANY_MODULE = "*"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature."""

    name: str
    kind: ParameterKind
    has_default: bool = False
    annotation: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDef:
    """A `def`; an overloaded function is several of them under one name."""

    name: str
    line: int
    parameters: tuple[Parameter, ...]
    returns: str | None = None  # The annotation.
    decorators: tuple[str, ...] = ()  # Expressions as written, without "@".
    is_async: bool = False
    is_generator: bool = False
    # The expressions of its return statements, "None" for a bare one or where there is none at all; empty where they are
    # too many or too long to keep, which says nothing.
    returned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueDef:
    """A name that is assigned, annotated, or bound by for, with, except, match or a walrus."""

    line: int
    annotation: str | None = None
    # The assigned expression of a plain assignment. What is long is shortened to an expression of the same type: a
    # display to `list()` or the like, the arguments of a call to `...`.
    value: str | None = None
    binding: Binding = "assign"
    function: str = ""  # For an attribute of self: the method that assigns it.


@dataclass(frozen=True, slots=True)
class ImportDef:
    """A name bound by an import. `name` is None for `import module`; relative modules keep their dots."""

    line: int
    module: str
    name: str | None = None
    binds_top: bool = False  # `import a.b` binds "a".
    guarded: bool = False  # Inside try/except ImportError or a condition.


@dataclass(frozen=True, slots=True)
class ClassDef:
    """A class. `dynamic` says in a few words why its members cannot be listed, one reason each."""

    name: str
    line: int
    bases: tuple[str, ...] = ()
    keywords: Mapping[str, str] = field(default_factory=dict)  # metaclass=..., total=...
    decorators: tuple[str, ...] = ()
    members: Mapping[str, tuple[Definition, ...]] = field(default_factory=dict)
    attributes: Mapping[str, tuple[ValueDef, ...]] = field(
        default_factory=dict
    )  # self.x = ... in any method.
    slots: tuple[str, ...] | None = None
    dynamic: tuple[str, ...] = ()


Definition = FunctionDef | ClassDef | ValueDef | ImportDef


@dataclass(frozen=True, slots=True)
class ModuleSummary:
    """What one file defines. `dynamic` says why its names cannot be listed, one reason each."""

    names: Mapping[str, tuple[Definition, ...]] = field(default_factory=dict)
    star_imports: tuple[str, ...] = ()  # Modules as written, relative ones with their dots.
    exported: tuple[str, ...] | None = None  # `__all__`, where it is a literal or a sum of literals.
    is_stub: bool = False
    dynamic: tuple[str, ...] = ()
    # What is assigned or deleted from outside: ("mod.Class", "attr"), receivers as written, "" for one that is not a
    # dotted name; the attribute is ANY_ATTRIBUTE where its name is computed.
    stores: frozenset[tuple[str, str]] = frozenset()
    # Absolute modules that it may put into `sys.modules`, or ANY_MODULE: it hooks the import system or moves __path__.
    installs: tuple[str, ...] = ()
    changes_sys_path: bool = False
    # Classes with bases that functions make: nobody can name them, but what they inherit from has them as subclasses.
    local_classes: tuple[ClassDef, ...] = ()
