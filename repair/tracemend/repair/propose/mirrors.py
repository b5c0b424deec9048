"""Analogy: code for the other side.

Programs are full of twins (`left` and `right`, `start` and `end`, `row` and `col`). Where one twin is missing, the
other one with its words exchanged is the best donor.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.statements import substituted

_PAIRS = (
    "left right",
    "x y",
    "x1 x2",
    "y1 y2",
    "dx dy",
    "row col",
    "rows cols",
    "r c",
    "i j",
    "start end",
    "start stop",
    "begin end",
    "min max",
    "minimum maximum",
    "first last",
    "first second",
    "head tail",
    "add remove",
    "prev next",
    "previous following",
    "low high",
    "lo hi",
    "lower upper",
    "lesser greater",
    "less more",
    "smaller larger",
    "small big",
    "top bottom",
    "up down",
    "width height",
    "w h",
    "a b",
    "p q",
    "m n",
    "key value",
    "source target",
    "src dst",
    "before after",
    "old new",
    "open close",
    "even odd",
    "pos neg",
    "positive negative",
    "inc dec",
    "push pop",
    "in out",
    "input output",
    "parent child",
    "true false",
    "one two",
    "1 2",
    "0 1",
    "longer shorter",
    "slow fast",
    "read write",
    "expected actual",
    "debit credit",
    "credits debits",
    "numerator denominator",
    "real imag",
    "hour minute",
    "minute second",
)


def _table() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for pair in _PAIRS:
        first, second = pair.split()
        table.setdefault(first, []).append(second)
        table.setdefault(second, []).append(first)
    return {word: tuple(others) for word, others in table.items()}


_MIRRORED_WORDS = _table()


def mirrored_names(name: str) -> Iterator[str]:
    """Yield `name` with one of its words exchanged: `left_index` gives `right_index`."""
    words = re.split(r"(_|(?<=[a-z])(?=\d))", name)
    for place, word in enumerate(words):
        for other in _MIRRORED_WORDS.get(word, ()):
            yield "".join([*words[:place], other, *words[place + 1 :]])


def mirrored_text(module: Module, node: ast.AST, names: Collection[str]) -> str | None:
    """Return the text of `node` with all mirrored names among `names` exchanged, None where nothing changes.

    `names` are the names and attribute names that exist, so that an analogy never invents one.
    """
    renaming: dict[str, str] = {}
    for one in ast.walk(node):
        name = one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""
        twin = next((other for other in mirrored_names(name) if other in names), None) if name else None
        if twin:
            renaming[name] = twin
    return substituted(module, node, renaming) if renaming else None
