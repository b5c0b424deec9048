"""What kind of value a name holds, from the failing run first and from its use in the function second.

`kinds` answers for one expression; this module answers for the names of a whole function and with several kinds at
once ("a list or None"), which is what guards need. A kind is coarser than a type: "list" stands for every mutable
sequence. It decides which guards make sense and never forbids anything by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal

from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import walk_scope

Kind = Literal["number", "bool", "text", "list", "dict", "set", "tuple", "none", "function", "object"]
Kinds = frozenset[Kind]

NOTHING: Kinds = frozenset()
CONTAINERS: Kinds = frozenset({"list", "dict", "set", "tuple", "text"})


def _table(rows: Mapping[Kind, str]) -> Mapping[str, Kind]:
    return {name: kind for kind, names in rows.items() for name in names.split()}


_BY_TYPE = _table(
    {
        "number": "int float complex Decimal Fraction Number",
        "bool": "bool",
        "text": "str AnyStr",
        "list": "list List deque Sequence Iterable Collection MutableSequence",
        "dict": "dict Dict Mapping MutableMapping defaultdict OrderedDict Counter",
        "set": "set Set frozenset FrozenSet MutableSet AbstractSet",
        "tuple": "tuple Tuple",
        "none": "NoneType None",
        "function": "function method builtin_function_or_method Callable type",
    }
)
_BY_CALL = _table(
    {
        "number": "len int float sum abs round ord pow hash id",
        "text": "str repr chr hex bin oct format input ascii",
        "list": "list sorted deque dir",
        "dict": "dict defaultdict Counter OrderedDict vars",
        "set": "set frozenset",
        "tuple": "tuple divmod",
        "bool": "bool isinstance issubclass any all callable hasattr",
    }
)
_BY_RESULT_OF_METHOD = _table(
    {
        "text": "join strip lstrip rstrip lower upper title capitalize casefold replace format decode zfill ljust "
        "rjust center isoformat strftime",
        "list": "split rsplit splitlines findall readlines",
        "number": "count index find rfind bit_length total_seconds",
        "bool": "startswith endswith isdigit isalpha isspace isupper islower",
    }
)
_BY_METHOD = _table(
    {
        "list": "append extend sort insert reverse appendleft popleft",
        "dict": "items keys values get setdefault",
        "set": "add union difference intersection issubset issuperset",
        "text": "strip lstrip rstrip lower upper split splitlines startswith endswith replace encode isdigit "
        "isalpha title casefold",
    }
)
_ARITHMETIC = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@once_a_site
def kinds_of_name(site: Site, name: str) -> Kinds:
    """Return the kinds of `name` (or dotted `self.x`): observed ones, else those that its use suggests."""
    seen = site.observed.get(name)
    if seen and seen.types:
        return frozenset(kind_of_type(one) for one in seen.types)
    return used_kinds(site).get(name, NOTHING)


def kind_of_type(name: str) -> Kind:
    """Return the kind of the type called `name`, which may be dotted."""
    return _BY_TYPE.get(name.rpartition(".")[2], "object")


def used_kinds(site: Site) -> Mapping[str, Kinds]:
    """Return the kinds that the code around the statement suggests for its names and `self` attributes."""
    return _used_kinds(site.module, site.function.node if site.function else site.module.tree)


def kind_of_expression(node: ast.expr, known: Mapping[str, Kinds]) -> Kind | None:
    """Return the kind of the value of `node`, None where it cannot be told."""
    match node:
        case ast.Constant(value=value):
            return None if value is Ellipsis else kind_of_type(type(value).__name__)
        case ast.Name() | ast.Attribute():
            return _only(known.get(_dotted(node), NOTHING))
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Tuple():
            return "tuple"
        case ast.JoinedStr():
            return "text"
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.UnaryOp(operand=operand):
            return kind_of_expression(operand, known)
        case ast.BinOp(left=left, op=op, right=right):
            first = kind_of_expression(left, known)
            return first or ("number" if isinstance(op, _ARITHMETIC) else kind_of_expression(right, known))
        case ast.IfExp(body=first_choice, orelse=second_choice):
            return kind_of_expression(first_choice, known) or kind_of_expression(second_choice, known)
        case ast.BoolOp(values=[*_, last]):
            return kind_of_expression(last, known)
        case ast.Subscript(value=value, slice=ast.Slice()):
            return kind_of_expression(value, known)
        case ast.Call(func=ast.Name(id=name)):
            return _BY_CALL.get(name)
        case ast.Call(func=ast.Attribute(attr=name)):
            return _BY_RESULT_OF_METHOD.get(name)
        case _:
            return None


@once_a_site
def returned_kinds(site: Site) -> Kinds:
    """Return the kinds of the values that the function returns by its annotation and its `return` statements."""
    if site.function is None:
        return NOTHING
    known = {**used_kinds(site), **{name: kinds_of_name(site, name) for name in site.observed}}
    found = set(_annotated(site.function.node.returns))
    for value in returned_values(site.function.node):
        kind = kind_of_expression(value, known)
        if kind and kind != "none":
            found.add(kind)
    return frozenset(found)


@lru_cache(maxsize=256)
def returned_values(function: ast.AST) -> tuple[ast.expr, ...]:
    """Return the values of the `return` statements of `function` itself."""
    nodes = walk_scope(getattr(function, "body", []))
    return tuple(node.value for node in nodes if isinstance(node, ast.Return) and node.value is not None)


@lru_cache(maxsize=64)
def _used_kinds(module: Module, scope: ast.AST) -> Mapping[str, Kinds]:
    found: dict[str, set[Kind]] = {}
    if isinstance(scope, FunctionNode):
        _take_signature(scope, found)
    body: list[ast.AST] = getattr(scope, "body", [])
    for node in walk_scope(body):
        binds = isinstance(node, ast.Assign | ast.AnnAssign)
        known = {name: frozenset(kinds) for name, kinds in found.items()} if binds else {}
        for name, kind in _suggestions(node, known):
            if name and kind:
                found.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _take_signature(function: FunctionNode, found: dict[str, set[Kind]]) -> None:
    arguments = function.args
    for one in all_arguments(arguments):
        found.setdefault(one.arg, set()).update(_annotated(one.annotation))
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = [
        *zip(positional[::-1], arguments.defaults[::-1], strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for one, default in with_default:
        kind = kind_of_expression(default, {}) if default else None
        if kind:
            found[one.arg].add(kind)


def _annotated(annotation: ast.expr | None) -> Iterator[Kind]:
    """Yield the kinds of an annotation: of `Optional[list[int]]` "none" and "list", of `str | None` both."""
    match annotation:
        case ast.Constant(value=None):
            yield "none"
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _BY_TYPE:
            yield _BY_TYPE[name]
        case ast.BinOp(left=left, right=right):
            yield from _annotated(left)
            yield from _annotated(right)
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional"), slice=inner):
            yield "none"
            yield from _annotated(inner)
        case ast.Subscript(value=value):
            yield from _annotated(value)
        case _:
            return


def _suggestions(node: ast.AST, known: Mapping[str, Kinds]) -> Iterator[tuple[str, Kind | None]]:
    """Yield the (name, kind) pairs that one node of the function suggests."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target, one in _pairs(targets, value):
                yield _dotted(target), kind_of_expression(one, known)
        case ast.AnnAssign(target=target, annotation=annotation):
            yield from ((_dotted(target), kind) for kind in _annotated(annotation))
        case ast.AugAssign(target=target, op=op, value=value):
            yield _dotted(target), "number" if isinstance(op, _ARITHMETIC) else kind_of_expression(value, {})
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
            yield from _iterated(target, source)
        case ast.Call():
            yield from _from_call(node)
        case ast.Compare(left=left, ops=[first_op, *_], comparators=[right, *_]):
            yield from _from_comparison(left, first_op, right)
        case ast.BinOp(left=left, op=op, right=right):
            if isinstance(op, _ARITHMETIC) and kind_of_expression(left, {}) != "text":
                yield _dotted(left), "number"
                yield _dotted(right), "number"
        case _:
            return


