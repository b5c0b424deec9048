"""Refusals: a function that gives an answer where its contract is to raise.

The failing test says so itself ("DID NOT RAISE"), and so does an exception class that the file defines and never
raises. What is missing is where to raise it, and what to construct it with.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.exception_names import constructed, exceptions_to_raise, raised_in_file
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    code_body,
    insert_before,
    is_elif,
    rewrite,
    statement_operator,
)

FAMILY = "exception type and handling"
_PLAIN_TYPES = ("str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "set")
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


@statement_operator("refuse-type", FAMILY, at_most=8)
def raise_for_another_type(site: Site) -> Iterator[Proposal]:
    """Raise where a parameter is of another type than it is declared, or than the function can work with."""
    if site.function is None or code_body(site.function.node)[:1] != [site.statement]:
        return
    if "DID NOT RAISE" not in site.error:
        return
    for rank, test in enumerate(_type_tests(site)):
        for step, exception in enumerate(exceptions_to_raise(site)[:2]):
            lines = [f"if {test}:", f"\traise {constructed(site, exception)}"]
            note = f"raises `{exception}` when `{test}`"
            yield from insert_before(site, site.statement, lines, note, 1.4 + 0.2 * rank + 0.4 * step)


def _type_tests(site: Site) -> Iterator[str]:
    """Yield questions about the types of parameters: as declared, then whether they are as the failing test gave them."""
    arguments = all_arguments(site.function.node.args) if site.function else ()
    for one in arguments:
        if isinstance(one.annotation, ast.Name) and one.annotation.id in _PLAIN_TYPES:
            yield f"not isinstance({one.arg}, {one.annotation.id})"
    for one in arguments:
        seen = site.observed.get(one.arg)
        if one.annotation is None and seen is not None and seen.types and seen.types[0] in _PLAIN_TYPES:
            yield f"isinstance({one.arg}, {seen.types[0]})"


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
