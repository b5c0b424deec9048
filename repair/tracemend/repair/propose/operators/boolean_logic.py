"""Boolean expressions: `and` for `or`, a missing or superfluous `not`, a clause too many, the wrong grouping."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from tracemend.repair.propose.operators.comparison import SYMBOLS
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    expression_operator,
    operand,
    short,
)
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import kind_of

_FAMILY = "arithmetic, boolean and bitwise operator"


@expression_operator("boolean-operator", _FAMILY)
def boolean_operator(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`and` for `or`, between all clauses or between two of them."""
    if not isinstance(node, ast.BoolOp):
        return
    word, other = ("or", "and") if isinstance(node.op, ast.Or) else ("and", "or")
    yield Rewrite(node, _joined(site, node.values, other), f"asks with `{other}` instead of `{word}`", 1.0)
    if len(node.values) > 2:
        for index in range(1, len(node.values)):
            front, back = _joined(site, node.values[:index], word), _joined(site, node.values[index:], word)
            text = f"{front} {other} {back}"
            if word == "or":
                text = f"({front}) and ({back})"
            yield Rewrite(node, text, f"asks with `{other}` before `{short(back)}`", 1.9)


@expression_operator("boolean-order", _FAMILY)
def boolean_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`b or a` for `a or b`: the first that is true is the value, and the first that decides spares the rest."""
    if not isinstance(node, ast.BoolOp):
        return
    word = "or" if isinstance(node.op, ast.Or) else "and"
    cost = 3.0 if is_truth_value(site, node) else 1.7
    for index in range(len(node.values) - 1):
        first, second = node.values[index : index + 2]
        values = [*node.values[:index], second, first, *node.values[index + 2 :]]
        note = f"asks for `{short(site.text(second))}` before `{short(site.text(first))}`"
        yield Rewrite(node, _joined(site, values, word), note, cost)


@expression_operator("dropped-clause", _FAMILY)
def dropped_clause(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One clause fewer."""
    if not isinstance(node, ast.BoolOp):
        return
    word = "or" if isinstance(node.op, ast.Or) else "and"
    for index, clause in enumerate(node.values):
        rest = [one for position, one in enumerate(node.values) if position != index]
        text = _joined(site, rest, word) if len(rest) > 1 else operand(site, rest[0])
        yield Rewrite(node, text, f"no longer asks for `{short(site.text(clause))}`", 1.6)


@expression_operator("negation", _FAMILY)
def negation(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A `not` removed, or added before a truth value; comparisons are negated by their comparator."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = site.text(node.operand)
        yield Rewrite(node, operand(site, node.operand), f"asks for `{short(inner)}`, not its opposite", 1.1)
    elif isinstance(node, ast.BoolOp):
        if is_truth_value(site, node):
            yield Rewrite(node, f"not ({site.text(node)})", f"negates `{short(site.text(node))}`", 2.2)
    elif is_truth_value(site, node) and not isinstance(node, ast.Compare | ast.Constant):
        text = f"not {operand(site, node, Precedence.NOT)}"
        yield Rewrite(node, text, f"negates `{short(site.text(node))}`", 1.2)
    elif isinstance(node, ast.Compare) and is_truth_value(site, node) and len(node.ops) > 1:
        yield Rewrite(node, f"not {site.text(node)}", f"negates `{short(site.text(node))}`", 1.8)


@expression_operator("negated-result", _FAMILY)
def negated_result(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A `not` before a truth value that is returned or assigned, where a call or name makes it."""
    parent = site.module.parents[node]
    if not isinstance(parent, ast.Return | ast.Assign) or not isinstance(
        node, ast.Call | ast.Name | ast.Attribute
    ):
        return
    if kind_of(site, node) in ("", "bool"):
        cost = 1.6 if kind_of(site, node) == "bool" else 3.0
        yield Rewrite(node, f"not {site.text(node)}", f"negates `{short(site.text(node))}`", cost)


@expression_operator("clause-grouping", _FAMILY)
def grouping(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`a and b or c` against `a and (b or c)`; `not a and b` against `not (a and b)`."""
    match node:
        case ast.BoolOp(op=ast.Or(), values=values):
            yield from _grouped_or(site, node, values)
        case ast.BoolOp(op=ast.And(), values=values):
            yield from _ungrouped_and(site, node, values)
        case _:
            pass
    match node:
        case ast.BoolOp(op=op, values=[ast.UnaryOp(op=ast.Not(), operand=first), *rest]):
            word = "or" if isinstance(op, ast.Or) else "and"
            text = f"not ({_joined(site, [first, *rest], word)})"
            yield Rewrite(node, text, "negates the whole condition", 1.9)
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=op, values=[first, *rest])):
            word = "or" if isinstance(op, ast.Or) else "and"
            text = f"not {operand(site, first, Precedence.NOT)} {word} {_joined(site, rest, word)}"
            yield Rewrite(node, text, f"negates `{short(site.text(first))}` alone", 1.9)
            clauses = f" {word} ".join(f"not {operand(site, one, Precedence.NOT)}" for one in (first, *rest))
            yield Rewrite(node, clauses, "negates each clause by itself", 1.9)
        case _:
            pass


