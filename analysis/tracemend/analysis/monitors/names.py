"""M4: names that nothing binds.

Over a file two proofs must agree: no scope around the name binds it anywhere (cheap, by syntax), and the oracle's set of
names in scope is closed and lacks it. The first spares the second nearly all of its work. At a hole only a word in a
place where it must be read is judged: elsewhere the generated text may be about to bind it.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.syntax.scopes import all_arguments

from .guards import Guard
from .nearest import nearest_names
from .position import position_of
from .protocol import (
    Allowed,
    Finding,
    Forbidden,
    Hole,
    Judgement,
    Passed,
    Silent,
    Unknown,
    Verdict,
    judge_word,
)
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.oracle import Oracle

RULE = "undefined-name"

# Put into builtins by gettext, IPython, profilers and type checkers, or into modules by the import system.
_INJECTED = frozenset(
    {
        "_", "_N", "ngettext", "get_ipython", "display", "reveal_type", "reveal_locals", "profile", "WindowsError",
        "exit", "quit", "copyright", "credits", "license", "__class__", "__builtins__", "__file__", "__path__",
        "__loader__", "__spec__", "__package__", "__cached__", "__annotations__", "__module__", "__qualname__",
        "__firstlineno__", "__static_attributes__", "__conditional_annotations__", "__classdict__", "__debug__",
        "__traceback_hide__", "__tracebackhide__",
    }
)  # fmt: skip
_KNOWN = frozenset(dir(builtins)) | _INJECTED

# Behind these tokens, outside brackets, a word is read and never bound.
_READING = frozenset(
    {"return", "yield", "await", "in", "if", "elif", "while", "not", "and", "or", "is", "assert", "raise", "else", "="}
    | {"+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^", "~", "<", ">", "<=", ">=", "==", "!="}
    | {"+=", "-=", "*=", "/=", "//=", "%=", "@=", "**=", "<<=", ">>=", "&=", "|=", "^="}
)  # fmt: skip
_WORD = re.compile(r"\w+")


class NameMonitor:
    """Judges bare names that are read."""

    name = "names"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge the word that `partial` begins with."""
        position = position_of(hole)
        word = _WORD.match(partial)
        if not position.is_code or word is None:
            return Unknown("no-word")
        if position.place.brackets:
            return Unknown("open-bracket")
        tokens = position.tokens
        if not tokens or tokens[-1] not in _READING or _may_bind(tokens):
            return Unknown("may-bind")
        rest = partial[word.end() :] or hole.after
        if re.match(r"\s*(?:=(?!=)|,)", rest):
            return Unknown("may-bind")
        scope = self._oracle.names_in_scope(hole.document, hole.offset)
        if not scope.closed:
            return Unknown(scope.why)
        names = scope.names | _KNOWN | frozenset(keyword.kwlist)
        ended = complete or word.end() < len(partial)
        allowed = judge_word(names, word[0], complete=ended)
        if allowed or (not ended and not word[0].isidentifier()) or word[0][0].isdigit():
            return Allowed(allowed) if allowed else Unknown("no-word")
        return Forbidden(f"nothing binds the name {word[0]!r}", nearest_names(word[0], names))

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each name that is read."""
        bound = _bound_around(view.tree)
        for node, guard in view.sites(ast.Name):
            if isinstance(node.ctx, ast.Load):
                start, end = view.span(node)
                known = node.id in _KNOWN or node.id in bound.get(node, frozenset())
                yield Passed(start) if known else self._ask(view, node.id, start, end, guard)

    def _ask(self, view: FileView, name: str, start: int, end: int, guard: Guard) -> Verdict:
        guarded = guard.reason("NameError", "UnboundLocalError")
        if guarded:
            return Silent(start, guarded)
        scope = self._oracle.names_in_scope(view.document, start)
        if name in scope.names:
            return Passed(start)
        if not scope.closed:
            return Silent(start, scope.why)
        near = nearest_names(name, scope.names | frozenset(dir(builtins)))
        return Finding(RULE, start, end, f"name `{name}` is not defined", "closed scope", near)


def _may_bind(tokens: tuple[str, ...]) -> bool:
    """Say whether the last token may introduce a name that is being bound: `for x in`, `lambda x: x`, `a = b = `."""
    return "lambda" in tokens or (tokens[-1] == "=" and tokens[0] in ("def", "class")) or tokens[0] == "match"


def _bound_around(tree: ast.Module) -> dict[ast.Name, frozenset[str]]:
    """Return, for each name that is read, what the scopes around it bind, later code included.

    Deliberately generous: it decides only which names need a proof. Functions do not see the class that holds them.
    """
    around: dict[ast.Name, frozenset[str]] = {}
    nothing: frozenset[str] = frozenset()
    stack: list[tuple[ast.AST, frozenset[str], frozenset[str]]] = [(tree, nothing, nothing)]
    while stack:
        # What the node sees, and what functions inside it see.
        node, visible, inside = stack.pop()
        if isinstance(node, ast.Name):
            around[node] = visible
            continue
        own = _bindings(node) if isinstance(node, _SCOPES) else nothing
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        below = inside if isinstance(node, ast.ClassDef) else inside | own
        for child in ast.iter_child_nodes(node):
            in_body = is_function and isinstance(child, ast.stmt)
            stack.append((child, below if in_body else visible | own, below))
    return around


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (ast.Module, *_FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _bindings(scope: ast.AST) -> frozenset[str]:
    """Return the names bound in `scope`, those of comprehensions inside it too, not those of inner definitions."""
    names: set[str] = set()
    stack: list[ast.AST] = [scope]
    while stack:
        node = stack.pop()
        names |= _bound_by(node)
        if node is scope or not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            stack += ast.iter_child_nodes(node)
    if isinstance(scope, _FUNCTIONS):
        names |= {one.arg for one in all_arguments(scope.args)}
    return frozenset(names)


def _bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {one.asname or one.name.partition(".")[0] for one in aliases}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return set(names)
        case _:
            parameter = getattr(node, "name", "")
            return {parameter} if type(node).__name__ in _TYPE_PARAMETERS else set()


# Their classes are there from Python 3.12 on (PEP 695).
_TYPE_PARAMETERS = frozenset({"TypeVar", "TypeVarTuple", "ParamSpec"})
