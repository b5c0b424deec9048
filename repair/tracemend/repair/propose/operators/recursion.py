"""Recursion: the base case, the step towards it, and what becomes of the result."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.ingredients import Ingredient, local_names, parameter_names, return_values
from tracemend.repair.propose.name_kinds import kinds_of_name, returned_kinds
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    attribute_names,
    code_body,
    insert_before,
    rewrite,
    statement_operator,
    wrap,
    written,
)

FAMILY = "recursion base and step"


@statement_operator("recursion-base", FAMILY, at_most=80)
def add_base_case(site: Site) -> Iterator[Proposal]:
    """Insert a base case at the top of a recursive function, for the parameters that the recursion changes."""
    if site.function is None or next(iter(code_body(site.function.node)), None) is not site.statement:
        return
    calls = [one for one in ast.walk(site.function.node) if is_recursive_call(site, one)]
    if not calls:
        return
    surcharge = 0.6 if "RecursionError" in site.error else 1.1
    values = _base_values(site)
    for rank, name in enumerate(parameter_names(site)[:3]):
        for test in _base_tests(site, name):
            for value in values:
                lines = [f"if {test.text}:", f"\treturn {value.text}"]
                note = f"ends the recursion with `{value.text}` when {test.words}"
                cost = surcharge + test.cost + value.cost + 0.3 * rank
                yield from insert_before(site, site.statement, lines, note, cost)


@statement_operator("recursion-step", FAMILY, at_most=40)
def change_the_recursive_argument(site: Site) -> Iterator[Proposal]:
    """Change an argument of a recursive call: smaller by one or two, halved, without its first or last item."""
    parameters = parameter_names(site)
    for call in (one for one in site.expressions if is_recursive_call(site, one)):
        assert isinstance(call, ast.Call)
        for position, argument in enumerate(call.args):
            if isinstance(argument, ast.Starred):
                continue
            old = site.text(argument)
            name = parameters[position] if position < len(parameters) else old
            base = 1.0 if old == name else 1.9
            for step, text in enumerate(_smaller(site, name)):
                if text != old:
                    yield replace(site, argument, text, f"recurses with `{text}`", base + 0.15 * step)


@statement_operator("recursion-use", FAMILY, at_most=16)
def use_the_recursive_result(site: Site) -> Iterator[Proposal]:
    """Use a recursive result that is thrown away: return it, keep it, add it to what is collected."""
    match site.statement:
        case ast.Expr(value=ast.Call() as call) if is_recursive_call(site, call):
            text = written(site, call)
            yield from rewrite(site, site.statement, [f"return {text}"], "returns the recursive result", 0.7)
            for rank, name in enumerate(reversed(local_names(site)[-4:])):
                kinds = kinds_of_name(site, name)
                for step, line in enumerate(_uses(name, kinds, text)):
                    cost = 1.2 + 0.2 * rank + 0.2 * step
                    yield from rewrite(
                        site, site.statement, [line], f"uses the recursive result (`{line}`)", cost
                    )
            yield from rewrite(
                site, site.statement, [f"yield from {text}"], "yields each recursive result", 2.0
            )
            lines = [f"if {text}:", "\treturn True"]
            yield from rewrite(site, site.statement, lines, "returns True when the recursion finds it", 1.8)
        case ast.Return(value=ast.Call() as call) if is_recursive_call(site, call):
            yield from _around_recursive_return(site, call)
        case _:
            return


@statement_operator("recursion-both", FAMILY, at_most=8)
def recurse_on_both_sides(site: Site) -> Iterator[Proposal]:
    """Return only what the recursion finds: `return f(left)` in a loop ends the search at the first child."""
    match site.statement:
        case ast.Return(value=ast.Call() as call) if is_recursive_call(site, call):
            text = written(site, call)
            lines = [f"found = {text}", "if found:", "\treturn found"]
            yield from rewrite(site, site.statement, lines, "goes on when the recursion finds nothing", 1.6)
            lines = [f"found = {text}", "if found is not None:", "\treturn found"]
            yield from rewrite(site, site.statement, lines, "goes on when the recursion gives None", 1.7)
        case _:
            return


@statement_operator("recursion-nested", FAMILY, at_most=12)
def recurse_into_nested_items(site: Site) -> Iterator[Proposal]:
    """Treat items that are containers themselves by recursion: `if isinstance(x, list): out.extend(f(x))`, else as now."""
    if site.function is None or len(parameter_names(site)) != 1:
        return
    name = site.function.node.name
    called = f"self.{name}" if site.function.class_name else name
    match site.statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[ast.Name(id=item)])
        ):
            lines = [
                f"{site.text(owner)}.extend({called}({item}))",
                f"{site.text(owner)}.append({called}({item}))",
            ]
        case ast.Expr(value=ast.Yield(value=ast.Name(id=item))):
            lines = [f"yield from {called}({item})"]
        case ast.AugAssign(target=ast.Name(id=total), op=ast.Add(), value=ast.Name(id=item)):
            lines = [f"{total} += {called}({item})"]
        case _:
            return
    kinds = kinds_of_name(site, item)
    for rank, type_name in enumerate(("list", "(list, tuple)", "dict")):
        likely = 1.2 if "list" in kinds else 3.2
        for step, line in enumerate(lines):
            header = [f"if isinstance({item}, {type_name}):", f"\t{line}", "else:"]
            note = f"recurses when `{item}` is a {type_name.strip('()')}"
            yield from wrap(site, [site.statement], header, note, likely + 0.4 * rank + 0.4 * step)


def is_recursive_call(site: Site, node: ast.AST) -> bool:
    """Say whether `node` calls the function that holds the statement."""
    if not isinstance(node, ast.Call) or site.function is None:
        return False
    name = site.function.node.name
    match node.func:
        case ast.Name(id=called):
            return called == name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=called):
            return called == name
        case _:
            return False


def _base_tests(site: Site, name: str) -> Iterator[Ingredient]:
    kinds = kinds_of_name(site, name)
    if "number" in kinds or not kinds:
        for rank, test in enumerate(("== 0", "<= 0", "<= 1", "== 1", "< 0", "< 2")):
            yield Ingredient(f"{name} {test}", 0.15 * rank + (0.0 if kinds else 0.6))
    if not kinds or kinds & {"list", "text", "tuple", "dict", "set"}:
        yield Ingredient(f"not {name}", 0.1, f"`{name}` is empty")
        yield Ingredient(f"len({name}) <= 1", 0.4)
        yield Ingredient(f"len({name}) == 1", 0.6)
    if not kinds or kinds & {"none", "object"}:
        yield Ingredient(f"{name} is None", 0.1)
    if "list" in kinds and len(kinds) > 1:
        yield Ingredient(f"not isinstance({name}, list)", 0.4)


def _base_values(site: Site) -> list[Ingredient]:
    kinds = returned_kinds(site)
    extra = [Ingredient("1", 0.3), Ingredient("0", 0.2)] if not kinds or "number" in kinds else []
    extra += [Ingredient("[]", 0.3), Ingredient("[[]]", 0.7)] if "list" in kinds else []
    by_text = {one.text: one for one in sorted([*return_values(site, 8), *extra], key=lambda one: -one.cost)}
    return sorted(by_text.values(), key=lambda one: one.cost)[:9]


def _smaller(site: Site, name: str) -> list[str]:
    """Return the usual ways to a smaller argument of this kind."""
    kinds = kinds_of_name(site, name)
    steps: list[str] = []
    if "number" in kinds or not kinds:
        steps += [f"{name} - 1", f"{name} // 2", f"{name} - 2", f"{name} // 10", f"{name} + 1"]
        steps += [f"{name} % {other}" for other in parameter_names(site) if other != name][:1]
    if not kinds or kinds & {"list", "text", "tuple"}:
        steps += [f"{name}[1:]", f"{name}[:-1]"]
    if not kinds or kinds & {"object", "none"}:
        known = attribute_names(site.module)
        steps += [
            f"{name}.{link}" for link in ("next", "left", "right", "parent", "children") if link in known
        ]
    return steps


def _uses(name: str, kinds: frozenset[object], text: str) -> Iterator[str]:
    if not kinds or "list" in kinds:
        yield from (f"{name}.extend({text})", f"{name}.append({text})", f"{name} += {text}")
    if not kinds or kinds & {"number", "text"}:
        yield f"{name} += {text}"
    if "set" in kinds or "dict" in kinds:
        yield f"{name}.update({text})"
    yield f"{name} = {text}"


def _around_recursive_return(site: Site, call: ast.Call) -> Iterator[Proposal]:
    """Yield the result combined with one more: `1 + f(...)`, `[x] + f(...)`, `x * f(...)`."""
    text, kinds = written(site, call), returned_kinds(site)
    names = [*reversed(local_names(site)), *parameter_names(site)][:4]
    combined: list[str] = []
    if not kinds or "number" in kinds:
        combined += [
            f"1 + {text}",
            *(f"{name} + {text}" for name in names),
            *(f"{name} * {text}" for name in names),
        ]
    if not kinds or "list" in kinds:
        combined += [f"[{name}] + {text}" for name in names]
    if "text" in kinds:
        combined += [f"{text} + {name}" for name in names]
    if "bool" in kinds:
        combined.append(f"not {text}")
    for rank, changed in enumerate(combined[:14]):
        yield from rewrite(
            site, site.statement, [f"return {changed}"], f"returns `{changed}`", 1.7 + 0.12 * rank
        )
