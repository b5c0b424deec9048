"""Arithmetic and bitwise expressions: the wrong operator, order, grouping, sign, or one operand too many or too few."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.candidates import data_names, is_expressible, never_read
from tracemend.repair.propose.rewriting import Precedence, Rewrite, expression_operator, operand, precedence
from tracemend.repair.propose.site import Proposal, Site, operator
from tracemend.repair.propose.statements import walk_scope
from tracemend.repair.propose.value_kinds import NUMBERS, SEQUENCES, TEXTS, kind_of, may_be_number

_FAMILY = "arithmetic, boolean and bitwise operator"

SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.MatMult: "@",
}

# What is meant where an operator is wrong, with the cost. Sets share `-`, `&`, `|` and `^` with numbers.
_MEANT: dict[str, tuple[tuple[str, float], ...]] = {
    "+": (("-", 1.0), ("*", 1.6), ("//", 2.8), ("/", 2.8), ("%", 2.8), ("|", 2.8)),
    "-": (("+", 1.0), ("*", 2.0), ("//", 2.4), ("/", 2.4), ("%", 2.4), ("&", 2.8), ("|", 2.8)),
    "*": (("+", 1.3), ("/", 1.5), ("**", 1.5), ("//", 1.7), ("-", 2.0), ("%", 2.6), ("@", 3.4)),
    "/": (("//", 1.0), ("*", 1.3), ("%", 1.9), ("-", 2.3), ("+", 2.8)),
    "//": (("/", 1.0), ("%", 1.2), ("*", 1.5), ("-", 2.3), (">>", 2.6), ("+", 2.8)),
    "%": (("//", 1.1), ("/", 1.6), ("*", 2.4), ("-", 2.4), ("+", 2.6)),
    "**": (("*", 1.2), ("^", 2.6), ("+", 2.6)),
    "<<": ((">>", 1.0), ("*", 2.8), ("+", 2.8)),
    ">>": (("<<", 1.0), ("//", 2.6), ("&", 2.8)),
    "&": (("|", 1.1), ("^", 1.3), ("-", 2.0), (">>", 2.4), ("<<", 2.8)),
    "|": (("&", 1.1), ("^", 1.3), ("-", 2.0), ("+", 2.0)),
    "^": (("&", 1.1), ("|", 1.1), ("**", 1.5), ("-", 2.2), ("+", 2.6)),
    "@": (("*", 1.2),),
}
_LEVEL = {
    **dict.fromkeys(("|",), Precedence.BIT_OR),
    **dict.fromkeys(("^",), Precedence.BIT_XOR),
    **dict.fromkeys(("&",), Precedence.BIT_AND),
    **dict.fromkeys(("<<", ">>"), Precedence.SHIFT),
    **dict.fromkeys(("+", "-"), Precedence.ARITHMETIC),
    **dict.fromkeys(("*", "/", "//", "%", "@"), Precedence.TERM),
    "**": Precedence.POWER,
}


@expression_operator("arithmetic-operator", _FAMILY)
def arithmetic_operator(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another binary operator between the same operands."""
    if not isinstance(node, ast.BinOp) or _is_formatting(site, node):
        return
    symbol = SYMBOLS[type(node.op)]
    textual = kind_of(site, node.left) in SEQUENCES or kind_of(site, node.right) in SEQUENCES
    for meant, cost in _MEANT[symbol]:
        cost += _surcharge_of_meaning(node, meant)
        if textual and meant not in ("+", "*"):
            continue
        text = _binary(site, node.left, meant, node.right)
        yield Rewrite(node, text, f"computes with `{meant}` instead of `{symbol}`", cost)


