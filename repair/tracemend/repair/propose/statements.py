"""Writing whole statements: insert, remove, move, wrap and unwrap them without harm to the text around.

New lines are given without their outer indentation; a leading tab stands for one level of the file's own
indentation: `["if x is None:", "\\treturn"]`. Every function here yields one proposal, or none where the layout of the
text (`a; b`, `if x: return`, `elif`) would make the edit unsafe: an operator that finds no safe place says nothing.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import Module, first_line
from tracemend.analysis.syntax.source import prevailing_newline
from tracemend.repair.propose.site import Proposal, Propose, Site, operator

LOOPS = (ast.For, ast.AsyncFor, ast.While)
JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
COMPOUND = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NESTED_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def statement_operator(name: str, family: str, at_most: int) -> Callable[[Propose], Propose]:
    """Register an operator that gives at most `at_most` proposals: distinct, changing something, cheapest first.

    Composed proposals (condition x action x place) easily meet twice; the promise is kept here, once for all.
    """

    def register(propose: Propose) -> Propose:
        @functools.wraps(propose)
        def bounded(site: Site) -> Iterator[Proposal]:
            by_edits: dict[tuple[TextEdit, ...], Proposal] = {}
            for one in sorted(propose(site), key=lambda one: one.cost):
                if any(_changes_something(site.module, edit) for edit in one.edits):
                    by_edits.setdefault(one.edits, one)
            yield from islice(by_edits.values(), at_most)

        return operator(name, family)(bounded)

    return register


def insert_before(
    site: Site, statement: ast.stmt, lines: Sequence[str], note: str, cost: float
) -> Iterator[Proposal]:
    """Insert `lines` on their own lines before `statement`, at its indentation.

    An early exit that does what `statement` does anyway changes nothing that a caller could see, and is left out.
    """
    place = _place_before(site.module, statement)
    if place is not None and not _leaves_likewise(site, statement, lines):
        offset, indent = place
        yield _insertion(site.module, offset, _render(site.module, indent, lines), note, cost)


def insert_after(
    site: Site, statement: ast.stmt, lines: Sequence[str], note: str, cost: float
) -> Iterator[Proposal]:
    """Insert `lines` on their own lines after the whole of `statement`, at its indentation."""
    place = _place_after(site.module, statement)
    if place is not None:
        offset, indent = place
        yield _insertion(site.module, offset, _render(site.module, indent, lines), note, cost)


def insert_in_body(
    site: Site, compound: ast.stmt, lines: Sequence[str], note: str, cost: float, *, at_end: bool = False
) -> Iterator[Proposal]:
    """Insert `lines` as the first (after a docstring) or the last statements of the body of `compound`."""
    body = code_body(compound)
    if at_end or not body:
        yield from insert_after(site, compound.body[-1], lines, note, cost)  # type: ignore[attr-defined]
    else:
        yield from insert_before(site, body[0], lines, note, cost)


def rewrite(
    site: Site, statement: ast.stmt, lines: Sequence[str], note: str, cost: float
) -> Iterator[Proposal]:
    """Replace the text of `statement` by `lines`; a comment behind it stays."""
    start, end = site.module.span(statement)
    if len(lines) == 1:
        yield Proposal((TextEdit(start, end, _expand(site.module, lines[0])),), note, cost)
    elif owns_lines(site.module, statement) and not is_elif(site.module, statement):
        indent = site.module.indentation(statement)
        text = _render(site.module, indent, lines).removeprefix(indent)
        yield Proposal((TextEdit(start, end, text.removesuffix(_newline(site.module))),), note, cost)


def remove(site: Site, statement: ast.stmt, note: str, cost: float) -> Iterator[Proposal]:
    """Remove `statement` with its lines; a block that would be empty gets `pass`."""
    module = site.module
    block, _ = module.block_of(statement)
    if len(block) == 1 and block is not module.tree.body:
        if not isinstance(statement, ast.Pass) and not is_elif(module, statement):
            yield from rewrite(site, statement, ["pass"], note, cost)
    elif owns_lines(module, statement):
        yield Proposal((_removal(module, statement),), note, cost)


def wrap(
    site: Site,
    statements: Sequence[ast.stmt],
    header: Sequence[str],
    note: str,
    cost: float,
    footer: Sequence[str] = (),
) -> Iterator[Proposal]:
    """Put neighbouring `statements` one level deeper, below `header` and above `footer`."""
    module = site.module
    if not all(owns_lines(module, one) and not is_elif(module, one) for one in statements):
        return
    indent = module.indentation(statements[0])
    start = module.lines.line_start(first_line(statements[0]))
    end = _line_after(module, statements[-1])
    body = reindented(module, statements[0], statements[-1], indent + module.indent_unit)
    text = _render(module, indent, header) + body
    if footer:
        text = _ended(module, text) + _render(module, indent, footer)
    yield Proposal((TextEdit(start, end, text),), note, cost)


def unwrap(
    site: Site, compound: ast.stmt, body: Sequence[ast.stmt], note: str, cost: float
) -> Iterator[Proposal]:
    """Replace `compound` by the statements of one of its blocks, one level less deep."""
    module = site.module
    if not owns_lines(module, compound) or is_elif(module, compound):
        return
    if not all(owns_lines(module, one) and not is_elif(module, one) for one in body):
        return
    start = module.lines.line_start(first_line(compound))
    text = reindented(module, body[0], body[-1], module.indentation(compound))
    yield Proposal((TextEdit(start, _line_after(module, compound), text),), note, cost)


def move(
    site: Site, statement: ast.stmt, target: ast.stmt, note: str, cost: float, *, after: bool
) -> Iterator[Proposal]:
    """Move `statement` before or after `target`, at the indentation of the latter."""
    module = site.module
    block, _ = module.block_of(statement)
    if len(block) < 2 or not owns_lines(module, statement) or not owns_lines(module, target):
        return
    if is_elif(module, statement) or (is_elif(module, target) and not after):
        return
    text = reindented(module, statement, statement, module.indentation(target))
    place = _line_after(module, target) if after else module.lines.line_start(first_line(target))
    removal = _removal(module, statement)
    if removal.start < place < removal.end:
        return
    insertion = _insertion(module, place, _ended(module, text), note, cost).edits[0]
    yield Proposal(tuple(sorted((insertion, removal))), note, cost)


def swap(site: Site, first: ast.stmt, second: ast.stmt, note: str, cost: float) -> Iterator[Proposal]:
    """Exchange two neighbouring statements of one block with their lines."""
    module = site.module
    if any(not owns_lines(module, one) or is_elif(module, one) for one in (first, second)):
        return
    start = module.lines.line_start(first_line(first))
    middle = module.lines.line_start(first_line(second))
    behind = _line_after(module, first)
    end = _line_after(module, second)
    text = module.text
    swapped = _ended(module, text[middle:end]) + text[behind:middle] + text[start:behind]
    yield Proposal((TextEdit(start, end, swapped),), note, cost)


def can_insert_before(module: Module, statement: ast.stmt) -> bool:
    """Say whether new lines may stand directly before `statement`."""
    return module.starts_line(statement) and not is_elif(module, statement)


def owns_lines(module: Module, statement: ast.stmt) -> bool:
    """Say whether the lines of `statement` hold nothing else but a comment behind it."""
    end = module.span(statement)[1]
    rest = module.text[end : module.lines.line_start((statement.end_lineno or 0) + 1)].strip()
    return module.starts_line(statement) and (not rest or rest.startswith("#"))


def is_elif(module: Module, statement: ast.stmt) -> bool:
    """Say whether `statement` is an `if` that is written `elif`."""
    return isinstance(statement, ast.If) and module.text.startswith("elif", module.span(statement)[0])


def has_docstring(node: ast.AST) -> bool:
    """Say whether the body of `node` starts with a docstring."""
    return isinstance(node, DEFINITIONS) and is_docstring_text(node.body[0])


def is_docstring_text(statement: ast.stmt) -> bool:
    """Say whether `statement` is nothing but a string."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def code_body(compound: ast.AST) -> list[ast.stmt]:
    """Return the body of `compound` without its docstring."""
    body: list[ast.stmt] = getattr(compound, "body", [])
    return body[1:] if has_docstring(compound) else body


