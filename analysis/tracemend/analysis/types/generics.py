"""Type variables: which ones a type has, and what an argument says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracemend.analysis.types.classes import lineage, type_parameters
from tracemend.analysis.types.model import (
    Class,
    ClassObject,
    Instance,
    Type,
    TypeVariable,
    Union,
    parts,
    union,
)

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator


def variables_in(type_: Type) -> frozenset[str]:
    """Return the names of the type variables in a type."""
    match type_:
        case TypeVariable(name=name):
            return frozenset({name})
        case Union(parts=alternatives):
            return frozenset[str]().union(*map(variables_in, alternatives))
        case Instance(args=args, items=items):
            return frozenset[str]().union(*map(variables_in, (*args, *(items or ()))))
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
        case Instance(cls=cls, args=(argument,)) if cls.full_name == "builtins.type":
            for one in parts(type_):
                if isinstance(one, ClassObject):
                    matched(evaluator, argument, Instance(one.cls, one.args), found)
        case Instance(cls=cls, args=args) if args:
            for one in parts(type_):
                for inner, given in zip(args, _seen_as(evaluator, one, cls), strict=False):
                    matched(evaluator, inner, given, found)
        case _:
            pass


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
    for ancestor in lineage(evaluator, type_.cls, type_.args).ancestors:
        if ancestor.cls == cls:
            names = type_parameters(evaluator, cls)
            return tuple(ancestor.substitution.get(name, TypeVariable(name)) for name in names)
    return ()
