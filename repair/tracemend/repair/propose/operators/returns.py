"""Missing and wrong `return` and `yield`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.ingredients import local_names, parameter_names, return_values
from tracemend.repair.propose.name_kinds import CONTAINERS, kinds_of_name
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    LOOPS,
    always_leaves,
    enclosing_loop,
    insert_after,
    is_docstring_text,
    move,
    negated,
    rewrite,
    statement_operator,
    walk_scope,
    written,
)

FAMILY = "missing or wrong return, yield, break, continue"
_MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "sort",
        "reverse",
        "clear",
        "update",
        "add",
        "discard",
        "appendleft",
        "extendleft",
        "rotate",
    ]
)


@statement_operator("return-expression", FAMILY, at_most=12)
def return_the_expression(site: Site) -> Iterator[Proposal]:
    """Write `return x` (or `yield x`) for a bare `x`, and for the last `y = x` of a function."""
    statement = site.statement
    if site.function is None or is_docstring_text(statement):
        return
    match statement:
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Await()):
            return
        case ast.Expr(value=value):
            text = written(site, value)
            cost = 2.4 if _is_mutation(value) else 0.9
            yield from rewrite(site, statement, [f"return {text}"], "returns the value", cost)
            yield from rewrite(site, statement, [f"yield {text}"], "yields the value", cost + 1.4)
        case ast.Assign(value=value):
            if _ends_function(site):
                yield from rewrite(
                    site, statement, [f"return {written(site, value)}"], "returns the value", 1.8
                )
            elif _ends_branch(site):
                text = f"return {written(site, value)}"
                yield from rewrite(site, statement, [text], "returns the value at once", 2.8)
        case _:
            return


def _ends_branch(site: Site) -> bool:
    """Say whether the statement is the last of a branch, so that what follows the branch would be left out."""
    block, index = site.module.block_of(site.statement)
    return index == len(block) - 1 and isinstance(site.module.parents[site.statement], ast.If)


@statement_operator("return-another", FAMILY, at_most=40)
def return_another_value(site: Site) -> Iterator[Proposal]:
    """Return another name in scope, or a neutral value of the returned type."""
    if not isinstance(site.statement, ast.Return):
        return
    value = site.statement.value
    old = written(site, value) if value else "None"
    names = [*reversed(local_names(site)), *parameter_names(site)]
    for rank, name in enumerate(one for one in names[:8] if one != old):
        unlikely = 0.8 if value is not None and not isinstance(value, ast.Constant | ast.Name) else 0.0
        yield from rewrite(
            site, site.statement, [f"return {name}"], f"returns `{name}`", 1.4 + unlikely + 0.15 * rank
        )
    for one in return_values(site, 10):
        if one.text != old and one.text not in names[:8]:
            yield from rewrite(
                site, site.statement, [f"return {one.text}"], f"returns `{one.text}`", 1.7 + one.cost
            )
    if isinstance(value, ast.Name):
        for rank, name in enumerate(one for one in names[:5] if one != old):
            for pair in (f"{old}, {name}", f"{name}, {old}"):
                yield from rewrite(
                    site, site.statement, [f"return {pair}"], f"returns `{pair}`", 3.4 + 0.2 * rank
                )


@statement_operator("return-missing", FAMILY, at_most=24)
def return_at_the_end(site: Site) -> Iterator[Proposal]:
    """Add the missing `return` after the last statement of a function (or of one of its branches)."""
    if site.function is None or isinstance(site.statement, ast.Return | ast.Raise | ast.Pass):
        return
    block, index = site.module.block_of(site.statement)
    if index != len(block) - 1 or always_leaves(block):
        return
    at_end = site.statement is site.function.node.body[-1]
    if not at_end and enclosing_loop(site.module, site.statement) is None and not _is_tail(site):
        return
    base = 1.0 if at_end else 2.2
    names = list(dict.fromkeys([*_accumulators(site), *reversed(local_names(site)), *parameter_names(site)]))
    if site.function.class_name:
        names.append("self")
    for rank, name in enumerate(names[:8]):
        yield from insert_after(
            site, site.statement, [f"return {name}"], f"returns `{name}`", base + 0.2 * rank
        )
    for one in return_values(site, 8):
        if one.text not in names[:8] and one.text != "None":
            note = f"returns `{one.text}` at the end"
            yield from insert_after(site, site.statement, [f"return {one.text}"], note, base + 0.5 + one.cost)


@statement_operator("return-outside", FAMILY, at_most=12)
def return_after_the_loop(site: Site) -> Iterator[Proposal]:
    """Move a `return` that stands inside a loop, a branch or a `with` behind it."""
    if not isinstance(site.statement, ast.Return):
        return
    for depth, ancestor in enumerate(site.module.ancestors(site.statement)):
        if isinstance(ancestor, FunctionNode) or depth > 3:
            return
        if isinstance(ancestor, ast.stmt):
            what = "the loop" if isinstance(ancestor, LOOPS) else "this block"
            cost = (1.0 if isinstance(ancestor, LOOPS) else 1.6) + 0.3 * depth
            yield from move(site, site.statement, ancestor, f"returns only after {what}", cost, after=True)


@statement_operator("return-yield", FAMILY, at_most=12)
def exchange_return_and_yield(site: Site) -> Iterator[Proposal]:
    """Write `yield` for `return` and back, `yield from` for `yield` and back."""
    match site.statement:
        case ast.Return(value=ast.expr() as value):
            text = written(site, value)
            yield from rewrite(
                site, site.statement, [f"yield {text}"], "yields the value instead of returning it", 2.4
            )
            if not isinstance(value, ast.Constant) and not _is_async(site):
                yield from rewrite(site, site.statement, [f"yield from {text}"], "yields each value", 2.8)
        case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
            text = written(site, value)
            if not _is_async(site):
                yield from rewrite(
                    site, site.statement, [f"yield from {text}"], "yields each value of the iterable", 1.0
                )
            yield from rewrite(site, site.statement, [f"return {text}"], "returns the value", 2.0)
        case ast.Expr(value=ast.YieldFrom(value=value)):
            yield from rewrite(
                site, site.statement, [f"yield {written(site, value)}"], "yields the iterable itself", 1.2
            )
        case ast.Expr(value=ast.Call() as call):
            if _calls_itself(site, call) and _is_generator(site) and not _is_async(site):
                text = f"yield from {written(site, call)}"
                yield from rewrite(site, site.statement, [text], "yields what the recursive call yields", 0.7)
        case _:
            return


@statement_operator("return-mutated", FAMILY, at_most=12)
def return_what_was_changed(site: Site) -> Iterator[Proposal]:
    """Mend `return xs.sort()` and `xs = xs.sort()`: a method that changes in place returns None."""
    match site.statement:
        case ast.Return(value=ast.Call(func=ast.Attribute(value=owner, attr=name)) as call) if (
            name in _MUTATORS
        ):
            lines = [written(site, call), f"return {written(site, owner)}"]
            note = f"returns `{written(site, owner)}`, since `.{name}` returns None"
            yield from rewrite(site, site.statement, lines, note, 0.8)
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr=name)) as call) if name in _MUTATORS:
            note = f"keeps the object, since `.{name}` returns None"
            yield from rewrite(site, site.statement, [written(site, call)], note, 1.0)
        case _:
            return


@statement_operator("return-or-assign", FAMILY, at_most=15)
def assign_instead_of_return(site: Site) -> Iterator[Proposal]:
    """Store a value that is returned too early: `return x` inside of a loop becomes `result = x` or an append."""
    if not isinstance(site.statement, ast.Return) or site.statement.value is None or site.function is None:
        return
    if site.statement is site.function.node.body[-1]:
        return
    text = written(site, site.statement.value)
    for rank, name in enumerate(_accumulators(site)[:4]):
        if name != text:
            kinds = kinds_of_name(site, name)
            if "list" in kinds or not kinds:
                lines = [f"{name}.append({text})"]
                yield from rewrite(
                    site, site.statement, lines, f"collects the value in `{name}`", 2.2 + 0.2 * rank
                )
            if not kinds & (CONTAINERS - {"text"}):
                yield from rewrite(
                    site,
                    site.statement,
                    [f"{name} = {text}"],
                    f"keeps the value in `{name}`",
                    2.4 + 0.2 * rank,
                )
                yield from rewrite(
                    site,
                    site.statement,
                    [f"{name} += {text}"],
                    f"adds the value to `{name}`",
                    2.6 + 0.2 * rank,
                )


@statement_operator("return-conditional", FAMILY, at_most=12)
def return_only_sometimes(site: Site) -> Iterator[Proposal]:
    """Return the negation of a boolean, or `x if c else y` with the value of a neighbouring return."""
    if not isinstance(site.statement, ast.Return) or site.statement.value is None:
        return
    value = site.statement.value
    if isinstance(value, ast.Compare | ast.BoolOp):
        yield replace(site, value, f"not ({written(site, value)})", "returns the opposite", 1.8)
    elif isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        yield replace(site, value, written(site, value.operand), "returns the opposite", 1.8)


@statement_operator("return-in-loop", FAMILY, at_most=12)
def go_on_when_nothing_was_found(site: Site) -> Iterator[Proposal]:
    """Return from a loop only what was found: `return x if c else None` ends the search at the first item."""
    if not isinstance(site.statement, ast.Return) or enclosing_loop(site.module, site.statement) is None:
        return
    match site.statement.value:
        case ast.IfExp(test=test, body=first, orelse=second):
            choices = [(written(site, test), first), (negated(site, test), second)]
            for condition, value in choices:
                other = second if value is first else first
                likely = isinstance(other, ast.Constant) or not isinstance(value, ast.Constant)
                lines = [f"if {condition}:", f"\treturn {written(site, value)}"]
                note = f"goes on with the loop unless {condition}"
                yield from rewrite(site, site.statement, lines, note, 1.3 if likely else 2.0)
        case ast.Name() | ast.Attribute() | ast.Subscript() as value:
            text = written(site, value)
            for rank, condition in enumerate((text, f"{text} is not None", f"not {text}")):
                lines = [f"if {condition}:", f"\treturn {text}"]
                note = f"returns only if `{condition}`"
                yield from rewrite(site, site.statement, lines, note, 2.0 + 0.2 * rank)
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()) as value:
            for rank, (condition, answer) in enumerate(
                ((written(site, value), "True"), (negated(site, value), "False"))
            ):
                lines = [f"if {condition}:", f"\treturn {answer}"]
                note = f"goes on with the loop unless {condition}"
                yield from rewrite(site, site.statement, lines, note, 1.5 + 0.1 * rank)
        case _:
            return


def _accumulators(site: Site) -> list[str]:
    """Return the names that the function builds up: augmented, appended to, or bound to an empty value first."""
    if site.function is None:
        return []
    found: dict[str, None] = {}
    for node in walk_scope(site.function.node.body):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                found.setdefault(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _MUTATORS:
                found.setdefault(name)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                found.setdefault(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() | ast.List() | ast.Dict()):
                found.setdefault(name)
            case _:
                pass
    bound = {one.name for one in site.names if one.kind in ("local", "parameter")}
    return [name for name in found if name in bound]


def _is_mutation(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _MUTATORS
        case ast.Call(func=ast.Name(id=name)):
            return name in ("print", "setattr", "delattr")
        case _:
            return False


def _ends_function(site: Site) -> bool:
    return site.function is not None and site.function.node.body[-1] is site.statement


def _is_tail(site: Site) -> bool:
    """Say whether the statement ends a branch of the last statement of the function."""
    node: ast.AST = site.statement
    for ancestor in site.module.ancestors(site.statement):
        if isinstance(ancestor, FunctionNode):
            return True
        if isinstance(node, ast.stmt) and not isinstance(ancestor, ast.ExceptHandler | ast.match_case):
            block, index = site.module.block_of(node)
            if index != len(block) - 1:
                return False
        node = ancestor
    return False


def _is_generator(site: Site) -> bool:
    body = site.function.node.body if site.function else []
    return any(isinstance(one, ast.Yield | ast.YieldFrom) for one in walk_scope(body))


def _is_async(site: Site) -> bool:
    return site.function is not None and isinstance(site.function.node, ast.AsyncFunctionDef)


def _calls_itself(site: Site, call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return site.function is not None and name == site.function.node.name
