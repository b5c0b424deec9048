"""Literals: numbers, truth values, None, empty containers, and literals that the file or the failing tests know."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import literal_value
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, short
from tracemend.repair.propose.site import Site

_FAMILY = "literal and default value"
MAX_OF_FILE = 6
MAX_OF_TESTS = 8

# Factors between units, which are confused among themselves: time, calendar, angles, sizes, decimals.
_FACTORS = (
    (60, 3600, 24, 1440, 86400, 7),
    (7, 12, 24, 30, 31, 52, 365, 366),
    (90, 180, 360, 270, 45),
    (8, 16, 32, 64, 127, 128, 255, 256),
    (1000, 1024, 1000000, 1048576),
    (1, 10, 100, 1000, 10000),
)
_EMPTY = ("[]", "{}", "()", "set()", '""', "None", "0")
_EMPTY_NAMES = {"list": "[]", "dict": "{}", "set": "set()", "tuple": "()", "str": '""'}


@expression_operator("integer", _FAMILY)
def integer(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A neighbour, a sign, a small number, or another factor between units."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return
    value, text = node.value, site.text(node)
    parent = site.module.parents[node]
    unlikely = _surcharge_of_place(site, node)
    for other, cost in _integers(value):
        cost += unlikely
        if isinstance(parent, ast.UnaryOp) and other < 0:
            continue
        yield Rewrite(node, _like(other, text), f"writes {other} instead of {text}", cost)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and value > 1:
        yield Rewrite(node, str(1 / value), "takes the root, not the power", 2.2)
    if not isinstance(parent, ast.Subscript | ast.Slice):
        yield Rewrite(node, f"{value}.0", f"writes {value}.0 instead of {text}", 3.2)
        if value == 0:
            yield Rewrite(node, "None", "writes None instead of 0", 2.8)
            for infinite in ('float("inf")', 'float("-inf")'):
                yield Rewrite(node, infinite, f"writes {infinite} instead of 0", 2.4)


@expression_operator("real-number", _FAMILY)
def real_number(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another float, an integer for a float, infinity with the other sign."""
    match node:
        case ast.Constant(value=float(value)):
            for other, cost in _reals(value):
                yield Rewrite(node, other, f"writes {other} instead of {site.text(node)}", cost)
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(name))]) if "inf" in name:
            other = name.lstrip("+-") if name.startswith("-") else f"-{name.lstrip('+')}"
            yield Rewrite(node, f'float("{other}")', f"starts from {other}, not {name}", 1.2)
            yield Rewrite(node, "0", f"writes 0 instead of {name}", 2.4)
            yield Rewrite(node, "None", f"writes None instead of {name}", 2.8)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Attribute(attr="inf") as inner):
            yield Rewrite(node, site.text(inner), "starts from infinity, not minus infinity", 1.2)
        case ast.Attribute(attr="inf"):
            yield Rewrite(node, f"-{site.text(node)}", "starts from minus infinity, not infinity", 1.2)
        case _:
            pass


