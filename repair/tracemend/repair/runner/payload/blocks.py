"""Where the basic blocks of a source file begin, and what its functions are called.

A block is a run of statements that are executed one after the other, as in LDB (Zhong et al., "Debug like a Human",
ACL 2024), which found blocks to serve better than lines or whole functions. The heads are read from the syntax tree and
not from the bytecode, so that they are the same on every version of Python: the first statement of each body, each loop
header, and the statement after each compound one, where the paths join again.
"""

from __future__ import annotations

import ast
import tokenize
from typing import Iterator, Mapping, NamedTuple


class FileBlocks(NamedTuple):
    """What the tracer needs to know of one file."""

    statements: dict[int, int]  # Line -> first line of the statement (or compound header) that owns it.
    heads: frozenset[int]  # First lines of the statements that begin a block.
    functions: dict[tuple[str, int], str]  # (`co_name`, `co_firstlineno`) -> qualified name.
    raises: frozenset[int]  # Lines that belong to a `raise` or `assert` statement.


EMPTY = FileBlocks({}, frozenset(), {}, frozenset())

# By name, because `ast.Match` and `ast.TryStar` exist from Python 3.10 and 3.11 on.
_COMPOUND = frozenset(("If", "For", "AsyncFor", "While", "Try", "TryStar", "With", "AsyncWith", "Match"))
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def read_blocks(source: str) -> FileBlocks:
    """Read the blocks of `source`; a file that does not parse has none."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return EMPTY
    statements: dict[int, int] = {}
    heads: set[int] = set()
    raises: set[int] = set()
    for body in _bodies(tree):
        heads.update(_heads_of(body))
        for statement in body:
            for line in _own_lines(statement):
                statements[line] = statement.lineno
            if isinstance(statement, (ast.Raise, ast.Assert)):
                raises.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return FileBlocks(statements, frozenset(heads), dict(_functions(tree, "")), frozenset(raises))


def blocks_of(path: str, filename: str, sources: Mapping[str, str]) -> FileBlocks:
    """Read the blocks of the file that the project calls `path`, as patched by `sources`."""
    if path in sources:
        return read_blocks(sources[path])
    try:
        with tokenize.open(filename) as file:
            return read_blocks(file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return EMPTY


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements, outer ones before the ones inside them."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body


def _heads_of(body: list[ast.stmt]) -> Iterator[int]:
    for index, statement in enumerate(body):
        joins = index == 0 or type(body[index - 1]).__name__ in _COMPOUND
        if joins or isinstance(statement, _LOOPS):
            yield statement.lineno


def _own_lines(statement: ast.stmt) -> range:
    """The lines of a simple statement, or of a compound statement's header."""
    last = statement.end_lineno or statement.lineno
    inner = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if inner:
        first_inside = getattr(inner[0], "lineno", None) or inner[0].pattern.lineno
        last = max(statement.lineno, first_inside - 1)
    return range(statement.lineno, last + 1)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the qualified name of every function, named as PEP 3155 does."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _SCOPES):
            yield from _functions(child, prefix)
            continue
        name = "<lambda>" if isinstance(child, ast.Lambda) else child.name
        qualname = prefix + name
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, qualname + ".")
            continue
        decorators = getattr(child, "decorator_list", [])
        first_line = min([child.lineno, *(one.lineno for one in decorators)])
        yield (name, first_line), qualname
        yield from _functions(child, qualname + ".<locals>.")
