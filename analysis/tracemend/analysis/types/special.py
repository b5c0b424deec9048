"""The special forms of `typing`: names that mean something to a type checker and are no classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ValueDef

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator
    from tracemend.analysis.types.model import Class
    from tracemend.analysis.types.scopes import Scope
    from tracemend.analysis.types.world import Symbol

SPECIAL_FORMS = frozenset(
    {
        "Annotated", "Any", "AnyStr", "Callable", "ClassVar", "Concatenate", "Final", "Generic", "Literal",
        "LiteralString", "Never", "NoReturn", "NotRequired", "Optional", "ParamSpec", "Protocol", "ReadOnly",
        "Required", "Self", "Tuple", "Type", "TypeAlias", "TypeGuard", "TypeIs", "TypedDict", "Union", "Unpack",
    }
)  # fmt: skip
_ALIASES = {
    "ChainMap": ("collections", "ChainMap"),
    "Counter": ("collections", "Counter"),
    "DefaultDict": ("collections", "defaultdict"),
    "Deque": ("collections", "deque"),
    "Dict": ("builtins", "dict"),
    "FrozenSet": ("builtins", "frozenset"),
    "List": ("builtins", "list"),
    "OrderedDict": ("collections", "OrderedDict"),
    "Set": ("builtins", "set"),
}
_MODULES = frozenset({"typing", "typing_extensions", "collections.abc", "_collections_abc"})


def special_form(evaluator: Evaluator, node: ast.expr, scope: Scope) -> str:
    """Return the name of the special form that `node` names, calls or subscripts, "" if it is none."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if not isinstance(node, ast.Name | ast.Attribute):
        return ""
    module, _, name = evaluator.world.full_name(node, scope).rpartition(".")
    return name if module in _MODULES and name in SPECIAL_FORMS else ""


def typing_alias(evaluator: Evaluator, found: Symbol) -> Class | None:
    """Return the class that a capitalized alias of `typing` stands for; its stub says no more than `_Alias()`."""
    if not isinstance(found.definition, ValueDef) or found.definition.value != "_Alias()":
        return None
    module, name = _ALIASES.get(found.qualname, ("", ""))
    return evaluator.class_in(module, name) if name else None
