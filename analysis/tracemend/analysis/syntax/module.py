"""One parsed module: the `ast` tree with spans in characters, parents, statements and functions.

The tree is that of the Python that runs tracemend, so a file that needs a newer grammar than this Python's does not
parse; `problems` says where and `parse_module` raises `SyntaxError` as `ast.parse` does.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tracemend.analysis.syntax.positions import LineIndex

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.Module


@dataclass(frozen=True, slots=True)
class Function:
    """One `def`, by the name that `__qualname__` gives it (`Class.method`, `outer.<locals>.inner`)."""

    qualname: str
    node: FunctionNode
    class_name: str | None  # The class whose body holds it, for methods.
    first_line: int  # Of the first decorator or the `def`, as in `co_firstlineno`.
    last_line: int


class Module:
    """A parsed source file. All offsets are characters of `text`; `path` is relative to the project, posix."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text, filename=path)
        self.lines = LineIndex(text)

    def __repr__(self) -> str:
        return f"Module({self.path!r}, {len(self.lines)} lines)"

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the character span [start, end) of `node`, a statement or an expression, without decorators."""
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return (
            self.lines.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.lines.offset(end_line, end_column),
        )

    def segment(self, node: ast.AST) -> str:
        """Return the source text of `node`."""
        start, end = self.span(node)
        return self.text[start:end]

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of each node but the root."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the parent of `node`, its parent, and so on up to the module."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """All statements, in the order of the text."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """All functions and methods, nested ones too, in the order of the text."""
        return tuple(_functions(self.tree, ""))

    def function_at(self, line: int) -> Function | None:
        """Return the innermost function whose lines hold 1-based `line`."""
        return self._functions_by_line.get(line)

    @cached_property
    def _functions_by_line(self) -> dict[int, Function]:
        by_line: dict[int, Function] = {}
        for one in sorted(
            self.functions, key=lambda one: one.first_line - one.last_line
        ):  # The longest first.
            by_line.update(dict.fromkeys(range(one.first_line, one.last_line + 1), one))
        return by_line

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the innermost function that holds `node` in its body, not in its decorators or defaults."""
        inner = node
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, FunctionNode) and inner in ancestor.body:
                return self._functions_by_node[ancestor]
            inner = ancestor
        return None

    @cached_property
    def _functions_by_node(self) -> dict[ast.AST, Function]:
        return {one.node: one for one in self.functions}

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """Return the innermost statement that holds `node` (`node` itself where it is one)."""
        if isinstance(node, ast.stmt):
            return node
        return next((one for one in self.ancestors(node) if isinstance(one, ast.stmt)), None)

    def statements_at(self, line: int) -> list[ast.stmt]:
        """Return the innermost statements that own 1-based `line`; a compound one owns its header alone."""
        return list(self._statements_by_line.get(line, ()))

    @cached_property
    def _statements_by_line(self) -> dict[int, list[ast.stmt]]:
        by_line: dict[int, list[ast.stmt]] = {}
        for one in self.statements:
            for line in range(one.lineno, header_end_line(one) + 1):
                by_line.setdefault(line, []).append(one)
        return by_line

    def block_of(self, statement: ast.stmt) -> tuple[list[ast.stmt], int]:
        """Return the list that holds `statement` (a body, orelse, ...) and its index in it."""
        for _, value in ast.iter_fields(self.parents[statement]):
            if isinstance(value, list) and any(one is statement for one in value):
                return value, next(index for index, one in enumerate(value) if one is statement)
        raise LookupError(f"no block holds the statement on line {statement.lineno}")

    def indentation(self, statement: ast.stmt) -> str:
        """Return the white space before the line of `statement`."""
        return re.match(r"[ \t\f]*", self.lines.line_text(first_line(statement))).group()  # type: ignore[union-attr]

    @cached_property
    def indent_unit(self) -> str:
        """One level of indentation as this file writes it: a tab or some spaces."""
        for node in self.statements:
            body = getattr(node, "body", None)
            if (
                isinstance(body, list)
                and body
                and isinstance(body[0], ast.stmt)
                and body[0].lineno > node.lineno
            ):
                outer, inner = self.indentation(node), self.indentation(body[0])
                if inner.startswith(outer) and len(inner) > len(outer):
                    return inner[len(outer) :]
        return "    "

    def starts_line(self, statement: ast.stmt) -> bool:
        """Say whether only white space stands before `statement` on its line (false after `;` or `if x:`)."""
        start = self.lines.offset(first_line(statement), 0)
        return not self.text[start : self.span(statement)[0]].split("\n")[-1].strip()

    def has_exact_position(self, node: ast.expr) -> bool:
        """Say whether the span of `node` is really its text.

        Before Python 3.12 the positions inside f-strings are sometimes wrong (PEP 701): there, they hold if the text at
        the span reads as the very node. Everywhere else this is true at once.
        """
        if sys.version_info >= (3, 12):
            return True
        strings = [one for one in self.ancestors(node) if isinstance(one, ast.JoinedStr)]
        return not strings or self._reads_as(node, strings[-1])

    def _reads_as(self, node: ast.expr, string: ast.JoinedStr) -> bool:
        """Say whether the text at the span of `node` lies inside `string` and parses as `node`."""
        start, end = self.span(node)
        first, last = self.span(string)
        if not first < start <= end < last:
            return False
        try:
            again = ast.parse(f"({self.text[start:end]}\n)", mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.dump(again) == ast.dump(node)


def parse_module(path: str, text: str) -> Module:
    """Parse `text`; raises `SyntaxError` (also for null bytes, which `ast.parse` reports as `ValueError`)."""
    try:
        return Module(path, text)
    except ValueError as error:
        raise SyntaxError(str(error)) from error


def first_line(statement: ast.stmt) -> int:
    """Return the 1-based first line of `statement`, its first decorator included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def header_end_line(statement: ast.stmt) -> int:
    """Return the last line that a statement has to itself: of a compound one, the line before its body."""
    if isinstance(statement, ast.Match):
        first_pattern: int = statement.cases[0].pattern.lineno
        return max(statement.lineno, first_pattern - 1)
    body: list[ast.stmt] = getattr(statement, "body", [])
    if not body:
        return statement.end_lineno or statement.lineno
    return max(statement.lineno, first_line(body[0]) - 1)


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of `statement` from the outside in, without those of statements inside its body.

    Of a `def` these are decorators, defaults and annotations; of an `if` the test; of a `match` the subject, the guards.
    """
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.expr):
            yield node
        stack += [one for one in reversed(list(ast.iter_child_nodes(node))) if not isinstance(one, ast.stmt)]


def _functions(node: ast.AST, prefix: str, class_name: str | None = None) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FunctionNode):
            qualname = prefix + child.name
            yield Function(qualname, child, class_name, first_line(child), child.end_lineno or child.lineno)
            yield from _functions(child, f"{qualname}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.", child.name)
        else:
            yield from _functions(child, prefix, class_name)
