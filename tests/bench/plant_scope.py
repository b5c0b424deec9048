"""What a family of planted bugs sees of a program: its text, and one scope of its syntax tree at a time."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

NodeT = TypeVar("NodeT", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Draft:
    """Replace the characters from `start` to `end` by `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Source:
    """A module's text, with the syntax tree's positions (line, UTF-8 column) turned into characters."""

    text: str

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines(keepends=True)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line))
        return starts

    def offset(self, line: int, utf8_column: int) -> int:
        """Return the character offset of a position of the syntax tree."""
        prefix = self._lines[line - 1].encode()[:utf8_column].decode() if utf8_column else ""
        return self._line_starts[line - 1] + len(prefix)

    def start(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.ExceptHandler) -> int:
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.ExceptHandler) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None, "nodes come from a parser"
        return self.offset(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> str:
        return self.text[self.start(node) : self.end(node)]

    def replace(self, node: ast.expr | ast.stmt, new: str) -> Draft:
        return Draft(self.start(node), self.end(node), new)

    def indent(self, node: ast.stmt) -> str:
        """Return the white space before a statement that starts its line."""
        line_start = self._line_starts[node.lineno - 1]
        return self.text[line_start : self.start(node)]

    def whole_lines(self, node: ast.stmt) -> tuple[int, int]:
        """Return the span of a statement's lines, from its indentation to its last newline."""
        assert node.end_lineno is not None, "nodes come from a parser"
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        return self._line_starts[first - 1], self._line_starts[node.end_lineno]


@dataclass(frozen=True)
class Scope:
    """Where bugs are planted: one outermost function, or what a module does outside of its functions."""

    source: Source
    node: Function | ast.Module
    name: str
    first_line: int
    owner: ast.ClassDef | None

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """All statements of the scope, the function's own header and documentation left out."""
        return [node for block in self.blocks for node in block if not is_documentation(node)]

    @cached_property
    def blocks(self) -> list[list[ast.stmt]]:
        """All statement lists of the scope; of a module only the top one."""
        if isinstance(self.node, ast.Module):
            return [self.node.body]
        fields = ("body", "orelse", "finalbody")
        lists = [getattr(node, field, None) for node in ast.walk(self.node) for field in fields]
        return [block for block in lists if isinstance(block, list) and block]

    def every(self, kind: type[NodeT]) -> list[NodeT]:
        """Return the nodes of `kind` inside the function's body, annotations left out; none for a module."""
        if isinstance(self.node, ast.Module):
            return []
        found: list[NodeT] = []
        pending: list[ast.AST] = list(self.node.body)
        while pending:
            node = pending.pop(0)
            if isinstance(node, kind):
                found.append(node)
            pending.extend(_children_that_run(node))
        return found

    @cached_property
    def variables(self) -> list[str]:
        """The parameters and local names of the function, in order of appearance."""
        if isinstance(self.node, ast.Module):
            return []
        arguments = self.node.args
        named = [
            argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        ]
        stored = [name.id for name in self.every(ast.Name) if isinstance(name.ctx, ast.Store)]
        return list(dict.fromkeys([*named, *stored]))


def _children_that_run(node: ast.AST) -> list[ast.AST]:
    """Return the children of `node` that are executed: annotations and f-string pieces are left out."""
    if isinstance(node, ast.JoinedStr):
        return []
    left_out = {
        id(child) for field in ("annotation", "returns") if (child := getattr(node, field, None)) is not None
    }
    return [child for child in ast.iter_child_nodes(node) if id(child) not in left_out]


def is_documentation(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
