"""Expressions that do not stand in a text yet, asked about as if they stood in one of its statements.

Whoever edits code by the hundred wants to know of each edit whether it can be right at all. Putting every one of them into
the text would cost a parse of what surrounds it and an evaluation from scratch. A *graft* costs the parse of the expression
alone: it is evaluated in the scope of the statement, and its names have the bindings that reach that statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from tracemend.analysis.types.document import Document, Probe
from tracemend.analysis.types.evaluate import Evaluator
from tracemend.analysis.types.guards import expects
from tracemend.analysis.types.members import Members, members_of
from tracemend.analysis.types.model import Instance, Type, parts
from tracemend.analysis.types.narrowing import tests_of
from tracemend.analysis.types.places import scope_at
from tracemend.analysis.types.scopes import FunctionScope, InnerScope, Scope
from tracemend.analysis.types.signatures import Signatures, callable_signatures

Path = tuple[ast.AST, ...]  # From the root of a graft down to one of its nodes.


class Place:
    """One statement of a document, as `Oracle.at_statement` lends it: it holds while the evaluator is lent."""

    def __init__(self, evaluator: Evaluator, probe: Probe) -> None:
        self._evaluator = evaluator
        self._probe = probe
        self._scope = scope_at(evaluator, probe)

    def expects(self, *exceptions: str) -> bool:
        """Say whether a `try` around the statement catches one of `exceptions` on purpose."""
        return any(
            expects(outer, inner, frozenset(exceptions)) for outer, inner in pairwise(self._probe.path)
        )

    @contextmanager
    def grafted(self, root: ast.expr) -> Iterator[None]:
        """Let `root` and all below it be evaluated as parts of the statement."""
        owner = self._scope
        if not isinstance(owner, FunctionScope):
            yield
            return
        added = {child: node for node in ast.walk(root) for child in ast.iter_child_nodes(node)}
        added[root] = self._probe.node
        owner.parents.update(added)
        try:
            yield
        finally:
            for node in added:
                del owner.parents[node]

    def type_of(self, path: Path) -> Type:
        """Return what the last node of `path`, which leads down to it from the grafted root, can be."""
        return self._evaluator.expression(_expression(path), self._scope_at(path))

    def members(self, path: Path) -> Members:
        """Return the members of an expression; where the function asks for some by `hasattr`, nothing is known."""
        tests = tests_of(_expression(path), self._scope_at(path))
        if tests is not None and (tests.any_name or tests.names):
            return Members.unknown("hasattr")
        return members_of(self._evaluator, self.type_of(path))

    def class_names(self, path: Path) -> frozenset[str]:
        """Return the full names of the classes that an object may be of; none if it may be of another, or a class itself."""
        found = parts(self.type_of(path))
        if not all(isinstance(one, Instance) for one in found):
            return frozenset()
        return frozenset(one.cls.full_name for one in found if isinstance(one, Instance))

    def signatures(self, path: Path) -> Signatures:
        """Return what an expression can be called with, and why there may be more."""
        callee = _expression(path)
        if isinstance(callee, ast.Attribute) and callee.attr in ("__new__", "__init__"):
            return (), "constructor"
        return callable_signatures(self._evaluator, self.type_of(path))

    def _scope_at(self, path: Path) -> Scope:
        """Return the scope of a node inside a graft: comprehensions and lambdas have their own (reference 6.2.4)."""
        scope = self._scope
        for index, (outer, inner) in enumerate(pairwise(path)):
            match outer:
                case ast.Lambda(body=body) if inner is body:
                    scope = InnerScope(outer, scope)
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    first = outer.generators[0]
                    if inner is not first or path[index + 2] is not first.iter:
                        scope = InnerScope(outer, scope)
        return scope


def _expression(path: Path) -> ast.expr:
    node = path[-1]
    assert isinstance(node, ast.expr), f"Expected an expression, found {node!r}"
    return node


def statement_probe(document: Document, offset: int) -> Probe | None:
    """Return the place of the statement that begins at `offset` of a document that parses."""
    if document.damaged:
        return None
    chunk, start = document.chunk_at(offset)
    for path in chunk.paths(offset - start):
        node = path[-1]
        if isinstance(node, ast.stmt) and chunk.start(node) == offset - start:
            return Probe(document, chunk, path)
    return None
