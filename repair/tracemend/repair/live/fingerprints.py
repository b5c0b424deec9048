"""What a change of a file changed: a fingerprint for each block of its code.

A block is one function, methods and nested functions too, or all the rest of the module, which has the name "". What a
function does when it is *called* belongs to its own block. What happens when its `def` is *executed* belongs to the
block around it: its name, decorators, defaults and annotations, and whether it is a coroutine. Class bodies run when the
module is imported and are part of "". Positions and comments do not count, so a function that moved keeps its fingerprint.

Whether a function is a generator is a block of its own, `kind_of(name)`: the body of such a one does not run when it is
called, and not every Python lets us see the call. A decorator may look at it, so that of a decorated one belongs to the
block around it. The setter of a property is another block than its getter, of the name "Cart.total.setter".

A test that did not enter any block that changed does what it did before (pytest-testmon rests on the same idea, there
for the whole text of a block). Reading is by top-level statement: one whose text has not changed is taken over, and
where only one changed no other is parsed, so that a large file costs little more than the edited function.
"""

from __future__ import annotations

import ast
import bisect
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracemend.analysis.syntax.module import FunctionNode, first_line

MODULE_LEVEL = ""
_KIND = "<kind>"

# What has code of its own but is not a block: it belongs to the block it stands in.
_NAMELESS = (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
_IMPORTERS = frozenset({"import_module", "__import__", "importorskip"})
_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_HASH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that a file may import: `name` may also be something inside one. `level` counts leading dots."""

    name: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why a text does not parse."""

    message: str
    line: int


class Span(NamedTuple):
    """The lines of one function: its first one, decorators included, that of its body, and its last one."""

    first: int
    body: int
    last: int
    name: str

    def moved(self, by: int) -> Span:
        """Return the same function `by` lines further down."""
        return Span(self.first + by, self.body + by, self.last + by, self.name)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What is known of one text of one file."""

    blocks: Mapping[str, str]  # Qualified name -> fingerprint.
    imports: frozenset[Imported] = frozenset()
    reached: frozenset[Imported] = (
        frozenset()
    )  # Those whose members module-level code calls, extends or changes.
    spans: tuple[Span, ...] = ()  # Of functions, outer ones first.
    starts: Mapping[int, frozenset[str]] = field(default_factory=dict)  # First lines of code -> blocks.
    problem: SyntaxProblem | None = None
    text: str = field(default="", repr=False)
    statements: tuple[_Placed, ...] = field(default=(), repr=False)

    def blocks_at(self, line: int) -> frozenset[str]:
        """Return the blocks that code which begins at `line` belongs to; rarely more than one."""
        return self.starts.get(line) or frozenset({self.function_at(line)})

    def function_at(self, line: int) -> str:
        """Return the innermost function whose lines hold `line`, "" where there is none."""
        found = MODULE_LEVEL
        for span in self.spans:
            if span.first <= line <= span.last:
                found = span.name
        return found

    def span_of(self, block: str) -> Span | None:
        """Return where a function stands, None for what is none."""
        return next((span for span in self.spans if span.name == block), None)


def fingerprints_of(text: str, before: Fingerprints | None = None) -> Fingerprints:
    """Read `text`, taking over from `before` what is the same. A text that does not parse is one block."""
    lines = _lines_of(text)
    statements = _statements_with_one_change(lines, before) if before else None
    if statements is None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problem = SyntaxProblem(str(getattr(error, "msg", error)), getattr(error, "lineno", None) or 1)
            return Fingerprints({MODULE_LEVEL: _digest([text])}, problem=problem)
        known = {(one.text, one.column): one.facts for one in before.statements} if before else {}
        statements = [_placed(node, lines, known) for node in tree.body]
    return _added_up(text, statements)


def kind_of(function: str) -> str:
    """Return the block that says whether `function` is a generator."""
    return function + _KIND


def function_of_kind(block: str) -> str | None:
    """Return the function whose kind `block` is, None for any other block."""
    return block.removesuffix(_KIND) if block.endswith(_KIND) else None


def changed_blocks(before: Fingerprints | None, after: Fingerprints | None) -> frozenset[str]:
    """Return the names of the blocks that differ; a file that comes or goes changes at module level."""
    if before is None or after is None:
        return frozenset() if before is after else frozenset({MODULE_LEVEL})
    names = before.blocks.keys() | after.blocks.keys()
    return frozenset(name for name in names if before.blocks.get(name) != after.blocks.get(name))


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is known of one top-level statement; lines count from its first one."""

    parts: tuple[tuple[str, str], ...]  # (block, fingerprint of what the statement adds to it)
    imports: frozenset[Imported]
    aliases: tuple[tuple[str, Imported], ...]  # Names that it binds to what it imports.
    used: frozenset[str]  # Names that module-level code calls, extends or changes.
    spans: tuple[Span, ...]
    starts: tuple[tuple[int, str], ...]


class _Placed(NamedTuple):
    """One top-level statement where it stands."""

    text: str  # Of its whole lines.
    column: int
    first: int
    last: int
    facts: _Statement


def _placed(
    node: ast.stmt, lines: list[str], known: Mapping[tuple[str, int], _Statement], above: int = 0
) -> _Placed:
    """Place `node`, whose own line numbers count from `above`, reading it unless it is known."""
    first, last = first_line(node) + above, (node.end_lineno or node.lineno) + above
    text = "\n".join(lines[first - 1 : last])
    facts = known.get((text, node.col_offset)) or _read_statement(node, first - above)
    return _Placed(text, node.col_offset, first, last, facts)


def _statements_with_one_change(lines: list[str], before: Fingerprints) -> list[_Placed] | None:
    """Return the statements of a text that differs from the one before inside one of them, None for any other.

    If the changed statement parses by itself, and ends where it did, the whole parses, and all else is the same.
    """
    old = _lines_of(before.text)
    changed = _changed_statement(old, lines, before.statements)
    if changed is None:
        return None
    grown = len(lines) - len(old)
    statement = before.statements[changed]
    own_lines = lines[statement.first - 1 : statement.last + grown]
    try:
        body = ast.parse("\n".join(own_lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if (
        len(body) != 1
        or body[0].col_offset
        or (first_line(body[0]), body[0].end_lineno) != (1, len(own_lines))
    ):
        return None
    below = [
        one._replace(first=one.first + grown, last=one.last + grown)
        for one in before.statements[changed + 1 :]
    ]
    return [*before.statements[:changed], _placed(body[0], lines, {}, statement.first - 1), *below]


def _changed_statement(old: list[str], new: list[str], statements: Sequence[_Placed]) -> int | None:
    """Return which statement, alone on its lines, holds every line that differs."""
    shorter = min(len(old), len(new))
    above = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - above
    below = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    low, high = (
        above + 1,
        len(old) - below,
    )  # The lines that differ; low is high + 1 where lines were put in between.
    at = bisect.bisect_right(statements, min(low, high), key=lambda one: one.first) - 1
    if at < 0 or statements[at].last < max(low, high):
        return None
    is_alone = (at == 0 or statements[at - 1].last < statements[at].first) and (
        at + 1 == len(statements) or statements[at].last < statements[at + 1].first
    )
    return at if is_alone else None


def _lines_of(text: str) -> list[str]:
    """Split where Python's own parser does, not at form feeds and the like."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _added_up(text: str, statements: Sequence[_Placed]) -> Fingerprints:
    """Add up what is known of the statements of one text."""
    parts: dict[str, list[str]] = {MODULE_LEVEL: []}
    aliases: dict[str, set[Imported]] = {}
    starts: dict[int, set[str]] = {}
    for one in statements:
        for block, digest in one.facts.parts:
            parts.setdefault(block, []).append(digest)
        for name, imported in one.facts.aliases:
            aliases.setdefault(name, set()).add(imported)
        for line, block in one.facts.starts:
            starts.setdefault(line + one.first, set()).add(block)
    return Fingerprints(
        {block: _digest(digests) for block, digests in parts.items()},
        frozenset(imported for one in statements for imported in one.facts.imports),
        frozenset(found for one in statements for name in one.facts.used for found in aliases.get(name, ())),
        tuple(span.moved(one.first) for one in statements for span in one.facts.spans),
        {line: frozenset(blocks) for line, blocks in starts.items()},
        text=text,
        statements=tuple(statements),
    )


def _read_statement(node: ast.stmt, first: int) -> _Statement:
    reader = _Reader(first)
    reader.read(node, MODULE_LEVEL, "")
    return _Statement(
        tuple((block, _digest(tokens)) for block, tokens in reader.tokens.items()),
        frozenset(reader.imports),
        tuple(reader.aliases),
        frozenset(reader.used),
        tuple(reader.spans),
        tuple(reader.starts),
    )


class _Reader:
    """Walks one statement and writes down, for each block, what it is made of."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.tokens: dict[str, list[str]] = {}
        self.imports: set[Imported] = set()
        self.aliases: list[tuple[str, Imported]] = []
        self.used: set[str] = set()
        self.spans: list[Span] = []
        self.starts: list[tuple[int, str]] = []
        self._generators: set[str] = set()

    def read(self, node: ast.AST, block: str, prefix: str) -> None:
        """Write `node` down in `block`; `prefix` is what qualified names in it begin with."""
        if isinstance(node, FunctionNode):
            self._read_function(node, block, prefix)
            return
        if isinstance(node, ast.ClassDef):
            prefix = f"{prefix}{node.name}."
        self._note(node, block)
        self._write(block, type(node).__name__)
        for name, value in ast.iter_fields(node):
            if name not in ("ctx", "type_comment", "kind"):
                self._read_value(value, block, prefix)

    def _read_value(self, value: Any, block: str, prefix: str) -> None:
        if isinstance(value, ast.AST):
            self.read(value, block, prefix)
        elif isinstance(value, list):
            self._write(block, "[")
            for one in value:
                self._read_value(one, block, prefix)
            self._write(block, "]")
        else:
            self._write(block, repr(value))

    def _read_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, block: str, prefix: str) -> None:
        """The body is a block of its own, what its `def` does belongs to `block`."""
        name = prefix + node.name + _accessor(node)
        start = first_line(node)
        span = Span(start, first_line(node.body[0]), node.end_lineno or node.lineno, name)
        self.spans.append(span.moved(-self._first))
        self.starts.append((start - self._first, name))
        self._note(node, block)
        self._write(block, type(node).__name__)
        for field_name, value in ast.iter_fields(node):
            if field_name not in ("body", "type_comment"):
                self._read_value(value, block, prefix)
        self._write(name, "")
        for statement in node.body:
            self.read(statement, name, f"{name}.<locals>.")
        kind = kind_of(name) if block == MODULE_LEVEL and not node.decorator_list else block
        self._write(kind, "generator" if name in self._generators else "plain")

    def _write(self, block: str, token: str) -> None:
        self.tokens.setdefault(block, []).append(token)

    def _note(self, node: ast.AST, block: str) -> None:
        """Take note of what else matters: imports, code without a name, what module-level code reaches out to."""
        if isinstance(node, _NAMELESS):
            self.starts.append((node.lineno - self._first, block))
        elif isinstance(node, ast.Yield | ast.YieldFrom):
            self._generators.add(block)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._note_import(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _DOTTED_NAME.fullmatch(node.value):
                self.imports.add(Imported(node.value))
        elif (isinstance(node, ast.Call) and _last_name(node.func) in _IMPORTERS) or (
            isinstance(node, ast.Assign) and any(_last_name(one) == "pytest_plugins" for one in node.targets)
        ):
            self._note_strings(node)
        if block == MODULE_LEVEL:
            self.used.update(_reaches_for(node))

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                imported = Imported(alias.name)
                self.aliases.append((alias.asname or alias.name.partition(".")[0], imported))
            else:
                imported = Imported(".".join(filter(None, (node.module, alias.name))), node.level)
                self.aliases.append((alias.asname or alias.name, imported))
            self.imports.add(imported)

    def _note_strings(self, node: ast.AST) -> None:
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and _NAME.fullmatch(one.value):
                self.imports.add(Imported(one.value))


def _accessor(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return ".setter" for what `@total.setter` decorates if it is called `total` too, "" for most functions."""
    for one in node.decorator_list:
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == node.name:
            return f".{one.attr}"
    return ""


def _reaches_for(node: ast.AST) -> list[str]:
    """Return the names through which `node`, executed, may change another module: a registry, say."""
    places: list[ast.AST] = []
    if isinstance(node, ast.Call):
        places = [node.func]
    elif isinstance(node, ast.ClassDef):
        places = [*node.bases, *node.decorator_list, *(one.value for one in node.keywords)]
    elif isinstance(node, FunctionNode):
        places = list(node.decorator_list)
    elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        places = [node]
    return [name for name in map(_root_name, places) if name]


def _root_name(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _digest(tokens: list[str]) -> str:
    data = "\0".join(tokens).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_HASH_BYTES).hexdigest()
