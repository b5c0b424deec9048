"""Conditions: truthiness against None, a clause that is missing, filters of comprehensions, swapped branches."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import data_names, is_expressible, never_read
from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import CONTAINERS, NUMBERS, kind_of

_FAMILY = "negate/strengthen/weaken a condition"
MAX_DONORS = 8
MAX_NAMES = 4


@expression_operator("truthiness", _FAMILY)
def truthiness(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`if x` against `if x is not None`: they differ for 0, "" and empty containers."""
    match node:
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            text = f"not {operand(site, left, Precedence.NOT)}"
            yield Rewrite(node, text, f"takes an empty `{site.text(left)}` for missing too", 1.7)
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]):
            yield Rewrite(node, operand(site, left), f"asks that `{site.text(left)}` is not empty", 1.7)
        case ast.UnaryOp(
            op=ast.Not(), operand=ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() as inner
        ):
            text = f"{operand(site, inner, Precedence.BIT_OR)} is None"
            yield Rewrite(
                node, text, f"asks whether `{short(site.text(inner))}` is None, not whether it is empty", 1.5
            )
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() if is_truth_value(site, node):
            text = f"{site.text(node)} is not None"
            cost = 0.4 if _none_is_not_the_only_void(site) else 1.5
            yield Rewrite(
                node, text, f"asks whether `{short(site.text(node))}` is None, not whether it is empty", cost
            )
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len"), args=[sized]),
            ops=[op],
            comparators=[ast.Constant(value=0)],
        ):
            negation = "not " if isinstance(op, ast.Eq | ast.LtE) else ""
            text = f"{negation}{operand(site, sized, Precedence.NOT)}"
            yield Rewrite(node, text, f"allows `{site.text(sized)}` to be None", 2.6)
        case _:
            pass


def _none_is_not_the_only_void(site: Site) -> bool:
    """Say whether the failing test writes None beside a zero or an empty text: it tells one from the other."""
    return "None" in site.test_literals and bool({"0", "0.0", '""', "''", "False"} & set(site.test_literals))


