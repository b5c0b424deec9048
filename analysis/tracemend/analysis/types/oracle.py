"""The oracle: members behind a dot, the signature before a bracket, the names at a place, each with its closedness.

The own evaluator is asked first, since it proves what it says. Where it does not know the type, an external engine may
(ty); its list is only taken with proof that the class it names is closed, and united with what we know of that class.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tracemend.analysis.symbols.index import Index
from tracemend.analysis.symbols.model import FunctionDef
from tracemend.analysis.types.document import Document, Probe
from tracemend.analysis.types.engine_guards import guarded_answer
from tracemend.analysis.types.engines.protocol import MemberEngine
from tracemend.analysis.types.evaluate import Evaluator
from tracemend.analysis.types.grafting import Place, statement_probe
from tracemend.analysis.types.guards import guard_of
from tracemend.analysis.types.members import Members, is_unfinished, members_of
from tracemend.analysis.types.model import Evidence, Type, Unknown, parts
from tracemend.analysis.types.names import Names, names_at
from tracemend.analysis.types.narrowing import tests_of
from tracemend.analysis.types.places import scope_at
from tracemend.analysis.types.signatures import callable_signatures, is_synthesized
from tracemend.analysis.types.world import World

__all__ = ["Callee", "Evidence", "Members", "Names", "Oracle", "Place"]

ENGINE_DEADLINE_S = 0.4
# Reasons that say that inference ended, not that the type is open: only there another engine may know more.
_NOT_INFERRED = frozenset(
    {
        "annotation", "await", "binding", "call", "comparison", "decorator", "deep", "descriptor", "expression",
        "lambda", "new", "no-overload", "property", "recursion", "too-many-types", "typevar", "unbound",
        "untyped-call", "yield",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Callee:
    """What can be called at a place: signatures with `self` or `cls` dropped where it is bound.

    If `closed`, these are all that it can be, and an argument that none of them takes is a mistake.
    """

    signatures: tuple[FunctionDef, ...]
    closed: bool
    why: str
    name: str


class Oracle:
    """Answers questions about the documents of one workspace, from any thread, one at a time."""

    def __init__(self, index: Index, engine: MemberEngine | None = None) -> None:
        self.index = index
        self._engine = engine
        self._evaluator = Evaluator(World(index))
        self._lock = threading.RLock()

    def members(self, document: Document, offset: int) -> Members:
        """Return the members of the expression that ends at `offset`, where its dot stands or may come to stand."""
        with self._lock:
            probe = document.attribute_at(offset)
            if probe is None or not isinstance(probe.node, ast.Attribute):
                return Members.unknown("unparsed")
            guard = guard_of(probe)
            if guard:
                return Members.unknown(guard)
            found = self._own_members(probe, probe.node)
            if (
                found.closed
                or self._engine is None
                or found.why not in _NOT_INFERRED
                or document.path is None
            ):
                return found
            answer = self._engine.members(document.path, document.text, offset, deadline_s=ENGINE_DEADLINE_S)
            if answer is None:
                return found
            return guarded_answer(self._evaluator, answer, probe) or found

    def signature(self, document: Document, offset: int) -> Callee | None:
        """Return what the expression that ends at `offset`, before a bracket, can be called with; None if unknown."""
        with self._lock:
            probe = document.call_at(offset)
            if probe is None or not isinstance(probe.node, ast.Call):
                return None
            callee = self._evaluated(probe, probe.node.func)
            if isinstance(callee, Unknown):
                return None
            if self._is_constructor_of_fields(probe, probe.node.func):
                return None
            signatures, why = callable_signatures(self._evaluator, callee)
            return Callee(signatures, not why, why or "signature", ast.unparse(probe.node.func))

    def names_in_scope(self, document: Document, offset: int) -> Names:
        """Return the names that an expression at `offset` may use."""
        with self._lock:
            probe = document.expression_at(offset)
            if probe is None:
                return Names(frozenset(), False, "unparsed")
            self._evaluator.enter(probe.document, has_hole=probe.repaired)
            return names_at(self._evaluator, probe)

    def type_of(self, document: Document, node: ast.expr) -> Type:
        """Return the type of an expression, a node of one of the document's trees."""
        with self._lock:
            probe = document.probe(node)
            return Unknown("unparsed") if probe is None else self._evaluated(probe, node)

    def type_before(self, document: Document, offset: int) -> Type:
        """Return the type of the expression that ends at `offset`, whatever stands behind it."""
        with self._lock:
            probe = document.attribute_at(offset)
            if probe is None or not isinstance(probe.node, ast.Attribute):
                return Unknown("unparsed")
            return self._evaluated(probe, probe.node.value)

    @contextmanager
    def at_statement(self, document: Document, offset: int) -> Iterator[Place | None]:
        """Lend the statement that begins at `offset`, to ask about expressions that might stand in it; None if none does."""
        with self._lock:
            probe = statement_probe(document, offset)
            if probe is not None:
                self._evaluator.enter(document)
            yield None if probe is None else Place(self._evaluator, probe)

    @contextmanager
    def evaluating(self, document: Document) -> Iterator[Evaluator]:
        """Lend the evaluator, `document` being entered, for questions that are made of several."""
        with self._lock:
            self._evaluator.enter(document)
            yield self._evaluator

    def _evaluated(self, probe: Probe, node: ast.expr) -> Type:
        self._evaluator.enter(probe.document, has_hole=probe.repaired)
        return self._evaluator.expression(node, scope_at(self._evaluator, probe))

    def _is_constructor_of_fields(self, probe: Probe, node: ast.expr) -> bool:
        """Say whether a callee is the `__new__` or `__init__` of a class whose own is made from its fields."""
        if not (isinstance(node, ast.Attribute) and node.attr in ("__new__", "__init__")):
            return False
        return any(is_synthesized(self._evaluator, one) for one in parts(self._evaluated(probe, node.value)))

    def _own_members(self, probe: Probe, node: ast.Attribute) -> Members:
        """Return what the own evaluator proves, with the names that the function asks `hasattr` for."""
        type_ = self._evaluated(probe, node.value)
        if probe.ends_text and is_unfinished(self._evaluator, type_, scope_at(self._evaluator, probe)):
            return Members.unknown("unfinished")
        found = members_of(self._evaluator, type_)
        found = replace(found, names=found.names | probe.document.dunder_names)
        tests = tests_of(node.value, scope_at(self._evaluator, probe))
        if tests is None:
            return found
        if tests.any_name:
            return Members.unknown("setattr")
        return replace(found, names=found.names | tests.names)