def _pairs(targets: Iterable[ast.expr], value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in targets:
        match target, value:
            case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
                yield from zip(names, values, strict=True)
            case _:
                yield target, value


def _iterated(target: ast.expr, source: ast.expr) -> Iterator[tuple[str, Kind | None]]:
    match source:
        case ast.Call(func=ast.Name(id="range"), args=bounds):
            yield _dotted(target), "number"
            yield from ((_dotted(one), "number") for one in bounds)
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
            if isinstance(target, ast.Tuple):
                yield _dotted(target.elts[0]), "number"
            yield _dotted(inner), "list"
        case ast.Name() | ast.Attribute():
            yield _dotted(source), "list"
        case _:
            return


def _from_call(call: ast.Call) -> Iterator[tuple[str, Kind | None]]:
    match call:
        case ast.Call(
            func=ast.Name(id="len" | "sorted" | "reversed" | "sum" | "any" | "all"), args=[one, *_]
        ):
            yield _dotted(one), "list"
        case ast.Call(func=ast.Name(id="range" | "abs" | "round"), args=arguments):
            yield from ((_dotted(one), "number") for one in arguments)
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            yield _dotted(owner), _BY_METHOD.get(name)
        case ast.Call(func=ast.Name(id=name)):
            yield name, "function"
        case _:
            return


def _from_comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, Kind | None]]:
    for one, other in ((left, right), (right, left)):
        kind = kind_of_expression(other, {})
        if isinstance(op, _COMPARISONS) and kind in ("number", "text"):
            yield _dotted(one), kind
        if isinstance(op, ast.Is | ast.IsNot) and kind == "none":
            yield _dotted(one), "none"
    if isinstance(op, ast.In | ast.NotIn):
        yield _dotted(right), "list"


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case _:
            return ""


def _only(kinds: Kinds) -> Kind | None:
    known = kinds - {"none"}
    return next(iter(known)) if len(known) == 1 else None
