"""Missing statements that stand elsewhere: donors from the same scope, and twins of a neighbour."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.ingredients import subjects
from tracemend.repair.propose.mirrors import mirrored_text
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    DEFINITIONS,
    JUMPS,
    attribute_names,
    identifiers,
    insert_after,
    insert_before,
    is_docstring_text,
    names_in_text,
    statement_operator,
    substituted,
    walk_scope,
)

FAMILY = "statement moved, inserted from the same scope, removed or duplicated"
MAX_DONORS = 24
MAX_VARIANTS = 3
_KEYWORDS = frozenset(keyword.kwlist)


@statement_operator("insert-donor", FAMILY, at_most=60)
def insert_donor_statement(site: Site) -> Iterator[Proposal]:
    """Insert a simple statement of the same scope before this one, or after the last one of a block.

    A donor whose names are not all bound here is tried with one name replaced by a name of the same kind.
    """
    if site.function is None or isinstance(site.statement, DEFINITIONS) or is_docstring_text(site.statement):
        return
    bound = {one.name for one in site.names if one.bound_before}
    assigned = {one.name for one in site.names if one.kind in ("local", "parameter", "enclosing")}
    neighbours = _neighbours(site)
    around = {site.text(one) for one in site.module.block_of(site.statement)[0]}
    here = identifiers(site.statement)
    is_async = isinstance(site.function.node, ast.AsyncFunctionDef)
    may_yield = not is_async and any(
        isinstance(one, ast.Yield) for one in walk_scope(site.function.node.body)
    )
    offered = 0
    for rank, donor in enumerate(site.donors.statements):
        if not _is_useful(donor) or donor in neighbours or ("await " in donor and not is_async):
            continue
        if donor.startswith("yield") and not may_yield:
            continue
        for variant, extra in _variants(site, donor, bound, assigned):
            related = bool(names_in_text(variant) & here)
            cost = 2.0 + 0.05 * rank + extra + (0.0 if related else 0.8)
            cost += 1.2 if variant in around else 0.0  # The same work done twice is seldom what is missing.
            yield from _insert_around(site, variant, f"adds `{variant}`", cost)
        offered += 1
        if offered == MAX_DONORS:
            return


@statement_operator("insert-twin", FAMILY, at_most=12)
def insert_twin(site: Site) -> Iterator[Proposal]:
    """Add the twin of the statement: the same with `left` for `right`, `x` for `y`, `start` for `end`."""
    statement = site.statement
    if isinstance(statement, (*DEFINITIONS, ast.Return, ast.Import, ast.ImportFrom)):
        return
    names = {one.name for one in site.names} | {one.removesuffix("()") for one in site.donors.attributes}
    names |= set(attribute_names(site.module))
    text = mirrored_text(site.module, statement, names)
    if (
        text is None
        or "\n" in text
        or isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try)
    ):
        return
    if text not in _neighbours(site):
        note = f"adds the counterpart `{text}`"
        yield from insert_after(site, statement, [text], note, 1.4)
        yield from insert_before(site, statement, [text], note, 2.0)


def _insert_around(site: Site, text: str, note: str, cost: float) -> Iterator[Proposal]:
    block, index = site.module.block_of(site.statement)
    yield from insert_before(site, site.statement, [text], note, cost)
    if index == len(block) - 1 and not isinstance(site.statement, JUMPS):
        yield from insert_after(site, site.statement, [text], note, cost)


def _variants(site: Site, donor: str, bound: set[str], assigned: set[str]) -> Iterator[tuple[str, float]]:
    """Yield the donor as it is, or with its one unbound name replaced; with what that adds to the cost."""
    read = _read(donor)
    if read is None:
        return
    mentioned, stored = read
    missing = [name for name in mentioned if name not in stored and _is_unknown(name, bound)]
    if not missing:
        yield donor, 0.0 if stored <= assigned else 1.0
    elif len(missing) == 1:
        wanted = kinds_of_name(site, missing[0])
        for rank, subject in enumerate(subjects(site)[:MAX_VARIANTS]):
            if not wanted or not subject.kinds or wanted & subject.kinds:
                yield _renamed(donor, missing[0], subject.text), 0.8 + 0.3 * rank


@lru_cache(maxsize=1024)
def _read(donor: str) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Return the names that a donor mentions, and those that it binds; None where it is no statement by itself."""
    is_jump = donor.startswith(("return", "yield", "await"))
    try:
        tree = ast.parse(f"_ = ({donor.partition(' ')[2]})" if is_jump else donor)
    except SyntaxError:
        return None
    names = [one for one in ast.walk(tree) if isinstance(one, ast.Name)]
    stored = frozenset(one.id for one in names if isinstance(one.ctx, ast.Store)) - {"_"}
    mentioned = names_in_text(donor) - _KEYWORDS
    return tuple(sorted(mentioned & {one.id for one in names})), stored


@lru_cache(maxsize=1024)
def _renamed(text: str, old: str, new: str) -> str:
    """Replace the name `old` in the text of one statement; attributes and strings of that spelling stay."""
    module = parse_module("donor.py", f"async def _():\n    {text}")
    inner: ast.AST = module.tree.body[0].body[0]  # type: ignore[attr-defined]
    return substituted(module, inner, {old: new})


def _is_unknown(name: str, bound: set[str]) -> bool:
    return name not in bound and not hasattr(builtins, name)


def _is_useful(donor: str) -> bool:
    return not donor.startswith(
        ('"', "'", 'r"', 'f"', "return", "break", "continue", "raise", "import", "from", "...")
    )


def _neighbours(site: Site) -> set[str]:
    block, index = site.module.block_of(site.statement)
    return {site.text(one) for one in block[max(0, index - 1) : index + 2]}
