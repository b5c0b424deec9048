"""Wrong names: another variable of a compatible type, a swapped pair, a wrong target."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from tracemend.repair.propose.candidates import data_names, inner_names, likeness
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, proposals, rewritten, spliced
from tracemend.repair.propose.site import Proposal, Site, once_a_site, operator
from tracemend.repair.propose.statements import identifiers, walk_scope
from tracemend.repair.propose.value_kinds import NUMBERS

_FAMILY = "wrong name or member of a compatible type"


@expression_operator("name", _FAMILY)
def name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another name in scope, likeliest first."""
    if not isinstance(node, ast.Name) or _is_callee(site, node) or node.id in ("self", "cls"):
        return
    hint = -0.6 if site.error_here and f"'{node.id}'" in site.error and "NameError" in site.error else 0.0
    for rank, other in enumerate(data_names(site, node, limit=10)):
        alike = 0.3 if likeness(node.id, other) > 0.6 else 0.0
        refined = 0.4 if other in _computed_from(site, node.id) else 0.0
        cost = 1.2 + 0.18 * rank - alike - refined + hint + _surcharge_of_type(site, node, other)
        yield Rewrite(node, other, f"uses `{other}` instead of `{node.id}`", max(cost, 0.5))


@operator("assignment-target", _FAMILY)
def assignment_target(site: Site) -> Iterator[Proposal]:
    """Another variable assigned to."""
    match site.statement:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            targets = [one for one in ast.walk(target) if isinstance(one, ast.Name)]
        case _:
            return
    stored = [one for one in targets if isinstance(one.ctx, ast.Store)]
    yield from proposals(
        site,
        (
            Rewrite(one, other, f"assigns to `{other}` instead of `{one.id}`", 2.0 + 0.25 * rank)
            for one in stored
            for rank, other in enumerate(_assigned_names(site, one)[:6])
        ),
    )


@operator("unpacking-order", _FAMILY)
def unpacking_order(site: Site) -> Iterator[Proposal]:
    """The targets of an unpacking in another order: `for v, k in ...` against `for k, v in ...`."""
    for target in _unpacked_targets(site):
        for first, second in itertools.pairwise(target.elts):
            edits = (rewritten(site, first, site.text(second)), rewritten(site, second, site.text(first)))
            if edits[0] and edits[1]:
                note = f"swaps `{site.text(first)}` and `{site.text(second)}` in the unpacking"
                yield Proposal((edits[0], edits[1]), note, 1.6)


@expression_operator("swapped-names", _FAMILY)
def swapped_names(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Two names that changed places within one expression: `a.index(b)` against `b.index(a)`."""
    if site.module.parents[node] is not site.statement and not isinstance(node, ast.Compare | ast.Call):
        return
    found = [
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and not _is_callee(site, one) and site.module.has_exact_position(one)
    ]
    distinct = list(dict.fromkeys(one.id for one in found))
    if not 2 <= len(distinct) <= 4 or len(found) > 8:
        return
    for first, second in itertools.combinations(distinct, 2):
        swap: dict[ast.expr, str] = {
            one: second if one.id == first else first for one in found if one.id in (first, second)
        }
        cost = 1.9 + 0.1 * len(found)
        yield Rewrite(node, spliced(site, node, swap), f"swaps `{first}` and `{second}`", cost)


def _surcharge_of_type(site: Site, node: ast.Name, other: str) -> float:
    """Return what a name costs extra whose values were seen to be of another type than those of `node`."""
    here, there = site.types_of(node), site.observed.get(other)
    if not here or there is None or not there.types or set(here) & set(there.types):
        return 0.0
    return 0.0 if {*here, *there.types} <= NUMBERS else 1.0


@once_a_site
def _computed_from(site: Site, name: str) -> frozenset[str]:
    """Return the locals that were computed from `name` before: `given = min(wanted, there)` refines what was wanted."""
    before = {one.name for one in site.names if one.kind == "local" and one.bound_before}
    found: set[str] = set()
    for node in walk_scope(site.function.node.body) if site.function else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if node is not site.statement:
                if target in before and name in identifiers(value):
                    found.add(target)
            case _:
                pass
    return frozenset(found)


def _is_callee(site: Site, node: ast.Name) -> bool:
    parent = site.module.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


def _assigned_names(site: Site, node: ast.Name) -> list[str]:
    """Return the variables of the function itself, without those of comprehensions, which cannot be assigned to."""
    inner = set(inner_names(site, node))
    own = {one.name for one in site.names if one.kind in ("local", "parameter", "global")}
    return [one for one in data_names(site, node, limit=10) if one in own and one not in inner]


def _unpacked_targets(site: Site) -> Iterator[ast.Tuple]:
    """Yield the tuples that `for`, comprehensions and assignments of the statement unpack into."""
    targets = [site.statement.target] if isinstance(site.statement, ast.For | ast.AsyncFor) else []
    if isinstance(site.statement, ast.Assign):
        targets += site.statement.targets
    for node in site.expressions:
        targets += [one.target for one in getattr(node, "generators", [])]
    for target in targets:
        for inner in ast.walk(target):
            if isinstance(inner, ast.Tuple) and site.module.has_exact_position(inner):
                yield inner
