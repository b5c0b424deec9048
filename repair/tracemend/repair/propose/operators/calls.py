"""Calls that enclose too much or too little, and functions that the file calls in such places.

A closing parenthesis one operator too late or too early still parses, and is one of the "wrong parenthesisation" slips of
the single-statement bugs in Python projects (PySStuBs, Kamienski et al., MSR 2021), as are calls of a wrong function with
the right arguments, which are the most frequent of them.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tracemend.repair.propose.candidates import class_members, file_functions, likeness
from tracemend.repair.propose.operators.arithmetic import SYMBOLS as OPERATORS
from tracemend.repair.propose.operators.comparison import SYMBOLS as COMPARATORS
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    argument_texts,
    atom,
    call_text,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Proposal, Site, once_a_site
from tracemend.repair.propose.statements import rewrite, statement_operator, walk_scope

MAX_CALLEES = 5
MAX_DEPTH = 3
_COMMON = frozenset({"isinstance", "print", "super", "range", "len", "getattr", "hasattr", "setattr", "type"})
_METHODS = frozenset(
    [
        "keys",
        "values",
        "items",
        "copy",
        "lower",
        "upper",
        "strip",
        "split",
        "read",
        "readlines",
        "close",
        "isdigit",
        "isalpha",
        "isspace",
        "title",
    ]
)


@expression_operator("call-parenthesis", "swap, add, drop, replace an argument")
def parenthesis_moved(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`f(a) * b` against `f(a * b)`, `len(xs) > n` against `len(xs > n)`: the bracket closes one operator too late."""
    if isinstance(node, ast.Call):
        for inner in _ends_of(node):
            first, rest, cost = _split(site, inner)
            text = f"{spliced(site, node, {inner: first})} {rest}"
            yield Rewrite(node, text, f"closes the call before `{short(rest)}`", cost)
    elif isinstance(node, ast.BinOp | ast.Compare) and isinstance(node.left, ast.Call):
        call = node.left
        _, rest, cost = _split(site, node)
        if call.args and not call.keywords and rest and not isinstance(call.args[-1], ast.Starred):
            last = f"{operand(site, call.args[-1], Precedence.TERM)} {rest}"
            texts = [*argument_texts(site, call)[:-1], last]
            yield Rewrite(
                node, call_text(site, call, texts), f"closes the call after `{short(rest)}`", cost + 0.4
            )


