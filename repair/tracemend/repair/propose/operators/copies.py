"""Copies: a value that would be shared where it is stored, returned, collected or changed later."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.operators.wrappers import is_available
from tracemend.repair.propose.rewriting import Precedence, Rewrite, atom, expression_operator, operand, short
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import CONTAINERS, kind_of, may_be

_FAMILY = "initial value and aliasing/copy"


@expression_operator("copy", _FAMILY)
def copy(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A copy where the value itself would be shared: stored, returned, collected, or changed later."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript) or not may_be(site, node, CONTAINERS):
        return
    cost = _cost_of_sharing(site, node)
    if cost is None:
        return
    kind, text = kind_of(site, node), site.text(node)
    sure = 0.0 if kind else 0.5
    note = f"uses a copy of `{text}`"
    if kind not in ("dict", "set", "defaultdict", "Counter"):
        yield Rewrite(node, f"{atom(site, node)}[:]", note, cost + sure + 0.2)
        yield Rewrite(node, f"list({text})", note, cost + sure)
    if kind not in ("str", "bytes", "tuple"):
        yield Rewrite(node, f"{atom(site, node)}.copy()", note, cost + sure + (0.1 if kind else 0.3))
        for template in ("copy.deepcopy({})", "deepcopy({})", "copy.copy({})"):
            if is_available(site, template):
                yield Rewrite(
                    node, template.format(text), f"uses a copy of `{text}`, nested values too", cost + 0.4
                )
    if kind in ("dict", "set"):
        yield Rewrite(node, f"{kind}({text})", note, cost)


@expression_operator("shared-rows", _FAMILY)
def shared_rows(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`[[0] * n] * m` and `dict.fromkeys(keys, [])`, whose parts are one and the same object."""
    match node:
        case ast.BinOp(
            left=ast.List(
                elts=[ast.List() | ast.Dict() | ast.Set() | ast.BinOp() | ast.Call() | ast.ListComp() as row]
            ),
            op=ast.Mult(),
            right=count,
        ):
            text = f"[{operand(site, row)} for _ in range({operand(site, count)})]"
            yield Rewrite(node, text, f"makes a new `{short(site.text(row))}` for each row", 1.0)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"),
            args=[keys, ast.List() | ast.Dict() | ast.Set() | ast.Call() as value],
        ):
            text = f"{{key: {operand(site, value)} for key in {operand(site, keys, Precedence.OR)}}}"
            yield Rewrite(node, text, f"makes a new `{short(site.text(value))}` for each key", 1.0)
        case _:
            pass


def _cost_of_sharing(site: Site, node: ast.expr) -> float | None:
    """Return the cost of a copy by where the value goes; None where nothing would share it."""
    match site.module.parents[node]:
        case ast.Call(
            func=ast.Attribute(attr="append" | "add" | "insert" | "put" | "setdefault"), args=arguments
        ):
            return 1.5 if any(one is node for one in arguments) else None
        case ast.For(iter=iterable) if iterable is node:
            return 2.0
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.Yield():
            return 1.9
        case ast.Tuple() | ast.List() | ast.Dict():
            return 2.4
        case ast.Call(func=function):
            return 2.6 if function is not node else None
        case ast.keyword():
            return 2.8
        case _:
            return None
