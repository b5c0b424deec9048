"""Edits that mean nothing: a flag that is sliced by, a function that is compared, `isinstance` of three arguments.

Operators fill their holes with what is in scope, and of a few names most combinations are no sense that a person would
write. What certainly raises an error is refused by the oracle (`static_types`); here follows what is legal and yet almost
never meant, such as arithmetic with a parameter whose default is `False`. It is not forbidden but costs more, once for all
operators: what was observed or declared may order, and never forbid.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.site import Proposal, Site, once_a_site
from tracemend.repair.propose.static_types import fresh_code

STRANGE_BITS = 2.0
_FUNCTIONS = frozenset(name for name in dir(builtins) if name.islower() and callable(getattr(builtins, name)))
_NO_CLASSES = frozenset(name for name in _FUNCTIONS if not isinstance(getattr(builtins, name), type))
_ARGUMENTS = {
    **dict.fromkeys(("isinstance", "issubclass", "hasattr", "setattr", "delattr", "divmod"), 2),
    **dict.fromkeys(("len", "abs", "chr", "ord", "callable", "repr", "id", "hash", "any", "all"), 1),
    "setattr": 3,
}
_BITWISE = (ast.BitOr, ast.BitAnd, ast.BitXor)


def strangeness(site: Site, proposal: Proposal) -> float:
    """Return the bits that `proposal` costs more because it writes what is hardly ever meant, 0 where it does not."""
    fresh = fresh_code(site.module, site.statement, proposal.edits)
    if fresh is None:
        return 0.0
    for root in fresh.roots:
        for node in ast.walk(root):
            if isinstance(node, ast.expr) and _is_strange(site, node) and ast.dump(node) not in fresh.known:
                return STRANGE_BITS
    return 0.0


@once_a_site
def flags(site: Site) -> frozenset[str]:
    """Return the names that are True or False: by their declaration or default, and by what the failing run saw."""
    arguments = site.function.node.args if site.function else None
    declared = frozenset(_declared_flags(arguments)) if arguments is not None else frozenset()
    seen = {name: set(one.types) - {"NoneType"} for name, one in site.observed.items()}
    observed = {name for name, types in seen.items() if types == {"bool"}}
    return (declared - {name for name, types in seen.items() if types - {"bool"}}) | observed


def _declared_flags(arguments: ast.arguments) -> Iterator[str]:
    for one in all_arguments(arguments):
        if isinstance(one.annotation, ast.Name) and one.annotation.id == "bool":
            yield one.arg
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
    for one, default in (*defaults, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)):
        if isinstance(default, ast.Constant) and isinstance(default.value, bool):
            yield one.arg


def _is_strange(site: Site, node: ast.expr) -> bool:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, _BITWISE):
            is_format = isinstance(op, ast.Mod) and isinstance(left, ast.Constant | ast.JoinedStr)
            return not is_format and any(
                _is_flag(site, one) or _names_one_of(site, one, _FUNCTIONS) for one in (left, right)
            )
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            return any(_compares_oddly(site, *one) for one in zip(sides, ops, comparators, strict=False))
        case ast.Subscript(value=value, slice=index):
            bounds = [index.lower, index.upper, index.step] if isinstance(index, ast.Slice) else [index]
            return (
                _is_flag(site, value)
                or _names_one_of(site, value, _NO_CLASSES)
                or any(one is not None and _is_flag(site, one) for one in bounds)
            )
        case ast.Attribute(value=value):
            return _is_flag(site, value)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name not in site.visible:
            counted = not any(isinstance(one, ast.Starred) for one in args)
            return counted and name in _ARGUMENTS and (len(args) != _ARGUMENTS[name] or bool(keywords))
        case _:
            return False


def _compares_oddly(site: Site, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool:
    either = (left, right)
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        return any(_is_flag(site, one) or _names_one_of(site, one, _FUNCTIONS) for one in either)
    if isinstance(op, ast.In | ast.NotIn):
        return any(_is_flag(site, one) for one in either) or _names_one_of(site, right, _FUNCTIONS)
    if any(_names_one_of(site, one, _NO_CLASSES) for one in either):
        return True
    # A flag is compared with another one or with a truth value, if at all.
    one_flag = _is_flag(site, left) != _is_flag(site, right)
    return one_flag and not any(isinstance(one, ast.Constant | ast.Compare) for one in either)


def _is_flag(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in flags(site)


def _names_one_of(site: Site, node: ast.expr, names: frozenset[str]) -> bool:
    """Say whether `node` is the bare name of a built-in function that nothing here hides."""
    return isinstance(node, ast.Name) and node.id in names and node.id not in site.visible
