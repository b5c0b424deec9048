"""Numerals: the base a text is read in, the bits of a mask, and a digit that was lost on the way into a constant.

What these mistakes have in common is that the right number cannot be reached by a small step from the wrong one, and
is yet nearly the only one that makes sense: masks are runs of ones, bases are powers of two, and a constant that lies
a digit beside the seconds of a day is meant to be the seconds of a day.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.rewriting import Rewrite, expression_operator, operand
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.statements import walk_scope
from tracemend.repair.propose.value_kinds import NUMBERS, kind_of

_FAMILY = "literal and default value"
_BASES = (2, 8, 16)
_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
# Numbers that nobody chooses: they are given by clocks, calendars, circles and the sizes of machine words.
_WELL_KNOWN = frozenset(
    [60, 3600, 1440, 86_400, 604_800, 365, 366, 180, 360, 255, 256, 1000, 1024, 4096, 65_535, 65_536]
)


@expression_operator("integer-base", _FAMILY)
def read_in_another_base(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`int(text, 8)` for `int(text)`, another base, or none: likelier where the function works on bits."""
    match node:
        case ast.Call(func=ast.Name(id="int"), args=[text], keywords=[]) if (
            kind_of(site, text) not in NUMBERS
        ):
            start = 1.3 if _works_on_bits(site) else 2.8
            for rank, base in enumerate(_BASES):
                call = f"int({operand(site, text)}, {base})"
                yield Rewrite(node, call, f"reads the digits in base {base}", start + 0.1 * rank)
        case ast.Call(func=ast.Name(id="int"), args=[_, ast.Constant(value=int(old)) as given]):
            for base in (*_BASES, 10):
                if base != old:
                    yield Rewrite(given, str(base), f"reads the digits in base {base}, not {old}", 1.6)
        case _:
            return


@expression_operator("integer-mask", _FAMILY)
def widen_a_mask(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A mask of ones with one bit more or less, or as wide as bytes and their halves: `0x0F` for `0x07`."""
    parent = site.module.parents[node]
    if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.BitAnd):
        return
    if not isinstance(node, ast.Constant) or type(node.value) is not int or not _is_mask(node.value):
        return
    value, text = node.value, site.text(node)
    meant = dict.fromkeys([2 * value + 1, value >> 1, 0x0F, 0xFF, 0xFFFF, value + 1])
    for rank, other in enumerate(one for one in meant if one not in (0, value)):
        written = f"0x{other:0{max(1, len(text) - 2)}x}" if text[:2].lower() == "0x" else str(other)
        yield Rewrite(node, written, f"keeps the bits of {written}, not of {text}", 1.4 + 0.15 * rank)


@expression_operator("integer-digits", _FAMILY)
def restore_a_digit(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A well-known number for one that has a digit less, one more, or two that changed places: 86400 for 8640."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int or node.value < 10:
        return
    cost = (
        1.0 if site.function else 0.4
    )  # Constants of the module have such numbers, and nothing else to mend.
    if node.value not in _WELL_KNOWN:
        for meant in sorted(_WELL_KNOWN):
            if _differ_by_a_slip(str(node.value), str(meant)):
                yield Rewrite(node, str(meant), f"writes {meant} instead of {site.text(node)}", cost)


def _works_on_bits(site: Site) -> bool:
    body = site.function.node.body if site.function else [site.statement]
    return any(isinstance(one, ast.BinOp) and isinstance(one.op, _BITWISE) for one in walk_scope(body))


def _is_mask(value: int) -> bool:
    """Say whether `value` is a run of ones, or one beside it: 7, 15, 255, but also 16 and 256."""
    return value > 0 and (value & (value + 1) == 0 or value & (value - 1) == 0)


def _differ_by_a_slip(first: str, second: str) -> bool:
    """Say whether one typing slip makes `second` of `first`: a digit lost, doubled or added, or a transposition."""
    shorter, longer = sorted((first, second), key=len)
    if len(longer) == len(shorter) + 1:
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    if len(longer) != len(shorter):
        return False
    places = [place for place in range(len(first)) if first[place] != second[place]]
    return len(places) == 2 and sorted(first) == sorted(second) and places[1] == places[0] + 1