def header(site: Site, compound: ast.stmt) -> str:
    """Return the text of a compound statement up to its body, without white space at the end."""
    start, _ = site.module.span(compound)
    return site.module.text[start : site.module.span(compound.body[0])[0]].rstrip()  # type: ignore[attr-defined]


def enclosing_loop(module: Module, statement: ast.stmt) -> ast.For | ast.AsyncFor | ast.While | None:
    """Return the innermost loop whose body (not its `else`) holds `statement`, within the same function."""
    inner: ast.AST = statement
    for ancestor in module.ancestors(statement):
        if isinstance(ancestor, LOOPS) and inner in ancestor.body:
            return ancestor
        if isinstance(ancestor, NESTED_SCOPES):
            return None
        inner = ancestor
    return None


def always_leaves(block: Sequence[ast.stmt]) -> bool:
    """Say whether control never runs off the end of `block` (judged by its last statement alone)."""
    if not block:
        return False
    match block[-1]:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.If(body=body, orelse=orelse):
            return always_leaves(body) and always_leaves(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return always_leaves(body)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            ends = [orelse or body, *(handler.body for handler in handlers)]
            return always_leaves(finalbody) or all(always_leaves(one) for one in ends)
        case ast.While(test=ast.Constant(value=value), body=body) if value:
            return not any(isinstance(one, ast.Break) for one in walk_scope(body))
        case _:
            return False


def walk_scope(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield `nodes` and what is below them in the order of the text, without the inside of nested functions."""
    for node in nodes:
        yield from _scope_below(node)


def written(site: Site, node: ast.expr) -> str:
    """Return the text of `node` so that it may stand as an operand of its own: parenthesised where it must be.

    The span of an expression leaves out the parentheses around it, in which line breaks, `yield` and `:=` are legal.
    """
    text = site.text(node)
    loose = isinstance(node, ast.Yield | ast.YieldFrom | ast.NamedExpr | ast.Lambda | ast.IfExp)
    if isinstance(node, ast.Tuple):
        loose = not node.elts[:1] or site.module.span(node.elts[0])[0] == site.module.span(node)[0]
        loose = loose and bool(node.elts)
    return f"({text})" if loose or "\n" in text or "\r" in text else text


_OPPOSITES: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}


def negated(site: Site, test: ast.expr) -> str:
    """Return the text of the opposite of `test`, with the opposite comparator where it is one comparison."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return written(site, operand)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"{written(site, left)} {_OPPOSITES[type(op)]} {written(site, right)}"
        case ast.Compare() | ast.BoolOp() | ast.IfExp() | ast.NamedExpr() | ast.Lambda():
            return f"not ({site.text(test)})"
        case _:
            return f"not {written(site, test)}"


def substituted(module: Module, node: ast.AST, renaming: Mapping[str, str]) -> str:
    """Return the text of `node` with names and attribute names replaced as `renaming` says."""
    base, end = module.span(node)
    edits: list[tuple[int, int, str]] = []
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in renaming and module.has_exact_position(one):
            edits.append((*module.span(one), renaming[one.id]))
        elif isinstance(one, ast.Attribute) and one.attr in renaming and module.has_exact_position(one):
            stop = module.span(one)[1]
            edits.append((stop - len(one.attr), stop, renaming[one.attr]))
    text = module.text[base:end]
    for start, stop, new in sorted(edits, reverse=True):
        text = text[: start - base] + new + text[stop - base :]
    return text


@functools.lru_cache(maxsize=8192)
def identifiers(node: ast.AST) -> frozenset[str]:
    """Return the names that `node` loads or stores, at any depth."""
    return frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def names_in_text(text: str) -> frozenset[str]:
    """Return the identifiers that an expression or statement in `text` mentions, attributes left out."""
    return frozenset(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text))


@functools.lru_cache(maxsize=32)
def attribute_names(module: Module, owner: str = "") -> Mapping[str, None]:
    """Return the attributes that the file mentions (of the name `owner` alone where given), in order, as a set."""
    found: dict[str, None] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and (
            not owner or (isinstance(node.value, ast.Name) and node.value.id == owner)
        ):
            found.setdefault(node.attr)
    return found


def reindented(module: Module, first: ast.stmt, last: ast.stmt, indent: str) -> str:
    """Return the lines from `first` to `last`, comments between them too, with `indent` as their indentation.

    Lines inside of multi-line strings are part of a value and stay as they are.
    """
    old = module.indentation(first)
    start, stop = first_line(first), last.end_lineno or last.lineno
    untouched = _string_lines(module, start, stop)
    pieces: list[str] = []
    for line in range(start, stop + 1):
        text = module.text[module.lines.line_start(line) : module.lines.line_start(line + 1)]
        if line not in untouched and text.strip() and text.startswith(old):
            text = indent + text[len(old) :]
        pieces.append(text)
    return "".join(pieces)


def _leaves_likewise(site: Site, statement: ast.stmt, lines: Sequence[str]) -> bool:
    """Say whether `lines` do, under a condition, what `statement` does without one: leave, and with the same value."""
    guarded = len(lines) == 2 and lines[0].startswith("if ")
    return guarded and isinstance(statement, JUMPS) and lines[1].strip() == site.text(statement)


@functools.lru_cache(maxsize=256)
def _place_before(module: Module, statement: ast.stmt) -> tuple[int, str] | None:
    """Return where lines before `statement` go, and their indentation; None where they may not stand."""
    if not can_insert_before(module, statement):
        return None
    return module.lines.line_start(first_line(statement)), module.indentation(statement)


@functools.lru_cache(maxsize=256)
def _place_after(module: Module, statement: ast.stmt) -> tuple[int, str] | None:
    if not owns_lines(module, statement):
        return None
    return _line_after(module, statement), module.indentation(statement)


@functools.lru_cache(maxsize=2048)
def _scope_below(top: ast.AST) -> tuple[ast.AST, ...]:
    found: list[ast.AST] = []
    stack = [top]
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, NESTED_SCOPES):
            stack += reversed(list(ast.iter_child_nodes(node)))
    return tuple(found)