@expression_operator("shared-comparison", _FAMILY)
def shared_comparison(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`x == a or b`, which is always true for a true `b`, against `x == a or x == b`."""
    if not isinstance(node, ast.BoolOp) or not isinstance(node.values[0], ast.Compare):
        return
    first, rest = node.values[0], node.values[1:]
    if len(first.ops) != 1 or not all(isinstance(one, ast.Constant | ast.Name) for one in rest):
        return
    left, symbol = operand(site, first.left, Precedence.BIT_OR), SYMBOLS[type(first.ops[0])]
    word = "or" if isinstance(node.op, ast.Or) else "and"
    repeated = [f"{left} {symbol} {site.text(one)}" for one in (first.comparators[0], *rest)]
    yield Rewrite(node, f" {word} ".join(repeated), f"compares `{left}` with each value", 1.2)


@expression_operator("bitwise-for-boolean", _FAMILY)
def bitwise_for_boolean(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`&` for `and`, `|` for `or`, and back: they differ in what they return and in what they evaluate."""
    match node:
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as op, left=left, right=right):
            word = "and" if isinstance(op, ast.BitAnd) else "or"
            cost = 1.6 if is_truth_value(site, node) else 2.6
            yield Rewrite(
                node, _joined(site, [left, right], word), f"asks with `{word}`, clause by clause", cost
            )
        case ast.BoolOp(op=op, values=[left, right]):
            symbol, level = ("|", Precedence.BIT_OR) if isinstance(op, ast.Or) else ("&", Precedence.BIT_AND)
            text = f"{operand(site, left, level)} {symbol} {operand(site, right, Precedence(level + 1))}"
            yield Rewrite(node, text, f"combines with `{symbol}`", 3.4)
        case _:
            pass


def is_truth_value(site: Site, node: ast.expr) -> bool:
    """Say whether only the truth of `node` is used: a test, a filter, a clause of one, the operand of `not`."""
    match site.module.parents[node]:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            return test is node
        case ast.comprehension(ifs=filters):
            return any(one is node for one in filters)
        case ast.BoolOp() as parent:
            return is_truth_value(site, parent)
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id="bool")):
            return True
        case ast.GeneratorExp(elt=element) as generator:
            return element is node and _is_quantified(site, generator)
        case _:
            return False


def _is_quantified(site: Site, generator: ast.GeneratorExp) -> bool:
    match site.module.parents[generator]:
        case ast.Call(func=ast.Name(id="all" | "any")):
            return True
        case _:
            return False


def _joined(site: Site, clauses: list[ast.expr], word: str) -> str:
    level = Precedence(Precedence.AND + 1) if word == "and" else Precedence(Precedence.OR + 1)
    return f" {word} ".join(
        operand(site, one, level if len(clauses) > 1 else Precedence.TEST) for one in clauses
    )


def _grouped_or(site: Site, node: ast.BoolOp, values: list[ast.expr]) -> Iterator[Rewrite]:
    """Put parentheses around an `or` and the nearest clause of an `and` beside it."""
    for index, (first, second) in enumerate(itertools.pairwise(values)):
        if isinstance(first, ast.BoolOp):
            front, nearest = first.values[:-1], [first.values[-1], second]
            merged = f"{_joined(site, front, 'and')} and ({_joined(site, nearest, 'or')})"
        elif isinstance(second, ast.BoolOp):
            nearest, back = [first, second.values[0]], second.values[1:]
            merged = f"({_joined(site, nearest, 'or')}) and {_joined(site, back, 'and')}"
        else:
            continue
        clauses = [site.text(one) for one in values]
        clauses[index : index + 2] = [merged]
        yield Rewrite(node, " or ".join(clauses), "groups the `or` before the `and`", 1.7)


def _ungrouped_and(site: Site, node: ast.BoolOp, values: list[ast.expr]) -> Iterator[Rewrite]:
    """Drop the parentheses around an `or` between `and`s."""
    for clause in values:
        if isinstance(clause, ast.BoolOp) and isinstance(clause.op, ast.Or):
            text = " and ".join(
                site.text(one) if one is clause else operand(site, one, Precedence.NOT) for one in values
            )
            yield Rewrite(node, text, "groups the `and` before the `or`", 1.7)
