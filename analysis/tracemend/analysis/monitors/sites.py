"""A whole file as the monitors see it: the places that they judge, each with what guards it.

One traversal serves all monitors. It keeps its own stack, because real code nests deeper than Python recurses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from tracemend.analysis.syntax.module import FunctionNode, header_end_line
from tracemend.analysis.syntax.positions import LineIndex

from .guards import (
    Guard,
    Suppressions,
    caught_by,
    chooses_alias,
    context_guard,
    decorator_guard,
    ends_block,
    guards_rest,
    is_compatibility,
    is_probing,
    never_true,
    probed_names,
    runs_as_script,
    skipped_without,
)

if TYPE_CHECKING:
    from tracemend.analysis.symbols.index import Index
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.oracle import Callee, Oracle

_SITE_TYPES = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Await, ast.Import, ast.ImportFrom)
NodeT = TypeVar("NodeT", bound=ast.AST)


class FileView:
    """One parsed file with its oracle. `sites` is made once and shared by the monitors."""

    def __init__(self, document: Document, tree: ast.Module, oracle: Oracle, index: Index) -> None:
        self.document = document
        self.tree = tree
        self.oracle = oracle
        self.index = index
        self.lines = LineIndex(document.text)
        self.probed = probed_names(tree)
        self._sites: dict[type[ast.AST], list[tuple[ast.AST, Guard]]] = {}
        self._callees: dict[ast.Call, Callee | None] = {}

    def sites(self, wanted: type[NodeT]) -> Iterator[tuple[NodeT, Guard]]:
        """Yield the places with a node of this type, in no particular order, each with what guards it."""
        if not self._sites:
            self._sites = {one: [] for one in _SITE_TYPES}
            for node, guard in collect_sites(self.tree, Suppressions(self.document.text)):
                self._sites[type(node)].append((node, guard))
        for node, guard in self._sites[wanted]:
            assert isinstance(node, wanted), f"expected {wanted.__name__}, got {type(node).__name__}"
            yield node, guard

    def callee(self, call: ast.Call) -> Callee | None:
        """Return what `call` calls; several monitors ask."""
        if call not in self._callees:
            self._callees[call] = self.oracle.signature(self.document, self.span(call.func)[1])
        return self._callees[call]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the characters [start, end) of `node`."""
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        start = self.lines.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return start, self.lines.offset(end_line, end_column)

    def segment(self, node: ast.AST) -> str:
        """Return the source text of `node`."""
        start, end = self.span(node)
        return self.document.text[start:end]


def collect_sites(tree: ast.Module, suppressions: Suppressions) -> Iterator[tuple[ast.AST, Guard]]:
    """Yield every site of `tree`."""
    outermost = Guard(silent="suppressed" if suppressions.whole_file else None)
    stack: list[tuple[ast.AST, Guard]] = _block(tree.body, outermost)
    while stack:
        node, guard = stack.pop()
        body = guard
        if isinstance(node, ast.stmt):
            lines = (node.lineno, header_end_line(node))
            guard = guard.silenced(suppressions.header(*lines))
            if not (isinstance(node, ast.If) and runs_as_script(node.test)):
                body = body.silenced(suppressions.body(*lines))
        if isinstance(node, _SITE_TYPES):
            yield node, guard
        stack += _inside(node, guard, body)


def _block(body: Sequence[ast.stmt], guard: Guard) -> list[tuple[ast.AST, Guard]]:
    """Return the statements of a block, each with the guard that the ones before it leave behind."""
    guarded: list[tuple[ast.AST, Guard]] = []
    for statement in body:
        guarded.append((statement, guard))
        if ends_block(statement):
            guard = guard.silenced("unreachable")
        elif guards_rest(statement):
            guard = guard.silenced("version")
        else:
            guard = guard.catching(skipped_without(statement))
    return guarded


def _inside(node: ast.AST, guard: Guard, body_guard: Guard) -> list[tuple[ast.AST, Guard]]:
    """Return what `node` consists of, each part with its guard; `body_guard` is for the blocks of a statement."""
    match node:
        case ast.Try() | ast.TryStar():
            return _in_try(node, guard, body_guard)
        case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
            is_choice = isinstance(node, ast.If) and chooses_alias(node)
            why = "version" if is_choice or is_probing(test) else None
            inner = body_guard.silenced(why)
            first = inner.silenced("unreachable" if never_true(test) else None)
            return [(test, guard.silenced(why)), *_block(body, first), *_block(orelse, inner)]
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            why, caught = context_guard(items)
            return [
                *((one, guard) for one in items),
                *_block(body, body_guard.silenced(why).catching(caught)),
            ]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _in_definition(node, guard, body_guard)
        case ast.IfExp(test=test, body=chosen, orelse=other):
            inner = guard.silenced("version" if is_probing(test) else None)
            return [(test, inner), (chosen, inner), (other, inner)]
        case ast.BoolOp(values=values):
            inner = guard.silenced("version" if any(map(is_probing, values)) else None)
            return [(one, inner) for one in values]
        case _:
            return _in_others(node, guard, body_guard)


def _in_try(node: ast.Try | ast.TryStar, guard: Guard, body_guard: Guard) -> list[tuple[ast.AST, Guard]]:
    inner = body_guard.catching(caught_by(node.handlers))
    fallback = body_guard.silenced("fallback" if is_compatibility(node.handlers) else None)
    parts = [*_block(node.body, inner), *_block(node.orelse, fallback), *_block(node.finalbody, body_guard)]
    for handler in node.handlers:
        parts += [(handler.type, guard)] if handler.type else []
        parts += _block(handler.body, fallback)
    return parts


def _in_definition(
    node: FunctionNode | ast.ClassDef, guard: Guard, body_guard: Guard
) -> list[tuple[ast.AST, Guard]]:
    why = decorator_guard(node.decorator_list)
    inner = body_guard.silenced(why)
    # Whether exceptions are caught where a function is made says nothing about where it runs.
    runs_later = Guard(silent=inner.silent) if isinstance(node, FunctionNode) else inner
    header = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    return [*((child, guard.silenced(why)) for child in header), *_block(node.body, runs_later)]


def _in_others(node: ast.AST, guard: Guard, body_guard: Guard) -> list[tuple[ast.AST, Guard]]:
    parts: list[tuple[ast.AST, Guard]] = []
    for _, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            parts.append((value, guard))
        elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            parts += _block(value, body_guard)
        elif isinstance(value, list):
            parts += [(one, guard) for one in value if isinstance(one, ast.AST)]
    return parts
