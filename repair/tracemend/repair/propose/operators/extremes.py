"""The greater of two values where the newer one is taken: overlapping intervals, caps, records, the runner-up.

A store that should keep an extreme forgets the old value when it just takes the new one. What the new value competes
with is written near by: in the condition that guards the store, or in the very place that is stored to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tracemend.repair.propose.candidates import attribute_uses
from tracemend.repair.propose.forgotten import forgotten_attributes
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, operand
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import identifiers, rewrite, statement_operator, walk_scope, written
from tracemend.repair.propose.value_kinds import NUMBERS, kind_of, may_be_number

_FAMILY = "missing call wrapper"
_RIVAL = (ast.Name, ast.Attribute, ast.Subscript)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_UPPER = re.compile(
    r"(?:^|_)(?:max|maximum|limit|cap|capacity|size|ceiling|full|most|highest|upper)(?:$|_)", re.IGNORECASE
)
_LOWER = re.compile(r"(?:^|_)(?:min|minimum|floor|least|lowest|lower)(?:$|_)", re.IGNORECASE)


@expression_operator("extreme-of-both", _FAMILY)
def keep_the_greater(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`max(new, old)` for `new` in a store, where `old` is what the condition around it compares, or the place itself."""
    if not isinstance(node, _RIVAL) or not _is_stored_value(site, node) or not may_be_number(site, node):
        return
    value = operand(site, node)
    for rank, rival in enumerate(_rivals(site, node)[:4]):
        for step, extreme in enumerate(("max", "min")):
            word = "greater" if extreme == "max" else "smaller"
            note = f"takes the {word} of `{value}` and `{rival}`"
            yield Rewrite(node, f"{extreme}({value}, {rival})", note, 1.5 + 0.1 * step + 0.15 * rank)


@statement_operator("extreme-limit", _FAMILY, at_most=12)
def stop_at_the_limit(site: Site) -> Iterator[Proposal]:
    """Keep an attribute that grows or shrinks within a limit of the object: `self.x = min(self.size, self.x + n)`."""
    match site.statement:
        case ast.AugAssign(
            target=ast.Attribute() as target, op=ast.Add() | ast.Sub() | ast.Mult() as op, value=value
        ):
            symbol = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}[type(op)]
            new = f"{site.text(target)} {symbol} {written(site, value)}"
        case ast.Assign(targets=[ast.Attribute() as target], value=ast.BinOp(op=op) as value):
            new = site.text(value)
        case _:
            return
    grows = not isinstance(op, ast.Sub)
    place = site.text(target)
    if "\n" in new or kind_of(site, target) not in {*NUMBERS, ""}:
        return
    for rank, (limit, is_upper) in enumerate(_limits_of_the_object(site, place)):
        told = 0.4 if limit.removeprefix("self.") in forgotten_attributes(site) else 0.0
        cost = (1.5 if is_upper == grows else 2.6) + 0.2 * rank - told
        line = f"{place} = {'min' if is_upper else 'max'}({limit}, {new})"
        yield from rewrite(site, site.statement, [line], f"keeps `{place}` within `{limit}`", cost)
    if not grows:
        line = f"{place} = max(0, {new})"
        yield from rewrite(site, site.statement, [line], f"keeps `{place}` from being negative", 2.2)


@statement_operator("extreme-runner-up", "initial value and aliasing/copy", at_most=4)
def demote_the_old_best(site: Site) -> Iterator[Proposal]:
    """Hand the old value on before a new best replaces it: `first, second = x, first` for `first = x`."""
    match site.statement, site.module.parents[site.statement]:
        case ast.Assign(targets=[ast.Name(id=best)], value=ast.Name() as value), ast.If(test=test):
            if best not in identifiers(test) or value.id not in identifiers(test):
                return
        case _:
            return
    for rank, runner_up in enumerate(_also_compared(site, best, value.id)):
        line = f"{best}, {runner_up} = {value.id}, {best}"
        note = f"hands the old `{best}` on to `{runner_up}`"
        yield from rewrite(site, site.statement, [line], note, 1.3 + 0.2 * rank)


def _is_stored_value(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is what an assignment stores, by itself or as an element of a tuple or list."""
    parent = site.module.parents[node]
    if isinstance(parent, ast.Tuple | ast.List):
        parent = site.module.parents[parent]
    return isinstance(parent, ast.Assign) and parent is site.statement and node not in parent.targets


def _rivals(site: Site, node: ast.expr) -> list[str]:
    """Return what `node` may have to be compared with: what the guards of the store order, and the place itself."""
    found: dict[str, None] = {}
    compared: list[ast.expr] = []
    for ancestor in site.module.ancestors(site.statement):
        if isinstance(ancestor, ast.If):
            for one in ast.walk(ancestor.test):
                if isinstance(one, ast.Compare) and isinstance(one.ops[0], _ORDER):
                    compared += [one.left, *one.comparators]
        elif isinstance(ancestor, ast.FunctionDef | ast.For | ast.While):
            break
    targets = site.statement.targets if isinstance(site.statement, ast.Assign) else []
    stored_to = [site.text(one) for one in targets]
    inside = [one for one in compared if any(site.text(one).startswith(place) for place in stored_to)]
    for one in [*inside, *compared, *targets]:
        if isinstance(one, _RIVAL) and site.text(one) != site.text(node) and may_be_number(site, one):
            found.setdefault(site.text(one))
    known = {one.name for one in site.names if one.bound_before}
    fresh = [site.text(one) for one in targets if isinstance(one, ast.Name) and one.id not in known]
    return [one for one in found if one not in fresh]


def _limits_of_the_object(site: Site, place: str) -> list[tuple[str, bool]]:
    """Return the attributes of `self` that are called like a limit or never read, with whether they are an upper one."""
    forgotten = [(f"self.{one}", not _LOWER.search(one)) for one in forgotten_attributes(site)[:2]]
    uses = attribute_uses(site.module).get("self", ())
    names = [one for one in uses if not one.endswith("()") and f"self.{one}" != place]
    upper = [(f"self.{one}", True) for one in names if _UPPER.search(one)]
    lower = [(f"self.{one}", False) for one in names if _LOWER.search(one)]
    return list(dict.fromkeys([*forgotten, *upper[:3], *lower]))[:4]


def _also_compared(site: Site, best: str, value: str) -> list[str]:
    """Return the other locals that the function compares with `value`, or that share an initial assignment with `best`."""
    assert site.function is not None
    found: dict[str, None] = {}
    for node in walk_scope(site.function.node.body):
        match node:
            case ast.Compare(ops=[op]) if isinstance(op, _ORDER) and value in identifiers(node):
                found.update(dict.fromkeys(sorted(identifiers(node) - {value, best})))
            case ast.Assign(targets=[ast.Name() as first, *_] as targets) if best in {
                one.id for one in targets if isinstance(one, ast.Name)
            }:
                found.update(
                    {one.id: None for one in targets if isinstance(one, ast.Name) and one is not first}
                )
            case ast.Assign(targets=[ast.Tuple(elts=names)]) if best in identifiers(node):
                found.update({one.id: None for one in names if isinstance(one, ast.Name)})
            case _:
                pass
    stored = {one.name for one in site.names if one.kind == "local" and one.bound_before}
    fitting = [one for one in found if one in stored and one != best and one != value]
    wanted = kinds_of_name(site, best)
    return [one for one in fitting if not wanted or kinds_of_name(site, one) & wanted][:3]
