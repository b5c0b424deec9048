"""Places where nothing is forbidden, whatever the type: a store creates its attribute, a guarded access may fail."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from tracemend.analysis.types.document import Probe

_IGNORED = re.compile(
    r"#\s*(?:type:\s*ignore|pyright:\s*ignore|ty:\s*ignore|mypy:\s*ignore|pyre-ignore|pyre-fixme)"
)
_EXPECTED = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError"})


def guard_of(probe: Probe) -> str:
    """Return the slug of what keeps the probe's attribute access from being judged, "" if nothing does."""
    node = probe.node
    assert isinstance(node, ast.Attribute), f"Expected an attribute access, found {node!r}"
    if isinstance(node.ctx, ast.Del):
        return "delete"
    if isinstance(node.ctx, ast.Store):
        return "store"
    if probe.repaired and _may_be_store(probe, node):
        return "possible-store"
    if _is_ignored(probe, node):
        return "type-ignore"
    return (
        "expected-failure"
        if any(expects(outer, inner, _EXPECTED) for outer, inner in pairwise(probe.path))
        else ""
    )


def expects(outer: ast.AST, inner: ast.AST, exceptions: frozenset[str]) -> bool:
    """Say whether `outer` names one of `exceptions` as what it catches in `inner`, or catches all."""
    if isinstance(outer, ast.Try | ast.TryStar) and inner in outer.body:
        return any(one.type is None or _names(one.type) & exceptions for one in outer.handlers)
    if isinstance(outer, ast.With | ast.AsyncWith) and inner in outer.body:
        return any(
            isinstance(item.context_expr, ast.Call) and _names(item.context_expr) & exceptions
            for item in outer.items
        )
    return False


def _may_be_store(probe: Probe, node: ast.Attribute) -> bool:
    """Say whether the access begins its statement, so that `= ...` can still follow it."""
    statement = next(one for one in reversed(probe.path) if isinstance(one, ast.stmt))
    if not isinstance(statement, ast.Expr):
        return False
    in_target = isinstance(statement.value, ast.Tuple | ast.List | ast.Starred)
    return in_target or probe.chunk.start(statement) == probe.chunk.start(node)


def _is_ignored(probe: Probe, node: ast.Attribute) -> bool:
    """Say whether a checker was told to be silent on a line of the access, or of the statement that it ends."""
    lines = probe.chunk.lines
    first = probe.chunk.relative_line(node.lineno)
    last = probe.chunk.relative_line(node.end_lineno or node.lineno)
    return any(_IGNORED.search(lines.line_text(line)) for line in range(first, last + 1))


def _names(node: ast.AST) -> set[str]:
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