@operator("augmented-operator", _FAMILY)
def augmented_operator(site: Site) -> Iterator[Proposal]:
    """Another operator in an augmented assignment."""
    node = site.statement
    if not isinstance(node, ast.AugAssign):
        return
    symbol = SYMBOLS[type(node.op)]
    start, end = site.module.span(node.target)[1], site.module.span(node.value)[0]
    offset = site.module.text.find(f"{symbol}=", start, end)
    textual = kind_of(site, node.value) in SEQUENCES
    for meant, cost in _MEANT[symbol]:
        if offset >= 0 and not (textual and meant not in ("+", "*")):
            edit = TextEdit(offset, offset + len(symbol), meant)
            yield Proposal((edit,), f"updates with `{meant}=` instead of `{symbol}=`", cost)
    if symbol in ("^", "-", "|") and offset >= 0 and _handles_bits(site, node.target):
        cost = 0.5 if symbol == "^" else 1.0  # Who toggles in place most often means to clear.
        removed = f"~{operand(site, node.value, Precedence.FACTOR)}"
        edit = TextEdit(offset, site.module.span(node.value)[1], f"&= {removed}")
        yield Proposal((edit,), f"clears the bits of `{site.text(node.value)}` alone", cost)


@expression_operator("operand-order", _FAMILY)
def operand_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The operands of an operator for which the order matters, the other way round."""
    if not isinstance(node, ast.BinOp) or _is_formatting(site, node):
        return
    symbol = SYMBOLS[type(node.op)]
    kinds = {kind_of(site, node.left), kind_of(site, node.right)}
    if symbol in "&|^*" or (symbol == "+" and kinds & NUMBERS):
        return
    cost = 2.8 if symbol == "+" and not kinds & SEQUENCES else 1.5
    text = _binary(site, node.right, symbol, node.left)
    yield Rewrite(node, text, f"swaps the operands of `{symbol}`", cost)


@expression_operator("association", _FAMILY)
def association(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Parentheses moved: `a + b * c` against `(a + b) * c`, `-a + b` against `-(a + b)`."""
    match node:
        case ast.BinOp(left=ast.BinOp(left=a, op=first, right=b), op=second, right=c):
            if _order_matters(first, second):
                text = _binary_of(site, a, first, f"({_binary(site, b, SYMBOLS[type(second)], c)})")
                yield Rewrite(node, text, f"computes `{_plain(site, b, second, c)}` first", 1.6)
        case _:
            pass
    match node:
        case ast.BinOp(left=a, op=first, right=ast.BinOp(left=b, op=second, right=c)):
            if _order_matters(first, second):
                inner = _binary(site, a, SYMBOLS[type(first)], b)
                text = f"({inner}) {SYMBOLS[type(second)]} {operand(site, c, _right(second))}"
                yield Rewrite(node, text, f"computes `{inner}` first", 1.5)
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=a), op=op, right=b):
            text = f"-({_binary(site, a, SYMBOLS[type(op)], b)})"
            if isinstance(op, ast.Add | ast.Sub | ast.FloorDiv | ast.Mod | ast.Pow):
                yield Rewrite(node, text, "takes the negative of the whole", 1.8)
        case ast.UnaryOp(op=ast.USub(), operand=ast.BinOp(left=a, op=op, right=b)):
            text = f"({'-' + operand(site, a, Precedence.FACTOR)}) {SYMBOLS[type(op)]} {operand(site, b, _right(op))}"
            yield Rewrite(node, text, f"takes the negative of `{site.text(a)}` alone", 1.8)
        case _:
            pass


