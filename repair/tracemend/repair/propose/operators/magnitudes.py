"""Differences that are taken for distances, single values that stand for all, and names that were put in quotes.

Three slips with one sign each in the text: a difference is compared with a limit without `abs`, one element is taken where
the other functions of this kind are about all of them, and a string says what a name in scope is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.rewriting import Rewrite, expression_operator, operand, short
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.statements import identifiers, walk_scope
from tracemend.repair.propose.value_kinds import kind_of

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_DATA_KINDS = ("local", "parameter", "enclosing", "global")
# Of a sequence of numbers any of these may be meant; of a sequence of something else, its length at most.
_AGGREGATES = (("sum", 0.0), ("max", 0.2), ("min", 0.2), ("len", 0.4))


@expression_operator("distance", "missing call wrapper")
def compare_the_distance(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Compare how far two values are apart, whichever is greater: `abs(a - b) < limit` for `a - b < limit`."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            pass
        case _:
            return
    parent = site.module.parents[node]
    is_ordered = _is_order(parent)
    match parent:
        case ast.Assign(targets=[ast.Name(id=name)]):
            is_ordered = _is_ordered_later(site, name)
        case _:
            pass
    is_key = isinstance(parent, ast.Lambda)
    if (is_ordered or is_key) and not any(isinstance(one, ast.Constant) for one in (left, right)):
        text = f"abs({site.text(node)})"
        yield Rewrite(node, text, f"takes the distance `{short(text)}`", 1.1)


def _is_order(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) and all(isinstance(one, _ORDERS) for one in node.ops)


def _is_ordered_later(site: Site, name: str) -> bool:
    """Say whether the function asks if what is called `name` is greater or smaller than something else."""
    orders = [one for one in walk_scope(site.function.node.body) if _is_order(one)] if site.function else []
    return any(name in identifiers(one) for one in orders)


@expression_operator("element-or-aggregate", "off-by-one in index, slice, range")
def take_all_for_one(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Take the sum, an extreme or the number of all elements where one is taken: `sum(digits)` for `digits[-1]`."""
    match node:
        case ast.Subscript(value=whole, slice=ast.Constant(value=int()) | ast.UnaryOp()):
            pass
        case _:
            return
    if kind_of(site, whole) in ("str", "dict", "defaultdict") or isinstance(whole, ast.Attribute):
        return
    for name, extra in _AGGREGATES:
        text = f"{name}({operand(site, whole)})"
        yield Rewrite(node, text, f"takes `{short(text)}` instead of one element", 2.3 + extra)


@expression_operator("quoted-name", "literal and default value")
def mean_the_name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Write the name that a string spells: `open(path)` for `open("path")`."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    if any(one.name == node.value and one.kind in _DATA_KINDS for one in site.names):
        yield Rewrite(node, node.value, f"means `{node.value}`, not the text", 0.9)
