"""What the static oracle knows at a statement under repair: members, types, and edits that certainly raise.

The failing run shows the types of one run; the oracle shows what holds in all. It works in text alone, without any external
engine, and only from the first question on: a job that never asks pays nothing. Two uses:

* typed holes: attribute names come from the closed set of members where there is one, and names of the type that stood there
  come first (`propose.candidates`);
* blind text out: an edit of which the oracle proves that it raises an AttributeError or a TypeError is never tried.

What the failing run saw and the oracle denies is a doubt about the oracle: nothing is refused that rests on such a name.
"""

from __future__ import annotations

import ast
import logging
import textwrap
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from tracemend.analysis.syntax.edits import OverlappingEdits, TextEdit, apply_edits
from tracemend.analysis.syntax.module import Module

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.oracle import Oracle, Place
    from tracemend.repair.propose.site import Observed, Proposal

_LOG = logging.getLogger(__name__)

MAX_FILES = 1_000  # Beyond that the first question of a machine costs more than all that it may save.


class StaticTypes:
    """The oracle of one project, made when the first question comes. `files` are seen in place of those on disk."""

    def __init__(self, root: Path, python: Path, files: Mapping[str, bytes] | None = None) -> None:
        self._root = root
        self._python = python
        self._files = dict(files or {})
        self._lock = threading.Lock()
        self._oracle: Oracle | None = None
        self._is_made = False
        self._documents: dict[str, Document] = {}  # One text a path: the engine reads each file once.

    def at(self, module: Module, statement: ast.stmt) -> StatementTypes:
        """Return what will be known at `statement` of `module`; nothing is looked at yet."""
        return StatementTypes(self, module, statement)

    @contextmanager
    def place(self, module: Module, statement: ast.stmt) -> Iterator[Place | None]:
        """Lend the place of a statement; None where the project cannot be looked at, or not the statement."""
        with self._lock:
            oracle = self._made()
            if oracle is None:
                yield None
                return
            if module.path not in self._documents:
                self._documents[module.path] = self._document(oracle, module)
            with oracle.at_statement(self._documents[module.path], module.span(statement)[0]) as place:
                yield place

    def close(self) -> None:
        """Keep what was learnt for the next job on this machine."""
        with self._lock:
            if self._oracle is not None:
                self._oracle.index.close()

    def _made(self) -> Oracle | None:
        if not self._is_made:
            self._is_made = True
            self._oracle = self._make()
        return self._oracle

    def _make(self) -> Oracle | None:
        """Make the oracle. Its modules are imported now, since they take longer to load than most questions to answer."""
        from tracemend.analysis.symbols.environment import EnvironmentUnknown, probe_environment
        from tracemend.analysis.symbols.index import Index
        from tracemend.analysis.types.oracle import Oracle

        try:
            environment = probe_environment(self._python)
        except EnvironmentUnknown as problem:
            _LOG.info("No static types: %s", problem)
            return None
        overlay = {
            str(self._root / path): data.decode(errors="replace") for path, data in self._files.items()
        }
        index = Index(
            self._root, environment, cache=user_cache_path("tracemend") / "symbols", overlay=overlay
        )
        if len(list(islice(index.workspace_files(), MAX_FILES + 1))) > MAX_FILES:
            _LOG.info("No static types: the project has more than %d files", MAX_FILES)
            return None
        return Oracle(index)

    def _document(self, oracle: Oracle, module: Module) -> Document:
        from tracemend.analysis.types.document import Document

        path = str(self._root / module.path)
        return Document(module.text, path, oracle.index.module_name(path) or "")


@dataclass(frozen=True)
class StatementTypes:
    """What is known at one statement. Answers are remembered by the text of what was asked about."""

    _types: StaticTypes
    _module: Module
    _statement: ast.stmt
    _members: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def members(self, receiver: ast.expr) -> frozenset[str] | None:
        """Return all members that `receiver`, an expression of the statement, can have; None if there may be others."""
        text = ast.unparse(receiver)
        if text not in self._members:
            self._members[text] = self._ask_members(text)
        return self._members[text]

    def class_names(self, text: str) -> frozenset[str]:
        """Return the bare names of the classes that a name or dotted expression can be of, none where that is unknown."""
        if text not in self._names:
            self._names[text] = self._ask_class_names(text)
        return self._names[text]

    def refusal(self, proposal: Proposal, observed: Mapping[str, Observed]) -> str:
        """Return why the proposal certainly raises an error where it is evaluated, "" where it may be right."""
        from tracemend.analysis.monitors.grafts import refusal

        fresh = fresh_code(self._module, self._statement, proposal.edits)
        if fresh is None:
            return ""
        doubted = frozenset(
            name.rpartition(".")[2]
            for name, seen in observed.items()
            if name.rpartition(".")[2] in fresh.words and self._is_denied(name, seen)
        )
        with self._types.place(self._module, self._statement) as place:
            if place is None:
                return ""
            whys = (refusal(place, root, fresh.known, fresh.bound | doubted) for root in fresh.roots)
            return next((why for why in whys if why), "")

    def _is_denied(self, name: str, seen: Observed) -> bool:
        """Say whether the failing run saw a type in `name` that the oracle rules out, so that one of them is wrong."""
        names = self.class_names(name)
        return bool(names) and not {one.rpartition(".")[2] for one in seen.types} <= names

    def _ask_members(self, text: str) -> frozenset[str] | None:
        with self._types.place(self._module, self._statement) as place:
            root = _parsed(text)
            if place is None or root is None:
                return None
            with place.grafted(root):
                found = place.members((root,))
            return found.names if found.closed else None

    def _ask_class_names(self, text: str) -> frozenset[str]:
        with self._types.place(self._module, self._statement) as place:
            root = _parsed(text)
            if place is None or root is None:
                return frozenset()
            with place.grafted(root):
                return frozenset(one.rpartition(".")[2] for one in place.class_names((root,)))


