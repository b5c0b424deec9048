"""What a function takes by keyword that hands its keywords on: `def get(url, **options): return request("GET", url, **options)`.

A name that no called function takes ends such a call with a TypeError, provided that it certainly gets there: on every way
through the function the keywords are handed on (or it raises because some are left), nothing around that catches a
TypeError, and nothing else may look at them. Names that the function itself asks its keywords for count as taken. One
that hands them on to itself, on whatever way, takes what the others on that way take.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter
from tracemend.analysis.types.guards import expects
from tracemend.analysis.types.model import Type
from tracemend.analysis.types.scopes import FunctionScope, Scope, own_nodes

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

MAX_FUNCTIONS = 12  # That one question looks at.


class Way:
    """The functions that one question has come through; all that they take is taken in the end, so each is looked at once.

    As soon as one of them may take any keyword (`is_open`), so does the one that was asked about.
    """

    def __init__(self) -> None:
        self.seen: set[FunctionScope] = set()
        self.is_open = False


SignaturesOf = Callable[[Type, Way], tuple[tuple[FunctionDef, ...], str]]

_CATCHING = frozenset({"TypeError", "Exception", "BaseException", "suppress", "raises", "assertRaises"})
_ASKING = frozenset({"get", "pop", "setdefault"})
_ADDING = frozenset({"update"})
_LOOKING_AT_ALL = frozenset({"locals", "vars", "eval", "exec"})


def spelled_out(
    evaluator: Evaluator, scope: Scope, definition: FunctionDef, way: Way, signatures_of: SignaturesOf
) -> FunctionDef:
    """Return `definition`, which stands in `scope`, with the names that its `**` parameter may hold in place of that.

    It stays as it is where these may be any. `signatures_of` tells what a called type takes, asked on the same way.
    """
    rest = next((one for one in definition.parameters if one.kind == "var-keyword"), None)
    if rest is None or way.is_open:
        return definition
    kept = tuple(one for one in definition.parameters if one is not rest)
    function = None if definition.is_generator else evaluator.world.function_tree(scope, definition)
    if function in way.seen:
        return replace(definition, parameters=kept)
    names = None if function is None else _handed_on(evaluator, function, rest.name, way, signatures_of)
    if names is None:
        way.is_open = True
        return definition
    names -= {one.name for one in kept if one.kind in ("positional", "keyword-only")}
    added = tuple(Parameter(name, "keyword-only", has_default=True) for name in sorted(names))
    return replace(definition, parameters=(*kept, *added))


def _handed_on(
    evaluator: Evaluator, function: FunctionScope, name: str, way: Way, signatures_of: SignaturesOf
) -> set[str] | None:
    """Return the names that the keywords called `name` in `function` may have, None where they may be any."""
    use = _use_of(function, name)
    if use is None or len(way.seen) >= MAX_FUNCTIONS or not _gets_there(function.node.body, use):
        return None
    way.seen.add(function)
    names = set(use.asked)
    for call in use.calls:
        signatures, why = signatures_of(evaluator.expression(call.func, function), way)
        taken = [one for signature in signatures for one in signature.parameters]
        if why or way.is_open or any(one.kind == "var-keyword" for one in taken):
            return None
        names.update(one.name for one in taken if one.kind in ("positional", "keyword-only"))
    return names


@dataclass(frozen=True)
class _Use:
    """What a function does with its keywords, called `name`: the calls it hands them to, the ones it asks for itself."""

    name: str
    calls: tuple[ast.Call, ...]
    asked: frozenset[str]


def _use_of(function: FunctionScope, name: str) -> _Use | None:
    """Return how the keywords called `name` are used, None where there may be more to it than can be read."""
    calls: list[ast.Call] = []
    asked: set[str] = set()
    nodes = list(own_nodes(function.node.body))
    own = set(nodes) - _inside(nodes, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    told = _inside(nodes, ast.Raise)
    for node in ast.walk(function.node):
        if (
            not isinstance(node, ast.Name)
            or node in told
            or (node.id != name and node.id not in _LOOKING_AT_ALL)
        ):
            continue
        if node.id != name or node not in own or not isinstance(node.ctx, ast.Load):
            return None
        parent = function.parents[node]
        above = function.parents.get(parent)
        match parent, above:
            case ast.keyword(arg=None), ast.Call():
                calls.append(above)
            case ast.Attribute(attr=method), ast.Call(
                func=called, args=[ast.Constant(value=str(key)), *_]
            ) if called is parent and method in _ASKING:
                asked.add(key)
            case ast.Attribute(attr=method), ast.Call(func=called) if called is parent and method in _ADDING:
                pass
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))), _ if value is node:
                asked.add(key)
            case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()]), _:
                asked.add(key)
            case (ast.If(test=test), _) if test is node:
                pass
            case _:
                return None
    return _Use(name, tuple(calls), frozenset(asked))


def _inside(nodes: list[ast.AST], *kinds: type[ast.AST]) -> set[ast.AST]:
    """Return what stands inside those of `nodes` that are of one of these kinds."""
    return {one for node in nodes if isinstance(node, kinds) for one in ast.walk(node)}


def _gets_there(block: list[ast.stmt], use: _Use) -> bool:
    """Say whether every way through `block` hands the keywords on, or raises because there are some."""
    for statement in block:
        if _hands_on(statement, use):
            return True
        if any(isinstance(one, ast.Return) for one in own_nodes([statement])):
            return False
    return False


def _hands_on(statement: ast.stmt, use: _Use) -> bool:
    match statement:
        case ast.If(test=ast.Name(id=name), body=body) if name == use.name:
            return _gets_there(body, use) or isinstance(body[-1], ast.Raise)
        case ast.If(test=test, body=body, orelse=orelse):
            both = (
                _gets_there(one, use) or (bool(one) and isinstance(one[-1], ast.Raise))
                for one in (body, orelse)
            )
            return _calls_in(test, use) or (bool(use.calls) and all(both))
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            is_caught = expects(statement, body[0], _CATCHING)
            return any(_calls_in(one, use) for one in items) or (not is_caught and _gets_there(body, use))
        case ast.Try(body=body, finalbody=final) | ast.TryStar(body=body, finalbody=final):
            is_caught = expects(statement, body[0], _CATCHING)
            return _gets_there(final, use) or (not is_caught and _gets_there(body, use))
        case ast.Return() | ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return _calls_in(statement, use)
        case _:
            return False


def _calls_in(node: ast.AST, use: _Use) -> bool:
    """Say whether evaluating `node` certainly makes one of the calls that get the keywords."""
    return any(one in use.calls for one in _evaluated(node))


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and what is evaluated with it whatever comes: no alternatives, nothing that is put off."""
    yield node
    match node:
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            certain: list[ast.AST] = []
        case ast.IfExp(test=test):
            certain = [test]
        case ast.BoolOp(values=[first, *_]) | ast.Compare(left=first):
            certain = [first]
        case _:
            certain = list(ast.iter_child_nodes(node))
    for one in certain:
        yield from _evaluated(one)