@expression_operator("call-or-function", "swap, add, drop, replace an argument")
def call_or_function(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A function that should have been called, or a call where the function itself is meant."""
    parent = site.module.parents[node]
    if isinstance(node, ast.Call) and not node.keywords and not isinstance(parent, ast.Expr):
        passed = isinstance(parent, ast.Call | ast.keyword) and not (
            isinstance(parent, ast.Call) and parent.func is node
        )
        if not node.args or passed:
            cost = 2.4 if not node.args else 3.4
            yield Rewrite(
                node, operand(site, node.func), f"takes `{site.text(node.func)}` itself, not its result", cost
            )
    elif (calling := _cost_of_calling(site, node)) is not None:
        yield Rewrite(node, f"{site.text(node)}()", f"calls `{site.text(node)}`", calling)


@expression_operator("called-elsewhere", "wrong callee")
def called_elsewhere(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A function or method that the file calls elsewhere with as many arguments: `self.clean(x)` for `escape(x)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute) or not node.args:
        return
    own = site.text(node.func)
    if own in _COMMON:
        return
    names = [one for one, count in _callees(site) if count == len(node.args) and one != own]
    names = [one for one in names if not _same_receiver(one, own) and one not in _COMMON]
    names.sort(key=lambda one: -likeness(one.rpartition(".")[2], own.rpartition(".")[2]))
    for rank, name in enumerate(names[:MAX_CALLEES]):
        text = f"{name}({', '.join(argument_texts(site, node))})"
        yield Rewrite(node, text, f"calls `{name}` instead of `{own}`", 2.4 + 0.2 * rank)


@expression_operator("comparison-through", "comparator and boundary")
def comparison_through(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Both sides made comparable by a function that the file calls: `abspath(a) == abspath(b)` for `a == b`."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
            pass
        case _:
            return
    if any(isinstance(one, ast.Constant | ast.Call) for one in (left, right)):
        return
    names = [one for one, count in _callees(site) if count == 1 and one not in _COMMON]
    for rank, name in enumerate(names[:MAX_CALLEES]):
        text = f"{name}({operand(site, left)}) {COMPARATORS[type(op)]} {name}({operand(site, right)})"
        yield Rewrite(node, text, f"compares what `{name}` makes of both", 2.9 + 0.2 * rank)


@statement_operator("assign-for-update", "initial value and aliasing/copy", at_most=2)
def replace_instead_of_updating(site: Site) -> Iterator[Proposal]:
    """Write `x = y` for `x.update(y)` and `x.extend(y)`, which leave in `x` what was there."""
    match site.statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name() | ast.Attribute() as target, attr="update" | "extend"),
                args=[value],
                keywords=[],
            )
        ) if not isinstance(value, ast.Starred):
            text = f"{atom(site, target)} = {operand(site, value)}"
            yield from rewrite(site, site.statement, [text], f"replaces `{site.text(target)}`", 2.6)
        case _:
            return


def _ends_of(call: ast.Call) -> Iterator[ast.BinOp | ast.Compare]:
    """Yield the operators with which the last argument of `call` ends, also where that is a call in its turn."""
    for _ in range(MAX_DEPTH):
        if not call.args or call.keywords:
            return
        match call.args[-1]:
            case ast.BinOp() | ast.Compare(ops=[_]) as found:
                yield found
                return
            case ast.Call() as inner:
                call = inner
            case _:
                return


def _split(site: Site, node: ast.BinOp | ast.Compare) -> tuple[str, str, float]:
    """Return the left side, the operator with the right side, and what moving it out or in costs."""
    if isinstance(node, ast.Compare):
        if len(node.ops) != 1:
            return "", "", 0.0
        right = operand(site, node.comparators[0], Precedence.BIT_OR)
        return operand(site, node.left), f"{COMPARATORS[type(node.ops[0])]} {right}", 1.8
    right = operand(site, node.right, Precedence.POWER)
    return operand(site, node.left), f"{OPERATORS[type(node.op)]} {right}", 2.0


@once_a_site
def _callees(site: Site) -> Sequence[tuple[str, int]]:
    """Return what the file calls, with the number of arguments, most frequent first, as far as it is known here."""
    counts: Counter[tuple[str, int]] = Counter()
    for text in site.donors.calls:
        callee = _callee_of(text)
        if callee is not None and _is_known(site, callee[0]):
            counts[callee] += 1
    return tuple(one for one, _ in counts.most_common())


@lru_cache(maxsize=4096)
def _callee_of(text: str) -> tuple[str, int] | None:
    """Return the dotted name and the number of plain arguments of a call, None for any other one."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    match node:
        case ast.Call(func=ast.Name() | ast.Attribute(value=ast.Name()) as function, args=args, keywords=[]):
            return (
                None
                if any(isinstance(one, ast.Starred) for one in args)
                else (ast.unparse(function), len(args))
            )
        case _:
            return None


def _is_known(site: Site, callee: str) -> bool:
    root, _, attribute = callee.partition(".")
    found = next((one for one in site.names if one.name == root), None)
    if found is None:
        return not attribute and hasattr(builtins, root)
    return not attribute or root in ("self", "cls") or found.kind == "import"


def _same_receiver(first: str, second: str) -> bool:
    """Say whether both are attributes of one value, which is what the operator `attribute` exchanges."""
    return "." in first and first.rpartition(".")[0] == second.rpartition(".")[0]


def _is_asked_for_calling(site: Site, name: str) -> bool:
    """Say whether the function asks if `name` is callable, or calls it itself."""
    body = site.function.node.body if site.function else ()
    return any(
        isinstance(one, ast.Call)
        and (
            ast.unparse(one) == f"callable({name})"
            or (isinstance(one.func, ast.Name) and one.func.id == name)
        )
        for one in walk_scope(body)
    )


def _cost_of_calling(site: Site, node: ast.expr) -> float | None:
    """Return the cost of calling what is only named; None where that is out of the question."""
    parent = site.module.parents[node]
    if isinstance(parent, ast.Call) and parent.func is node:
        return None
    if isinstance(node, ast.Name):
        known = any(
            one.node.name == node.id and not one.node.args.args for one in file_functions(site.module)
        )
        if _is_asked_for_calling(site, node.id) and not isinstance(parent, ast.Call):
            return 1.9
        return 1.6 if known and not isinstance(parent, ast.Call | ast.keyword) else None
    if not isinstance(node, ast.Attribute) or isinstance(parent, ast.Attribute):
        return None
    seen = site.observed.get(site.text(node.value))
    methods = (
        *(seen.attributes if seen else ()),
        *(class_members(site) if site.text(node.value) == "self" else ()),
    )
    if f"{node.attr}()" in methods:
        return 1.4
    if f"{node.attr}()" in site.donors.attributes or node.attr in _METHODS:
        return 2.0 if isinstance(parent, ast.Call) else 1.7
    return None
