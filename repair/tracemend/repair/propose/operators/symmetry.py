"""Conditions with one case left out: the same question about the other values, or with the other constant.

A condition that names some values and treats them alike, such as the sides of a triangle, asks the same of each of them;
who forgets a case leaves out one renaming of a clause. And who asks for one spelling of a thing forgets another one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import permutations

from tracemend.repair.propose.mirrors import mirrored_text
from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import Precedence, Rewrite, expression_operator, operand, short
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import attribute_names, substituted

_FAMILY = "negate/strengthen/weaken a condition"
MAX_NAMES = 3
MAX_OTHERS = 6
_COMMUTES = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
# Which characters are meant together: blanks, brackets, quotes, signs, separators.
_TOGETHER = (" \t\n\r", "([{<", ")]}>", "\"'`", "+-", ",;|:", "./", "_-", "*/%", "!?.")


@expression_operator("symmetric-clause", _FAMILY)
def symmetric_clause(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The clause for the case that was left out: `x + z == y` beside `x + y == z or y + z == x`."""
    clauses = _clauses_of(node)
    if isinstance(site.module.parents[node], ast.BoolOp):
        return
    if not clauses or not (is_truth_value(site, node) or _is_result(site, node)):
        return
    names = sorted({one.id for one in ast.walk(node) if isinstance(one, ast.Name)})
    known = {_canonical(one) for one in clauses}
    missing = [one for one in _renamings(site, clauses, names) if one[0] not in known]
    words = ("or", "and") if not isinstance(node, ast.BoolOp) else (_word(node),)
    for word in words:
        front = operand(site, node, Precedence.OR if word == "or" else Precedence.AND)
        cost = 1.7 if len(clauses) > 1 else 2.9
        for rank, (_, text) in enumerate(missing):
            note = f"asks for `{text}`, too"
            yield Rewrite(node, f"{front} {word} {text}", note, cost + 0.15 * rank)
        if len(missing) > 1:
            text = f" {word} ".join([front, *(text for _, text in missing)])
            yield Rewrite(node, text, "asks the same of all values", cost + 0.3)


@expression_operator("twin-clause", _FAMILY)
def twin_clause(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The clause about the other side: `low < 0 or high < 0` for `low < 0`, `start` and `stop`, `x` and `y`."""
    parent = site.module.parents[node]
    if isinstance(node, ast.Constant | ast.Name) or not is_truth_value(site, node):
        return
    names = {one.name for one in site.names} | set(attribute_names(site.module))
    names |= {one.removesuffix("()") for one in site.donors.attributes}
    text = mirrored_text(site.module, node, names)
    whole = site.text(parent if isinstance(parent, ast.BoolOp) else node)
    if text is None or text in whole:
        return
    for word, level in (("or", Precedence.AND), ("and", Precedence.NOT)):
        front, clause = operand(site, node, level), f"({text})" if isinstance(node, ast.BoolOp) else text
        yield Rewrite(node, f"{front} {word} {clause}", f"asks for `{short(text)}`, too", 2.2)


@expression_operator("repeated-clause", _FAMILY)
def repeated_clause(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The same comparison with another constant, too: `c == " " or c == "\\t"`, with constants that belong together."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if is_truth_value(site, node):
            constants = [one for one in (left, right) if isinstance(one, ast.Constant)]
        case _:
            return
    if len(constants) != 1 or not isinstance(constants[0].value, str):
        return
    word = "and" if isinstance(op, ast.NotEq | ast.NotIn) else "or"
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Is | ast.IsNot):
        return
    level = Precedence.AND if word == "or" else Precedence.NOT
    front, (constant,) = operand(site, node, level), constants
    start, end = (place - site.module.span(node)[0] for place in site.module.span(constant))
    for rank, other in enumerate(_other_texts(site, str(constant.value))):
        again = site.text(node)[:start] + other + site.text(node)[end:]
        yield Rewrite(node, f"{front} {word} {again}", f"asks for {other}, too", 2.5 + 0.15 * rank)


@expression_operator("character", "string, regex and format pieces")
def character(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another character of its kind for a single one, or one that the failing tests write: `"["` for `"("`."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or len(node.value) != 1:
        return
    for rank, other in enumerate(_other_texts(site, node.value)):
        yield Rewrite(node, other, f"writes {other} instead of {site.text(node)}", 2.0 + 0.2 * rank)


def _clauses_of(node: ast.expr) -> list[ast.expr]:
    """Return the comparisons that `node` joins, or is; none where something else is among them."""
    clauses = node.values if isinstance(node, ast.BoolOp) else [node]
    return list(clauses) if all(isinstance(one, ast.Compare) for one in clauses) else []


def _is_result(site: Site, node: ast.expr) -> bool:
    return isinstance(site.module.parents[node], ast.Return | ast.Assign)


def _renamings(site: Site, clauses: Sequence[ast.expr], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the renamings of the last clause among `names`, each with what identifies it."""
    if len(names) != MAX_NAMES or {
        one.id for one in ast.walk(clauses[-1]) if isinstance(one, ast.Name)
    } != set(names):
        return []
    found: dict[str, str] = {_canonical(clauses[-1]): ""}
    for order in permutations(names):
        text = substituted(site.module, clauses[-1], dict(zip(names, order, strict=True)))
        found.setdefault(_canonical(ast.parse(text, mode="eval").body), text)
    return [(key, text) for key, text in found.items() if text]


def _canonical(node: ast.AST) -> str:
    """Return a text that is equal for clauses which ask the same, whatever the order of commuting operands."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _COMMUTES):
            return f"({type(op).__name__} {' '.join(sorted((_canonical(left), _canonical(right))))})"
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
            return f"({type(op).__name__} {' '.join(sorted((_canonical(left), _canonical(right))))})"
        case ast.Name(id=name):
            return name
        case ast.AST():
            parts = [_canonical(one) for one in ast.iter_child_nodes(node)]
            return f"({type(node).__name__} {getattr(node, 'value', '') if not parts else ' '.join(parts)})"


def _word(node: ast.BoolOp) -> str:
    return "or" if isinstance(node.op, ast.Or) else "and"


@once_a_site
def _other_texts(site: Site, value: str) -> Sequence[str]:
    """Return what may be meant beside `value`: characters of its kind, then the marks in the texts of the tests."""
    if len(value) != 1:
        return ()
    together = [one for group in _TOGETHER if value in group for one in group]
    texts = [one for one in site.test_literals if one[:1] in "'\""]
    marks = [one for text in texts for one in text[1:-1] if one.isascii() and one.isprintable()]
    if not value.isalnum():
        marks = [one for one in marks if not one.isalnum() and one != "\\"]
    quote = '"' if '"' not in value else "'"
    found = dict.fromkeys(one for one in (*together, *marks) if one != value)
    return [_quoted(one, quote) for one in found][:MAX_OTHERS]


def _quoted(character: str, quote: str) -> str:
    return (
        repr(character)
        if character in "\"'\\" or not character.isprintable()
        else f"{quote}{character}{quote}"
    )
