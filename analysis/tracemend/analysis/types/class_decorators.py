"""Class decorators of one's own that certainly leave the constructor of a class as it is, read off their source.

A decorator may write methods on the class that it gets (`cls.__repr__ = ...`), which changes no signature of its constructor.
What could change it is to write `__init__` or `__new__`, to write under a computed name, or to hand the class to somebody who
does. So every parameter that may hold the class is followed through the function, the functions inside it, and those of the
same module that it is handed to; any use that is not plainly harmless ends the proof.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef
from tracemend.analysis.types.model import FunctionType
from tracemend.analysis.types.scopes import FunctionScope, Scope
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
CONSTRUCTORS = frozenset({"__init__", "__new__"})
_READERS = frozenset(
    {"callable", "getattr", "hasattr", "id", "isinstance", "issubclass", "print", "repr", "str"}
)
_WRITERS = frozenset({"setattr", "delattr", "__setattr__", "__delattr__", "__dict__", "vars", "exec", "eval"})
MAX_FUNCTIONS = 6  # That a decorator may hand the class on to, one through the other.


def leaves_constructor(evaluator: Evaluator, text: str, scope: Scope) -> bool:
    """Say whether the decorator `text`, written in `scope`, certainly leaves the constructor of a class alone."""
    node = parsed_expression(text)
    if isinstance(node, ast.Call):
        node = node.func
    decorator = None if node is None else evaluator.expression(node, scope)
    return isinstance(decorator, FunctionType) and _leaves(evaluator, decorator, set())


def _leaves(evaluator: Evaluator, function: FunctionType, seen: set[tuple[str, str]]) -> bool:
    key = (function.module, function.qualname)
    if key in seen:
        return True
    seen.add(key)
    tree = _implementation(evaluator, function)
    if tree is None or len(seen) > MAX_FUNCTIONS:
        return False
    if any(_writes_out_of_sight(node) for node in ast.walk(tree.node)):
        return False
    return all(_is_harmless(evaluator, use, tree, seen) for use in _uses_of_parameters(tree))


def _implementation(evaluator: Evaluator, function: FunctionType) -> FunctionScope | None:
    """Return the tree of a module's function, of an overloaded one that of its implementation; None if there are several."""
    module = evaluator.world.module(function.module)
    if module is None or "." in function.qualname:
        return None
    found = [
        one
        for one in module.module.summary.names.get(function.qualname, ())
        if not (isinstance(one, FunctionDef) and any(text.endswith("overload") for text in one.decorators))
    ]
    only = found[0] if len(found) == 1 else None
    return (
        evaluator.world.function_tree(module, only)
        if isinstance(only, FunctionDef) and not only.decorators
        else None
    )


def _writes_out_of_sight(node: ast.AST) -> bool:
    """Say whether a node writes a constructor, or may write any name."""
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
            return name in CONSTRUCTORS
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _WRITERS
        case ast.Call(func=ast.Name(id="type"), args=arguments) if len(arguments) != 1:
            return True
        case ast.Nonlocal() | ast.Global():
            return True
        case _:
            return False


def _uses_of_parameters(tree: FunctionScope) -> Iterator[ast.Name]:
    """Yield each use of what may hold the class: the parameters of the function and of those inside it."""
    functions = [one for one in ast.walk(tree.node) if isinstance(one, _FunctionNode | ast.Lambda)]
    names = {one.arg for function in functions for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    for node in ast.walk(tree.node):
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            yield node


def _is_harmless(
    evaluator: Evaluator, use: ast.Name, tree: FunctionScope, seen: set[tuple[str, str]]
) -> bool:
    """Say whether this use of a parameter hands nothing to anybody who may write a constructor on it."""
    parent = tree.parents[use]
    above = tree.parents.get(parent)
    match parent:
        case ast.Attribute(attr=name):
            is_called = isinstance(above, ast.Call) and above.func is parent
            return not is_called or (name.startswith("__") and name.endswith("__"))
        case ast.Return() | ast.Compare() | ast.If() | ast.IfExp() | ast.BoolOp() | ast.UnaryOp():
            return True
        case ast.FormattedValue():
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(one, ast.Attribute) for one in targets)
        case ast.Call(func=called):
            return called is not use and _is_trusted(evaluator, parent, tree, seen)
        case ast.keyword() if isinstance(above, ast.Call):
            return _is_trusted(evaluator, above, tree, seen)
        case _:
            return False


def _is_trusted(
    evaluator: Evaluator, call: ast.Call, tree: FunctionScope, seen: set[tuple[str, str]]
) -> bool:
    """Say whether a call that gets a parameter is of a reader, of a function inside, or of one that is proven likewise."""
    function = call.func
    if not isinstance(function, ast.Name):
        return False
    if function.id in _READERS:
        return True
    if function.id == "partial":
        return bool(call.args) and _is_inside(call.args[0], tree)
    if _is_inside(function, tree):
        return True
    callee = evaluator.expression(function, tree)
    return isinstance(callee, FunctionType) and _leaves(evaluator, callee, seen)


def _is_inside(node: ast.expr, tree: FunctionScope) -> bool:
    """Say whether a name is that of a function inside this one, undecorated and bound once."""
    if not isinstance(node, ast.Name):
        return False
    bindings = tree.bindings.get(node.id, ())
    made = bindings[0].node if len(bindings) == 1 else None
    return isinstance(made, _FunctionNode) and not made.decorator_list
