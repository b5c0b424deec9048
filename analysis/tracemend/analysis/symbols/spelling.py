"""Expressions as text: what a summary keeps of annotations, bases, decorators and values.

Slicing the source is ten times faster than `ast.unparse` and keeps what the author wrote, so that is done for all that
stands on one line; the rest is unparsed, which drops comments and line ends.
"""

from __future__ import annotations

import ast

MAX_VALUE_LENGTH = 200
MAX_VALUE_LINES = 12

# What a display or comprehension that is too long to keep is shortened to: a call that gives the same type.
_SAME_TYPE: dict[type[ast.expr], str] = {
    ast.Dict: "dict()",
    ast.DictComp: "dict()",
    ast.JoinedStr: "str()",
    ast.List: "list()",
    ast.ListComp: "list()",
    ast.Set: "set()",
    ast.SetComp: "set()",
    ast.Tuple: "tuple()",
}


class Spelling:
    """The text of the expressions of one file, whose line ends are all "\\n"."""

    def __init__(self, text: str) -> None:
        self.lines = text.encode("utf-8", "surrogatepass").split(b"\n")

    def of(self, node: ast.expr) -> str:
        """Return the text of `node`, on one line."""
        if node.lineno != node.end_lineno:
            return ast.unparse(node)
        line = self.lines[node.lineno - 1]
        return line[node.col_offset : node.end_col_offset].decode("utf-8", "replace")

    def bounded(self, node: ast.expr) -> str | None:
        """Return the text of `node`, that of a short expression of the same type, or None."""
        if (node.end_lineno or node.lineno) - node.lineno <= MAX_VALUE_LINES:
            text = self.of(node)
            if len(text) <= MAX_VALUE_LENGTH:
                return text
        return self._shortened(node)

    def _shortened(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            return f"{type(node.value).__name__}()"
        if isinstance(node, ast.Call):
            function = dotted(node.func)
            return f"{function}(...)" if function else None
        return _SAME_TYPE.get(type(node))


def dotted(node: ast.AST) -> str:
    """Return "a.b.c" for a dotted name, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def string_constant(node: ast.AST | None) -> str | None:
    """Return the value of a string literal, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