@dataclass(frozen=True)
class FreshCode:
    """The expressions that edits change or add, what of them stood there before, and the names that come to be bound."""

    roots: tuple[ast.expr, ...]
    known: frozenset[str]  # Dumps of trees.
    bound: frozenset[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """The names and attributes that the expressions mention."""
        nodes = [node for root in self.roots for node in ast.walk(root)]
        return frozenset(
            node.id if isinstance(node, ast.Name) else node.attr
            for node in nodes
            if isinstance(node, ast.Name | ast.Attribute)
        )


@lru_cache(maxsize=256)
def fresh_code(module: Module, statement: ast.stmt, edits: tuple[TextEdit, ...]) -> FreshCode | None:
    """Return what edits of a statement, or right before and after it, change; None for any other edits."""
    roots = [one for one in _roots([statement]) if module.has_exact_position(one)]
    owners = {edit: _owner(module, roots, edit) for edit in edits}
    if not all(owners.values()):
        return _fresh_statements(module, statement, edits)
    new: list[ast.expr] = []
    touched = dict.fromkeys(owner for owner in owners.values() if owner is not None)
    for owner in touched:
        text = _edited(module.text, module.span(owner), [edit for edit in edits if owners[edit] is owner])
        parsed = None if text is None else _parsed(text)
        if parsed is None:
            return None
        new.append(parsed)
    return FreshCode(tuple(new), _dumps(touched), frozenset())


def _fresh_statements(module: Module, statement: ast.stmt, edits: Sequence[TextEdit]) -> FreshCode | None:
    """Return what edits beyond the expressions of a statement make of it; all that they bind is new."""
    start, end = module.span(statement)
    line_start = module.lines.line_start(module.lines.line_of(start))
    line_end = module.text.find("\n", end) + 1 or len(module.text)
    if any(edit.start < line_start or edit.end > line_end for edit in edits):
        return None
    text = _edited(module.text, (line_start, line_end), edits)
    try:
        body = [] if text is None else ast.parse(textwrap.dedent(text)).body
    except SyntaxError:
        return None
    roots = tuple(_roots(body))
    return FreshCode(roots, _dumps(_roots([statement])), _bound([statement, *body]))


def _owner(module: Module, roots: Sequence[ast.expr], edit: TextEdit) -> ast.expr | None:
    for root in roots:
        start, end = module.span(root)
        if start <= edit.start and edit.end <= end:
            return root
    return None


def _edited(text: str, span: tuple[int, int], edits: Sequence[TextEdit]) -> str | None:
    """Return the text of a span after `edits`, which lie in it; None where they overlap."""
    start, end = span
    moved = [TextEdit(one.start - start, one.end - start, one.text) for one in edits]
    try:
        return apply_edits(text[start:end], moved)
    except OverlappingEdits:
        return None


def _roots(statements: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Yield the outermost expressions of statements and of the statements inside them, those that are stored to left out.

    Functions and classes are other scopes, and handlers may catch what an expression in their `try` raises.
    """
    stack: list[ast.AST] = list(statements)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.expr):
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                yield node
        elif not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Try | ast.TryStar
        ):
            stack += ast.iter_child_nodes(node)


def _bound(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names and attributes that statements store to, at whatever depth."""
    nodes = [node for one in statements for node in ast.walk(one)]
    stored = [
        one for one in nodes if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Store)
    ]
    return frozenset(one.id if isinstance(one, ast.Name) else one.attr for one in stored)


def _dumps(roots: Iterable[ast.expr]) -> frozenset[str]:
    return frozenset(ast.dump(node) for root in roots for node in ast.walk(root))


@lru_cache(maxsize=8192)
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None