def _changes_something(module: Module, edit: TextEdit) -> bool:
    """Say whether `edit` changes more than the blanks of one line."""
    old, new = module.text[edit.start : edit.end], edit.text
    if {"\n", "\r", '"', "'"} & {*old, *new}:
        return old != new
    return old.split() != new.split() and old.replace(" ", "") != new.replace(" ", "")


def _string_lines(module: Module, start: int, stop: int) -> set[int]:
    """Return the lines of [start, stop] that begin inside of a string."""
    return {line for line in _lines_inside_strings(module) if start <= line <= stop}


@functools.lru_cache(maxsize=16)
def _lines_inside_strings(module: Module) -> frozenset[int]:
    inside: set[int] = set()
    for node in ast.walk(module.tree):
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        )
        if is_text and node.end_lineno > node.lineno:  # type: ignore[attr-defined]
            inside.update(range(node.lineno + 1, node.end_lineno + 1))  # type: ignore[attr-defined]
    return frozenset(inside)


def _insertion(module: Module, place: int, text: str, note: str, cost: float) -> Proposal:
    if place and module.text[place - 1] not in "\r\n":
        newline = _newline(module)
        text = newline + text.removesuffix(newline)
    return Proposal((TextEdit(place, place, text),), note, cost)


def _removal(module: Module, statement: ast.stmt) -> TextEdit:
    return TextEdit(module.lines.line_start(first_line(statement)), _line_after(module, statement), "")


def _line_after(module: Module, statement: ast.stmt) -> int:
    return module.lines.line_start((statement.end_lineno or statement.lineno) + 1)


def _ended(module: Module, text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + _newline(module)


def _render(module: Module, indent: str, lines: Sequence[str]) -> str:
    newline = _newline(module)
    return "".join(f"{indent}{_expand(module, line)}{newline}" for line in lines)


def _expand(module: Module, line: str) -> str:
    depth = len(line) - len(line.lstrip("\t"))
    return module.indent_unit * depth + line[depth:]


@functools.lru_cache(maxsize=16)
def _newline(module: Module) -> str:
    return prevailing_newline(module.text)
