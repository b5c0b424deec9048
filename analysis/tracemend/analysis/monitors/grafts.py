"""What certainly is wrong with an expression that might be put into a statement: for those who try edits by the hundred.

The monitors judge what stands in a file. Here the same proofs judge an expression that does not stand there yet: members
behind a dot (M1), keywords and numbers of arguments (M3, M5), and the few operations that objects of builtin classes
certainly do not have. As everywhere, what is not proven is allowed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.monitors.arity import Arguments, problem_of
from tracemend.analysis.monitors.keywords import accepted_keywords
from tracemend.analysis.types.grafting import Path, Place
from tracemend.analysis.types.model import Evidence
from tracemend.analysis.types.oracle import Callee

# Whoever asks such a question knows of possibilities that the types do not show.
_ASKING = frozenset({"isinstance", "issubclass", "hasattr", "getattr", "setattr", "type", "callable"})
# The builtin classes whose objects are what their class says, and what they do not allow (reference 3.3).
_NUMBERS = frozenset({"builtins.int", "builtins.float", "builtins.bool", "builtins.complex"})
_SIZED = frozenset(
    f"builtins.{name}" for name in ("str", "bytes", "list", "tuple", "dict", "set", "frozenset", "range")
)
_SIZE_QUESTIONS = frozenset(
    {"len", "sorted", "list", "tuple", "set", "sum", "min", "max", "enumerate", "reversed"}
)


def refusal(
    place: Place, root: ast.expr, known: frozenset[str] = frozenset(), unsure: frozenset[str] = frozenset()
) -> str:
    """Return why `root` certainly raises an error if it is evaluated at `place`, "" if it may be right.

    Nothing is said of the parts that stood there before, whose dumps are `known`, nor of what rests on `unsure`, names and
    attributes that the same edit gives new values.
    """
    if any(isinstance(node, ast.Name) and node.id in _ASKING for node in ast.walk(root)):
        return ""
    unsure |= {node.target.id for node in ast.walk(root) if isinstance(node, ast.NamedExpr)}
    with place.grafted(root):
        whys = (_refusal(place, path, unsure) for path in _paths(root) if _is_new(path[-1], known))
        return next((why for why in whys if why), "")


def _is_new(node: ast.AST, known: frozenset[str]) -> bool:
    return not known or ast.dump(node) not in known


def _refusal(place: Place, path: Path, unsure: frozenset[str]) -> str:
    node = path[-1]
    if not isinstance(node, ast.expr) or _words(node) & unsure:
        return ""
    match node:
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()):
            return "" if place.expects("AttributeError") else _member_refusal(place, (*path, value), name)
        case ast.Call():
            return "" if place.expects("TypeError") else _call_refusal(place, path, node)
        case ast.Subscript(value=value):
            return "" if place.expects("TypeError") else _item_refusal(place, (*path, value))
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return "" if place.expects("TypeError") else _order_refusal(place, path, operator, left, right)
        case ast.BinOp(left=left, right=right, op=operator):
            return "" if place.expects("TypeError") else _sum_refusal(place, path, operator, left, right)
        case _:
            return ""


def _member_refusal(place: Place, path: Path, name: str) -> str:
    if name.startswith("__"):
        return ""
    found = place.members(path)
    if not found.closed or found.evidence < Evidence.INFERRED or name in found.names:
        return ""
    # None often stands for a value that is still to come.
    if "types.NoneType" in place.class_names(path):
        return ""
    return f"`{found.type_name}` has no member `{name}`"


def _call_refusal(place: Place, path: Path, node: ast.Call) -> str:
    asks_size = isinstance(node.func, ast.Name) and node.func.id in _SIZE_QUESTIONS and len(node.args) == 1
    if asks_size and _are_all(place, (*path, node.args[0]), _NUMBERS):
        return f"a number has no `{ast.unparse(node.func)}`"
    signatures, why = place.signatures((*path, node.func))
    callee = Callee(signatures, not why, why, ast.unparse(node.func))
    problem = problem_of(callee, Arguments.of(node))
    if isinstance(problem, str):
        return f"`{callee.name}` {problem}"
    accepted = accepted_keywords(callee, Arguments.of(node))
    unknown = [one.arg for one in node.keywords if one.arg is not None and one.arg not in accepted]
    if unknown and not isinstance(accepted, str):
        return f"`{callee.name}` takes no keyword argument `{unknown[0]}`"
    return ""


def _item_refusal(place: Place, path: Path) -> str:
    return "a number has no items" if _are_all(place, path, _NUMBERS) else ""


def _order_refusal(place: Place, path: Path, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> str:
    if isinstance(operator, ast.In | ast.NotIn):
        return "a number holds nothing" if _are_all(place, (*path, right), _NUMBERS) else ""
    if not isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        return ""
    first, second = (place.class_names((*path, one)) for one in (left, right))
    for numbers, sized in ((first, second), (second, first)):
        if numbers and sized and numbers <= _NUMBERS and sized <= _SIZED:
            return "a number is neither less nor greater than a collection"
    return ""


def _sum_refusal(place: Place, path: Path, operator: ast.operator, left: ast.expr, right: ast.expr) -> str:
    if not isinstance(operator, ast.Add | ast.Sub):
        return ""
    first, second = (place.class_names((*path, one)) for one in (left, right))
    for numbers, sized in ((first, second), (second, first)):
        if numbers and sized and numbers <= _NUMBERS and sized <= _SIZED:
            return "a number and a collection do not add up"
    return ""


def _are_all(place: Place, path: Path, wanted: frozenset[str]) -> bool:
    names = place.class_names(path)
    return bool(names) and names <= wanted


def _paths(root: ast.expr) -> Iterator[Path]:
    """Yield the path to each node of a graft."""
    stack: list[Path] = [(root,)]
    while stack:
        path = stack.pop()
        yield path
        stack += [(*path, child) for child in ast.iter_child_nodes(path[-1])]


def _words(node: ast.expr) -> frozenset[str]:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return frozenset(names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)})
