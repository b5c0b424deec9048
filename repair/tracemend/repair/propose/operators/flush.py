"""What a loop leaves behind: the last group, the carry, the rest of the longer input.

A loop that collects something and hands it on when a new one begins must hand on the last one after the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.exception_names import exceptions_to_raise
from tracemend.repair.propose.ingredients import local_names, parameter_names
from tracemend.repair.propose.name_kinds import CONTAINERS, kinds_of_name
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    identifiers,
    insert_after,
    statement_operator,
    walk_scope,
    written,
)

FAMILY = "missing logic"
_TAKES_AWAY = frozenset(["pop", "popitem", "popleft", "remove", "discard"])


@statement_operator("flush-after-loop", FAMILY, at_most=40)
def flush_after_the_loop(site: Site) -> Iterator[Proposal]:
    """Repeat after a loop what its body does with a name that is bound outside: `groups.append(group)`."""
    loop = site.statement
    if not isinstance(loop, ast.For | ast.While):
        return
    outer = {one.name for one in site.names if one.kind in ("local", "parameter") and one.bound_before}
    outer |= {"self", "len", "str", "max", "min", "tuple", "list", "join"}
    for rank, (text, names) in enumerate(_handovers(site, loop)):
        if not names <= outer:
            continue
        own_guard = _guards_of_handovers(site, loop).get(text)
        if own_guard is not None and identifiers(own_guard) <= outer:
            lines = [f"if {written(site, own_guard)}:", f"\t{text}"]
            yield from insert_after(site, loop, lines, "hands on the last one, too", 1.1 + 0.15 * rank)
        guards = [name for name in local_names(site) if name in names and name in _reset_names(loop)]
        for name in guards[:2]:
            note = f"hands on the last `{name}` after the loop"
            yield from insert_after(site, loop, [f"if {name}:", f"\t{text}"], note, 1.3 + 0.15 * rank)
        yield from insert_after(site, loop, [text], "repeats this once after the loop", 1.5 + 0.15 * rank)


@statement_operator("flush-rest", FAMILY, at_most=40)
def add_the_rest_after_the_loop(site: Site) -> Iterator[Proposal]:
    """Add what a loop over two inputs leaves: `result.extend(left[i:])`, `result += right[j:]`, a carry."""
    loop = site.statement
    if not isinstance(loop, ast.While | ast.For):
        return
    collectors = [one for one in _collected(loop) if one in local_names(site)]
    for owner in collectors[:2]:
        slices = _indexed(loop)
        for rank, (values, index) in enumerate(slices[:4]):
            note = f"adds the rest of `{values}`"
            line = f"{owner}.extend({values}[{index}:])"
            yield from insert_after(site, loop, [line], note, 1.4 + 0.2 * rank)
        if len(slices) >= 2:
            both = [f"{owner}.extend({values}[{index}:])" for values, index in slices[:2]]
            yield from insert_after(site, loop, both, "adds the rest of both inputs", 1.2)
        for rank, name in enumerate(_carried(site, loop, owner)):
            lines = [f"if {name}:", f"\t{owner}.append({name})"]
            yield from insert_after(
                site, loop, lines, f"adds `{name}` when something is left", 1.6 + 0.2 * rank
            )
            yield from insert_after(
                site, loop, [f"{owner}.append({name})"], f"adds the last `{name}`", 1.9 + 0.2 * rank
            )


@statement_operator("flush-last-compare", FAMILY, at_most=12)
def settle_after_the_loop(site: Site) -> Iterator[Proposal]:
    """Settle a running value after the loop: `best = max(best, current)`, `total += current`."""
    loop = site.statement
    if not isinstance(loop, ast.While | ast.For):
        return
    names = [one for one in local_names(site) if one in _stored_names(loop)]
    for best in names[:4]:
        for current in names[:4]:
            if best != current:
                for rank, line in enumerate(
                    (
                        f"{best} = max({best}, {current})",
                        f"{best} = min({best}, {current})",
                        f"{best} += {current}",
                    )
                ):
                    known = any(text == line for text, _ in _handovers(site, loop))
                    cost = (1.2 if known else 2.4) + 0.2 * rank
                    yield from insert_after(site, loop, [line], f"settles `{best}` after the loop", cost)


@statement_operator("flush-refuse", FAMILY, at_most=16)
def refuse_what_is_left(site: Site) -> Iterator[Proposal]:
    """Raise after a loop where something is left that it should have used up, or where it got less than was given.

    What is left is all that is known of the problem, so the message says that and nothing else.
    """
    loop = site.statement
    if not isinstance(loop, ast.While | ast.For) or site.function is None:
        return
    surcharge = 0.7 if "DID NOT RAISE" in site.error else 2.2
    tests = [(name, f'", ".join(map(str, {name}))') for name in _shrunk(site, loop)]
    whole = [one for one in parameter_names(site) if kinds_of_name(site, one) & CONTAINERS]
    tests += [
        (f"len({kept}) < len({given})", f'f"only {{len({kept})}} of {{len({given})}}"')
        for kept in _collected(loop)[:2]
        for given in whole[:2]
        if kept != given
    ]
    for place, name in enumerate(exceptions_to_raise(site)[:3]):
        for rank, (test, message) in enumerate(tests[:4]):
            lines = [f"if {test}:", f"\traise {name}({message})"]
            note = f"raises `{name}` when something is left (`{test}`)"
            yield from insert_after(site, loop, lines, note, surcharge + 0.3 * rank + 0.4 * place)


def _handovers(site: Site, loop: ast.For | ast.While) -> Iterator[tuple[str, set[str]]]:
    """Yield the one-line calls, augmented assignments and yields in branches of the loop, with the names they read."""
    for node in walk_scope(loop.body):
        is_step = isinstance(node, ast.AugAssign | ast.Assign) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield)
        )
        if is_step and isinstance(node, ast.stmt):
            text = site.text(node)
            if "\n" not in text and not isinstance(getattr(node, "value", None), ast.Constant | ast.List):
                yield text, set(identifiers(node))


def _guards_of_handovers(site: Site, loop: ast.For | ast.While) -> dict[str, ast.expr]:
    """Return the conditions of the `if`s of the loop by the text of the statements directly below them."""
    found: dict[str, ast.expr] = {}
    for node in walk_scope(loop.body):
        if isinstance(node, ast.If):
            for child in node.body:
                found.setdefault(site.text(child), node.test)
    return found


def _shrunk(site: Site, loop: ast.For | ast.While) -> list[str]:
    """Return the containers from which the loop takes away: what is left in them then was not dealt with."""
    found: dict[str, None] = {}
    for node in walk_scope(loop.body):
        match node:
            case ast.Delete(targets=[ast.Subscript(value=owner)]):
                found.setdefault(site.text(owner))
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _TAKES_AWAY:
                found.setdefault(site.text(owner))
            case _:
                pass
    bound = {one.name for one in site.names if one.bound_before}
    return [one for one in found if one in bound or one.startswith("self.")]


def _reset_names(loop: ast.For | ast.While) -> set[str]:
    """Return the names that the loop assigns plainly."""
    return {
        target.id
        for node in walk_scope(loop.body)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    } | set(_collected(loop))


def _collected(loop: ast.For | ast.While) -> list[str]:
    """Return the names that the loop appends or adds to."""
    found: dict[str, None] = {}
    for node in walk_scope(loop.body):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "extend" | "insert")
            ):
                found.setdefault(name)
            case _:
                pass
    return list(found)


def _indexed(loop: ast.For | ast.While) -> list[tuple[str, str]]:
    """Return the (sequence, index) pairs that the loop reads as `sequence[index]`."""
    found: dict[tuple[str, str], None] = {}
    for node in walk_scope(loop.body):
        match node:
            case ast.Subscript(value=ast.Name(id=values), slice=ast.Name(id=index), ctx=ast.Load()):
                found.setdefault((values, index))
            case _:
                pass
    return list(found)


def _carried(site: Site, loop: ast.For | ast.While, owner: str) -> list[str]:
    stored = _stored_names(loop)
    return [name for name in local_names(site) if name in stored and name != owner][:4]


def _stored_names(loop: ast.For | ast.While) -> set[str]:
    return {
        node.id
        for node in walk_scope(loop.body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | set(_collected(loop))
