"""State that must start afresh: what was handed on is emptied, what a `reset` forgets is set again.

A name that collects for one group keeps the old group unless it gets its initial value back right after it was handed
on; an object that is used twice keeps the state of its first use. The value to go back to stands where the name was
first bound: before the loop, or in `__init__`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    LOOPS,
    identifiers,
    insert_after,
    insert_before,
    statement_operator,
    walk_scope,
)

FAMILY = "initial value and aliasing/copy"
_RESETTING = (
    "reset",
    "clear",
    "flush",
    "restart",
    "start",
    "begin",
    "stop",
    "close",
    "empty",
    "drain",
    "take",
)


@statement_operator("reset-after-handover", FAMILY, at_most=10)
def reset_what_was_handed_on(site: Site) -> Iterator[Proposal]:
    """Give a name its initial value back after the statement of a loop that hands it on: `current = []`."""
    if site.function is None or not isinstance(site.statement, ast.Expr | ast.AugAssign | ast.Assign):
        return
    loop = next((one for one in site.module.ancestors(site.statement) if isinstance(one, LOOPS)), None)
    if loop is None:
        return
    start = _initial_values(site.module, site.function.node, loop)
    stored = {one.id for one in ast.walk(site.statement) if _is_stored(one) and isinstance(one, ast.Name)}
    used = identifiers(site.statement) - stored
    for rank, name in enumerate(one for one in start if one in used):
        line = f"{name} = {start[name]}"
        note = f"starts afresh with `{line}`"
        yield from insert_after(site, site.statement, [line], note, 1.5 + 0.2 * rank)


@statement_operator("reset-beside", FAMILY, at_most=8)
def reset_what_belongs_to_it(site: Site) -> Iterator[Proposal]:
    """Reset beside `line = []` the other names that were bound with it and grow with it: `used = 0`."""
    match site.statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value) if site.function:
            pass
        case _:
            return
    starts = _values_at_the_start(site)
    if starts.get(site.text(target)) != site.text(value):
        return
    block, _ = site.module.block_of(site.statement)
    busy = {site.text(one) for statement in block for one in _touched_places(statement)}
    grown = _grown_places(site)
    for rank, place in enumerate(one for one in starts if one in grown and one not in busy):
        line = f"{place} = {starts[place]}"
        yield from insert_after(
            site, site.statement, [line], f"starts afresh with `{line}` too", 1.2 + 0.2 * rank
        )


@statement_operator("reset-attribute", FAMILY, at_most=12)
def reset_an_attribute(site: Site) -> Iterator[Proposal]:
    """Give an attribute the value that `__init__` gives it, around the last statement of another method."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    if site.function is None or holder is None or site.statement is not site.function.node.body[-1]:
        return
    name = site.function.node.name
    if name == "__init__":
        return
    stored, counted = _stored_attributes(site.function.node)
    likely = any(word in name for word in _RESETTING)
    rank = 0
    for attribute, value in _attributes_of_init(site.module, holder).items():
        if attribute in stored:
            continue
        line = f"self.{attribute} = {value}"
        note = f"sets `self.{attribute}` back to `{value}`"
        cost = (1.6 if likely else 2.0 if attribute in counted else 2.9) + 0.2 * rank
        if not isinstance(site.statement, ast.Return | ast.Raise):
            yield from insert_after(site, site.statement, [line], note, cost)
        yield from insert_before(site, site.statement, [line], note, cost + 0.1)
        rank += 1


