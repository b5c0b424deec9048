"""What one step does to the object and no step undoes: pushed and not popped, counted up and not down.

Handlers of begin and end, context managers and counters come in pairs. Where the second half lacks its statement, the first
half says which one: the inverse of what it does to the same attribute.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.analysis.syntax.module import Function
from tracemend.repair.propose.site import Proposal, Site, once_a_site
from tracemend.repair.propose.statements import (
    JUMPS,
    insert_after,
    insert_before,
    statement_operator,
    walk_scope,
)

FAMILY = "missing logic"
MAX_UNDONE = 4
_INVERSE = {
    "append": "pop()",
    "appendleft": "popleft()",
    "add": "discard({0})",
    "push": "pop()",
    "acquire": "release()",
}
_OPERATORS = {ast.Add: "-=", ast.Sub: "+=", ast.Mult: "//=", ast.LShift: ">>=", ast.RShift: "<<="}


@statement_operator("insert-inverse", FAMILY, at_most=2 * MAX_UNDONE)
def undo_what_is_done(site: Site) -> Iterator[Proposal]:
    """Undo at the end of a function what it, or another method, does: `self.depth -= 1` after `self.depth += 1`."""
    if site.function is None or site.function.node.body[-1] is not site.statement:
        return
    own = ast.unparse(site.function.node)
    rank = 0
    for owner, text in _undone(site):
        if text in own:
            continue
        cost = (2.2 if owner is site.function else 2.5) + 0.25 * rank
        note = f"undoes with `{text}` what `{owner.node.name}` does"
        if not isinstance(site.statement, JUMPS):
            yield from insert_after(site, site.statement, [text], note, cost)
        if owner is not site.function:
            yield from insert_before(site, site.statement, [text], note, cost + 0.3)
        rank += 1
        if rank == MAX_UNDONE:
            return


@once_a_site
def _undone(site: Site) -> Sequence[tuple[Function, str]]:
    """Return the inverses of what the function, and then other methods of its class, do to attributes."""
    here = site.function
    if here is None:
        return ()
    methods = [
        one
        for one in site.module.functions
        if one is not here and one.class_name is not None and one.class_name == here.class_name
    ]
    found: dict[str, Function] = {}
    for owner in (here, *methods):
        if owner is here and not any(isinstance(one, ast.Yield) for one in walk_scope(here.node.body)):
            continue  # Without a pause there is nothing between the two halves.
        for statement in walk_scope(owner.node.body):
            text = _inverse_of(site, statement)
            if text is not None:
                found.setdefault(text, owner)
    return tuple((owner, text) for text, owner in found.items())


def _inverse_of(site: Site, node: ast.AST) -> str | None:
    """Return the statement that undoes an update of an attribute by a constant, a name or a method."""
    match node:
        case ast.AugAssign(
            target=ast.Attribute() as target, op=op, value=ast.Constant() | ast.Name() as value
        ) if type(op) in _OPERATORS and (isinstance(value, ast.Constant) or value.id in site.visible):
            return f"{site.text(target)} {_OPERATORS[type(op)]} {site.text(value)}"
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Attribute() as owner, attr=name), args=args, keywords=[]
            )
        ) if name in _INVERSE and all(isinstance(one, ast.Name | ast.Constant) for one in args):
            inverse = _INVERSE[name].format(*(site.text(one) for one in args))
            return f"{site.text(owner)}.{inverse}"
        case _:
            return None
