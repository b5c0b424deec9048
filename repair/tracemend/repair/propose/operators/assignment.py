"""Assignments: a result that is thrown away, a wrong target, two steps that must happen at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.ingredients import local_names, parameter_names
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    attribute_names,
    identifiers,
    owns_lines,
    rewrite,
    statement_operator,
    written,
)

FAMILY = "initial value and aliasing/copy"

# Methods that return the changed value and leave their object alone.
_PURE_METHODS = frozenset(
    [
        *(
            "strip",
            "lstrip",
            "rstrip",
            "lower",
            "upper",
            "title",
            "capitalize",
            "casefold",
            "swapcase",
            "replace",
        ),
        *("format", "join", "split", "zfill", "ljust", "rjust", "center", "encode", "decode", "expandtabs"),
        *("removeprefix", "removesuffix", "translate", "union", "difference", "intersection", "copy"),
        *(
            "symmetric_difference",
            "astimezone",
            "with_suffix",
            "with_name",
            "resolve",
            "_replace",
            "quantize",
        ),
    ]
)
_PURE_FUNCTIONS = frozenset(
    {
        "sorted",
        "reversed",
        "list",
        "set",
        "tuple",
        "dict",
        "abs",
        "int",
        "float",
        "str",
        "round",
        "max",
        "min",
    }
)


@statement_operator("assign-result", FAMILY, at_most=10)
def keep_the_result(site: Site) -> Iterator[Proposal]:
    """Keep a result that is thrown away: `x.strip()` does nothing unless it is assigned."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name)) as call):
            if isinstance(owner, ast.Name | ast.Attribute | ast.Subscript):
                cost = 0.6 if name in _PURE_METHODS else 2.8
                target = site.text(owner)
                yield from _assigned(site, target, call, cost)
        case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=[ast.Name() as first, *_]) as call):
            yield from _assigned(site, first.id, call, 0.6 if name in _PURE_FUNCTIONS else 1.8)
        case ast.Expr(value=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
            if isinstance(left, ast.Name | ast.Attribute | ast.Subscript):
                line = f"{site.text(left)} = {written(site, right)}"
                yield from rewrite(site, site.statement, [line], "assigns instead of comparing", 0.6)
        case ast.Expr(value=ast.BinOp(left=ast.Name() as left) as value):
            yield from _assigned(site, left.id, value, 0.9)
        case _:
            return
    if isinstance(site.statement, ast.Expr) and isinstance(site.statement.value, ast.Call):
        for rank, name in enumerate(reversed(local_names(site)[-3:])):
            yield from _assigned(site, name, site.statement.value, 3.0 + 0.3 * rank)


@statement_operator("assign-converted", FAMILY, at_most=8)
def convert_what_was_split(site: Site) -> Iterator[Proposal]:
    """Convert the pieces of a text where it is split: `hours, minutes = map(int, text.split(":"))`."""
    match site.statement:
        case ast.Assign(
            targets=[target], value=ast.Call(func=ast.Attribute(attr="split" | "partition")) as call
        ):
            pass
        case _:
            return
    text = site.text(call)
    for rank, conversion in enumerate(("int", "float", "str.strip")):
        line = (
            f"map({conversion}, {text})"
            if isinstance(target, ast.Tuple)
            else f"list(map({conversion}, {text}))"
        )
        note = f"takes each piece through `{conversion}`"
        yield replace(site, call, line, note, (1.4 if isinstance(target, ast.Tuple) else 1.9) + 0.3 * rank)


@statement_operator("assign-target", FAMILY, at_most=12)
def assign_to_another_name(site: Site) -> Iterator[Proposal]:
    """Assign to another name: a local, a parameter, an attribute of `self` of the same name."""
    match site.statement:
        case ast.Assign(targets=[ast.Name() as target]) | ast.AugAssign(target=ast.Name() as target):
            pass
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self")) as attribute]):
            yield replace(site, attribute, attribute.attr, f"assigns to the local `{attribute.attr}`", 3.2)
            for rank, other in enumerate(_own_attributes(site)):
                if other != attribute.attr:
                    yield replace(
                        site, attribute, f"self.{other}", f"assigns to `self.{other}`", 1.9 + 0.2 * rank
                    )
            return
        case _:
            return
    if site.function and site.function.class_name:
        known = target.id in _own_attributes(site, 99)
        yield replace(
            site, target, f"self.{target.id}", f"assigns to `self.{target.id}`", 1.0 if known else 2.6
        )
    for rank, name in enumerate([*reversed(local_names(site)), *parameter_names(site)][:8]):
        if name != target.id:
            yield replace(site, target, name, f"assigns to `{name}`", 1.6 + 0.2 * rank)


@statement_operator("assign-together", FAMILY, at_most=6)
def assign_at_once(site: Site) -> Iterator[Proposal]:
    """Join two assignments into one, so that the second still sees the old value of the first name."""
    match site.statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript() as first], value=first_value):
            pass
        case _:
            return
    block, index = site.module.block_of(site.statement)
    following = block[index + 1] if index + 1 < len(block) else None
    match following:
        case ast.Assign(
            targets=[ast.Name() | ast.Attribute() | ast.Subscript() as second], value=second_value
        ):
            pass
        case _:
            return
    if site.text(first) not in site.text(second_value) or not (
        owns_lines(site.module, site.statement) and owns_lines(site.module, following)
    ):
        return
    start, end = site.module.span(site.statement)[0], site.module.span(following)[1]
    targets = f"{site.text(first)}, {site.text(second)}"
    joined = f"{targets} = {written(site, first_value)}, {written(site, second_value)}"
    yield Proposal((TextEdit(start, end, joined),), "assigns both at once", 1.0)
    third = block[index + 2] if index + 2 < len(block) else None
    if isinstance(third, ast.Assign) and len(third.targets) == 1 and owns_lines(site.module, third):
        joined = (
            f"{targets}, {site.text(third.targets[0])} = "
            f"{written(site, first_value)}, {written(site, second_value)}, {written(site, third.value)}"
        )
        if isinstance(third.targets[0], ast.Name | ast.Attribute):
            edit = TextEdit(start, site.module.span(third)[1], joined)
            yield Proposal((edit,), "assigns all three at once", 2.0)


