"""Refusals: a function that gives an answer where its contract is to raise.

The failing test says so itself ("DID NOT RAISE"), and so does an exception class that the file defines and never
raises. What is missing is where to raise it, and what to construct it with.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.exception_names import constructed, exceptions_to_raise, raised_in_file
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import is_elif, rewrite, statement_operator

FAMILY = "exception type and handling"
_WAITED, _UNUSED, _OTHERWISE = 0.5, 1.8, 3.0


@statement_operator("refuse-instead", FAMILY, at_most=6)
def raise_instead_of_leaving(site: Site) -> Iterator[Proposal]:
    """Raise where a branch or a handler returns nothing, passes or goes on: the last attempt has failed."""
    if site.function is None or not _says_nothing(site.statement):
        return
    holder = site.module.parents[site.statement]
    if not isinstance(holder, ast.If | ast.ExceptHandler | ast.For | ast.While) or is_elif(
        site.module, site.statement
    ):
        return
    caught = next(
        (one.name for one in site.module.ancestors(site.statement) if isinstance(one, ast.ExceptHandler)),
        None,
    )
    for rank, name in enumerate(exceptions_to_raise(site)[:3]):
        cause = f" from {caught}" if caught else ""
        line = f"raise {constructed(site, name)}{cause}"
        note = f"raises `{name}` instead of {_deed(site.statement)}"
        yield from rewrite(site, site.statement, [line], note, _price(site, name) + 0.3 * rank)


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Continue() | ast.Return(value=None):
            return True
        case ast.Return(value=ast.Constant(value=None | False)):
            return True
        case _:
            return False


def _deed(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Return):
        return "returning nothing"
    return "going on"


def _price(site: Site, name: str) -> float:
    if "DID NOT RAISE" in site.error:
        return _WAITED
    return _OTHERWISE if name in raised_in_file(site.module) else _UNUSED
