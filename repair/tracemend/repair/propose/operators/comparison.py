"""Comparisons: the wrong comparator, a boundary off by one, the wrong way round, one comparison too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.rewriting import Precedence, Rewrite, atom, expression_operator, operand
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import kind_of, may_be_number

_FAMILY = "comparator and boundary"

SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}

# What is meant where a comparator is wrong, with the cost: the boundary first, then the direction, then the negation.
_MEANT: dict[str, tuple[tuple[str, float], ...]] = {
    "<": (("<=", 1.0), (">", 1.2), (">=", 1.3), ("!=", 2.2), ("==", 2.6)),
    "<=": (("<", 1.0), (">=", 1.2), (">", 1.3), ("==", 2.4), ("!=", 2.8)),
    ">": ((">=", 1.0), ("<", 1.2), ("<=", 1.3), ("!=", 2.2), ("==", 2.6)),
    ">=": ((">", 1.0), ("<=", 1.2), ("<", 1.3), ("==", 2.4), ("!=", 2.8)),
    "==": (("!=", 1.1), (">=", 1.8), ("<=", 1.8), (">", 2.2), ("<", 2.2), ("in", 2.5), ("is", 3.4)),
    "!=": (("==", 1.1), ("<", 1.8), (">", 1.8), ("not in", 2.5), ("<=", 2.6), (">=", 2.6), ("is not", 3.4)),
    "is": (("is not", 1.1), ("==", 1.4)),
    "is not": (("is", 1.1), ("!=", 1.4)),
    "in": (("not in", 1.1), ("==", 2.4)),
    "not in": (("in", 1.1), ("!=", 2.4)),
}
_IDENTITY = ("is", "is not")
_ORDER = ("<", "<=", ">", ">=")


@expression_operator("comparator", _FAMILY)
def comparator(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another comparator at each place of a comparison or chain."""
    if not isinstance(node, ast.Compare):
        return
    for index, op in enumerate(node.ops):
        symbol, right = SYMBOLS[type(op)], node.comparators[index]
        for meant, cost in _MEANT[symbol]:
            if _makes_sense(site, meant, right):
                text = _compare(site, node, {index: meant})
                yield Rewrite(node, text, f"compares with `{meant}` instead of `{symbol}`", cost)


