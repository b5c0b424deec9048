"""Functions that undo each other: a mistake made in both, or mended in both.

`encode` and `decode`, `index` and `name`, `row * width + column` and `divmod(place, width)`: such a pair agrees on a
convention (counting from 0 or from 1, an offset, a shift), and a wrong convention is mended only on both sides at
once. One edit alone never turns a test of the round trip green, so each proposal here has two.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.module import Function, Module
from tracemend.repair.propose.mirrors import mirrored_names
from tracemend.repair.propose.operators.arithmetic import is_whole_quantity
from tracemend.repair.propose.rewriting import Precedence, operand, rewritten, value_expressions
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import statement_operator, walk_scope

FAMILY = "pairs of these when single edits are exhausted"
MAX_QUANTITIES = 3
MAX_PARTNERS = 2
_UNDONE = re.compile(r"\b(opposite|inverse|reverse|undo|undoes|back|round.?trip)\b", re.IGNORECASE)
_VERBS = (
    "encode decode",
    "encrypt decrypt",
    "pack unpack",
    "dump load",
    "dumps loads",
    "parse format",
    "parse render",
    "compress expand",
    "shorten expand",
    "serialize deserialize",
    "quote unquote",
    "escape unescape",
    "to from",
    "get set",
)


@statement_operator("inverse-offset", FAMILY, at_most=40)
def shift_both_ways(site: Site) -> Iterator[Proposal]:
    """Add a number to what one function makes, and subtract it in the function that undoes it."""
    if site.function is None or not isinstance(site.statement, ast.Return | ast.Assign | ast.Expr):
        return
    own = _quantities(site)
    for place, partner in enumerate(_partners(site.module, site.function)[:MAX_PARTNERS]):
        others = [
            (other, node)
            for other in _sites_of(site, partner)
            for node in _quantities(other)[:MAX_QUANTITIES]
        ]
        for rank, node in enumerate(own[:MAX_QUANTITIES]):
            for step, (other, other_node) in enumerate(others):
                cost = 2.4 + 0.3 * place + 0.2 * rank + 0.1 * step
                for sign, opposite in (("-", "+"), ("+", "-")):
                    yield from _shifted(site, node, sign, other, other_node, opposite, cost)


def _shifted(
    site: Site, node: ast.expr, sign: str, other: Site, other_node: ast.expr, opposite: str, cost: float
) -> Iterator[Proposal]:
    here = rewritten(site, node, f"{operand(site, node, Precedence.ARITHMETIC)} {sign} 1")
    there = rewritten(other, other_node, f"{operand(other, other_node, Precedence.ARITHMETIC)} {opposite} 1")
    if here is not None and there is not None and not (here.start < there.end and there.start < here.end):
        deeds = {"+": "adds 1 to", "-": "subtracts 1 from"}
        note = f"{deeds[sign]} `{site.text(node)}` and {deeds[opposite]} `{other.text(other_node)}`"
        yield Proposal(tuple(sorted((here, there))), note, cost)


def _quantities(site: Site) -> list[ast.expr]:
    return [one for one in value_expressions(site) if is_whole_quantity(site, one)][:MAX_QUANTITIES]


def _sites_of(site: Site, function: Function) -> Iterator[Site]:
    """Yield the statements of `function` that make a value, what it returns first."""
    nodes = [one for one in walk_scope(function.node.body) if isinstance(one, ast.Return | ast.Assign)]
    for node in sorted(nodes, key=lambda one: isinstance(one, ast.Assign)):
        yield Site(site.module, node)


@lru_cache(maxsize=64)
def _partners(module: Module, function: Function) -> tuple[Function, ...]:
    """Return the functions of the same class (or file) that seem to undo `function`, the surest first."""
    family = [one for one in module.functions if one.class_name == function.class_name and one != function]
    sure = [one for one in family if _are_opposites(one, function) or _say_so(one, function)]
    likely = [one for one in family if one not in sure and _share_a_radix(module, one, function)]
    return (*sure, *likely)


def _are_opposites(first: Function, second: Function) -> bool:
    """Say whether the names are twins: `encode_row` and `decode_row`, `to_text` and `from_text`."""
    name, other = first.node.name, second.node.name
    if other in mirrored_names(name):
        return True
    for pair in _VERBS:
        one, two = pair.split()
        words, others = name.split("_"), other.split("_")
        if (one in words and two in others) or (two in words and one in others):
            return True
    return False


def _say_so(first: Function, second: Function) -> bool:
    """Say whether the docstring of one speaks of undoing the other."""
    return second.node.name in _words_of_undoing(first) or first.node.name in _words_of_undoing(second)


@lru_cache(maxsize=1024)
def _words_of_undoing(function: Function) -> frozenset[str]:
    """Return the words of a docstring that speaks of undoing something, none of any other."""
    text = ast.get_docstring(function.node) or ""
    return frozenset(re.findall(r"\w+", text)) if _UNDONE.search(text) else frozenset()


def _share_a_radix(module: Module, first: Function, second: Function) -> bool:
    """Say whether one multiplies by what the other divides by, as in `row * width + column` and `divmod(n, width)`."""
    return not (
        _factors(module, first).isdisjoint(_divisors(module, second))
        and _divisors(module, first).isdisjoint(_factors(module, second))
    )


@lru_cache(maxsize=1024)
def _factors(module: Module, function: Function) -> frozenset[str]:
    products = [
        one
        for one in walk_scope(function.node.body)
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult)
    ]
    return frozenset(module.segment(one) for product in products for one in (product.left, product.right))


@lru_cache(maxsize=1024)
def _divisors(module: Module, function: Function) -> frozenset[str]:
    found: set[str] = set()
    for one in walk_scope(function.node.body):
        match one:
            case (
                ast.BinOp(op=ast.FloorDiv() | ast.Mod(), right=right)
                | ast.Call(func=ast.Name(id="divmod"), args=[_, right])
            ):
                found.add(module.segment(right))
            case _:
                pass
    return frozenset(found)