@expression_operator("default-for-none", _FAMILY)
def default_for_none(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`x or y` against `x if x is not None else y`."""
    match node:
        case ast.BoolOp(op=ast.Or(), values=[first, second]) if not is_truth_value(site, node):
            value = site.text(first)
            text = f"{operand(site, first, Precedence.OR)} if {operand(site, first, Precedence.BIT_OR)} is not None else {operand(site, second)}"
            yield Rewrite(node, text, f"keeps a `{short(value)}` that is empty or 0", 1.4)
        case ast.IfExp(test=ast.Name() | ast.Attribute() as test, body=body, orelse=other):
            if ast.dump(test) == ast.dump(body):
                text = f"{site.text(test)} or {operand(site, other, Precedence.AND)}"
                yield Rewrite(node, text, "takes the first that is true", 3.6)
        case _:
            pass


@expression_operator("added-clause", _FAMILY)
def added_clause(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One clause more, from guards of what the condition uses, names in scope and conditions of the file."""
    if not _is_whole_condition(site, node):
        return
    after_and, after_or = operand(site, node, Precedence.AND), operand(site, node, Precedence.OR)
    for clause, cost in _guards(site, node):
        before = Precedence.AND
        text = f"{_at(clause, before)} and {after_and}"
        yield Rewrite(node, text, f"asks for `{clause}` first", cost)
        opposite = _opposite(clause)
        yield Rewrite(node, f"{opposite} or {after_or}", f"also takes the case `{opposite}`", cost + 0.6)
    for clause, cost in _clauses(site, node):
        yield Rewrite(
            node, f"{after_and} and {_at(clause, Precedence.AND)}", f"also asks for `{clause}`", cost
        )
        yield Rewrite(node, f"{after_or} or {clause}", f"also takes the case `{clause}`", cost + 0.2)
        if clause.isidentifier():
            yield Rewrite(node, f"{after_and} and not {clause}", f"also asks for `not {clause}`", cost + 0.2)
            yield Rewrite(
                node, f"{after_or} or not {clause}", f"also takes the case `not {clause}`", cost + 0.4
            )


@expression_operator("clause-of-unread", _FAMILY)
def clause_of_unread(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One clause of several made to depend on a parameter that nothing reads: `a or (strict and b)` for `a or b`."""
    parent = site.module.parents[node]
    if not isinstance(parent, ast.BoolOp):
        return
    text, word = operand(site, node, Precedence.NOT), "and" if isinstance(parent.op, ast.Or) else "or"
    for name in sorted(never_read(site) & site.visible)[:MAX_NAMES]:
        yield Rewrite(node, f"{name} {word} {text}", f"asks for `{name}` there, too", 1.8)
        yield Rewrite(node, f"not {name} {word} {text}", f"asks for `not {name}` there, too", 2.2)


@expression_operator("replaced-condition", _FAMILY)
def replaced_condition(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another condition that the file asks, or a container in scope for a constant one."""
    if not _is_whole_condition(site, node):
        return
    if isinstance(node, ast.Constant):
        for rank, name in enumerate(data_names(site, node, limit=5)):
            yield Rewrite(node, name, f"asks for `{name}` instead of always going on", 1.9 + 0.2 * rank)
    for rank, donor in enumerate(_donor_conditions(site, node)[:5]):
        yield Rewrite(node, donor, f"asks for `{short(donor)}` instead", 3.4 + 0.15 * rank)


@expression_operator("branches", _FAMILY)
def branches(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The branches of a conditional expression swapped, or one of them alone."""
    if not isinstance(node, ast.IfExp):
        return
    body, test, other = node.body, node.test, node.orelse
    text = f"{operand(site, other, Precedence.OR)} if {operand(site, test, Precedence.OR)} else {operand(site, body)}"
    yield Rewrite(node, text, f"swaps `{short(site.text(body))}` and `{short(site.text(other))}`", 1.4)
    yield Rewrite(node, operand(site, body), f"always takes `{short(site.text(body))}`", 2.2)
    yield Rewrite(node, operand(site, other), f"always takes `{short(site.text(other))}`", 2.2)


@expression_operator("conditional-operand", _FAMILY)
def conditional_operand(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`a + b if c else d` against `a + (b if c else d)`."""
    match node:
        case ast.IfExp(body=ast.BinOp(right=right) as body, test=test, orelse=other):
            inner = f"({operand(site, right, Precedence.OR)} if {operand(site, test, Precedence.OR)} else {operand(site, other)})"
            text = spliced(site, body, {right: inner})
            yield Rewrite(
                node, text, f"chooses only between `{site.text(right)}` and `{site.text(other)}`", 1.7
            )
        case ast.Tuple(elts=[*_, ast.IfExp(body=body, test=test, orelse=other) as choice]):
            whole = spliced(site, node, {choice: operand(site, body, Precedence.OR)})
            text = f"{whole} if {operand(site, test, Precedence.OR)} else {operand(site, other)}"
            yield Rewrite(node, text, f"takes the whole tuple or `{short(site.text(other))}`", 2.0)
        case ast.BinOp(left=left, right=ast.IfExp(body=body, test=test, orelse=other) as choice):
            whole = spliced(site, node, {choice: operand(site, body, Precedence.ATOM)})
            text = f"{whole} if {operand(site, test, Precedence.OR)} else {operand(site, other)}"
            yield Rewrite(node, text, f"adds to `{site.text(left)}` in one case alone", 1.7)
        case _:
            pass


def _is_whole_condition(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is the outermost part of a condition, so that a clause is added once."""
    parent = site.module.parents[node]
    if isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)):
        return False
    if is_truth_value(site, node):
        return True
    return isinstance(parent, ast.Return) and isinstance(node, ast.Compare | ast.BoolOp)


def _guards(site: Site, node: ast.expr) -> Iterator[tuple[str, float]]:
    """Yield conditions under which the parts of `node` are defined: not None, not empty, within the sequence."""
    seen: set[str] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Subscript(value=value, slice=ast.Slice()):
                continue
            case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=index):
                sequence, text = site.text(value), site.text(index)
                kind = kind_of(site, value)
                found = [(sequence, 1.9), (f"{text} < len({sequence})", 1.9)]
                if kind in ("dict", "set", "defaultdict") or (
                    not kind and isinstance(index, ast.Name | ast.Constant)
                ):
                    found.insert(0, (f"{text} in {sequence}", 2.0))
            case ast.Attribute(value=ast.Name(id=name)) if name not in ("self", "cls"):
                found = [(name, 2.0), (f"{name} is not None", 2.1)]
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
                found = [(f"{name} is not None", 2.2)]
            case ast.BinOp(
                op=ast.Mod() | ast.Div() | ast.FloorDiv(), right=ast.Name() | ast.Attribute() as divisor
            ):
                found = [(f"{site.text(divisor)} != 0", 2.0)]
            case _:
                continue
        for clause, cost in found:
            if clause not in seen and not site.text(node).startswith(f"{clause} and "):
                seen.add(clause)
                yield clause, cost


def _clauses(site: Site, node: ast.expr) -> Iterator[tuple[str, float]]:
    """Yield conditions that may be missing: names in scope, short ones about them, those of the file."""
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    names = [one for one in data_names(site, node, limit=8) if one not in used]
    for rank, name in enumerate(names[:MAX_NAMES]):
        yield name, 2.5 + 0.15 * rank
        if site.observed.get(name) is None or site.observed[name].types[:1] != ("bool",):
            kind = (site.observed[name].types or ("",))[0] if name in site.observed else ""
            for clause in _about(name, kind):
                yield clause, 3.1 + 0.15 * rank
    for name in sorted(used)[:3]:
        for rank, other in enumerate(names[:3]):
            for symbol, extra in (("!=", 0.0), ("in", 0.2), ("not in", 0.2), ("<", 0.3), (">", 0.3)):
                yield f"{name} {symbol} {other}", 3.4 + extra + 0.1 * rank
    for rank, place in enumerate(_attributes_beside(site, node)):
        yield place, 2.6 + 0.15 * rank
        yield f"not {place}", 2.8 + 0.15 * rank
    for rank, donor in enumerate(_donor_conditions(site, node)):
        yield donor, 2.6 + 0.12 * rank


def _attributes_beside(site: Site, node: ast.expr) -> list[str]:
    """Return other attributes, which the file reads, of the objects whose attributes the condition asks for."""
    owners = {
        one.value.id
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
    }
    own = site.text(node)
    found = [one for one in site.donors.expressions if one.partition(".")[0] in owners and one not in own]
    return [one for one in found if one.replace(".", "").isidentifier()][:MAX_NAMES]


def _about(name: str, kind: str) -> Iterator[str]:
    if kind in NUMBERS:
        yield f"{name} > 0"
        yield f"{name} == 0"
    elif kind in CONTAINERS:
        yield f"len({name}) > 1"
    else:
        yield f"{name} is not None"


def _donor_conditions(site: Site, node: ast.expr) -> list[str]:
    """Return conditions of the file whose names can all be seen here."""
    own = site.text(node)
    fitting = [one for one in site.donors.conditions if one not in own and is_expressible(site, node, one)]
    return fitting[:MAX_DONORS]


def _opposite(clause: str) -> str:
    for symbol, other in ((" is not ", " is "), (" < ", " >= "), (" != ", " == "), (" in ", " not in ")):
        if symbol in clause:
            return clause.replace(symbol, other)
    return f"not {clause}"


def _at(clause: str, level: Precedence) -> str:
    return f"({clause})" if level > Precedence.OR and " or " in clause else clause
