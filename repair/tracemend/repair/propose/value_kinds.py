"""What kind of value an expression probably has: from its syntax, else from what the failing run showed.

A kind orders and thins out proposals ("no `-` between strings"); it never proves anything, so an unknown kind is "" and
operators treat it as "could be anything".
"""

from __future__ import annotations

import ast

from tracemend.repair.propose.site import Site, once_a_site

NUMBERS = frozenset({"int", "float", "bool", "complex", "Decimal", "Fraction"})
SEQUENCES = frozenset({"str", "bytes", "list", "tuple", "range", "deque"})
CONTAINERS = SEQUENCES | {"dict", "set", "frozenset", "defaultdict", "OrderedDict", "Counter"}
MAPPINGS = frozenset({"dict", "defaultdict", "OrderedDict", "Counter", "mappingproxy"})
TEXTS = frozenset({"str", "bytes"})

_OF_SYNTAX: dict[type[ast.expr], str] = {
    ast.JoinedStr: "str",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Tuple: "tuple",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.GeneratorExp: "generator",
    ast.Compare: "bool",
    ast.Lambda: "function",
}

_OF_FUNCTION = {
    "abs": "int",
    "bool": "bool",
    "bytes": "bytes",
    "Counter": "Counter",
    "defaultdict": "defaultdict",
    "deque": "deque",
    "dict": "dict",
    "divmod": "tuple",
    "float": "float",
    "frozenset": "frozenset",
    "hash": "int",
    "int": "int",
    "isinstance": "bool",
    "len": "int",
    "list": "list",
    "ord": "int",
    "chr": "str",
    "range": "range",
    "repr": "str",
    "round": "int",
    "set": "set",
    "sorted": "list",
    "str": "str",
    "tuple": "tuple",
}

_OF_METHOD = {
    **dict.fromkeys(("count", "find", "index", "rfind", "bit_length", "total_seconds"), "int"),
    **dict.fromkeys(("capitalize", "casefold", "center", "format", "join", "ljust", "lower"), "str"),
    **dict.fromkeys(("lstrip", "replace", "rjust", "rstrip", "strip", "title", "upper", "zfill"), "str"),
    **dict.fromkeys(("split", "rsplit", "splitlines", "readlines", "findall"), "list"),
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace"), "bool"),
}


def kind_of(site: Site, node: ast.expr) -> str:
    """Return the name of the type that `node` probably has, "" when nothing is known."""
    if isinstance(node, ast.Constant):
        return "None" if node.value is None else type(node.value).__name__
    if (by_syntax := _OF_SYNTAX.get(type(node))) is not None:
        return by_syntax
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return _OF_FUNCTION.get(name, "")
        case ast.Call(func=ast.Attribute(attr=name)):
            return _OF_METHOD.get(name, "")
        case ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.UnaryOp(operand=inner):
            return kind_of(site, inner)
        case ast.BinOp(left=left, right=right):
            return kind_of(site, left) or kind_of(site, right)
        case ast.Name() | ast.Attribute():
            types = site.types_of(node)
            known = next((one for one in types if one != "NoneType"), "None" if types else "")
            return known or _kind_of_item(site, node)
        case _:
            return ""


@once_a_site
def _kind_of_item(site: Site, node: ast.expr) -> str:
    """Return "str" for the variable of a loop over the pieces of a text, which no observation of the frame shows."""
    if not isinstance(node, ast.Name):
        return ""
    for ancestor in site.module.ancestors(node):
        for one in (ancestor, *getattr(ancestor, "generators", ())):
            match one:
                case (
                    ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Attribute(attr=method)))
                    | ast.comprehension(
                        target=ast.Name(id=name), iter=ast.Call(func=ast.Attribute(attr=method))
                    )
                ) if name == node.id:
                    return "str" if method in ("split", "rsplit", "splitlines", "readlines") else ""
                case _:
                    pass
    return ""


def may_be(site: Site, node: ast.expr, kinds: frozenset[str]) -> bool:
    """Say whether `node` is of one of `kinds`, or of a kind that is not known."""
    kind = kind_of(site, node)
    return not kind or kind in kinds


def may_be_number(site: Site, node: ast.expr) -> bool:
    """Say whether arithmetic on `node` makes sense; None counts, for it stands for a missing value."""
    return may_be(site, node, NUMBERS | {"None"})
