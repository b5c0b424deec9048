"""Superfluous and doubled statements.

Removal is the classic way to overfit (Kali in Qi et al., ISSTA 2015; the anti-patterns of Tan et al., FSE 2016), so
whatever leaves or guards something costs far more to remove than an assignment or a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    DEFINITIONS,
    JUMPS,
    identifiers,
    insert_after,
    is_docstring_text,
    is_elif,
    owns_lines,
    remove,
    statement_operator,
)

FAMILY = "statement moved, inserted from the same scope, removed or duplicated"
MAX_RUN = 3
LOST_VALUE = 1.0  # Bits less where a statement overwrites what nothing has read yet: a dead store was not meant to be one.
_REMOVABLE = (ast.Assign, ast.AugAssign, ast.Expr)


@statement_operator("remove-statement", FAMILY, at_most=12)
def remove_statement(site: Site) -> Iterator[Proposal]:
    """Remove the statement: cheap for assignments and calls, dear for control flow."""
    statement = site.statement
    if isinstance(statement, (*DEFINITIONS, ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue)):
        return
    if is_docstring_text(statement):
        return
    match statement:
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            cost = 2.2
        case ast.Assign(targets=[ast.Name()]):
            cost = 2.0 if _only_rebinds(site, statement) else 5.0
            cost -= LOST_VALUE if _loses_a_value(site, statement, [statement]) else 0.0
        case ast.Return() | ast.Raise() | ast.While() | ast.For() | ast.With() | ast.Try():
            cost = 5.0
        case ast.If(body=[*_, last], orelse=[]):
            cost = 3.0 if isinstance(last, JUMPS) else 3.6
        case _:
            cost = 3.0
    yield from remove(site, statement, "drops this statement", cost)


@statement_operator("remove-run", FAMILY, at_most=2)
def remove_with_the_next(site: Site) -> Iterator[Proposal]:
    """Remove this assignment or call and those right below it, two or three together."""
    block, index = site.module.block_of(site.statement)
    run = [site.statement]
    for following in block[index + 1 : index + MAX_RUN]:
        if not isinstance(following, _REMOVABLE) or not isinstance(run[-1], _REMOVABLE):
            return
        run.append(following)
        if len(run) < len(block) and all(owns_lines(site.module, one) for one in run):
            start = site.module.lines.line_start(run[0].lineno)
            end = site.module.lines.line_start((following.end_lineno or 0) + 1)
            edit = TextEdit(start, end, "")
            cost = 2.3 if all(_only_rebinds(site, one) for one in run) else 3.0
            cost -= LOST_VALUE if all(_loses_a_value(site, one, run) for one in run) else 0.0
            yield Proposal((edit,), f"drops these {len(run)} statements", cost + 0.6 * (len(run) - 2))


@statement_operator("remove-else", FAMILY, at_most=12)
def remove_else(site: Site) -> Iterator[Proposal]:
    """Remove the `else` (or the last `elif`) of an `if` or of a loop."""
    statement = site.statement
    if not isinstance(statement, ast.If | ast.For | ast.While) or not statement.orelse:
        return
    module, last, end = site.module, statement.body[-1], statement.orelse[-1]
    if len(statement.orelse) == 1 and is_elif(module, statement.orelse[0]):
        branch = statement.orelse[0]
        if not isinstance(branch, ast.If) or branch.orelse:
            return
    if owns_lines(module, last) and owns_lines(module, end):
        start = module.lines.line_start((last.end_lineno or 0) + 1)
        stop = module.lines.line_start((end.end_lineno or 0) + 1)
        yield Proposal((TextEdit(start, stop, ""),), "drops the `else` branch", 3.2)


@statement_operator("duplicate-statement", FAMILY, at_most=12)
def run_twice(site: Site) -> Iterator[Proposal]:
    """Write a call or an augmented assignment twice."""
    if isinstance(site.statement, ast.AugAssign) or (
        isinstance(site.statement, ast.Expr) and isinstance(site.statement.value, ast.Call)
    ):
        text = site.text(site.statement)
        if "\n" not in text:
            yield from insert_after(site, site.statement, [text], "does this twice", 4.0)


def _only_rebinds(site: Site, statement: ast.stmt) -> bool:
    """Say whether a statement binds one name, which would have a value without it, too."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return _is_bound_elsewhere(site, name)
        case _:
            return False


def _loses_a_value(site: Site, statement: ast.stmt, run: Sequence[ast.stmt]) -> bool:
    """Say whether a statement binds a name anew whose value, bound above in its block, nothing but `run` has read.

    This is a dead store (Aho et al., "Compilers", 9.1): one of both assignments is not what was meant.
    """
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in identifiers(value):
            pass
        case _:
            return False
    block, index = site.module.block_of(statement)
    for above in reversed(block[:index]):
        if above in run:
            continue
        uses = [one for one in ast.walk(above) if isinstance(one, ast.Name) and one.id == name]
        if any(isinstance(one.ctx, ast.Load) for one in uses):
            return False
        if uses:
            return isinstance(above, ast.Assign)
    return False


def _is_bound_elsewhere(site: Site, name: str) -> bool:
    scope = site.function.node if site.function else site.module.tree
    stores = [
        one
        for one in ast.walk(scope)
        if (isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store))
        or (isinstance(one, ast.arg) and one.arg == name)
    ]
    return len(stores) > 1
