"""The values that types are made of.

Everything is immutable and compared by what it names, so that types can be members of sets and keys of caches. A class
is known by the place of its definition; its scope, which resolves the text in its definition, travels along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ClassDef, FunctionDef

if TYPE_CHECKING:
    from tracemend.analysis.types.scopes import Scope

LiteralValue = str | bytes | int | bool
MAX_UNION = 24


class Evidence(IntEnum):
    """How a type became known. Only INFERRED and DECLARED may forbid anything."""

    GUESSED = 1
    OBSERVED = 2
    INFERRED = 3
    DECLARED = 4


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known; `why` is a stable slug."""

    why: str


@dataclass(frozen=True, slots=True)
class Class:
    """One `class` statement (or what a call such as `namedtuple(...)` makes in its place)."""

    module: str
    qualname: str
    line: int
    definition: ClassDef = field(compare=False, repr=False)
    scope: Scope = field(compare=False, repr=False)  # Where its bases and decorators are evaluated.

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def full_name(self) -> str:
        return f"{self.module}.{self.qualname}"


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class or of one of its subclasses.

    `items` are the element types of a tuple of known length, `literal` the value of a literal, `exact` says that the
    object was made by a call of this very class.
    """

    cls: Class
    args: tuple[Type, ...] = ()
    items: tuple[Type, ...] | None = None
    literal: LiteralValue | None = None
    exact: bool = field(default=False, compare=False)
    evidence: Evidence = field(default=Evidence.INFERRED, compare=False)


@dataclass(frozen=True, slots=True)
class ClassObject:
    """A class itself; `exact` is false where it may be a subclass (`cls`, `type[X]`)."""

    cls: Class
    args: tuple[Type, ...] = ()
    exact: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class ModuleType:
    """A module object, by its dotted absolute name."""

    name: str


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function or method; `receiver` is what it is bound to, `owner` the class whose body holds it."""

    module: str
    qualname: str
    definitions: tuple[FunctionDef, ...] = field(compare=False, repr=False)
    scope: Scope = field(compare=False, repr=False)
    line: int = 0
    owner: Class | None = None
    receiver: Type | None = None
    substitution: Substitution = ()
    result: Type | None = None  # What a call gives, where a decorator has changed that.

    @property
    def name(self) -> str:
        return self.definitions[0].name


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """A type variable that nothing has been put in for; `bound` is what it certainly is."""

    name: str
    bound: Type | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """One of several; no parts at all is the type of what never exists (a loop's first approximation)."""

    parts: tuple[Type, ...]


Type = Unknown | Instance | ClassObject | ModuleType | FunctionType | TypeVariable | Union
Substitution = tuple[tuple[str, Type], ...]
NEVER = Union(())
MISSING = Unknown("missing-attribute")  # What certainly is not there, and would raise.


def union(types: Iterable[Type]) -> Type:
    """Return one type for any of `types`; an unknown part makes the whole unknown."""
    found: dict[Type, None] = {}
    for one in types:
        for part in parts(one):
            if isinstance(part, Unknown):
                return part
            found.setdefault(part)
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MAX_UNION:
        return Unknown("too-many-types")
    return Union(tuple(found))


def parts(type_: Type) -> tuple[Type, ...]:
    """Return the alternatives of a type, itself alone where it is no union."""
    return type_.parts if isinstance(type_, Union) else (type_,)


def substitute(type_: Type, substitution: Mapping[str, Type]) -> Type:
    """Put types in for type variables, as deep as they are nested."""
    match type_:
        case TypeVariable(name=name):
            return substitution.get(name, type_)
        case Union(parts=alternatives):
            return union(substitute(one, substitution) for one in alternatives)
        case Instance(args=args, items=items) if args or items:
            return replace(
                type_,
                args=tuple(substitute(one, substitution) for one in args),
                items=None if items is None else tuple(substitute(one, substitution) for one in items),
            )
        case FunctionType(result=result) if result is not None:
            return replace(type_, result=substitute(result, substitution))
        case ClassObject(args=args) if args:
            return replace(type_, args=tuple(substitute(one, substitution) for one in args))
        case _:
            return type_


def closed_over_variables(type_: Type) -> Type:
    """Replace the variables that are left by their bounds; without a bound the type is unknown."""
    if isinstance(type_, TypeVariable):
        return type_.bound or Unknown("typevar")
    if isinstance(type_, Union):
        return union(closed_over_variables(one) for one in type_.parts)
    if isinstance(type_, Instance) and type_.cls.full_name == "builtins.type" and type_.args:
        bound = closed_over_variables(type_.args[0])
        return (
            ClassObject(bound.cls, bound.args, exact=False)
            if isinstance(bound, Instance)
            else Unknown("typevar")
        )
    return type_


def without_elements(type_: Type) -> Type:
    """Forget what a fresh list, set or dict was made of: it can be given other elements under its name."""
    found = []
    for one in parts(type_):
        if isinstance(one, Instance) and one.exact and one.items is None and one.args:
            one = Instance(one.cls, exact=True)
        found.append(one)
    return union(found)


def describe(type_: Type) -> str:
    """Return the name of a type as a person would write it."""
    match type_:
        case Unknown(why=why):
            return f"unknown ({why})"
        case Instance(cls=cls):
            return cls.full_name.removeprefix("builtins.")
        case ClassObject(cls=cls):
            return f"type[{cls.full_name.removeprefix('builtins.')}]"
        case ModuleType(name=name):
            return f"module {name}"
        case FunctionType(qualname=qualname):
            return f"function {qualname}"
        case TypeVariable(name=name):
            return name
        case Union(parts=alternatives):
            return " | ".join(_distinct(describe(one) for one in alternatives)) or "never"


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(texts))