@expression_operator("truth-value", _FAMILY)
def truth_value(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """True, False and None for each other, and what else they may stand for."""
    if not isinstance(node, ast.Constant) or not (node.value is None or isinstance(node.value, bool)):
        return
    if node.value is None:
        others = [
            ("False", 2.0),
            ("True", 2.6),
            ("0", 2.2),
            ("[]", 2.3),
            ('""', 2.3),
            ("{}", 2.5),
            ("1", 3.0),
            ("-1", 3.0),
        ]
        others += [("()", 3.0), ("set()", 3.0)]
    else:
        others = [(str(not node.value), 1.0), ("None", 2.2)]
        others += [("0", 3.0)] if node.value is False else [("1", 3.0)]
    if isinstance(site.module.parents[node], ast.Compare) and node.value is None:
        others = [("False", 3.0), ('""', 3.0), ("0", 3.0)]
    for other, cost in others:
        yield Rewrite(node, other, f"writes {other} instead of {node.value}", cost)


@expression_operator("empty-container", _FAMILY)
def empty_container(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An empty list for an empty set, and so on; also the factory that a `defaultdict` is given."""
    match node:
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]) | ast.Constant(value=""):
            written = site.text(node)
        case ast.Call(func=ast.Name(id="set" | "list" | "dict" | "tuple" | "str"), args=[], keywords=[]):
            written = site.text(node)
        case ast.Name(id="list" | "dict" | "set" | "int" | "tuple") if _is_factory(site, node):
            for rank, other in enumerate(one for one in ("list", "set", "int", "dict") if one != node.id):
                yield Rewrite(
                    node, other, f"makes a `{other}` by default, not a `{node.id}`", 1.5 + 0.2 * rank
                )
            return
        case _:
            return
    for rank, other in enumerate(_EMPTY):
        yield Rewrite(node, other, f"writes {other} instead of {written}", 2.0 + 0.15 * rank)


@expression_operator("literal-of-file", _FAMILY)
def literal_of_file(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another literal of the same type that the file writes."""
    if not isinstance(node, ast.Constant) or node.value is None or isinstance(node.value, bool | str | bytes):
        return
    same = [
        one
        for one in site.donors.constants
        if type(literal_value(one)) is type(node.value) and one != site.text(node)
    ]
    for rank, other in enumerate(same[:MAX_OF_FILE]):
        yield Rewrite(
            node, other, f"writes {short(other)} instead of {short(site.text(node))}", 2.5 + 0.15 * rank
        )


@expression_operator("literal-of-test", _FAMILY)
def literal_of_test(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A literal of the same type that the failing tests write: the expectation may name the very constant."""
    if not isinstance(node, ast.Constant) or node.value is None or isinstance(node.value, bool):
        return
    same = [
        one for one in site.test_literals if type(literal_value(one)) is type(node.value) and len(one) <= 60
    ]
    for rank, other in enumerate(list(dict.fromkeys(same))[:MAX_OF_TESTS]):
        note = f"writes {short(other)}, as the failing test does, instead of {short(site.text(node))}"
        yield Rewrite(node, other, note, 2.8 + 0.15 * rank)


@expression_operator("literal-and-name", _FAMILY)
def literal_and_name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A name in scope where a number or string is written, and a small number where a name is written."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | str)
        and not isinstance(node.value, bool)
    ):
        if isinstance(node.value, str) and len(node.value) > 12:
            return
        names = [one.name for one in site.names if one.kind in ("local", "parameter", "enclosing", "global")]
        fitting = [one for one in names if _may_hold(site, one, type(node.value).__name__)]
        for rank, name in enumerate(fitting[:5]):
            yield Rewrite(node, name, f"uses `{name}` instead of {short(site.text(node))}", 2.0 + 0.2 * rank)
    elif isinstance(node, ast.Name) and _stands_for_value(site, node):
        for other, cost in (
            ("0", 2.6),
            ("1", 2.6),
            ("-1", 3.4),
            ("None", 3.2),
            ("[]", 3.2),
            ('""', 3.2),
            ("True", 3.2),
            ("False", 3.2),
        ):
            yield Rewrite(node, other, f"writes {other} instead of `{node.id}`", cost)


def _integers(value: int) -> Iterator[tuple[int, float]]:
    """Yield what may be meant instead of `value`, each once."""
    seen = {value}
    large = abs(value) > 10
    others = [(value + 1, 1.0 if not large else 1.3), (value - 1, 1.0 if not large else 1.3)]
    others += [(0, 1.5), (1, 1.5), (-value, 1.8), (-1, 2.0), (2, 2.0)]
    others += [(value + 2, 2.6), (value - 2, 2.6), (value * 2, 2.8), (value * 10, 2.6), (3, 3.0), (10, 3.0)]
    if value % 10 == 0:
        others.append((value // 10, 2.4))
    if value % 2 == 0:
        others.append((value // 2, 2.6))
    for factors in _FACTORS:
        if value in factors and value > 1:
            others += [(one, 1.7 + 0.15 * rank) for rank, one in enumerate(factors)]
    for other, cost in sorted(others, key=lambda one: one[1]):
        if other not in seen:
            seen.add(other)
            yield other, cost


def _surcharge_of_place(site: Site, node: ast.expr) -> float:
    """Return what a number costs extra where it is seldom the mistake: the step of a slice, the one that is counted."""
    match site.module.parents[node]:
        case ast.Slice(step=step) if step is node:
            return 1.5
        case ast.GeneratorExp(elt=element) if element is node:
            return 1.5
        case _:
            return 0.0


def _like(value: int, text: str) -> str:
    """Write `value` in the base that `text` is written in."""
    formats = {"0x": hex, "0b": bin, "0o": oct}
    return formats.get(text[:2].lower(), str)(value)


def _reals(value: float) -> Iterator[tuple[str, float]]:
    yield repr(-value), 1.8
    if value.is_integer() and abs(value) < 1e15:
        yield str(int(value)), 1.8
    for factor, cost in (
        (10, 2.0),
        (0.1, 2.0),
        (100, 2.2),
        (0.01, 2.2),
        (2, 2.4),
        (0.5, 2.4),
        (1000, 3.0),
        (0.001, 3.0),
    ):
        yield f"{value * factor:.12g}" if value else "1.0", cost
    for step, cost in ((1, 2.0), (-1, 2.0), (0.1, 2.4), (-0.1, 2.4), (0.5, 2.8), (-0.5, 2.8)):
        yield f"{value + step:.12g}", cost
    for other in ("0.0", "0.5", "1.0", "2.0"):
        yield other, 2.4
    if 0 < value < 1:
        yield f"{1 - value:.12g}", 2.0


def _is_factory(site: Site, node: ast.Name) -> bool:
    match site.module.parents[node]:
        case ast.Call(func=ast.Name(id="defaultdict") | ast.Attribute(attr="defaultdict"), args=[first, *_]):
            return first is node
        case ast.keyword(arg="default_factory"):
            return True
        case _:
            return False


def _may_hold(site: Site, name: str, kind: str) -> bool:
    seen = site.observed.get(name)
    if not seen or not seen.types:
        return not name.startswith("__") and name not in ("self", "cls")
    return seen.types[0] == kind


def _stands_for_value(site: Site, node: ast.Name) -> bool:
    """Say whether a literal could stand here: returned, assigned, passed on, compared or computed with."""
    match site.module.parents[node]:
        case ast.Return() | ast.Assign() | ast.Compare() | ast.BinOp() | ast.keyword():
            return node.id not in ("self", "cls")
        case ast.Call(func=function):
            return function is not node
        case _:
            return False
