"""The last question, which nobody asked: is anything left over, is the other half equal, was there an error?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import attribute_uses, class_members
from tracemend.repair.propose.exception_names import exceptions_to_raise
from tracemend.repair.propose.ingredients import local_names, parameter_names, return_line, return_values
from tracemend.repair.propose.name_kinds import CONTAINERS, kinds_of_name
from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import Precedence, Rewrite, expression_operator, operand
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    always_leaves,
    enclosing_loop,
    insert_after,
    rewrite,
    statement_operator,
    walk_scope,
)

FAMILY = "negate/strengthen/weaken a condition"


@statement_operator("check-at-end", FAMILY, at_most=10)
def ask_before_saying_yes(site: Site) -> Iterator[Proposal]:
    """Return whether a local container is empty, or a counter zero, where a plain True or False is returned."""
    match site.statement:
        case ast.Return(value=ast.Constant(value=bool())):
            pass
        case _:
            return
    rank = 0
    for name in local_names(site):
        kinds = kinds_of_name(site, name)
        tests: list[str] = []
        if not kinds or kinds & {"list", "set", "dict", "text"}:
            tests += [f"not {name}", f"bool({name})"]
        if "number" in kinds:
            tests += [f"{name} == 0", f"{name} > 0"]
        for test in tests:
            note = f"returns whether `{test}`"
            yield from rewrite(site, site.statement, [f"return {test}"], note, 1.5 + 0.15 * rank)
            rank += 1


@statement_operator("check-bound", "missing logic", at_most=40)
def ask_what_was_bound(site: Site) -> Iterator[Proposal]:
    """Leave after an assignment when what it bound is missing, or when the two names that it bound are equal."""
    if not isinstance(site.statement, ast.Assign) or site.function is None:
        return
    tests = list(_tests_of_bound(site, site.statement))
    actions = [(return_line(site, one), one.cost) for one in return_values(site, 6)]
    if enclosing_loop(site.module, site.statement):
        actions = [("continue", 0.3), ("break", 0.8), *actions]
    for rank, test in enumerate(tests):
        for action, cost in actions:
            note = f"leaves with `{action}` when `{test}`"
            lines = [f"if {test}:", f"\t{action}"]
            yield from insert_after(site, site.statement, lines, note, 1.5 + 0.3 * rank + cost)


@statement_operator("check-error", "exception type and handling", at_most=4)
def raise_what_was_caught(site: Site) -> Iterator[Proposal]:
    """Raise at the end the exception that a handler has put aside, instead of returning as if all were well."""
    if not isinstance(site.statement, ast.Return) or site.function is None:
        return
    cost = 0.7 if "DID NOT RAISE" in site.error else 2.2
    for name in _kept_exceptions(site):
        note = f"raises the `{name}` that was caught"
        yield from rewrite(site, site.statement, [f"raise {name}"], note, cost)


@statement_operator("check-unknown", "exception type and handling", at_most=8)
def refuse_what_no_branch_knows(site: Site) -> Iterator[Proposal]:
    """Raise at the end of a function where no branch has returned, or in the place of its last `return`."""
    if site.function is None or site.function.node.body[-1] is not site.statement:
        return
    cost = 0.9 if "DID NOT RAISE" in site.error else 3.0
    asked = next(iter(parameter_names(site)), "")
    tests = [one.test for one in site.function.node.body if isinstance(one, ast.If)]
    names = [one.left.id for one in tests if isinstance(one, ast.Compare) and isinstance(one.left, ast.Name)]
    subject = names[-1] if names else asked
    for rank, name in enumerate(exceptions_to_raise(site)[:2]):
        line = f'raise {name}(f"unknown {subject}: {{{subject}!r}}")' if subject else f"raise {name}()"
        note = f"raises `{name}` for what no branch knows"
        match site.statement:
            case ast.If() if not always_leaves([site.statement]):
                yield from insert_after(site, site.statement, [line], note, cost + 0.3 * rank)
            case ast.Return() if tests:
                yield from rewrite(site, site.statement, [line], note, cost + 0.2 + 0.3 * rank)
            case _:
                return


@expression_operator("check-attributes", FAMILY)
def compare_more_attributes(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`self.x == other.x and self.y == other.y` for the first half alone."""
    match node:
        case ast.Compare(
            left=ast.Attribute(value=ast.Name(id="self"), attr=name),
            ops=[ast.Eq()],
            comparators=[ast.Attribute(value=ast.Name(id=other), attr=same)],
        ) if name == same and other != "self":
            pass
        case _:
            return
    parent = site.module.parents[node]
    around = site.text(parent if isinstance(parent, ast.BoolOp) else node)
    uses = attribute_uses(site.module).get("self", ())
    others = [one for one in uses if not one.endswith("()") and f"self.{one} " not in around]
    for rank, attribute in enumerate(one for one in others if one != name):
        text = f"{operand(site, node, Precedence.AND)} and self.{attribute} == {other}.{attribute}"
        yield Rewrite(node, text, f"also compares `.{attribute}`", 1.5 + 0.2 * rank)


