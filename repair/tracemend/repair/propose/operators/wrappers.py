"""Call wrappers: a conversion, clamp or copy that is missing or superfluous, around an expression or its parts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.repair.propose.candidates import (
    arity,
    file_functions,
    is_expressible,
)
from tracemend.repair.propose.operators.boolean_logic import is_truth_value
from tracemend.repair.propose.rewriting import (
    Rewrite,
    atom,
    expression_operator,
    operand,
    parsed,
    short,
)
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import MAPPINGS, NUMBERS, TEXTS, kind_of, may_be

_FAMILY = "missing call wrapper"
MAX_OF_FILE = 6

# What is often missing around a value of a kind, as a template, with the cost; "" is for values of unknown kind.
_MISSING: dict[str, tuple[tuple[str, float], ...]] = {
    "str": (
        ("{a}.strip()", 1.8),
        ("{a}.lower()", 1.8),
        ("int({o})", 1.9),
        ("{a}.upper()", 2.4),
        ("float({o})", 2.3),
        ("len({o})", 2.2),
        ("{a}.split()", 2.2),
        ("list({o})", 2.6),
        ("{a}.rstrip()", 2.6),
        ("{a}.lstrip()", 2.8),
        ("sorted({o})", 2.8),
        ("set({o})", 3.0),
        ("{a}.capitalize()", 3.0),
        ("{a}.title()", 3.0),
        ("repr({o})", 2.8),
        ("reversed({o})", 3.0),
        ("{a}.encode()", 3.0),
        ("ord({o})", 3.0),
        ("{a}.splitlines()", 3.0),
    ),
    "bytes": (("{a}.decode()", 1.6), ("list({o})", 2.6), ("len({o})", 2.2), ("{a}.hex()", 2.8)),
    "int": (
        ("abs({o})", 1.8),
        ("str({o})", 1.8),
        ("float({o})", 2.4),
        ("math.sqrt({o})", 2.8),
        ("bool({o})", 3.0),
        ("range({o})", 2.8),
        ("chr({o})", 3.0),
    ),
    "float": (
        ("int({o})", 1.9),
        ("round({o})", 1.9),
        ("abs({o})", 1.9),
        ("round({o}, 2)", 2.2),
        ("str({o})", 2.2),
        ("math.floor({o})", 2.6),
        ("math.ceil({o})", 2.6),
        ("math.sqrt({o})", 2.8),
    ),
    "bool": (("int({o})", 2.6),),
    "list": (
        ("len({o})", 1.8),
        ("sorted({o})", 1.8),
        ("tuple({o})", 2.0),
        ("set({o})", 2.1),
        ("reversed({o})", 2.2),
        ("sum({o})", 2.4),
        ("enumerate({o})", 2.4),
        ("max({o})", 2.8),
        ("min({o})", 2.8),
        ("len(set({o}))", 3.0),
    ),
    "tuple": (
        ("list({o})", 1.9),
        ("len({o})", 2.2),
        ("sorted({o})", 2.4),
        ("set({o})", 2.6),
        ("dict({o})", 3.2),
    ),
    "set": (
        ("sorted({o})", 1.6),
        ("list({o})", 1.8),
        ("len({o})", 1.9),
        ("frozenset({o})", 2.6),
        ("tuple({o})", 2.6),
    ),
    "dict": (
        ("{a}.items()", 1.6),
        ("{a}.values()", 1.8),
        ("list({o})", 2.0),
        ("len({o})", 2.2),
        ("sorted({o})", 2.4),
        ("{a}.keys()", 2.8),
    ),
    "generator": (
        ("list({o})", 1.4),
        ("sorted({o})", 2.2),
        ("tuple({o})", 2.0),
        ("set({o})", 2.4),
        ("next({o})", 2.6),
    ),
    "": (
        ("len({o})", 2.3),
        ("list({o})", 2.3),
        ("str({o})", 2.3),
        ("int({o})", 2.3),
        ("abs({o})", 2.5),
        ("sorted({o})", 2.6),
        ("{a}.strip()", 2.6),
        ("{a}.lower()", 2.6),
        ("tuple({o})", 2.8),
        ("set({o})", 2.8),
        ("{a}.items()", 2.8),
        ("round({o})", 3.0),
        ("math.floor({o})", 3.0),
        ("math.ceil({o})", 3.0),
        ("math.sqrt({o})", 3.2),
        ("float({o})", 3.0),
        ("reversed({o})", 3.0),
        ("sum({o})", 3.2),
        ("repr({o})", 3.2),
        ("bool({o})", 3.4),
        ("{a}.values()", 3.2),
    ),
}
_KIND_ALIASES = {
    "range": "list",
    "deque": "list",
    "frozenset": "set",
    "defaultdict": "dict",
    "OrderedDict": "dict",
    "Counter": "dict",
    "dict_keys": "set",
    "dict_values": "list",
    "dict_items": "list",
    "zip": "generator",
    "map": "generator",
    "filter": "generator",
}
_ITERABLE_WRAPPERS = (
    ("sorted({o})", 1.7),
    ("enumerate({o})", 1.8),
    ("reversed({o})", 1.8),
    ("{a}.items()", 1.9),
    ("list({o})", 2.0),
    ("range({o})", 2.1),
    ("range(len({o}))", 2.1),
    ("set({o})", 2.4),
    ("{a}.values()", 2.4),
    ("{a}.split()", 3.0),
    ("{a}.splitlines()", 3.0),
)
_CONVERSIONS = frozenset(
    [
        "abs",
        "bool",
        "bytes",
        "dict",
        "enumerate",
        "float",
        "frozenset",
        "int",
        "iter",
        "len",
        "list",
        "next",
        "repr",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
        "map",
        "filter",
        "deepcopy",
        "copy",
        "min",
        "max",
        "ord",
        "chr",
    ]
)
_PLAIN_METHODS = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "casefold",
        "title",
        "capitalize",
        "copy",
        "items",
        "keys",
        "values",
        "split",
        "splitlines",
        "encode",
        "decode",
        "read",
        "sort",
        "reverse",
        "pop",
        "group",
        "replace",
        "format",
        "date",
        "total_seconds",
        "most_common",
        "elements",
        "resolve",
        "absolute",
    ]
)


@expression_operator("wrapper-missing", _FAMILY)
def wrapper_missing(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A conversion or normalisation around a value, chosen by its kind and by where it stands."""
    if not may_be_wrapped(site, node):
        return
    kind = kind_of(site, node)
    templates = _MISSING.get(_KIND_ALIASES.get(kind, kind), _MISSING[""] if not kind else ())
    if is_iterated(site, node):
        templates = tuple(one for one in _ITERABLE_WRAPPERS if _fits_kind(one[0], kind))
    for template, cost in templates:
        text = template.format(o=operand(site, node), a=atom(site, node))
        if is_available(site, template):
            yield Rewrite(node, text, f"takes `{short(text)}`", cost)