@expression_operator("comparison-boundary", _FAMILY)
def boundary(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One more or one less on the right; on integers the other comparators give the rest."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    left, right, symbol = node.left, node.comparators[0], SYMBOLS[type(node.ops[0])]
    if symbol not in (*_ORDER, "==", "!=") or not (may_be_number(site, left) and may_be_number(site, right)):
        return
    if isinstance(right, ast.Constant):
        return
    # `a < b + 1` is `a <= b` for integers: only the step that no other comparator expresses is worth a try.
    steps = {"<": "-", ">=": "-", "<=": "+", ">": "+"}.get(symbol, "-+")
    for step in steps:
        text = f"{operand(site, left, Precedence.BIT_OR)} {symbol} {operand(site, right, Precedence.ARITHMETIC)} {step} 1"
        words = "one less" if step == "-" else "one more"
        yield Rewrite(node, text, f"compares with {words} than `{site.text(right)}`", 1.9)


@expression_operator("comparison-operands", _FAMILY)
def operands(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The operands the other way round, where that is not the same as another comparator."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    symbol = SYMBOLS[type(node.ops[0])]
    if symbol in ("in", "not in"):
        left, right = node.left, node.comparators[0]
        level = Precedence.BIT_OR
        text = f"{operand(site, right, level)} {symbol} {operand(site, left, level)}"
        yield Rewrite(
            node, text, f"looks for `{site.text(right)}` in `{site.text(left)}`, not the reverse", 2.0
        )


@expression_operator("comparison-chain", _FAMILY)
def chain(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A link of a chain dropped, or a chain read as a comparison of a comparison."""
    if not isinstance(node, ast.Compare) or len(node.ops) < 2:
        return
    parts = [operand(site, one, Precedence.BIT_OR) for one in (node.left, *node.comparators)]
    symbols = [SYMBOLS[type(op)] for op in node.ops]
    first, rest = (
        f"{parts[0]} {symbols[0]} {parts[1]}",
        "".join(f" {symbol} {part}" for symbol, part in zip(symbols[1:], parts[2:], strict=True)),
    )
    yield Rewrite(node, f"({first}){rest}", f"compares the outcome of `{first}`", 2.6)
    yield Rewrite(node, f"{parts[1]}{rest}", f"does not ask for `{first}`", 1.8)
    kept = parts[0] + "".join(
        f" {symbol} {part}" for symbol, part in zip(symbols[:-1], parts[1:-1], strict=True)
    )
    yield Rewrite(node, kept, f"does not ask for `{parts[-2]} {symbols[-1]} {parts[-1]}`", 1.8)
    if len(node.ops) == 2:
        yield Rewrite(node, f"{first} or {parts[1]}{rest}", "asks for one of the two comparisons", 2.4)


@expression_operator("comparison-with-type", _FAMILY)
def type_comparison(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`type(x) == T` against `isinstance(x, T)`: they differ for subclasses, `bool` among them."""
    match node:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[value]), ops=[op], comparators=[wanted]
        ) if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            negation = "not " if isinstance(op, ast.NotEq | ast.IsNot) else ""
            text = f"{negation}isinstance({operand(site, value)}, {operand(site, wanted)})"
            yield Rewrite(node, text, f"takes subclasses of `{site.text(wanted)}` too", 1.8)
        case ast.Call(func=ast.Name(id="isinstance"), args=[value, ast.Name() | ast.Attribute() as wanted]):
            text = f"type({operand(site, value)}) is {atom(site, wanted)}"
            yield Rewrite(node, text, f"takes `{site.text(wanted)}` itself alone", 2.8)
        case _:
            pass


# What both sides of a comparison may have to go through, by their kind; "" is for values of unknown kind.
_NORMALISED: dict[str, tuple[str, ...]] = {
    "str": (
        "{a}.lower()",
        "{a}.strip()",
        "sorted({o})",
        "set({o})",
        "len({o})",
        "{a}.casefold()",
        "int({o})",
    ),
    "list": ("len({o})", "sorted({o})", "set({o})", "sum({o})"),
    "tuple": ("len({o})", "sorted({o})", "set({o})"),
    "int": ("abs({o})", "str({o})"),
    "float": ("abs({o})", "round({o}, 6)"),
    "": (
        "len({o})",
        "str({o})",
        "{a}.lower()",
        "{a}.strip()",
        "sorted({o})",
        "abs({o})",
        "set({o})",
        "{a}.casefold()",
        "type({o})",
    ),
}


@expression_operator("comparison-of-both", _FAMILY)
def both_sides(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Both sides compared by their length, case, order or size; floats compared with a tolerance."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or isinstance(node.ops[0], ast.In | ast.NotIn):
        return
    left, right, symbol = node.left, node.comparators[0], SYMBOLS[type(node.ops[0])]
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant) or symbol in _IDENTITY:
        return
    kind = kind_of(site, left) or kind_of(site, right)
    for rank, template in enumerate(_NORMALISED.get(kind, ())):
        first, second = (template.format(a=atom(site, one), o=operand(site, one)) for one in (left, right))
        note = f"compares `{first}` with `{second}`"
        yield Rewrite(node, f"{first} {symbol} {second}", note, (2.2 if kind else 2.9) + 0.15 * rank)
    if symbol in ("==", "!=") and kind in ("", "float"):
        difference = f"{operand(site, left, Precedence.ARITHMETIC)} - {operand(site, right, Precedence.TERM)}"
        text = f"abs({difference}) {'<' if symbol == '==' else '>='} 1e-9"
        yield Rewrite(node, text, "compares with a tolerance", 2.0 if kind else 3.4)


def _compare(site: Site, node: ast.Compare, symbols: dict[int, str]) -> str:
    parts = [operand(site, node.left, Precedence.BIT_OR)]
    for index, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
        parts += (symbols.get(index, SYMBOLS[type(op)]), operand(site, right, Precedence.BIT_OR))
    return " ".join(parts)


def _makes_sense(site: Site, symbol: str, right: ast.expr) -> bool:
    """No order with None, no identity with literals, no membership in numbers."""
    kind = kind_of(site, right)
    if isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool)):
        return symbol in ("==", "!=", *_IDENTITY)
    if symbol in _IDENTITY:
        return not isinstance(right, ast.Constant) and kind in ("", "None", "NoneType", "bool")
    if symbol in ("in", "not in"):
        return kind not in ("int", "float", "bool", "None")
    return True
