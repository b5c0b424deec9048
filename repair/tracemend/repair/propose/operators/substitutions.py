"""A value of the right kind that the function already computes, in the place of the wrong one.

The plastic surgery hypothesis (Barr et al., FSE 2014) on the scale of expressions: what is missing in one place is mostly
written in another place of the same function. `names` and `arguments` borrow names and arguments; here whole expressions
are lent to operands, results and indices, values are added up where one of them was taken, and sequences are cut at a name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import data_names, is_expressible, likeness, never_read
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.rewriting import Precedence, Rewrite, atom, expression_operator, operand, short
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import walk_scope
from tracemend.repair.propose.value_kinds import NUMBERS, SEQUENCES, kind_of

_FAMILY = "wrong name or member of a compatible type"
MAX_LENT = 6
MAX_CHARACTERS = 32
MAX_CUTS = 3
_VALUES = (ast.Call, ast.Subscript, ast.Attribute, ast.BinOp)
_AGGREGATES = (("sum", 2.2), ("max", 2.4), ("min", 2.4), ("len", 2.6))


@expression_operator("expression-of-function", _FAMILY)
def expression_of_function(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another expression of the same function for an operand, a result or an index: `/ len(xs)` for `/ mean`."""
    if not _stands_for_value(site, node):
        return
    own, kind = site.text(node), kind_of(site, node)
    around = {id(one) for one in site.module.ancestors(node)}
    fitting = [
        text
        for text, lent in _lent(site)
        if id(lent) not in around
        and text != own
        and own not in text
        and kind_of(site, lent) in ("", kind or kind_of(site, lent))
        and is_expressible(site, node, text)
    ]
    fitting.sort(key=lambda text: -likeness(text, own))
    for rank, text in enumerate(fitting[:MAX_LENT]):
        note = f"uses `{text}` instead of `{short(own)}`"
        yield Rewrite(node, text, note, 2.7 + 0.2 * rank)


@expression_operator("negative-name", _FAMILY)
def negative_name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The negative of a number in scope for what was computed anew: `-largest` for `min(-x for x in xs)`."""
    if not isinstance(node, ast.Call) or not _stands_for_value(site, node):
        return
    if kind_of(site, node) not in ("", "int", "float"):
        return
    numbers = [one for one in data_names(site, node, limit=6) if "number" in kinds_of_name(site, one)]
    for rank, name in enumerate(numbers[:MAX_CUTS]):
        yield Rewrite(node, f"-{name}", f"takes the negative of `{name}`", 3.2 + 0.2 * rank)


@expression_operator("aggregate-for-item", _FAMILY)
def aggregate_for_item(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The sum, an extreme or the number of values where one of them is taken: `sum(xs)` for `xs[-1]`."""
    match node:
        case ast.Subscript(value=sequence, slice=ast.Constant(value=int()) | ast.UnaryOp()):
            text = operand(site, sequence)
        case _:
            return
    if kind_of(site, sequence) in ("str", "bytes", "dict"):
        return
    for function, cost in _AGGREGATES:
        yield Rewrite(node, f"{function}({text})", f"takes `{function}` of all, not one of them", cost)


@expression_operator("slice-by-name", "off-by-one in index, slice, range")
def slice_by_name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A sequence from, or up to, a position that the function keeps: `text[start:]` for `text`, `xs[:k]` for `xs`."""
    if not _may_be_cut(site, node):
        return
    value, text = atom(site, node), site.text(node)
    names = [one for one in data_names(site, node, limit=12) if _may_be_position(site, one) and one != text]
    unread = never_read(site)
    names.sort(key=lambda name: (name not in unread, not _is_moved(site, name)))
    for rank, name in enumerate(names[:MAX_CUTS]):
        cost = 1.5 if name in unread else 2.2 if _is_moved(site, name) else 3.0
        cost += 0.15 * rank + (0.0 if kind_of(site, node) in SEQUENCES else 0.4)
        yield Rewrite(node, f"{value}[{name}:]", f"takes `{text}` from `{name}` on", cost)
        yield Rewrite(node, f"{value}[:{name}]", f"takes `{text}` up to `{name}`", cost + 0.1)


@expression_operator("operand-of-default", "negate/strengthen/weaken a condition")
def operand_of_default(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`a + (b or c)` for `a + b or c`, where a default was meant for the last operand alone."""
    match node:
        case ast.BoolOp(op=ast.Or(), values=[ast.BinOp(right=right) as first, *rest]):
            front = site.module.text[site.module.span(first)[0] : site.module.span(right)[0]]
            others = " or ".join(operand(site, one, Precedence.AND) for one in rest)
            if not front.rstrip().endswith("("):
                text = f"{front}({operand(site, right, Precedence.AND)} or {others})"
                yield Rewrite(node, text, f"gives a default to `{short(site.text(right))}` alone", 1.6)
        case _:
            pass


@once_a_site
def _lent(site: Site) -> tuple[tuple[str, ast.expr], ...]:
    """Return the short expressions of the function, each text once."""
    if site.function is None:
        return ()
    found: dict[str, ast.expr] = {}
    for node in walk_scope(site.function.node.body):
        if isinstance(node, _VALUES) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            if isinstance(site.module.parents[node], ast.Call) and _is_callee(site, node):
                continue
            if site.module.has_exact_position(node) and node.lineno == node.end_lineno:
                text = site.text(node)
                if len(text) <= MAX_CHARACTERS:
                    found.setdefault(text, node)
    return tuple(found.items())


def _is_callee(site: Site, node: ast.expr) -> bool:
    parent = site.module.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


def _stands_for_value(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is computed with, compared, passed on, returned or assigned."""
    if not isinstance(node, (ast.Name, ast.Constant, *_VALUES)) or _is_callee(site, node):
        return False
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool | str | bytes)):
        return False
    match site.module.parents[node]:
        case ast.Subscript(value=value):
            return value is not node
        case ast.Attribute() | ast.Expr() | ast.FormattedValue():
            return False
        case _:
            return True


def _may_be_cut(site: Site, node: ast.expr) -> bool:
    """Say whether `node` may be a sequence that is passed on, looped over, compared or measured as a whole."""
    if not isinstance(node, ast.Name | ast.Attribute) or kind_of(site, node) not in ("", *SEQUENCES):
        return False
    match site.module.parents[node]:
        case ast.Call(func=function):
            return function is not node
        case ast.For(iter=looped) | ast.comprehension(iter=looped):
            return looped is node
        case ast.Compare() | ast.Return() | ast.Assign() | ast.keyword():
            return True
        case _:
            return False


def _may_be_position(site: Site, name: str) -> bool:
    seen = site.observed.get(name)
    if seen is not None and seen.types:
        return seen.types[0] in NUMBERS
    return "number" in kinds_of_name(site, name) or name in never_read(site)


@once_a_site
def _moved(site: Site) -> frozenset[str]:
    """Return the names that the function counts up or down."""
    nodes = walk_scope(site.function.node.body) if site.function else ()
    found = [one.target for one in nodes if isinstance(one, ast.AugAssign)]
    return frozenset(one.id for one in found if isinstance(one, ast.Name))


def _is_moved(site: Site, name: str) -> bool:
    return name in _moved(site)