@expression_operator("check-ties", "comparator and boundary")
def compare_ties_by_another_attribute(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`(a.x, a.y) < (b.x, b.y)` for `a.x < b.x`: where the first attributes are equal, the second decide."""
    match node:
        case ast.Compare(
            left=ast.Attribute(value=ast.Name(id=first), attr=name),
            ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() as op],
            comparators=[ast.Attribute(value=ast.Name(id=second), attr=same)],
        ) if name == same and first != second:
            symbol = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}[type(op)]
        case _:
            return
    uses = [*attribute_uses(site.module).get(first, ()), *attribute_uses(site.module).get(second, ())]
    fields = [one for one in dict.fromkeys([*class_members(site), *uses]) if not one.endswith("()")]
    for rank, other in enumerate([one for one in fields if one != name][:4]):
        text = f"({first}.{name}, {first}.{other}) {symbol} ({second}.{name}, {second}.{other})"
        yield Rewrite(node, text, f"decides ties by `.{other}`", 1.7 + 0.2 * rank)


@expression_operator("check-type-too", FAMILY)
def ask_for_the_type_first(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Leave bools out where ints are asked for: `isinstance(x, int)` holds for True, too."""
    match node:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), ast.Name(id="int")]):
            if is_truth_value(site, node):
                text = f"{site.text(node)} and not isinstance({name}, bool)"
                yield Rewrite(node, text, f"does not take `{name}` when it is a bool", 1.8)
        case _:
            return


def _tests_of_bound(site: Site, statement: ast.Assign) -> Iterator[str]:
    match statement.targets:
        case [ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)])]:
            yield f"{first} == {second}"
        case [ast.Name(id=name)]:
            kinds = kinds_of_name(site, name)
            if not kinds or kinds & {"none", "object"} or _may_find_nothing(statement.value):
                yield f"{name} is None"
            if not kinds or kinds & CONTAINERS:
                yield f"not {name}"
            if "number" in kinds:
                yield from (f"{name} == 0", f"{name} < 0")
        case _:
            return


def _may_find_nothing(value: ast.expr) -> bool:
    """Say whether `value` is a call that answers with None where it finds nothing."""
    match value:
        case ast.Call(func=ast.Attribute(attr="get"), args=arguments):
            return len(arguments) == 1
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in ("match", "search", "fullmatch")
        case _:
            return False


def _kept_exceptions(site: Site) -> list[str]:
    """Return the names to which a handler of the function assigns what it has caught."""
    assert site.function is not None
    found: dict[str, None] = {}
    for node in walk_scope(site.function.node.body):
        if isinstance(node, ast.ExceptHandler) and node.name:
            for one in node.body:
                match one:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=caught)) if (
                        caught == node.name
                    ):
                        found.setdefault(name)
                    case _:
                        pass
    return list(found)
