"""Orders of composite things: the second key that decides ties, and the half of a symmetric question that is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.candidates import attribute_uses, subscript_keys
from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Site

MAX_FIELDS = 5


@expression_operator("order-ties", "comprehension, generator and lambda details")
def break_ties_by_a_field(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`key=lambda one: (one.points, one.name)` for `key=lambda one: one.points`: a second field decides ties."""
    match node:
        case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=body) if not isinstance(
            body, ast.Tuple
        ):
            pass
        case _:
            return
    parent = site.module.parents[node]
    if not isinstance(parent, ast.keyword) or parent.arg != "key":
        return
    text = operand(site, body)
    fields = [one for one in _fields_like(site, body, name) if one not in text]
    for rank, field in enumerate(fields[:MAX_FIELDS]):
        yield Rewrite(body, f"({text}, {field})", f"orders equal ones by `{field}`", 1.5 + 0.15 * rank)
        if not isinstance(body, ast.UnaryOp):
            turned = f"(-{operand(site, body, Precedence.FACTOR)}, {field})"
            yield Rewrite(body, turned, f"turns the order and breaks ties by `{field}`", 2.1 + 0.15 * rank)
        yield Rewrite(body, f"({field}, {text})", f"orders by `{field}` first", 2.3 + 0.15 * rank)


@expression_operator("order-both-ways", "negate/strengthen/weaken a condition")
def ask_the_other_way_round(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`a.start < b.end and b.start < a.end` for its first half: two things overlap when each begins before the other ends."""
    match node:
        case ast.Compare(
            left=ast.Attribute(value=ast.Name(id=first)) | ast.Subscript(value=ast.Name(id=first)) as left,
            ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()],
            comparators=[
                ast.Attribute(value=ast.Name(id=second)) | ast.Subscript(value=ast.Name(id=second)) as right
            ],
        ) if first != second:
            pass
        case _:
            return
    if _part_of(left) == _part_of(right):
        return
    around = site.module.parents[node]
    if not is_truth_value(site, node) and not isinstance(around, ast.Return | ast.BoolOp):
        return
    other_way = spliced(site, node, {left.value: second, right.value: first})
    if isinstance(around, ast.BoolOp) and other_way in site.text(around):
        return
    text = f"{site.text(node)} and {other_way}"
    yield Rewrite(node, text, f"also asks `{short(other_way)}`", 1.3)


@expression_operator("order-lexicographic", "comparator and boundary")
def compare_fields_in_their_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`(a.x, a.y) < (b.x, b.y)` for `a.x < b.x or a.y < b.y`: the second fields count only where the first are equal."""
    if not isinstance(node, ast.BoolOp) or len(node.values) != 2:
        return
    match node.values:
        case [
            ast.Compare(left=left, ops=[op], comparators=[right]),
            ast.Compare(left=other_left, ops=[same], comparators=[other_right]),
        ] if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and type(op) is type(same):
            symbol = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}[type(op)]
        case _:
            return
    first, second = (
        f"({operand(site, a)}, {operand(site, b)})" for a, b in ((left, other_left), (right, other_right))
    )
    text = f"{first} {symbol} {second}"
    yield Rewrite(node, text, "compares the second only where the first are equal", 1.3)


def _part_of(node: ast.Attribute | ast.Subscript) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node.slice)


def _fields_like(site: Site, body: ast.expr, name: str) -> list[str]:
    """Return other fields of the thing that the key takes a field of: attributes, keys or places."""
    for node in ast.walk(body):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=own) if owner == name:
                return [f"{name}.{one}" for one in _attributes(site.module) if one != own]
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(key))) if owner == name:
                return [f"{name}[{one}]" for one in subscript_keys(site.module) if one != repr(key)]
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=int(index))) if (
                owner == name
            ):
                return [f"{name}[{one}]" for one in (0, 1, 2) if one != index]
            case _:
                pass
    return []


@lru_cache(maxsize=16)
def _attributes(module: Module) -> tuple[str, ...]:
    """Return the fields of the file's classes, annotated ones first, and the attributes that it reads of names."""
    found: dict[str, None] = {}
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef(body=statements):
                for one in statements:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                        found.setdefault(one.target.id)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.setdefault(name)
            case _:
                pass
    for uses in attribute_uses(module).values():
        found.update({one: None for one in uses if not one.endswith("()")})
    return tuple(one for one in found if not one.startswith("_"))
