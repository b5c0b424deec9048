"""Type variables: which ones a type has, and what an argument says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef
from tracemend.analysis.types.classes import Ancestor, lineage, type_parameters
from tracemend.analysis.types.model import (
    Class,
    ClassObject,
    FunctionType,
    Instance,
    Type,
    TypeVariable,
    Union,
    Unknown,
    parts,
    union,
)

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_CONTAINER_MODULES = frozenset({"builtins", "collections", "typing"})


def variables_in(type_: Type) -> frozenset[str]:
    """Return the names of the type variables in a type."""
    match type_:
        case TypeVariable(name=name):
            return frozenset({name})
        case Union(parts=alternatives):
            return frozenset[str]().union(*map(variables_in, alternatives))
        case Instance(args=args, items=items):
            return frozenset[str]().union(*map(variables_in, (*args, *(items or ()))))
        case FunctionType(result=result) if result is not None:
            return variables_in(result)
        case ClassObject(args=args):
            return frozenset[str]().union(*map(variables_in, args))
        case _:
            return frozenset()


def matched(evaluator: Evaluator, pattern: Type, type_: Type, found: dict[str, Type]) -> None:
    """Add to `found` what the variables in `pattern` must be for an object of `type_` to fit; several add up."""
    match pattern:
        case TypeVariable(name=name):
            found[name] = union((found[name], type_)) if name in found else type_
        case Union(parts=alternatives):
            _match_union(evaluator, alternatives, type_, found)
        case FunctionType(result=result) if result is not None:
            functions = [one for one in parts(type_) if isinstance(one, FunctionType)]
            for function in functions:
                matched(evaluator, result, evaluator.result_of(function), found)
            if functions and len(functions) < len(parts(type_)):
                _match_unknown(pattern, found)
        case Instance(cls=cls, args=(argument,)) if cls.full_name == "builtins.type":
            for one in parts(type_):
                if isinstance(one, ClassObject):
                    matched(evaluator, argument, Instance(one.cls, one.args), found)
        case Instance(cls=cls, args=args) if args:
            seen = [_seen_as(evaluator, one, cls) for one in parts(type_)]
            for one_seen in seen:
                for inner, given in zip(args, one_seen, strict=False):
                    matched(evaluator, inner, given, found)
            if any(seen) and not all(seen):
                _match_unknown(pattern, found)
        case _:
            pass


def _match_unknown(pattern: Type, found: dict[str, Type]) -> None:
    """Note that the variables in `pattern` may be more than is known: one alternative of an argument tells nothing of them."""
    found.update(dict.fromkeys(variables_in(pattern), Unknown("typevar")))


def is_excluded(evaluator: Evaluator, declared: Type, given: Type) -> bool:
    """Say whether an object of type `given` is certainly none that a parameter `declared` so accepts.

    Only objects of builtin classes are judged, which are what they seem; and of protocols only that they have methods.
    """
    return bool(parts(given)) and all(
        isinstance(one, Instance)
        and one.cls.module == "builtins"
        and all(_differ(evaluator, pattern, one) for pattern in parts(declared))
        for one in parts(given)
    )


def _differ(evaluator: Evaluator, pattern: Type, given: Instance) -> bool:
    if not isinstance(pattern, Instance):
        return False
    if pattern.literal is not None and given.literal is not None and pattern.literal != given.literal:
        return True
    ancestors = [one.cls for one in lineage(evaluator, given.cls).ancestors]
    if pattern.cls in ancestors:
        return False
    wanted = lineage(evaluator, pattern.cls)
    methods = {
        name
        for one in wanted.ancestors[:-1]
        for name, ones in one.cls.definition.members.items()
        if isinstance(ones[0], FunctionDef)
    }
    had = {name for one in ancestors for name in one.definition.members}
    return not methods <= had


def _match_union(
    evaluator: Evaluator, alternatives: tuple[Type, ...], type_: Type, found: dict[str, Type]
) -> None:
    """Match what fits no alternative without variables, such as the `None` of an `Optional`, against the others."""
    plain = {one.cls for one in alternatives if isinstance(one, Instance) and not variables_in(one)}
    rest = [one for one in parts(type_) if not (isinstance(one, Instance) and one.cls in plain)]
    for alternative in alternatives:
        if rest and variables_in(alternative):
            matched(evaluator, alternative, union(rest), found)


def _seen_as(evaluator: Evaluator, type_: Type, cls: Class) -> tuple[Type, ...]:
    """Return the type arguments that an object has when it is seen as one of its ancestor class `cls`."""
    if not isinstance(type_, Instance):
        return ()
    ancestors = lineage(evaluator, type_.cls, type_.args).ancestors
    for ancestor in ancestors:
        if ancestor.cls == cls:
            names = type_parameters(evaluator, cls)
            given = tuple(ancestor.substitution.get(name, TypeVariable(name)) for name in names)
            return (
                _as_iterated(evaluator, type_, ancestors, given)
                if cls.full_name == "typing.Iterable"
                else given
            )
    return ()


def _as_iterated(
    evaluator: Evaluator, type_: Instance, ancestors: tuple[Ancestor, ...], given: tuple[Type, ...]
) -> tuple[Type, ...]:
    """Add to the declared element of an iterable what its own `__iter__` yields.

    A class may inherit from two iterables, or from one and iterate as it likes; containers of the language are as declared.
    """
    first = next(one.cls for one in ancestors if "__iter__" in one.cls.definition.members)
    if first.module in _CONTAINER_MODULES:
        return given
    element = evaluator.element(type_)
    return given if isinstance(element, Unknown) else (union((*given, element)),)
