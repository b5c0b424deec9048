"""Caches: keys that leave out arguments, entries that are not touched when they are used, entries that never expire.

A cache is right when its key tells apart whatever the result depends on, and when what it forgets first is what the
policy says. Both are one line that is easily left out, and the tests of the cached function itself do not notice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.candidates import attribute_uses
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import insert_before, statement_operator, walk_scope

FAMILY = "initial value and aliasing/copy"


@statement_operator("cache-key", FAMILY, at_most=4)
def include_the_keywords(site: Site) -> Iterator[Proposal]:
    """Add the keyword arguments to a key made of `*args` alone, wherever the functions around each other make it."""
    outermost = _outermost_function(site)
    if outermost is None:
        return
    uses = [one for function in _functions_in(outermost) for one in _positional_alone(site, function)]
    if not any(one is inner for one, _ in uses for inner in ast.walk(site.statement)):
        return
    for rank, freeze in enumerate(("frozenset({0}.items())", "tuple(sorted({0}.items()))")):
        edits = [
            TextEdit(*site.module.span(one), f"({one.id}, {freeze.format(keywords)})")
            for one, keywords in uses
        ]
        yield Proposal(
            tuple(sorted(edits)), "makes the keyword arguments a part of the key", 1.3 + 0.2 * rank
        )


@statement_operator("cache-touch", FAMILY, at_most=6)
def mark_as_used_last(site: Site) -> Iterator[Proposal]:
    """Move an entry to the end of its table when it is used, where the table forgets from its start."""
    if site.function is None or not isinstance(site.statement, ast.Return | ast.Assign):
        return
    for owner, key in _looked_up(site):
        ordered, bounded = _is_ordered(site, owner), _forgets(site, owner)
        if f"{owner}.move_to_end({key})" in site.module.text or not (ordered or bounded):
            continue
        cost = 1.0 if ordered and bounded else 2.4
        lines = [f"{owner}.move_to_end({key})"] if ordered else [f"{owner}[{key}] = {owner}.pop({key})"]
        note = f"marks `{key}` as used last in `{owner}`"
        yield from insert_before(site, site.statement, lines, note, cost)


def _outermost_function(site: Site) -> FunctionNode | None:
    around = [one for one in site.module.ancestors(site.statement) if isinstance(one, FunctionNode)]
    return around[-1] if around else None


def _functions_in(outermost: FunctionNode) -> list[FunctionNode]:
    return [one for one in ast.walk(outermost) if isinstance(one, FunctionNode)]


def _positional_alone(site: Site, function: FunctionNode) -> Iterator[tuple[ast.Name, str]]:
    """Yield the loads of `args` by itself in a function of `*args, **kwargs`, with the name of the latter."""
    if function.args.vararg is None or function.args.kwarg is None:
        return
    for node in walk_scope(function.body):
        if isinstance(node, ast.Name) and node.id == function.args.vararg.arg:
            parent = site.module.parents[node]
            is_key = isinstance(parent, ast.Assign | ast.Compare) or (
                isinstance(parent, ast.Subscript) and parent.slice is node
            )
            if is_key or _is_first_argument_of_a_table(parent, node):
                yield node, function.args.kwarg.arg


def _is_first_argument_of_a_table(parent: ast.AST, node: ast.expr) -> bool:
    match parent:
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[first, *_]):
            return first is node
        case _:
            return False


def _looked_up(site: Site) -> Iterator[tuple[str, str]]:
    """Yield (table, key) of each lookup of the statement whose key is a name."""
    for node in site.expressions:
        match node:
            case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=ast.Name(id=key)) if (
                isinstance(node.ctx, ast.Load)
            ):
                yield site.text(owner), key
            case _:
                pass


def _is_ordered(site: Site, owner: str) -> bool:
    """Say whether `owner` is an `OrderedDict`, by what the run saw or by what it is created as."""
    seen = site.observed.get(owner)
    if seen is not None and any(one.endswith("OrderedDict") for one in seen.types):
        return True
    return (
        f"{owner} = OrderedDict(" in site.module.text
        or f"{owner} = collections.OrderedDict(" in site.module.text
    )


def _forgets(site: Site, owner: str) -> bool:
    """Say whether the file removes entries from the start of `owner`."""
    removes = any(one in ("popitem()", "pop()") for one in attribute_uses(site.module).get(owner, ()))
    first = f"next(iter({owner}" in site.module.text
    return removes and (first or f"{owner}.popitem(last=False)" in site.module.text)
