"""Where a declaration stands, and what that says about the objects that it is about.

A library declares an attribute as a class of its own, `server: BaseServer`, and the workspace derives from the class that
holds it. What is really stored there may then be of a subclass that the workspace has by way of yet other libraries, which
nobody finds by the names of bases. So such a declaration proves nothing to forbid with, unless the class is a builtin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ValueDef
from tracemend.analysis.types.classes import Ancestor
from tracemend.analysis.types.model import Class, Instance, Type, parts

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_PLAIN_MODULES = frozenset({"builtins", "types"})


def may_be_of_other_library(
    evaluator: Evaluator, ancestors: tuple[Ancestor, ...], name: str, type_: Type
) -> bool:
    """Say whether a class of the workspace (the first of `ancestors`) has a value from a library that may be more than it says."""
    if not _in_workspace(evaluator, ancestors[0].cls) or all(map(_is_plain, parts(type_))):
        return False
    for ancestor in ancestors:
        definition = ancestor.cls.definition
        found = (*definition.members.get(name, ()), *definition.attributes.get(name, ()))
        if found:
            is_value = any(isinstance(one, ValueDef) for one in found)
            return is_value and not _in_workspace(evaluator, ancestor.cls)
    return False


def _in_workspace(evaluator: Evaluator, cls: Class) -> bool:
    scope = evaluator.world.module(cls.module)
    return scope is not None and scope.module.is_workspace


def _is_plain(type_: Type) -> bool:
    """Say whether a type says all: functions, modules and objects of builtin classes are what they seem."""
    return not isinstance(type_, Instance) or type_.exact or type_.cls.module in _PLAIN_MODULES
