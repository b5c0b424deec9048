"""Conditions that ask the wrong thing of the right value: of the whole instead of the part that is used below.

A pair is true even when both of its halves are None, and a question about `message.signed` says nothing of `message.key`. What
the function goes on to use is what it should have asked for: the weakest precondition of the statements below, as far as
it is a truth value (Dijkstra, CACM 1975).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import Precedence, Rewrite, expression_operator, operand
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import walk_scope

_FAMILY = "negate/strengthen/weaken a condition"
MAX_PARTS = 4
STATEMENTS_BELOW = 4


@expression_operator("condition-part", _FAMILY)
def ask_for_the_part(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Ask for the part that the function uses: `if not found[1]` or `if found[1] is None` for `if not found`."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as whole):
            before, question = "not ", "is None"
        case ast.Name() | ast.Attribute() if is_truth_value(site, node) and not _is_negated(site, node):
            whole, before, question = node, "", "is not None"
        case _:
            return
    known = site.types_of(whole)
    surcharge = -0.6 if known[:1] == ("tuple",) else 0.0  # A pair is always true.
    for rank, part in enumerate(_parts_of(site, site.text(whole))):
        cost = 2.2 + 0.15 * rank + surcharge
        yield Rewrite(node, f"{before}{part}", f"asks for `{part}`, which is used below", cost)
        yield Rewrite(node, f"{part} {question}", f"asks whether `{part}` {question}", cost + 0.1)


@expression_operator("clause-of-body", _FAMILY)
def ask_for_what_the_body_uses(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Ask for a value, too, that the branch uses: `if query.signed and query.key: sign(query.key)`."""
    if not isinstance(site.statement, ast.If) or node is not site.statement.test:
        return
    front = operand(site, node, Precedence.AND)
    for rank, part in enumerate(_used_in_body(site)):
        cost = 2.1 + 0.2 * rank
        yield Rewrite(node, f"{front} and {part}", f"also asks for `{part}`, which the branch uses", cost)
        text = f"{front} and {part} is not None"
        yield Rewrite(node, text, f"also asks that `{part}` is not None", cost + 0.3)


def _is_negated(site: Site, node: ast.expr) -> bool:
    return isinstance(site.module.parents[node], ast.UnaryOp)


@once_a_site
def _parts_of(site: Site, whole: str) -> Sequence[str]:
    """Return the items and attributes that the function takes of what is written `whole`, the most frequent first."""
    if site.function is None:
        return ()
    counts: dict[str, int] = {}
    for one in walk_scope(site.function.node.body):
        match one:
            case ast.Subscript(value=value, slice=ast.Constant() | ast.UnaryOp()):
                pass
            case ast.Attribute(value=value) if not _is_called(site, one):
                pass
            case _:
                continue
        if isinstance(one.ctx, ast.Load) and site.text(value) == whole:
            counts[site.text(one)] = counts.get(site.text(one), 0) + 1
    return sorted(counts, key=lambda text: -counts[text])[:MAX_PARTS]


@once_a_site
def _used_in_body(site: Site) -> Sequence[str]:
    """Return the attributes that the branch hands on or computes with, and that its condition does not mention."""
    if not isinstance(site.statement, ast.If):
        return ()
    asked = site.text(site.statement.test)
    owners = {one.id for one in ast.walk(site.statement.test) if isinstance(one, ast.Name)}
    found: dict[str, bool] = {}
    for one in walk_scope(site.statement.body[:STATEMENTS_BELOW]):
        match one:
            case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Load()) if not _is_called(site, one):
                text = site.text(one)
                if text not in asked and owner in site.visible:
                    found.setdefault(text, owner in owners)
            case _:
                pass
    return sorted(found, key=lambda text: not found[text])[:MAX_PARTS]


def _is_called(site: Site, node: ast.Attribute) -> bool:
    """Say whether `node` is a method that is called, or an owner of something else."""
    parent = site.module.parents.get(node)
    return isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node)
