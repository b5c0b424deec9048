"""The shape of an edit: which syntax goes and which comes, whatever the names and values are.

Both versions are flattened to one line a node, names and constants left out, and compared; so `a < b` that becomes
`a <= b` has the shape "-Lt +LtE" wherever it stands. Equal shapes are one cluster, of which a prompt shows one.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracemend.analysis.syntax.module import Module
from tracemend.repair.patch import FileChange

MAX_STRUCTURE = 240
CONTEXT_LINES = 3
_SILENT = (ast.Load, ast.Store, ast.Del)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The function that a change of one file edits, before and after; the lines around it where there is no one such."""

    path: str
    function: str
    before: str
    after: str


def excerpt_of(change: FileChange) -> Excerpt:
    """Return the smallest part of the file that tells what `change` does."""
    old, new = change.old.splitlines(keepends=True), change.new.splitlines(keepends=True)
    first, old_last, new_last = _differing_lines(old, new)
    try:
        before, after = Module(change.path, change.old), Module(change.path, change.new)
    except (SyntaxError, ValueError):
        return _lines_around(change.path, old, new, first, old_last, new_last)
    function = before.function_at(min(first + 1, len(old)))
    twin = next((one for one in after.functions if function and one.qualname == function.qualname), None)
    if function is None or twin is None or function.last_line < old_last or twin.last_line < new_last:
        return _lines_around(change.path, old, new, first, old_last, new_last)
    return Excerpt(
        change.path,
        function.qualname,
        "".join(old[function.first_line - 1 : function.last_line]),
        "".join(new[twin.first_line - 1 : twin.last_line]),
    )


def structure_of(before: str, after: str) -> str:
    """Return the shape of the edit from `before` to `after`; "" where one of them does not parse by itself."""
    try:
        old, new = (list(_flat(ast.parse(textwrap.dedent(text)))) for text in (before, after))
    except (SyntaxError, ValueError):
        return ""
    marks: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            marks += [f"-{one}" for one in old[i1:i2]] + [f"+{one}" for one in new[j1:j2]]
    return " ".join(marks)[:MAX_STRUCTURE] or "names and values"


def _flat(node: ast.AST) -> Iterator[str]:
    yield type(node).__name__
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _SILENT):
            yield from _flat(child)


def _differing_lines(old: list[str], new: list[str]) -> tuple[int, int, int]:
    """Return the first differing line from 0, and where the common tail begins in both."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = 0
    while tail < shorter - first and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return first, len(old) - tail, len(new) - tail


def _lines_around(
    path: str, old: list[str], new: list[str], first: int, old_last: int, new_last: int
) -> Excerpt:
    start = max(0, first - CONTEXT_LINES)
    return Excerpt(
        path,
        "",
        "".join(old[start : old_last + CONTEXT_LINES]),
        "".join(new[start : new_last + CONTEXT_LINES]),
    )
