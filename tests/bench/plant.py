"""Plants bugs: every small wrong edit of a source file that a tired programmer could have made.

The generator is a list of *mutation operators* in the sense of Offutt et al. ("An Experimental Determination of
Sufficient Mutant Operators", TOSEM 1996) and of the fault classes that Pan, Kim and Whitehead counted in real bug fixes
("Toward an understanding of bug fix patterns", EMSE 2009): wrong operators and constants on one side; forgotten
statements, guards, branches, calls, arguments and imports on the other. It was written without looking at tracemend's
repair operators and shares no code with them, so that the benchmark does not measure an inverse function.

`plants(text)` drafts all mutants of a module as edits of its text, so that comments and layout survive; the
families are in `plant_families.py`, and what they look at is in `plant_scope.py`. Which mutants make good bugs is decided by running tests, in `freeze.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bench.plant_families import FAMILIES
from bench.plant_scope import Draft, Scope, Source


@dataclass(frozen=True)
class Mutant:
    """One planted bug: replace `old`, which stands at character `start`, by `new`."""

    family: str
    function: str
    function_line: int
    line: int
    start: int
    old: str
    new: str

    def apply(self, text: str) -> str:
        """Return `text` with the bug; `text` must be the one that the mutant was made from."""
        found = text[self.start : self.start + len(self.old)]
        assert found == self.old, f"Expected {self.old!r} at {self.start}, found {found!r}"
        return text[: self.start] + self.new + text[self.start + len(self.old) :]


def plants(text: str) -> list[Mutant]:
    """Return every draft of a mutant of the module `text`; `is_other_program` tells which are worth running."""
    source = Source(text)
    mutants: dict[tuple[int, str, str], Mutant] = {}
    for scope in _scopes(ast.parse(text), source):
        for family, drafts in FAMILIES.items():
            for draft in drafts(scope):
                mutant = _mutant(family, scope, draft, source)
                mutants.setdefault((mutant.start, mutant.old, mutant.new), mutant)
    return list(mutants.values())


def is_other_program(before: str, after: str) -> bool:
    """Tell whether `after` is valid Python and differs from `before` in its syntax tree.

    It is asked of the few mutants that are drawn, since parsing a module costs more than drafting all its mutants.
    """
    try:
        return ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    except (SyntaxError, ValueError):
        return False


def _scopes(tree: ast.Module, source: Source) -> Iterator[Scope]:
    """Yield the module itself and each outermost function; nested functions belong to the one around them."""
    yield Scope(source, tree, "<module>", 0, None)
    pending: list[tuple[ast.stmt, str, ast.ClassDef | None]] = [(node, "", None) for node in tree.body]
    while pending:
        node, prefix, owner = pending.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Scope(source, node, prefix + node.name, first, owner)
        elif isinstance(node, ast.ClassDef):
            pending = [(child, f"{prefix}{node.name}.", node) for child in node.body] + pending
        elif isinstance(node, ast.If | ast.Try):
            pending = [(child, prefix, owner) for child in _blocks_below(node)] + pending


def _blocks_below(node: ast.If | ast.Try) -> list[ast.stmt]:
    """Return the statements of a conditional definition, such as `try: import x / except ImportError: def x()`."""
    handlers = (
        [] if isinstance(node, ast.If) else [stmt for handler in node.handlers for stmt in handler.body]
    )
    return [*node.body, *handlers, *node.orelse]


def _mutant(family: str, scope: Scope, draft: Draft, source: Source) -> Mutant:
    """Turn an operator's draft into a mutant that can be stored."""
    line = source.text.count("\n", 0, draft.start) + 1
    old = source.text[draft.start : draft.end]
    return Mutant(family, scope.name, scope.first_line, line, draft.start, old, draft.new)
