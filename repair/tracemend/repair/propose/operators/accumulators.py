"""Accumulators: the first value, the update, and what happens with the result at the end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.ingredients import local_names, parameter_names
from tracemend.repair.propose.name_kinds import kind_of_expression, kinds_of_name, used_kinds
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    JUMPS,
    enclosing_loop,
    identifiers,
    insert_after,
    insert_before,
    insert_in_body,
    rewrite,
    statement_operator,
    walk_scope,
    written,
)

FAMILY = "loop bound and update"


@statement_operator("accumulate-start", FAMILY, at_most=14)
def change_the_first_value(site: Site) -> Iterator[Proposal]:
    """Start from another neutral value: 0, 1, -1, None, infinity, the first item, an empty container."""
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_updated_in_a_loop(site, name):
            old = written(site, value)
        case _:
            return
    choices = [
        "0",
        "1",
        'float("-inf")',
        'float("inf")',
        "None",
        "-1",
        "[]",
        '""',
        "{}",
        "set()",
        "True",
        "False",
    ]
    if _is_compared(site, name):
        choices = ['float("-inf")', 'float("inf")', "None", "0", "-1", "1"]
        firsts = [
            f"{one}[0]"
            for one in parameter_names(site)
            if kinds_of_name(site, one) & {"list", "tuple", "text"}
        ]
        choices = [*firsts[:2], *choices]
    elif isinstance(value, ast.Constant) and isinstance(value.value, bool):
        choices = [str(not value.value), *choices]
    for rank, text in enumerate(one for one in choices if one != old):
        yield replace(site, value, text, f"starts `{name}` with `{text}`", 1.3 + 0.2 * rank)


@statement_operator("accumulate-update", FAMILY, at_most=14)
def change_the_update(site: Site) -> Iterator[Proposal]:
    """Accumulate where a value is overwritten, overwrite where it is accumulated, append, extend, take the extreme."""
    match site.statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript() as target], value=value):
            yield from _instead_of_assignment(site, written(site, target), written(site, value), value)
        case ast.AugAssign(target=target, op=op, value=value):
            yield from _instead_of_augmentation(site, written(site, target), op, written(site, value))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[item])):
            yield from _instead_of_append(site, written(site, owner), written(site, item))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="extend"), args=[item])):
            line = f"{written(site, owner)}.append({written(site, item)})"
            yield from rewrite(site, site.statement, [line], "appends the item as one", 0.9)
        case ast.Expr(value=ast.expr() as value) if not isinstance(
            value, ast.Call | ast.Constant | ast.Yield
        ):
            for rank, name in enumerate(reversed(local_names(site)[-4:])):
                if isinstance(value, ast.Compare | ast.BinOp):
                    line = f"{name} = {written(site, value)}"
                    yield from rewrite(
                        site, site.statement, [line], f"keeps the value in `{name}`", 1.4 + 0.2 * rank
                    )
        case _:
            return


@statement_operator("accumulate-missing", FAMILY, at_most=30)
def update_what_is_never_updated(site: Site) -> Iterator[Proposal]:
    """Add the update of a name that is initialised before a loop and never changes inside of it."""
    if not isinstance(site.statement, ast.For | ast.While):
        return
    loop = site.statement
    changed = {
        name
        for one in walk_scope(loop.body)
        for name in identifiers(one)
        if isinstance(one, ast.Assign | ast.AugAssign) or _is_changing_call(one)
    }
    items = sorted(identifiers(loop.target)) if isinstance(loop, ast.For) else []
    inner = [
        one.id
        for one in walk_scope(loop.body)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    ]
    for name in reversed(local_names(site)):
        kinds = kinds_of_name(site, name)
        if name in changed or name in items:
            continue
        for rank, line in enumerate(_updates(name, kinds, list(dict.fromkeys([*items, *inner])))):
            note = f"updates `{name}` in each round (`{line}`)"
            yield from insert_in_body(site, loop, [line], note, 1.5 + 0.2 * rank, at_end=True)
            if isinstance(loop.body[-1], ast.If):
                yield from insert_in_body(site, loop.body[-1], [line], note, 1.7 + 0.2 * rank, at_end=True)


@statement_operator("accumulate-previous", FAMILY, at_most=24)
def remember_the_previous(site: Site) -> Iterator[Proposal]:
    """Set a name that is bound before a loop, read inside and never set there: `previous = x`, `prev = node`."""
    loop = enclosing_loop(site.module, site.statement)
    if loop is None or site.statement not in loop.body[-2:] or site.function is None:
        return
    stored = {
        one.id
        for one in walk_scope(loop.body)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    read = [
        one.id for one in walk_scope([loop]) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    ]
    items = sorted(identifiers(loop.target)) if isinstance(loop, ast.For) else []
    known = [
        one.name for one in site.names if one.kind == "local" and one.bound_before and one.line < loop.lineno
    ]
    values = [name for name in dict.fromkeys([*items, *sorted(stored), *read]) if name in {*stored, *items}]
    for name in (
        one for one in dict.fromkeys(read) if one in known and one not in stored and one not in items
    ):
        for rank, value in enumerate(values[:4]):
            line, note = f"{name} = {value}", f"remembers `{value}` as `{name}`"
            if site.statement is loop.body[-1] and not isinstance(site.statement, JUMPS):
                yield from insert_after(site, site.statement, [line], note, 1.6 + 0.2 * rank)
            yield from insert_before(site, site.statement, [line], note, 1.8 + 0.2 * rank)


@statement_operator("accumulate-attribute", FAMILY, at_most=12)
def update_an_attribute_nobody_updates(site: Site) -> Iterator[Proposal]:
    """Update an attribute that `__init__` creates and no method changes: `self.count += 1`, `self.items.append(x)`."""
    if site.function is None or site.function.class_name is None or site.function.node.name.startswith("__"):
        return
    if not isinstance(site.statement, ast.AugAssign | ast.Assign | ast.Expr | ast.Delete):
        return
    holder = next(one for one in site.module.ancestors(site.function.node) if isinstance(one, ast.ClassDef))
    for rank, (name, value) in enumerate(_initial_attributes(holder)):
        target = f"self.{name}"
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            lines = [
                f"{target} += 1",
                f"{target} -= 1",
                *(f"{target} += {one}" for one in parameter_names(site)[:2]),
            ]
        elif isinstance(value, ast.List):
            lines = [f"{target}.append({one})" for one in parameter_names(site)[:2]]
        else:
            continue
        for step, line in enumerate(lines):
            note = f"updates `{target}` (`{line}`)"
            yield from insert_after(site, site.statement, [line], note, 1.4 + 0.3 * rank + 0.2 * step)


@statement_operator("accumulate-mark", FAMILY, at_most=12)
def mark_as_seen(site: Site) -> Iterator[Proposal]:
    """Add the store that a membership test waits for: `seen.add(x)`, `memo[n] = value`, before a return too."""
    if site.function is None:
        return
    for item, owner in _membership_tests(site):
        kinds = kinds_of_name(site, owner)
        line = f"{owner}.append({item})" if "list" in kinds and "set" not in kinds else f"{owner}.add({item})"
        note = f"remembers `{item}` in `{owner}`"
        match site.statement:
            case ast.If() if owner in identifiers(site.statement.test):
                yield from insert_after(site, site.statement, [line], note, 1.0)
                yield from insert_in_body(site, site.statement, [line], note, 1.2)
            case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Subscript | ast.Constant):
                stored = f"{owner}[{item}]"
                note = f"remembers the result in `{owner}`"
                if isinstance(value, ast.Name):
                    yield from insert_before(site, site.statement, [f"{stored} = {value.id}"], note, 1.2)
                    continue
                lines = [f"{stored} = {written(site, value)}", f"return {stored}"]
                yield from rewrite(site, site.statement, lines, note, 1.4)
            case ast.Expr() | ast.Assign() | ast.AugAssign() if item in identifiers(site.statement):
                yield from insert_after(site, site.statement, [line], note, 1.6)
            case _:
                pass


def _initial_attributes(holder: ast.ClassDef) -> list[tuple[str, ast.expr]]:
    """Return the attributes that `__init__` creates with a plain value, and that no other method stores or changes."""
    created: dict[str, ast.expr] = {}
    changed: set[str] = set()
    for method in (one for one in holder.body if isinstance(one, FunctionNode)):
        for node in ast.walk(method):
            match node:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                    if method.name == "__init__":
                        created.setdefault(name, value)
                    else:
                        changed.add(name)
                case ast.AugAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                    changed.add(name)
                case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=name))):
                    changed.add(name)
                case _:
                    pass
    return [(name, value) for name, value in created.items() if name not in changed][:3]


def _instead_of_assignment(site: Site, target: str, text: str, value: ast.expr) -> Iterator[Proposal]:
    if enclosing_loop(site.module, site.statement) is None or "\n" in text:
        return
    kinds = kinds_of_name(site, target)
    if target not in text and not kinds & {"dict", "set"}:
        for rank, symbol in enumerate(("+=", "-=", "*=")):
            yield from rewrite(
                site,
                site.statement,
                [f"{target} {symbol} {text}"],
                f"accumulates with `{symbol}`",
                1.0 + 0.5 * rank,
            )
    if target not in text and kinds & {"number"}:
        for rank, extreme in enumerate(("max", "min")):
            line = f"{target} = {extreme}({target}, {text})"
            word = "largest" if extreme == "max" else "smallest"
            yield from rewrite(site, site.statement, [line], f"keeps the {word} value", 1.6 + 0.1 * rank)
    if "list" in kinds and kind_of_expression(value, used_kinds(site)) != "list":
        yield from rewrite(
            site, site.statement, [f"{target}.append({text})"], "appends instead of overwriting", 1.2
        )


def _instead_of_augmentation(site: Site, target: str, op: ast.operator, text: str) -> Iterator[Proposal]:
    yield from rewrite(
        site, site.statement, [f"{target} = {text}"], "sets the value instead of accumulating", 1.8
    )
    kinds = kinds_of_name(site, target)
    if isinstance(op, ast.Add) and (not kinds or kinds & {"list"}):
        yield from rewrite(site, site.statement, [f"{target}.append({text})"], "appends the item", 1.4)
        yield from rewrite(site, site.statement, [f"{target} += [{text}]"], "adds the item as one", 2.2)
    if not kinds or kinds & {"number"}:
        for extreme in ("max", "min"):
            line = f"{target} = {extreme}({target}, {text})"
            word = "largest" if extreme == "max" else "smallest"
            yield from rewrite(site, site.statement, [line], f"keeps the {word} value", 2.0)
    if isinstance(op, ast.Add | ast.Mult) and (not kinds or kinds & {"text", "list"}):
        line = f"{target} = {text} + {target}"
        yield from rewrite(site, site.statement, [line], "puts the new part in front", 1.8)


def _instead_of_append(site: Site, owner: str, item: str) -> Iterator[Proposal]:
    extended = f"{owner}.extend({item})"
    yield from rewrite(site, site.statement, [extended], "adds each item of the iterable", 0.9)
    yield from rewrite(site, site.statement, [f"{owner}.insert(0, {item})"], "inserts in front", 1.6)
    yield from rewrite(
        site, site.statement, [f"{owner} = {item}"], "sets the value instead of appending", 3.2
    )
    if "set" in kinds_of_name(site, owner):
        yield from rewrite(site, site.statement, [f"{owner}.add({item})"], "adds to the set", 0.7)


def _updates(name: str, kinds: frozenset[object], items: list[str]) -> Iterator[str]:
    """Yield the usual updates of an accumulator of these kinds."""
    if "number" in kinds:
        yield f"{name} += 1"
        yield from (f"{name} += {item}" for item in items[:3])
        yield f"{name} -= 1"
        yield from (f"{name} = max({name}, {item})" for item in items[:2])
    if "list" in kinds:
        yield from (f"{name}.append({item})" for item in items[:3])
    if "set" in kinds:
        yield from (f"{name}.add({item})" for item in items[:3])
    if "text" in kinds:
        yield from (f"{name} += {item}" for item in items[:3])
    if "dict" in kinds:
        yield from (f"{name}[{item}] = {other}" for item in items[:2] for other in items[:2] if item != other)
        yield from (f"{name}[{item}] = {name}.get({item}, 0) + 1" for item in items[:1])


def _membership_tests(site: Site) -> list[tuple[str, str]]:
    """Return the (item, container) pairs that the function tests with `in` or `not in` and never stores."""
    found: dict[tuple[str, str], None] = {}
    body = site.function.node.body if site.function else []
    changed = {name for call in walk_scope(body) if _is_changing_call(call) for name in identifiers(call)}
    for one in walk_scope(body):
        match one:
            case ast.Compare(
                left=ast.Name(id=item), ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=owner)]
            ):
                if owner in site.visible and owner not in changed:
                    found[item, owner] = None
            case _:
                pass
    return list(found)[:3]


def _is_changing_call(node: ast.AST) -> bool:
    match node:
        case ast.Call(
            func=ast.Attribute(attr="append" | "add" | "extend" | "update" | "insert" | "pop" | "remove")
        ):
            return True
        case _:
            return False


def _is_updated_in_a_loop(site: Site, name: str) -> bool:
    body = site.function.node.body if site.function else site.module.tree.body
    loops = [one for one in walk_scope(body) if isinstance(one, ast.For | ast.While)]
    return any(name in identifiers(loop) for loop in loops)


def _is_compared(site: Site, name: str) -> bool:
    """Say whether `name` looks like a running extreme: compared by order, or an argument of min and max."""
    body = site.function.node.body if site.function else []
    for one in walk_scope(body):
        match one:
            case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE(), *_]) if name in identifiers(
                one
            ):
                return True
            case ast.Call(func=ast.Name(id="min" | "max")) if name in identifiers(one):
                return True
            case _:
                pass
    return False
