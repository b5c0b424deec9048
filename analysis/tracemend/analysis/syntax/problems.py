"""Where a broken file is broken, from a tree that tolerates errors (tree-sitter).

`ast.parse` stops at the first problem and names the line where the parser gave up, which is often the one after; the
tolerant tree shows what is missing, or the smallest stretch that fits nowhere, and goes on after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_python
from tree_sitter import Language, Node, Parser

_LANGUAGE = Language(tree_sitter_python.language())
MAX_PROBLEMS = 20
MAX_QUOTED = 40


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One place that does not fit the grammar; `line` is 1-based, `column` counts UTF-8 bytes from 0."""

    line: int
    column: int
    message: str


def find_problems(text: str) -> tuple[SyntaxProblem, ...]:
    """Return the syntax problems of `text` in order, at most `MAX_PROBLEMS`; empty for a sound file."""
    tree = Parser(_LANGUAGE).parse(text.encode("utf-8", "replace"))
    problems: list[SyntaxProblem] = []
    for node in _broken(tree.root_node):
        row, column = node.start_point
        problems.append(SyntaxProblem(row + 1, column, _message(node)))
        if len(problems) == MAX_PROBLEMS:
            break
    return tuple(problems)


def _broken(node: Node) -> Iterator[Node]:
    """Yield missing nodes and the innermost error nodes below `node`, in the order of the text."""
    if not node.has_error and not node.is_missing:
        return
    if node.is_missing:
        yield node
        return
    inner = [one for child in node.children for one in _broken(child)]
    if node.is_error and not inner:
        yield node
    yield from inner


def _message(node: Node) -> str:
    if node.is_missing:
        return f"`{node.type}` is missing"
    quoted = " ".join((node.text or b"").decode("utf-8", "replace").split())
    if len(quoted) > MAX_QUOTED:
        quoted = f"{quoted[:MAX_QUOTED]}..."
    return f"`{quoted}` does not fit here" if quoted else "something does not fit here"
