"""Rewrites of expressions: an operator says what to write instead of a node, this module makes it right.

An expression operator yields `Rewrite`s and nothing else. Here each of them is parsed by itself, compared with what
stands there, parenthesised where its place in the tree asks for it, and turned into a `Proposal`; what does not parse or
would change nothing is dropped in silence, so that operators may be written without a single check.

Read `expression_operator` first, then `rewritten`. The levels of precedence are those of the grammar in the Python
reference (6.17), named as in the standard library's `ast.unparse`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, wraps

from tracemend.analysis.syntax.edits import TextEdit, apply_edits
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.site import Proposal, Site, once_a_site, operator


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Write `text`, an expression by itself, where `node` stands. Parentheses are added where they are needed."""

    node: ast.expr
    text: str
    note: str
    cost: float


RewriteExpression = Callable[[Site, ast.expr], Iterator[Rewrite]]


class Precedence(IntEnum):
    """How tightly an expression binds; an operand needs parentheses when it binds less tightly than its place."""

    NAMED = 0
    TUPLE = 1
    YIELD = 2
    TEST = 3
    OR = 4
    AND = 5
    NOT = 6
    COMPARE = 7
    BIT_OR = 8
    BIT_XOR = 9
    BIT_AND = 10
    SHIFT = 11
    ARITHMETIC = 12
    TERM = 13
    FACTOR = 14
    POWER = 15
    AWAIT = 16
    ATOM = 17


def expression_operator(
    name: str, family: str, *, targets: bool = False
) -> Callable[[RewriteExpression], RewriteExpression]:
    """Register a generator that is asked once for each expression whose value the statement uses.

    With `targets` it is also asked for subscripts and attributes that are assigned to.
    """

    def register(rewrites: RewriteExpression) -> RewriteExpression:
        @wraps(rewrites)
        def propose(site: Site) -> Iterator[Proposal]:
            nodes = [*value_expressions(site), *(assigned_places(site) if targets else ())]
            return proposals(site, (one for node in nodes for one in rewrites(site, node)))

        operator(name, family)(propose)
        return rewrites

    return register


def proposals(site: Site, rewrites: Iterable[Rewrite]) -> Iterator[Proposal]:
    """Turn rewrites into proposals, each different from the statement as it stands and from those before it."""
    seen: set[tuple[int, int, str]] = set()
    for rewrite in rewrites:
        edit = rewritten(site, rewrite.node, rewrite.text)
        if edit is not None and (key := (edit.start, edit.end, edit.text)) not in seen:
            seen.add(key)
            yield Proposal((edit,), rewrite.note, rewrite.cost)


def rewritten(site: Site, node: ast.expr, text: str) -> TextEdit | None:
    """Return the edit that puts the expression `text` in the place of `node`; None if that cannot be or is no change."""
    new = parsed(text)
    if new is None or _same(new, node) or not _may_stand_for(new, node):
        return None
    return _edit(site, node, new, text)


@lru_cache(maxsize=8192)
def parsed(text: str) -> ast.expr | None:
    """Parse one expression, None where it is none."""
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None


@once_a_site
def value_expressions(site: Site) -> tuple[ast.expr, ...]:
    """Return the expressions of the statement that are evaluated for their value, outermost first.

    Left out are annotations, docstrings, assignment targets, patterns, starred items and the pieces of f-strings that
    are not expressions: nothing that a program computes depends on them, or they cannot be replaced by themselves.
    """
    if isinstance(site.statement, ast.Expr) and isinstance(site.statement.value, ast.Constant):
        return ()
    hidden = _hidden(site)
    return tuple(
        node
        for node in site.expressions
        if id(node) not in hidden
        and not isinstance(node, ast.Slice | ast.Starred | ast.FormattedValue)
        and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        and not isinstance(site.module.parents[node], ast.JoinedStr)
    )


def assigned_places(site: Site) -> tuple[ast.expr, ...]:
    """Return the subscripts and attributes that the statement assigns to or deletes."""
    return tuple(
        node
        for node in site.expressions
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    )


def operand(site: Site, node: ast.expr, level: Precedence = Precedence.TEST) -> str:
    """Return the text of `node`, fit to be written where `level` is asked for and on a line that may end."""
    text = site.text(node)
    if isinstance(node, ast.Tuple) and _has_brackets(text):
        return text
    if precedence(node) < level or ("\n" in text and not _is_bracketed(node)):
        return f"({text})"
    return text


def atom(site: Site, node: ast.expr) -> str:
    """Return the text of `node`, fit to be followed by `.name`, `[index]` or `(arguments)`."""
    return f"({site.text(node)})" if _is_number(node) else operand(site, node, Precedence.ATOM)