@statement_operator("assign-order", FAMILY, at_most=6)
def change_the_order_of_a_joint_assignment(site: Site) -> Iterator[Proposal]:
    """Swap the targets of `a, b = ...`, or make it two assignments, one after the other."""
    match site.statement:
        case ast.Assign(targets=[ast.Tuple(elts=[first, second]) as target], value=value):
            pass
        case _:
            return
    if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
        return
    swapped = f"{site.text(second)}, {site.text(first)}"
    text = site.text(target)
    yield replace(
        site, target, f"({swapped})" if text.startswith("(") else swapped, "swaps the two targets", 1.5
    )
    if (
        isinstance(value, ast.Tuple)
        and len(value.elts) == 2
        and not any(isinstance(one, ast.Starred) for one in value.elts)
    ):
        one, other = (
            f"{site.text(name)} = {written(site, new)}"
            for name, new in zip((first, second), value.elts, strict=True)
        )
        if identifiers(first) & identifiers(value) or identifiers(second) & identifiers(value):
            yield from rewrite(site, site.statement, [one, other], "assigns one after the other", 1.9)
            yield from rewrite(site, site.statement, [other, one], "assigns the second one first", 2.1)


def _assigned(site: Site, target: str, value: ast.expr, cost: float) -> Iterator[Proposal]:
    line = f"{target} = {written(site, value)}"
    yield from rewrite(site, site.statement, [line], f"keeps the result in `{target}`", cost)


def _own_attributes(site: Site, limit: int = 6) -> list[str]:
    """Return the attributes that the file sets on or reads from `self`."""
    return list(attribute_names(site.module, "self"))[:limit]
