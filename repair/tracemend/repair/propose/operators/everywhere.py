"""The same change at every site of a function: a mistake that was made once and copied.

One edit at a time never turns such a test green, so these are single proposals with many edits. They start
from the first statement that is concerned, so that each is offered once for a function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.ingredients import local_names, parameter_names
from tracemend.repair.propose.mirrors import mirrored_names
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.site import Proposal, Site, once_a_site
from tracemend.repair.propose.statements import identifiers, statement_operator, walk_scope

FAMILY = "pairs of these when single edits are exhausted"
MAX_SITES = 6

_COMPARATORS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=", "is"),
    ast.NotEq: ("==",),
}
_OPERATORS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("+", "/"),
    ast.Div: ("//", "*"),
    ast.FloorDiv: ("/", "%"),
    ast.Mod: ("//",),
}
_SYMBOLS = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!="}
_SYMBOLS |= {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%"}


@statement_operator("everywhere-name", FAMILY, at_most=12)
def replace_a_name_everywhere(site: Site) -> Iterator[Proposal]:
    """Replace every load of a name in the function (or in the statement) by another name of the same kind."""
    for name, nodes in _loads(site).items():
        others = [*mirrored_names(name), *parameter_names(site), *local_names(site)]
        bound = {one.name for one in site.names if one.bound_before}
        for rank, other in enumerate(dict.fromkeys(one for one in others if one in bound and one != name)):
            if rank == 5:
                break
            first, second = kinds_of_name(site, name), kinds_of_name(site, other)
            if not first or not second or first & second:
                note = f"uses `{other}` instead of `{name}` throughout"
                yield _edited(site, nodes, other, note, 2.6 + 0.3 * rank)


@statement_operator("everywhere-opposite", FAMILY, at_most=1)
def return_the_opposite(site: Site) -> Iterator[Proposal]:
    """Return True for False and False for True wherever the function returns one of them."""
    returned = [
        one
        for one in _scope_nodes(site)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, bool)
        and isinstance(site.module.parents[one], ast.Return)
    ]
    if len(returned) < 2 or {one.value for one in returned} != {True, False}:
        return
    first = min(returned, key=lambda one: site.module.span(one))
    if site.module.statement_of(first) is site.statement:
        edits = tuple(TextEdit(*site.module.span(one), str(not one.value)) for one in returned)
        yield Proposal(edits, "returns the opposite everywhere", 1.9)


@statement_operator("everywhere-refined", FAMILY, at_most=4)
def use_what_was_made_of_it(site: Site) -> Iterator[Proposal]:
    """Use `valid` for `readings` in all that follows `valid = [x for x in readings if x]`: it was made to be used."""
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=refined)], value=value) if site.function is not None:
            start = site.module.span(site.statement)[1]
        case _:
            return
    for name in [one for one in parameter_names(site) if one in identifiers(value) and one != refined]:
        later = [
            one
            for one in _scope_nodes(site)
            if isinstance(one, ast.Name) and one.id == name and site.module.span(one)[0] > start
        ]
        if 2 <= len(later) <= MAX_SITES:
            note = f"uses `{refined}`, which was made of `{name}`, in all that follows"
            yield _edited(site, later, refined, note, 1.3)


@statement_operator("everywhere-exchange", FAMILY, at_most=6)
def exchange_two_names(site: Site) -> Iterator[Proposal]:
    """Exchange two names of the same kind in the whole statement."""
    names = [one for one in site.expressions if isinstance(one, ast.Name)]
    distinct = list(dict.fromkeys(one.id for one in names))
    variables = {one.name for one in site.names if one.kind in ("local", "parameter")}
    pairs = [(a, b) for place, a in enumerate(distinct) for b in distinct[place + 1 :] if {a, b} <= variables]
    for rank, (first, second) in enumerate(pairs[:6]):
        other = {first: second, second: first}
        edits = [TextEdit(*site.module.span(one), other[one.id]) for one in names if one.id in other]
        note = f"exchanges `{first}` and `{second}`"
        yield Proposal(tuple(sorted(edits)), note, 2.0 + 0.3 * rank)


@statement_operator("everywhere-comparator", FAMILY, at_most=10)
def replace_a_comparator_everywhere(site: Site) -> Iterator[Proposal]:
    """Replace the same comparator at all its sites, in the function and in the statement."""
    for nodes in _scopes(site):
        compares = [one for one in nodes if isinstance(one, ast.Compare) and len(one.ops) == 1]
        for kind, others in _COMPARATORS.items():
            same = [one for one in compares if isinstance(one.ops[0], kind)]
            spans = [_between(site, one.left, one.comparators[0], _SYMBOLS[kind.__name__]) for one in same]
            if _is_first(site, same) and 2 <= len(same) <= MAX_SITES and all(spans):
                for rank, other in enumerate(others):
                    edits = tuple(TextEdit(*span, other) for span in sorted(one for one in spans if one))
                    note = f"compares with `{other}` instead of `{_SYMBOLS[kind.__name__]}` everywhere"
                    yield Proposal(edits, note, 2.4 + 0.6 * rank)
    for one in site.expressions:
        if isinstance(one, ast.Compare) and len(one.ops) == 2:
            yield from _both_ends(site, one)


@statement_operator("everywhere-operator", FAMILY, at_most=8)
def replace_an_operator_everywhere(site: Site) -> Iterator[Proposal]:
    """Replace the same arithmetic operator at all its sites of the function."""
    for nodes in _scopes(site):
        operations = [one for one in nodes if isinstance(one, ast.BinOp)]
        for kind, others in _OPERATORS.items():
            same = [one for one in operations if isinstance(one.op, kind)]
            spans = [_between(site, one.left, one.right, _SYMBOLS[kind.__name__]) for one in same]
            if _is_first(site, same) and 2 <= len(same) <= MAX_SITES and all(spans):
                for rank, other in enumerate(others):
                    edits = tuple(TextEdit(*span, other) for span in sorted(one for one in spans if one))
                    note = f"calculates with `{other}` instead of `{_SYMBOLS[kind.__name__]}` everywhere"
                    yield Proposal(edits, note, 3.0 + 0.5 * rank)


@statement_operator("everywhere-update", FAMILY, at_most=2)
def reverse_all_updates(site: Site) -> Iterator[Proposal]:
    """Turn every `+=` of the function to `-=` and back: a sign that was taken the wrong way throughout."""
    if site.function is None or not isinstance(site.statement, ast.AugAssign):
        return
    updates = [one for one in walk_scope(site.function.node.body) if isinstance(one, ast.AugAssign)]
    signed = [one for one in updates if isinstance(one.op, ast.Add | ast.Sub)]
    spans = [
        (one, _between(site, one.target, one.value, f"{_SYMBOLS[type(one.op).__name__]}=")) for one in signed
    ]
    if 2 <= len(signed) <= MAX_SITES and signed[0] is site.statement and all(span for _, span in spans):
        opposite = {"Add": "-=", "Sub": "+="}
        edits = [TextEdit(*span, opposite[type(one.op).__name__]) for one, span in spans if span]
        yield Proposal(tuple(sorted(edits)), "updates in the other direction throughout", 1.9)


@statement_operator("everywhere-constant", FAMILY, at_most=12)
def replace_a_constant_everywhere(site: Site) -> Iterator[Proposal]:
    """Replace the same literal at all its sites of the function: numbers by their neighbours, both texts, both truths."""
    nodes = [one for one in _scope_nodes(site) if isinstance(one, ast.Constant)]
    by_text: dict[str, list[ast.Constant]] = {}
    for one in nodes:
        if isinstance(one.value, int | str) and site.module.has_exact_position(one):
            by_text.setdefault(site.text(one), []).append(one)
    for text, same in by_text.items():
        if 2 <= len(same) <= MAX_SITES and _is_first(site, same):
            for rank, other in enumerate(_literals_instead(site, same[0])):
                note = f"writes `{other}` instead of `{text}` everywhere"
                yield _edited(site, same, other, note, 3.0 + 0.3 * rank)


@statement_operator("everywhere-attribute", FAMILY, at_most=8)
def replace_an_attribute_everywhere(site: Site) -> Iterator[Proposal]:
    """Replace the same attribute name at all its sites of the function by its mirror or by a frequent one."""
    attributes = [one for one in _scope_nodes(site) if isinstance(one, ast.Attribute)]
    known = [one.removesuffix("()") for one in site.donors.attributes[:12]]
    for name in dict.fromkeys(one.attr for one in attributes):
        same = [one for one in attributes if one.attr == name and site.module.has_exact_position(one)]
        if not 2 <= len(same) <= MAX_SITES or not _is_first(site, same):
            continue
        for rank, other in enumerate(
            dict.fromkeys([*(one for one in mirrored_names(name) if one in known), *known[:3]])
        ):
            if other != name:
                ends = [site.module.span(one)[1] for one in same]
                edits = tuple(TextEdit(end - len(name), end, other) for end in sorted(ends))
                note = f"uses `.{other}` instead of `.{name}` throughout"
                yield Proposal(edits, note, 2.8 + 0.3 * rank)


def _loads(site: Site) -> dict[str, list[ast.expr]]:
    """Return the names that the function loads at least twice and the statement loads first."""
    found: dict[str, list[ast.expr]] = {}
    variables = {one.name for one in site.names if one.kind in ("local", "parameter")}
    for one in _scope_nodes(site):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id in variables:
            found.setdefault(one.id, []).append(one)
    return {
        name: nodes
        for name, nodes in found.items()
        if 2 <= len(nodes) <= MAX_SITES and _is_first(site, nodes)
    }


@once_a_site
def _scope_nodes(site: Site) -> Sequence[ast.expr]:
    body = site.function.node.body if site.function else [site.statement]
    nodes = [one for one in walk_scope(body) if isinstance(one, ast.expr)]
    return [one for one in nodes if site.module.has_exact_position(one)]


def _scopes(site: Site) -> Iterator[Sequence[ast.expr]]:
    """Yield the expressions of the function, then those of the statement alone."""
    whole = _scope_nodes(site)
    yield whole
    if len(site.expressions) < len(whole):
        yield site.expressions


def _is_first(site: Site, nodes: Sequence[ast.expr]) -> bool:
    """Say whether the first of `nodes` belongs to the statement itself."""
    first = min(nodes, key=lambda one: (one.lineno, one.col_offset), default=None)
    return first is not None and any(one is first for one in site.expressions)


def _between(site: Site, left: ast.expr, right: ast.expr, symbol: str) -> tuple[int, int] | None:
    """Return the span of `symbol` between two operands, None where a comment makes that unsure."""
    start, end = site.module.span(left)[1], site.module.span(right)[0]
    found = re.fullmatch(rf"[\s()\\]*({re.escape(symbol)})[\s()\\]*", site.module.text[start:end])
    return (start + found.start(1), start + found.end(1)) if found else None


def _both_ends(site: Site, node: ast.Compare) -> Iterator[Proposal]:
    """Yield a chain with both comparators strict or both not: `a < x < b` to `a <= x <= b`."""
    operands = [node.left, *node.comparators]
    symbols = [_SYMBOLS.get(type(op).__name__, "") for op in node.ops]
    flipped = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
    spans = [
        _between(site, operands[place], operands[place + 1], symbols[place])
        for place in range(2)
        if symbols[place]
    ]
    if len(spans) == 2 and all(spans) and all(one in flipped for one in symbols):
        edits = tuple(
            TextEdit(*span, flipped[symbol]) for span, symbol in zip(spans, symbols, strict=True) if span
        )
        yield Proposal(edits, "changes whether both ends are included", 2.0)


def _literals_instead(site: Site, node: ast.Constant) -> Iterator[str]:
    if isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node.value, int):
        yield from (str(node.value + 1), str(abs(node.value - 1)), str(node.value * 2))
    else:
        yield from (one for one in site.donors.constants[:4] if one[:1] in "'\"" and one != site.text(node))


def _edited(site: Site, nodes: Iterable[ast.expr], text: str, note: str, cost: float) -> Proposal:
    return Proposal(tuple(sorted(TextEdit(*site.module.span(one), text) for one in nodes)), note, cost)
