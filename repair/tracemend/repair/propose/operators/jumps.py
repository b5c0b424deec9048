"""Missing, superfluous and mistaken `break`, `continue` and `pass`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.ingredients import return_line, return_values
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    JUMPS,
    enclosing_loop,
    insert_after,
    remove,
    rewrite,
    statement_operator,
)

FAMILY = "missing or wrong return, yield, break, continue"


@statement_operator("jump-exchange", FAMILY, at_most=12)
def exchange_jump(site: Site) -> Iterator[Proposal]:
    """Exchange `break`, `continue`, `return` and `pass`."""
    statement = site.statement
    in_loop = enclosing_loop(site.module, statement) is not None
    match statement:
        case ast.Break():
            yield from rewrite(
                site, statement, ["continue"], "goes on with the next item instead of stopping", 0.9
            )
            yield from _returns(site, 1.9)
            yield from rewrite(site, statement, ["pass"], "does not leave the loop", 3.2)
        case ast.Continue():
            yield from rewrite(
                site, statement, ["break"], "leaves the loop instead of skipping the item", 0.9
            )
            yield from _returns(site, 2.1)
            yield from rewrite(site, statement, ["pass"], "does not skip the item", 3.2)
        case ast.Pass() if site.function:
            if in_loop:
                yield from rewrite(site, statement, ["continue"], "skips the item", 1.2)
                yield from rewrite(site, statement, ["break"], "leaves the loop", 1.4)
            yield from _returns(site, 1.2)
            if _in_handler(site):
                yield from rewrite(site, statement, ["raise"], "raises the exception again", 1.4)
        case ast.Return() if in_loop:
            yield from rewrite(site, statement, ["break"], "leaves the loop instead of returning", 2.0)
            yield from rewrite(
                site, statement, ["continue"], "goes on with the next item instead of returning", 1.8
            )
        case _:
            return


@statement_operator("jump-add", FAMILY, at_most=12)
def add_jump(site: Site) -> Iterator[Proposal]:
    """Add `break`, `continue` or `return` after the last statement of a branch inside a loop."""
    if isinstance(site.statement, (*JUMPS, ast.Pass)) or site.function is None:
        return
    loop = enclosing_loop(site.module, site.statement)
    block, index = site.module.block_of(site.statement)
    if index != len(block) - 1:
        return
    if loop is None or block is loop.body:
        if isinstance(loop, ast.While):
            yield from insert_after(site, site.statement, ["break"], "leaves the loop", 3.4)
        return
    yield from insert_after(site, site.statement, ["break"], "leaves the loop here", 1.5)
    if loop.body[-1] is not site.module.parents[site.statement]:
        yield from insert_after(site, site.statement, ["continue"], "goes on with the next item here", 1.6)
    yield from insert_after(site, site.statement, ["return"], "returns here", 3.0)


@statement_operator("jump-remove", FAMILY, at_most=12)
def remove_jump(site: Site) -> Iterator[Proposal]:
    """Remove a `break` or `continue`; costly, since dropping control flow overfits (Tan et al., FSE 2016)."""
    if isinstance(site.statement, ast.Break | ast.Continue):
        block, _ = site.module.block_of(site.statement)
        if len(block) > 1:
            word = "break" if isinstance(site.statement, ast.Break) else "continue"
            yield from remove(site, site.statement, f"drops the `{word}`", 2.4)


def _returns(site: Site, cost: float) -> Iterator[Proposal]:
    for value in return_values(site, 5):
        text = return_line(site, value)
        yield from rewrite(site, site.statement, [text], f"returns `{value.text}` here", cost + value.cost)


def _in_handler(site: Site) -> bool:
    return isinstance(site.module.parents.get(site.statement), ast.ExceptHandler)
