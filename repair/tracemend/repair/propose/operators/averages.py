"""Sums that are divided by something else than their number, and numbers that lose something else than their last digit.

Both are idioms of which one half is written and the other half follows: who adds up all of `xs` for a mean divides by
`len(xs)`, and who takes `n % base` in a loop goes on with `n // base`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.rewriting import Rewrite, expression_operator
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    enclosing_loop,
    rewrite,
    statement_operator,
    walk_scope,
    written,
)

_FAMILY = "arithmetic, boolean and bitwise operator"


@expression_operator("mean-divisor", _FAMILY)
def divide_by_how_many(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Divide a sum by how many values it adds: `sum(abs(x - mid) for x in xs) / len(xs)` for `... / mid`."""
    match node:
        case ast.BinOp(left=total, op=ast.Div() | ast.FloorDiv(), right=divisor):
            pass
        case _:
            return
    values = _values_of(site, total)
    if values is not None:
        text = f"len({values})"
        yield Rewrite(divisor, text, f"divides by the number of values in `{values}`", 1.2)


@statement_operator("loop-digits", _FAMILY, at_most=2)
def drop_the_last_digit(site: Site) -> Iterator[Proposal]:
    """Go on with `n //= base` in a loop that takes `n % base`, whatever stands there."""
    loop = enclosing_loop(site.module, site.statement)
    match site.statement:
        case ast.AugAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]) if loop:
            pass
        case _:
            return
    bases = dict.fromkeys(
        written(site, one.right)
        for one in walk_scope(loop.body)
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mod) and site.text(one.left) == name
    )
    for base in bases:
        note = f"takes from `{name}` the digit that `{name} % {base}` has read"
        yield from rewrite(site, site.statement, [f"{name} //= {base}"], note, 0.9)


def _values_of(site: Site, total: ast.expr) -> str | None:
    """Return the name of what `total` is the sum of, None where it is no sum or the items were filtered."""
    match total:
        case ast.Call(func=ast.Name(id="sum" | "fsum"), args=[ast.Name(id=name)]):
            return name
        case ast.Call(
            func=ast.Name(id="sum" | "fsum"),
            args=[ast.GeneratorExp(generators=[one]) | ast.ListComp(generators=[one])],
        ) if not one.ifs and isinstance(one.iter, ast.Name):
            return one.iter.id
        case ast.Name(id=name):
            return _added_up_in(site, name)
        case _:
            return None


def _added_up_in(site: Site, name: str) -> str | None:
    """Return the name of what a loop of the function runs over that does nothing but add to `name`."""
    for one in walk_scope(site.function.node.body) if site.function else ():
        match one:
            case ast.For(
                iter=ast.Name(id=values), body=[ast.AugAssign(target=ast.Name(id=total), op=ast.Add())]
            ):
                if total == name:
                    return values
            case _:
                pass
    return None
