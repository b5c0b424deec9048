"""The type of a name that is declared and assigned: what both say together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.types.classes import lineage
from tracemend.analysis.types.model import Instance, Type, Unknown, parts, union, without_elements

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator


def with_assigned(evaluator: Evaluator, declared: Type, assigned: Type) -> Type:
    """Return the type of a declared name that is assigned a value.

    Annotations are not always true (`current: App = LocalProxy(...)  # type: ignore`) and may say less than the value,
    so both count; but a dict is what every `TypedDict` is, and what a fresh container holds is as declared.
    """
    if isinstance(assigned, Unknown) or _is_typed_dict(evaluator, declared):
        return declared
    return union((declared, with_declared_elements(evaluator, parts(declared), assigned)))


def with_declared_elements(evaluator: Evaluator, declared: Iterable[Type], assigned: Type) -> Type:
    """Return an assigned type, its fresh containers with the elements that one of the `declared` types says they get.

    `found: list[Cat] = []` is filled under its name, and that says what with. What already stands in the display counts too.
    """
    known = [one for type_ in declared for one in parts(type_) if isinstance(one, Instance) and one.args]
    return union(_filled(evaluator, known, one) for one in parts(assigned))


def _filled(evaluator: Evaluator, declared: list[Instance], assigned: Type) -> Type:
    bare = without_elements(assigned)
    if not isinstance(assigned, Instance) or not isinstance(bare, Instance) or bare.args or not bare.exact:
        return bare
    for one in declared:
        arguments = tuple(map(_either, one.args, assigned.args)) if assigned.args else one.args
        filled = replace(bare, args=arguments)
        if len(arguments) == len(one.args) and _is_seen_as(evaluator, filled, one, arguments):
            return filled
    return bare


def _either(declared: Type, given: Type) -> Type:
    return declared if isinstance(given, Unknown) else union((declared, given))


def _is_seen_as(
    evaluator: Evaluator, filled: Instance, declared: Instance, arguments: tuple[Type, ...]
) -> bool:
    """Say whether a container is one of the declared class whose elements are just these."""
    return any(
        one.cls == declared.cls and tuple(one.substitution.values()) == arguments
        for one in lineage(evaluator, filled.cls, arguments).ancestors
    )


def _is_typed_dict(evaluator: Evaluator, type_: Type) -> bool:
    return isinstance(type_, Instance) and lineage(evaluator, type_.cls).has("typing._TypedDict")
