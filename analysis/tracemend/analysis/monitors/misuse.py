"""M7: `await` of what cannot be awaited, and objects made of abstract classes.

Both are about whole expressions: they are reported and ranked by, and never forbid a word that is being written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef
from tracemend.analysis.types.classes import lineage
from tracemend.analysis.types.model import ClassObject, Instance, Type, describe, parts

from .guards import Guard
from .protocol import Finding, Hole, Judgement, Passed, Silent, Unknown, Verdict
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator
    from tracemend.analysis.types.oracle import Oracle

RULE_AWAIT = "not-awaitable"
RULE_ABSTRACT = "abstract-class"

_NEVER_AWAITABLE = frozenset(
    f"builtins.{name}" for name in ("str", "bytes", "int", "float", "bool", "list", "dict", "set", "tuple")
)
_ABSTRACT_DECORATORS = frozenset(
    {"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"}
)
_ABSTRACT_METACLASSES = frozenset({"abc.ABCMeta", "builtins.type"})


class MisuseMonitor:
    """Judges `await x` and `Class(...)`."""

    name = "misuse"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge nothing: these mistakes are told when they are made."""
        return Unknown("whole-expression")

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each `await` whose operand is known, and for each call of a class with abstract methods."""
        for node, guard in view.sites(ast.Await):
            yield self._await_verdict(view, node, guard)
        for call, guard in view.sites(ast.Call):
            if _looks_like_class(call.func):
                yield from self._call_verdict(view, call, guard)

    def _await_verdict(self, view: FileView, node: ast.Await, guard: Guard) -> Verdict:
        start, end = view.span(node.value)
        why = guard.reason("TypeError")
        # A method may be overridden by an `async def`, so what it is declared to return proves nothing.
        if why is None and isinstance(node.value, ast.Call) and not isinstance(node.value.func, ast.Name):
            why = "method"
        if why is not None:
            return Silent(start, why)
        type_ = self._oracle.type_of(view.document, node.value)
        if not _never_awaitable(type_):
            return Silent(start, "may-be-awaitable")
        message = f"`{describe(type_)}` cannot be awaited"
        return Finding(RULE_AWAIT, start, end, message, "builtin type")

    def _call_verdict(self, view: FileView, call: ast.Call, guard: Guard) -> Iterator[Verdict]:
        type_ = self._oracle.type_of(view.document, call.func)
        if not (isinstance(type_, ClassObject) and type_.exact):
            return
        with self._oracle.evaluating(view.document) as evaluator:
            missing = abstract_methods(evaluator, type_)
        if missing is None:
            return
        start, end = view.span(call.func)
        why = guard.reason("TypeError")
        if why or isinstance(missing, str):
            yield Silent(start, why or str(missing))
        elif not missing:
            yield Passed(start)
        else:
            listed = ", ".join(f"`{name}`" for name in missing)
            message = f"`{type_.cls.name}` is abstract: nothing defines {listed}"
            yield Finding(RULE_ABSTRACT, start, end, message, f"abstract methods of {type_.cls.full_name}")


def abstract_methods(evaluator: Evaluator, type_: ClassObject) -> tuple[str, ...] | str | None:
    """Return the abstract methods that a class leaves undefined, None if none of its bases has any.

    A slug is returned where something may define them that was not found, or make another object altogether.
    """
    line = lineage(evaluator, type_.cls)
    first: dict[str, bool] = {}
    for ancestor in line.ancestors:
        for name, definitions in ancestor.cls.definition.members.items():
            first.setdefault(name, all(map(_is_abstract, definitions)))
    has_any = any(
        any(map(_is_abstract, definitions))
        for ancestor in line.ancestors
        for definitions in ancestor.cls.definition.members.values()
    )
    if not has_any:
        return None
    metaclasses = {one.full_name for one in line.metaclasses}
    if "abc.ABCMeta" not in metaclasses:
        return None
    if line.reasons:
        return line.reasons[0]
    makes_others = any(
        "__new__" in one.cls.definition.members or one.cls.definition.decorators
        for one in line.ancestors
        if one.cls.full_name != "builtins.object"
    )
    if makes_others or not metaclasses <= _ABSTRACT_METACLASSES:
        return "new"
    return tuple(sorted(name for name, is_abstract in first.items() if is_abstract))


def _is_abstract(definition: object) -> bool:
    return isinstance(definition, FunctionDef) and any(
        one.rpartition(".")[2] in _ABSTRACT_DECORATORS for one in definition.decorators
    )


def _never_awaitable(type_: Type) -> bool:
    alternatives = parts(type_)
    return bool(alternatives) and all(
        isinstance(one, Instance) and one.cls.full_name in _NEVER_AWAITABLE for one in alternatives
    )


def _looks_like_class(node: ast.expr) -> bool:
    """Say whether a callee is spelled like a class (PEP 8), so that the others need not be evaluated."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.lstrip("_")[:1].isupper()