@statement_operator("reset-book", FAMILY, at_most=6)
def empty_the_other_book(site: Site) -> Iterator[Proposal]:
    """Empty a container of the object after a method has written to another one: a new action ends what may be redone."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"))))):
            pass
        case _:
            return
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    if holder is None or site.function is None:
        return
    used = {one.attr for one in walk_scope(site.function.node.body) if isinstance(one, ast.Attribute)}
    rank = 0
    for name, value in _attributes_of_init(site.module, holder).items():
        if name not in used and value in ("[]", "{}", "set()", "deque()", "dict()", "list()"):
            line = f"self.{name}.clear()"
            yield from insert_after(site, site.statement, [line], f"empties `self.{name}`", 2.1 + 0.2 * rank)
            rank += 1


def _values_at_the_start(site: Site) -> Mapping[str, str]:
    """Return the neutral values that names get before the loop around the statement, and attributes in `__init__`."""
    assert site.function is not None
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    of_init = (
        _attributes_of_init(site.module, holder) if holder and site.function.node.name != "__init__" else {}
    )
    found = {f"self.{name}": value for name, value in of_init.items()}
    loops = [one for one in site.module.ancestors(site.statement) if isinstance(one, LOOPS)]
    for loop in loops[:1]:
        found |= _initial_values(site.module, site.function.node, loop)
    return found


def _grown_places(site: Site) -> frozenset[str]:
    """Return the names and attributes that the function (for attributes: the class) updates in place."""
    assert site.function is not None
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    found: set[str] = set()
    for node in ast.walk(holder or site.function.node):
        match node:
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target):
                found.add(site.text(target))
            case ast.Call(
                func=ast.Attribute(value=owner, attr="append" | "add" | "extend" | "update" | "insert")
            ):
                found.add(site.text(owner))
            case _:
                pass
    return frozenset(found)


def _touched_places(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the names and attributes that a statement binds or hands something to: `found` of `found.append(line)`."""
    match statement:
        case ast.Assign(targets=targets):
            for target in targets:
                yield from (one for one in ast.walk(target) if isinstance(one, ast.Name | ast.Attribute))
        case ast.AugAssign(target=target):
            yield target
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):
            yield owner
        case _:
            return


def _initial_values(module: Module, function: FunctionNode, loop: ast.AST) -> dict[str, str]:
    """Return the constants and empty containers that names are bound to before `loop`, as written."""
    found: dict[str, str] = {}
    before = [one for one in walk_scope(function.body) if isinstance(one, ast.Assign)]
    for one in before:
        if one.lineno < loop.lineno:  # type: ignore[attr-defined]
            for target, value in _bindings_of(one):
                if isinstance(target, ast.Name) and _is_neutral(value):
                    found[target.id] = module.segment(value)
    return found


def _bindings_of(statement: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in statement.targets:
        match target, statement.value:
            case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
                yield from zip(names, values, strict=True)
            case _:
                yield target, statement.value


def _is_neutral(value: ast.expr) -> bool:
    match value:
        case ast.Constant() | ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id="set" | "dict" | "list" | "deque" | "Counter"), args=[]):
            return True
        case _:
            return False


def _is_stored(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _stored_attributes(function: FunctionNode) -> tuple[set[str], set[str]]:
    """Return the attributes that a method sets, and those that it counts in a branch and never sets."""
    nodes = list(walk_scope(function.body))
    counted = {
        one.target.attr
        for one in nodes
        if isinstance(one, ast.AugAssign)
        and isinstance(one.target, ast.Attribute)
        and one not in function.body
    }
    targets = [target for one in nodes if isinstance(one, ast.Assign) for target in one.targets]
    stored = {one.attr for target in targets for one in ast.walk(target) if isinstance(one, ast.Attribute)}
    return stored, counted - stored


@lru_cache(maxsize=64)
def _attributes_of_init(module: Module, holder: ast.ClassDef) -> Mapping[str, str]:
    """Return the attributes that `__init__` gives a neutral value, with that value as written."""
    init = [one for one in holder.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    found: dict[str, str] = {}
    for statement in walk_scope(init[0].body) if init else ():
        for target, value in _bindings_of(statement) if isinstance(statement, ast.Assign) else ():
            match target:
                case ast.Attribute(value=ast.Name(id="self"), attr=name) if _is_neutral(value):
                    found.setdefault(name, module.segment(value))
                case _:
                    pass
    return found