@expression_operator("sign", _FAMILY)
def sign(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A minus or tilde removed, added, or exchanged."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        inner = operand(site, node.operand, Precedence.FACTOR)
        yield Rewrite(node, inner, f"drops the sign of `{inner}`", 1.3)
        other = "~" if isinstance(node.op, ast.USub) else "-"
        if not isinstance(node.operand, ast.Constant):
            yield Rewrite(node, f"{other}{inner}", f"takes `{other}{inner}`", 2.8)
    elif _may_take_sign(site, node):
        text = operand(site, node, Precedence.FACTOR)
        yield Rewrite(node, f"-{text}", f"takes the negative of `{site.text(node)}`", 2.2)
        if isinstance(site.module.parents[node], ast.BinOp) and _is_bitwise(site.module.parents[node]):
            yield Rewrite(node, f"~{text}", f"inverts the bits of `{site.text(node)}`", 1.8)


@expression_operator("dropped-operand", _FAMILY)
def dropped_operand(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One operand alone."""
    if not isinstance(node, ast.BinOp) or _is_formatting(site, node):
        return
    rest = f"{SYMBOLS[type(node.op)]} {site.text(node.right)}"
    yield Rewrite(node, operand(site, node.left), f"drops `{rest}`", 1.5)
    if not isinstance(node.right, ast.Constant) or isinstance(node.op, ast.Add):
        front = f"{site.text(node.left)} {SYMBOLS[type(node.op)]}"
        yield Rewrite(node, operand(site, node.right), f"drops `{front}`", 1.8)
    if isinstance(node.left, ast.BinOp) and type(node.left.op) is not type(node.op):
        symbol, middle = SYMBOLS[type(node.left.op)], f"{site.text(node.left.right)} {SYMBOLS[type(node.op)]}"
        text = _binary(site, node.left.left, symbol, node.right)
        yield Rewrite(node, text, f"drops `{middle}`", 2.2)


@expression_operator("added-operand", _FAMILY)
def added_operand(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One more or one less, twice or half, or a value in scope added, subtracted or multiplied."""
    if not is_whole_quantity(site, node):
        return
    text = site.text(node)
    term = operand(site, node, Precedence.ARITHMETIC)
    factor = operand(site, node, Precedence.TERM)
    cost = 1.8 if kind_of(site, node) in NUMBERS or isinstance(node, ast.BinOp) else 2.1
    alike, siblings = _compared_with(site, node), _unpacked_with(site, node)
    yield Rewrite(node, f"{term} + 1", f"adds 1 to `{text}`", cost)
    from_one = 0.6 if isinstance(node, ast.Name) and _counts_from_one(site, node.id) else 0.0
    yield Rewrite(node, f"{term} - 1", f"subtracts 1 from `{text}`", cost - from_one)
    yield Rewrite(node, f"1 - {factor}", f"takes 1 less `{text}`", 3.2)
    for symbol in ("//", "*", "/", "%"):
        yield Rewrite(node, f"{factor} {symbol} 2", f"computes `{text} {symbol} 2`", 3.4)
    for rank, name in enumerate(dict.fromkeys([*alike, *siblings, *_quantities(site, node)])):
        cost = (1.8 if name in alike or name in never_read(site) else 2.9) + 0.15 * rank
        related = 1.2 if name in siblings else 0.0
        yield Rewrite(node, f"{term} + {name}", f"adds `{name}`", cost + 0.1)
        yield Rewrite(node, f"{term} - {name}", f"subtracts `{name}`", cost)
        yield Rewrite(node, f"{name} - {factor}", f"takes `{text}` off `{name}`", cost + 0.05)
        yield Rewrite(node, f"{factor} * {name}", f"multiplies by `{name}`", cost + 0.5 - related)
        yield Rewrite(node, f"{factor} % {name}", f"wraps around at `{name}`", cost + 0.7)
    for back in _taken_off(site, node):
        yield Rewrite(node, f"{term} + {back}", f"puts back the `{back}` that was taken off", 1.6)
    for rank, modulus in enumerate(moduli(site.module)[:3]):
        if modulus not in text and (modulus.isdigit() or is_expressible(site, node, modulus)):
            note = f"wraps around at `{modulus}`, as elsewhere in the file"
            yield Rewrite(node, f"{factor} % {modulus}", note, 2.0 + 0.3 * rank)


@expression_operator("rounding-of-division", _FAMILY)
def rounding_of_division(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Division rounded down, up, towards zero, or not at all; the sum of values against their mean."""
    match node:
        case ast.Call(
            func=ast.Name(id="int" | "round" as name), args=[ast.BinOp(left=left, op=ast.Div(), right=right)]
        ):
            text = _binary(site, left, "//", right)
            yield Rewrite(node, text, f"rounds down with `//`, not with `{name}`", 1.5)
        case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
            negative = f"-{operand(site, left, Precedence.FACTOR)}"
            divisor = operand(site, right, Precedence.FACTOR)
            yield Rewrite(node, f"-({negative} // {divisor})", "rounds the division up", 1.9)
            numerator = (
                f"{operand(site, left, Precedence.ARITHMETIC)} + {operand(site, right, Precedence.TERM)} - 1"
            )
            yield Rewrite(node, f"({numerator}) // {divisor}", "rounds the division up", 2.2)
            exact = f"{operand(site, left, Precedence.TERM)} / {divisor}"
            yield Rewrite(node, f"int({exact})", "rounds the division towards zero", 2.0)
            yield Rewrite(node, f"round({exact})", "rounds the division to the nearest", 2.0)
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name() | ast.Attribute() as values]):
            text = f"{site.text(node)} / len({site.text(values)})"
            yield Rewrite(node, text, f"takes the mean of `{site.text(values)}`", 2.0)
        case _:
            pass


def _surcharge_of_meaning(node: ast.BinOp, meant: str) -> float:
    """Return what an operator costs extra that would mix units: percents are scaled, not added; names rarely divide."""
    sides = (node.left, node.right)
    scales = any(isinstance(one, ast.Constant) and one.value in (10, 100, 1000) for one in sides)
    if isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv) and meant in "+-" and scales:
        return 1.3
    plain = not any(isinstance(one, ast.Constant) for one in sides)
    return 0.5 if isinstance(node.op, ast.Mult) and meant in ("//", "**", "%") and plain else 0.0


def _handles_bits(site: Site, target: ast.expr) -> bool:
    """Say whether the file combines `target` with others bit by bit."""
    text = site.text(target)
    for node in ast.walk(site.module.tree):
        match node:
            case ast.BinOp(left=left, right=right, op=ast.BitAnd() | ast.BitOr()):
                if text in (site.text(left), site.text(right)):
                    return True
            case ast.AugAssign(target=other, op=ast.BitAnd() | ast.BitOr()) if site.text(other) == text:
                return True
            case _:
                pass
    return False


def _binary(site: Site, left: ast.expr, symbol: str, right: ast.expr) -> str:
    level = _LEVEL[symbol]
    if symbol == "**":
        return f"{operand(site, left, Precedence.AWAIT)} ** {operand(site, right, Precedence.FACTOR)}"
    return f"{operand(site, left, level)} {symbol} {operand(site, right, Precedence(level + 1))}"


def _binary_of(site: Site, left: ast.expr, op: ast.operator, right: str) -> str:
    symbol = SYMBOLS[type(op)]
    level = Precedence.AWAIT if symbol == "**" else _LEVEL[symbol]
    return f"{operand(site, left, level)} {symbol} {right}"


def _plain(site: Site, left: ast.expr, op: ast.operator, right: ast.expr) -> str:
    return f"{site.text(left)} {SYMBOLS[type(op)]} {site.text(right)}"


def _right(op: ast.operator) -> Precedence:
    symbol = SYMBOLS[type(op)]
    return Precedence.FACTOR if symbol == "**" else Precedence(_LEVEL[symbol] + 1)


def _order_matters(first: ast.operator, second: ast.operator) -> bool:
    same = type(first) is type(second)
    return not (
        same and isinstance(first, ast.Add | ast.Mult | ast.BitAnd | ast.BitOr | ast.BitXor)
    ) and not (isinstance(first, ast.Add) and isinstance(second, ast.Sub))


def _is_formatting(site: Site, node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.Mod) and kind_of(site, node.left) in TEXTS


def _is_bitwise(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor)


def _may_take_sign(site: Site, node: ast.expr) -> bool:
    """Say whether a sign on `node` can matter: a quantity that is not an operand of `+` or `-`, nor an index."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.BinOp):
        return False
    parent = site.module.parents[node]
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub):
        return False
    return _is_place_of_quantity(parent, node) and may_be_number(site, node)


def _is_place_of_quantity(parent: ast.AST, node: ast.expr) -> bool:
    match parent:
        case ast.Call(func=function):
            return function is not node
        case (
            ast.Attribute() | ast.Expr() | ast.If() | ast.While() | ast.Assert() | ast.Starred() | ast.Raise()
        ):
            return False
        case ast.For() | ast.comprehension() | ast.With() | ast.withitem() | ast.UnaryOp() | ast.BoolOp():
            return False
        case ast.Subscript(value=value):
            return value is not node
        case ast.Compare(ops=[op, *_]):
            return isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq | ast.NotEq)
        case _:
            return not isinstance(node, ast.expr) or not isinstance(parent, ast.JoinedStr)


def is_whole_quantity(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is a quantity to which something may be missing; of `a + b * c` that is the whole."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.BinOp | ast.IfExp):
        return False
    parent = site.module.parents[node]
    if isinstance(parent, ast.BinOp) and precedence(parent) == Precedence.ARITHMETIC:
        return False
    if isinstance(parent, ast.Subscript | ast.Slice) or not _is_place_of_quantity(parent, node):
        return False
    return may_be_number(site, node)


def _quantities(site: Site, node: ast.expr) -> list[str]:
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    names = [name for name in data_names(site, node, limit=10) if name not in used]
    numeric = [name for name in names if _may_be_quantity(site, name)]
    return numeric[:3]


def _compared_with(site: Site, node: ast.expr) -> list[str]:
    """Return the names that the function compares with `node` by order: quantities of one unit."""
    if site.function is None or not isinstance(node, ast.Name):
        return []
    found: dict[str, None] = {}
    for one in walk_scope(site.function.node.body):
        match one:
            case ast.Compare(
                left=ast.Name(id=left),
                ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()],
                comparators=[ast.Name(id=right)],
            ) if node.id in (left, right) and left != right:
                found.setdefault(right if left == node.id else left)
            case _:
                pass
    return list(found)[:2]


def _counts_from_one(site: Site, name: str) -> bool:
    """Say whether the function asks that `name` is at least 1: pages and ranks are counted so, lists are not."""
    for one in walk_scope(site.function.node.body) if site.function else ():
        match one:
            case (
                ast.Compare(
                    left=ast.Constant(value=1), ops=[ast.LtE(), *_], comparators=[ast.Name(id=asked), *_]
                )
                | ast.Compare(
                    left=ast.Name(id=asked), ops=[ast.Lt() | ast.GtE()], comparators=[ast.Constant(value=1)]
                )
            ) if asked == name:
                return True
            case _:
                pass
    return False


def _taken_off(site: Site, node: ast.expr) -> list[str]:
    """Return what is subtracted inside a product or remainder: `(n - low) % span` is often meant `+ low` again."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mod | ast.Mult):
        return []
    found: dict[str, None] = {}
    for one in ast.walk(node):
        match one:
            case ast.BinOp(op=ast.Sub(), right=ast.Name() | ast.Attribute() | ast.Constant() as right):
                found.setdefault(site.text(right))
            case ast.BinOp(left=ast.BinOp(op=ast.Sub(), right=ast.Constant() as right)):
                found.setdefault(site.text(right))
            case _:
                pass
    return [one for one in found if one != "1"][:2]


def _unpacked_with(site: Site, node: ast.expr) -> list[str]:
    """Return the other names of the loop target that binds `node`: `price` for `copies` in `for price, copies in ...`."""
    if not isinstance(node, ast.Name):
        return []
    targets = [one.target for one in site.module.ancestors(node) if isinstance(one, ast.For)]
    targets += [
        one.target
        for ancestor in site.module.ancestors(node)
        if isinstance(ancestor, ast.GeneratorExp | ast.ListComp)
        for one in ancestor.generators
    ]
    for target in targets:
        names = [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
        if node.id in names:
            others = [name for name in names if name not in (node.id, "_")]
            return [name for name in others if _may_be_quantity(site, name)][:2]
    return []


@lru_cache(maxsize=16)
def moduli(module: Module) -> tuple[str, ...]:
    """Return by what the file takes remainders, as written; numbers below 10 say little and are left out."""
    found: dict[str, None] = {}
    for one in ast.walk(module.tree):
        match one:
            case (
                ast.BinOp(
                    left=ast.Name() | ast.BinOp() | ast.Attribute() | ast.Call(), op=ast.Mod(), right=right
                )
                | ast.AugAssign(op=ast.Mod(), value=right)
                | ast.Call(func=ast.Name(id="divmod"), args=[_, right])
            ):
                if isinstance(right, ast.Name | ast.Attribute) or _is_base(right):
                    found.setdefault(module.segment(right))
            case _:
                pass
    return tuple(found)


def _is_base(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value >= 10


def _may_be_quantity(site: Site, name: str) -> bool:
    seen = site.observed.get(name)
    return not seen or not seen.types or seen.types[0] in NUMBERS