@expression_operator("receiver-normalised", _FAMILY)
def receiver_normalised(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`line.strip().split(",")` for `line.split(",")`: blanks, line ends or case that a text method meets."""
    parent = site.module.parents[node]
    if not isinstance(parent, ast.Attribute) or parent.attr not in _READS_TEXT:
        return
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call) or not may_be(
        site, node, TEXTS
    ):
        return
    if isinstance(site.module.parents[parent], ast.Call) and not _is_module(site, node):
        for rank, method in enumerate(("strip()", "lower()", 'rstrip("\\n")', "upper()")):
            text = f"{atom(site, node)}.{method}"
            yield Rewrite(node, text, f"reads `{short(text)}`", 2.1 + 0.25 * rank)


_READS_TEXT = frozenset(
    [
        "split",
        "rsplit",
        "partition",
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "find",
        "index",
        "count",
        "lower",
    ]
)


@expression_operator("wrapper-of-file", _FAMILY)
def wrapper_of_file(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A call that the file makes around other values, such as `escape(x)` or `self.normalise(x)`."""
    if not may_be_wrapped(site, node) or is_iterated(site, node):
        return
    callees = [
        one for one in _callees_of_one(site) if one not in _CONVERSIONS and is_expressible(site, node, one)
    ]
    for rank, callee in enumerate(callees[:MAX_OF_FILE]):
        text = f"{callee}({operand(site, node)})"
        yield Rewrite(node, text, f"takes `{short(text)}`, as elsewhere in the file", 2.5 + 0.15 * rank)


@expression_operator("wrapper-superfluous", _FAMILY)
def wrapper_superfluous(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The argument of a call without the call, the receiver of a method without the method."""
    if isinstance(site.module.parents[node], ast.Expr):
        return
    match node:
        case ast.Call(func=ast.Name(id="min" | "max" as name), args=[_, _, *_] as choices):
            for one in choices:
                yield Rewrite(
                    node, _value(site, one), f"takes `{short(site.text(one))}` without `{name}`", 2.0
                )
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name) as function, args=[argument, *_]):
            known = name in _CONVERSIONS and not (isinstance(function, ast.Attribute) and name == "copy")
            cost = 1.6 if known else 2.6
            yield Rewrite(
                node, _value(site, argument), f"takes `{short(site.text(argument))}` without `{name}`", cost
            )
        case _:
            pass
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if not _is_module(site, receiver):
            if not isinstance(receiver, ast.Constant) and site.text(receiver) not in ("self", "cls"):
                cost = 1.7 if name in _PLAIN_METHODS else 2.3
                note = f"takes `{short(site.text(receiver))}` without `.{name}`"
                yield Rewrite(node, operand(site, receiver), note, cost)
        case _:
            pass


@expression_operator("bracketed", _FAMILY)
def bracketed(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`x` against `[x]` and `(x,)`."""
    if (
        isinstance(node, ast.List | ast.Set)
        and len(node.elts) == 1
        and not isinstance(node.elts[0], ast.Starred)
    ):
        yield Rewrite(
            node, operand(site, node.elts[0]), f"takes `{short(site.text(node.elts[0]))}` itself", 2.0
        )
    elif isinstance(node, ast.Tuple) and len(node.elts) == 1 and not isinstance(node.elts[0], ast.Starred):
        yield Rewrite(
            node, operand(site, node.elts[0]), f"takes `{short(site.text(node.elts[0]))}` itself", 1.8
        )
    elif may_be_wrapped(site, node) and not is_iterated(site, node):
        joined = isinstance(site.module.parents[node], ast.BinOp)
        text = operand(site, node)
        note = f"puts `{short(text)}` in a list"
        yield Rewrite(node, f"[{text}]", note, 2.0 if joined else 2.7)
        if not joined:
            yield Rewrite(node, f"({text},)", f"puts `{short(text)}` in a tuple", 3.3)
        elif _is_formatted(site, node):
            yield Rewrite(node, f"({text},)", f"formats `{short(text)}` as one value", 1.6)


def _is_formatted(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is what a `%` format takes: a tuple in the place of one value is taken apart."""
    match site.module.parents[node]:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=right):
            return right is node
        case _:
            return False


@expression_operator("awaiting", _FAMILY)
def awaiting(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`await` missing before a call, or superfluous."""
    if site.function is None or not isinstance(site.function.node, ast.AsyncFunctionDef):
        return
    if isinstance(node, ast.Await):
        yield Rewrite(
            node, operand(site, node.value), f"does not await `{short(site.text(node.value))}`", 1.8
        )
    elif isinstance(node, ast.Call) and not isinstance(site.module.parents[node], ast.Await):
        yield Rewrite(node, f"await {site.text(node)}", f"awaits `{short(site.text(node))}`", 1.4)


def is_available(site: Site, template: str) -> bool:
    """Say whether the module or function that `template` starts with is imported here, where it is not built in."""
    expression = parsed(template.replace("{a}", "a").replace("{o}", "a").replace("{}", "a"))
    match expression:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math" | "copy" as name))):
            return any(one.name == name and one.kind == "import" for one in site.names)
        case ast.Call(func=ast.Name(id="deepcopy")):
            return any(one.name == "deepcopy" for one in site.names)
        case _:
            return True


def _callees_of_one(site: Site) -> list[str]:
    """Return what the file calls with one argument, and its own functions of one parameter, nearest first."""
    defined = [one.node.name for one in file_functions(site.module) if arity(one.node.args) == (1, 1)]
    return list(dict.fromkeys([*_called_with_one(site.donors.calls)[:40], *defined[:20]]))


@lru_cache(maxsize=64)
def _called_with_one(donors: tuple[str, ...]) -> tuple[str, ...]:
    calls = [one for one in map(parsed, donors) if isinstance(one, ast.Call)]
    names = [ast.unparse(one.func) for one in calls if len(one.args) == 1 and not one.keywords]
    return tuple(one for one in names if one.replace(".", "").isidentifier() and not _mutates(one))


def _mutates(callee: str) -> bool:
    """Say whether a callee is a method that works on its receiver, so that its result is no form of its argument."""
    receiver, _, name = callee.rpartition(".")
    return name in _CHANGES or (
        bool(receiver) and receiver not in ("self", "cls") and not receiver[:1].islower()
    )


_CHANGES = frozenset(
    [
        "append",
        "extend",
        "add",
        "remove",
        "discard",
        "insert",
        "update",
        "pop",
        "write",
        "join",
        "print",
        "isinstance",
        "len",
        "range",
    ]
)


def may_be_wrapped(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is a value, in a place where it may be converted: no callee, receiver, test or literal."""
    if not isinstance(
        node,
        ast.Name
        | ast.Attribute
        | ast.Subscript
        | ast.Call
        | ast.BinOp
        | ast.IfExp
        | ast.GeneratorExp
        | ast.ListComp
        | ast.SetComp
        | ast.DictComp,
    ):
        return False
    parent = site.module.parents[node]
    if isinstance(
        parent, ast.Attribute | ast.Expr | ast.Raise | ast.withitem | ast.ClassDef | ast.FunctionDef
    ):
        return False
    if isinstance(parent, ast.Call) and (parent.func is node or _is_conversion(parent)):
        return False
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return False
    if isinstance(parent, ast.BinOp) and isinstance(node, ast.BinOp):
        return False
    return (
        not is_truth_value(site, node) and site.text(node) not in ("self", "cls") and not _is_type(site, node)
    )


def _is_conversion(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in (
        "int",
        "str",
        "float",
        "len",
        "isinstance",
        "super",
    )


def _is_type(site: Site, node: ast.expr) -> bool:
    names = {one.name for one in site.names if one.kind in ("class", "function", "import")}
    return isinstance(node, ast.Name) and (node.id in names or node.id in _CONVERSIONS)


def is_iterated(site: Site, node: ast.expr) -> bool:
    match site.module.parents[node]:
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) | ast.comprehension(iter=iterable):
            return iterable is node
        case _:
            return False


def _fits_kind(template: str, kind: str) -> bool:
    if template.endswith(("items()", "values()")):
        return not kind or kind in MAPPINGS
    if template.startswith("{a}"):
        return kind in ("", "str")
    if template == "range({o})":
        return kind in ("", "int")
    return kind not in NUMBERS


def _value(site: Site, argument: ast.expr) -> str:
    return operand(site, argument.value if isinstance(argument, ast.Starred) else argument)


def _is_module(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and any(
        one.name == node.id and one.kind == "import" for one in site.names
    )