def spliced(site: Site, node: ast.expr, replacements: Mapping[ast.expr, str]) -> str:
    """Return the text of `node` with the expressions inside it replaced, layout and comments kept."""
    base, _ = site.module.span(node)
    edits = []
    for inner, text in replacements.items():
        new = parsed(text)
        edit = _edit(site, inner, new, text) if new is not None else None
        edit = edit or TextEdit(*site.module.span(inner), text)
        edits.append(TextEdit(edit.start - base, edit.end - base, edit.text))
    return apply_edits(site.text(node), edits)


def argument_texts(site: Site, call: ast.Call) -> list[str]:
    """Return the arguments of `call` as written, positional ones and keywords in the order of the text."""
    arguments: list[ast.expr | ast.keyword] = sorted(
        [*call.args, *call.keywords], key=lambda one: (one.lineno, one.col_offset)
    )
    return [
        site.text(one) if isinstance(one, ast.keyword | ast.Starred) else operand(site, one)
        for one in arguments
    ]


def call_text(site: Site, call: ast.Call, arguments: Sequence[str]) -> str:
    """Return `call` with other arguments."""
    return f"{atom(site, call.func)}({', '.join(arguments)})"


def short(text: str, limit: int = 40) -> str:
    """Return `text` as a note may quote it: on one line and not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 3]}..."


_BINARY = {
    ast.BitOr: Precedence.BIT_OR,
    ast.BitXor: Precedence.BIT_XOR,
    ast.BitAnd: Precedence.BIT_AND,
    ast.LShift: Precedence.SHIFT,
    ast.RShift: Precedence.SHIFT,
    ast.Add: Precedence.ARITHMETIC,
    ast.Sub: Precedence.ARITHMETIC,
    ast.Mult: Precedence.TERM,
    ast.Div: Precedence.TERM,
    ast.FloorDiv: Precedence.TERM,
    ast.Mod: Precedence.TERM,
    ast.MatMult: Precedence.TERM,
    ast.Pow: Precedence.POWER,
}


def precedence(node: ast.expr) -> Precedence:
    """Return how tightly `node` binds as it is written without parentheses around it."""
    match node:
        case ast.NamedExpr():
            return Precedence.NAMED
        case ast.Tuple():
            return Precedence.TUPLE
        case ast.Yield() | ast.YieldFrom():
            return Precedence.YIELD
        case ast.IfExp() | ast.Lambda():
            return Precedence.TEST
        case ast.BoolOp(op=op):
            return Precedence.OR if isinstance(op, ast.Or) else Precedence.AND
        case ast.UnaryOp(op=ast.Not()):
            return Precedence.NOT
        case ast.Compare():
            return Precedence.COMPARE
        case ast.BinOp(op=op):
            return _BINARY[type(op)]
        case ast.UnaryOp():
            return Precedence.FACTOR
        case ast.Await():
            return Precedence.AWAIT
        case _:
            return Precedence.ATOM


def required_precedence(parent: ast.AST, node: ast.expr) -> Precedence:
    """Return how tightly an expression must bind to stand in the place that `node` has in `parent`."""
    match parent:
        case ast.BinOp(op=ast.Pow(), left=left):
            return Precedence.AWAIT if left is node else Precedence.FACTOR
        case ast.BinOp(op=op, left=left):
            level = _BINARY[type(op)]
            return level if left is node else Precedence(level + 1)
        case ast.UnaryOp(op=op):
            return Precedence.NOT if isinstance(op, ast.Not) else Precedence.FACTOR
        case ast.BoolOp(op=op):
            return Precedence.OR if isinstance(op, ast.Or) else Precedence.AND
        case ast.Compare() | ast.Starred():
            return Precedence.BIT_OR
        case ast.IfExp(orelse=orelse):
            return Precedence.TEST if orelse is node else Precedence.OR
        case ast.comprehension():
            return Precedence.OR
        case ast.Attribute() | ast.Await():
            return Precedence.ATOM
        case ast.Subscript(value=value):
            return Precedence.ATOM if value is node else Precedence.TUPLE
        case ast.Call(func=function):
            return Precedence.ATOM if function is node else Precedence.TEST
        case ast.Dict(values=values, keys=keys):
            star = any(key is None and value is node for key, value in zip(keys, values, strict=True))
            return Precedence.BIT_OR if star else Precedence.TEST
        case ast.Return() | ast.Assign() | ast.AugAssign() | ast.Expr():
            return Precedence.TUPLE
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) if iterable is node:
            return Precedence.TUPLE
        case _:
            return Precedence.TEST


def _edit(site: Site, node: ast.expr, new: ast.expr, text: str) -> TextEdit | None:
    """Return the edit that writes `text`, which parses as `new`, for `node` and parentheses it no longer needs."""
    fitted = _fitted(site, node, new, text)
    if fitted is None:
        return None
    start, end = site.module.span(node)
    if precedence(new) == Precedence.ATOM and _has_parentheses(site, node, site.module.parents[node]):
        start, end = _with_parentheses(site, start, end)
    return TextEdit(start, end, fitted)


def _fitted(site: Site, node: ast.expr, new: ast.expr, text: str) -> str | None:
    """Return `text`, which parses as `new`, with the parentheses that the place of `node` needs."""
    parent = site.module.parents[node]
    level = required_precedence(parent, node)
    if not isinstance(new, ast.Tuple | ast.GeneratorExp) and _has_brackets(text):
        text = text[1:-1].strip()
    wrapped = f"({text})"
    if _inside_f_string(site, node):
        if not _fits_f_string(site, node, text):
            return None
        if text.startswith("{") or (isinstance(parent, ast.FormattedValue) and re.search(r"[:!]", text)):
            return wrapped
    if _borrows_parentheses(site, node, parent):
        return wrapped if precedence(new) >= Precedence.TEST else f"({wrapped})"
    if isinstance(new, ast.Tuple) and _has_brackets(text):
        return text
    if isinstance(parent, ast.Attribute) and _is_number(new):
        return wrapped
    if "\n" in text and not _is_bracketed(new):
        return wrapped
    if precedence(new) >= level:
        return text
    return text if _has_parentheses(site, node, parent) else wrapped


def _has_parentheses(site: Site, node: ast.expr, parent: ast.AST) -> bool:
    """Say whether the source has parentheses of its own around `node`; those of a call do not count."""
    if isinstance(parent, ast.Call | ast.ClassDef):
        return False
    start, end = site.module.span(node)
    before, after = site.module.text[:start].rstrip(), site.module.text[end : end + 80].lstrip()
    return before.endswith("(") and after.startswith(")")


def _with_parentheses(site: Site, start: int, end: int) -> tuple[int, int]:
    """Widen a span by the parentheses around it, where nothing but them would be lost and no words would meet."""
    text = site.module.text
    outer_start, outer_end = text.rindex("(", 0, start), text.index(")", end) + 1
    lost = f"{text[outer_start + 1 : start]}{text[end : outer_end - 1]}"
    meets = text[outer_start - 1 : outer_start].isalnum() or text[outer_end : outer_end + 1].isalnum()
    return (start, end) if lost.strip() or meets else (outer_start, outer_end)


def _borrows_parentheses(site: Site, node: ast.expr, parent: ast.AST) -> bool:
    """Say whether `node` is a generator that shares its parentheses with a call: `sum(x for x in xs)`."""
    if not isinstance(node, ast.GeneratorExp) or not isinstance(parent, ast.Call) or node is parent.func:
        return False
    return site.module.span(node)[1] == site.module.span(parent)[1]


def _inside_f_string(site: Site, node: ast.expr) -> bool:
    return any(isinstance(one, ast.JoinedStr) for one in site.module.ancestors(node))


def _fits_f_string(site: Site, node: ast.expr, text: str) -> bool:
    """Before PEP 701 (Python 3.12), which projects may not use, a replacement field takes no backslash or own quote."""
    if re.search(r"[\\\n#]", text):
        return False
    new_quotes = set(text) & {"'", '"'}
    return new_quotes <= set(site.text(node)) & {"'", '"'}


def _may_stand_for(new: ast.expr, node: ast.expr) -> bool:
    """Say whether `new` is allowed where `node` is: only places may be assigned to."""
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return not isinstance(new, ast.Starred)
    return isinstance(new, ast.Name | ast.Attribute | ast.Subscript | ast.Tuple | ast.List)


def _same(new: ast.expr, node: ast.expr) -> bool:
    if type(new) is not type(node):
        return False
    return _dump(new) == _dump(node)


@lru_cache(maxsize=8192)
def _dump(node: ast.expr) -> str:
    return re.sub(r"ctx=(?:Store|Del)\(\)", "ctx=Load()", ast.dump(node))


def _hidden(site: Site) -> set[int]:
    """Return the ids of nodes in annotations, patterns and type parameters."""
    roots: list[ast.AST] = []
    for node in ast.walk(site.statement) if not _has_body(site.statement) else _header(site.statement):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            roots.append(node.annotation)
        elif isinstance(node, FunctionNode) and node.returns:
            roots.append(node.returns)
        elif isinstance(node, ast.pattern):
            roots.append(node)
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _has_body(statement: ast.stmt) -> bool:
    return hasattr(statement, "body") or isinstance(statement, ast.Match)


def _header(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a compound statement that do not belong to the statements inside it."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        stack += [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.stmt)]


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex)


def _is_bracketed(node: ast.expr) -> bool:
    """Say whether line ends inside `node` are always inside brackets, or inside one string."""
    return isinstance(
        node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    )


def _has_brackets(text: str) -> bool:
    """Say whether one pair of parentheses stands around all of it, as in `(a, b)` and not in `(a), b`."""
    return text.startswith("(") and text.endswith(")") and parsed(f"[{text[1:-1]}\n]") is not None
