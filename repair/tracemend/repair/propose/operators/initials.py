"""First values that contradict their use: a place that is asked whether it is None yet, and never was.

The tests of an attribute are its specification: who asks `self.lowest is None` says that it starts with None, whatever
`__init__` has written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import statement_operator

FAMILY = "initial value and aliasing/copy"
_PLAIN = ("0", "0.0", '""', "[]", "-1", "1", "False")


@statement_operator("initial-none", FAMILY, at_most=3)
def start_with_none(site: Site) -> Iterator[Proposal]:
    """Start with None what the code asks `is None` of and nothing else ever sets to None; all such places, or one."""
    mine = _contradicted(site, site.statement)
    if mine is None:
        return
    block, _ = site.module.block_of(site.statement)
    others = [found for one in block if (found := _contradicted(site, one)) is not None and found is not mine]
    if others:
        together = [replace(site, one, "None", "", 0.0).edits[0] for one in (mine, *others)]
        note = f"starts with None what is asked `is None`, here and {len(others)} times beside it"
        yield Proposal(tuple(sorted(together)), note, 1.0)
    yield replace(site, mine, "None", "starts with None, for that is asked later", 1.1)


def _contradicted(site: Site, statement: ast.stmt) -> ast.expr | None:
    """Return the plain first value of `statement`, where its place is compared with None and never becomes None."""
    match statement:
        case ast.Assign(targets=[ast.Attribute() | ast.Name() as target], value=value):
            place = site.text(target)
        case ast.AnnAssign(target=ast.Attribute() | ast.Name() as target, value=ast.expr() as value):
            place = site.text(target)
        case _:
            return None
    if site.text(value) not in _PLAIN or site.function is None:
        return None
    inside = target if isinstance(target, ast.Name) else None
    scope: ast.AST = site.function.node if inside is not None else _class_around(site) or site.function.node
    asked = any(_asks_for_none(site, one, place) for one in ast.walk(scope))
    return value if asked and not any(_becomes_none(site, one, place) for one in ast.walk(scope)) else None


def _class_around(site: Site) -> ast.ClassDef | None:
    return next((one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None)


def _asks_for_none(site: Site, node: ast.AST, place: str) -> bool:
    match node:
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return site.text(left) == place
        case _:
            return False


def _becomes_none(site: Site, node: ast.AST, place: str) -> bool:
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(value=None)):
            return any(site.text(one) == place for one in targets)
        case _:
            return False
