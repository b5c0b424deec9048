"""Wrong members: another attribute or method, one attribute too many or too few, the wrong key."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.candidates import (
    attribute_names,
    attribute_uses,
    class_members,
    likeness,
    subscript_keys,
)
from tracemend.repair.propose.rewriting import Rewrite, atom, expression_operator, operand
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import CONTAINERS, MAPPINGS, kind_of

_FAMILY = "wrong name or member of a compatible type"
MAX_KEYS = 6
# A class may have many methods, and any of them may have been meant; of other values the likeliest members are enough.
MAX_OWN, MAX_OTHERS = 24, 8


@expression_operator("attribute", _FAMILY, targets=True)
def attribute(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another attribute of the same value."""
    if not isinstance(node, ast.Attribute):
        return
    hint = (
        -0.8 if site.error_here and "AttributeError" in site.error and f"'{node.attr}'" in site.error else 0.0
    )
    called = _is_called(site, node)
    own = site.text(node.value) in ("self", "cls")
    names = attribute_names(site, node.value, node.attr, called=called, limit=MAX_OWN if own else MAX_OTHERS)
    taking = [other for other in names if not called or _may_take(site, other, site.module.parents[node])]
    for rank, other in enumerate(taking):
        alike = 0.4 if likeness(node.attr, other) > 0.6 else 0.0
        text = f"{atom(site, node.value)}.{other}"
        far = 0.2 * min(rank, MAX_OTHERS) + 0.05 * max(0, rank - MAX_OTHERS)
        yield Rewrite(node, text, f"uses `.{other}` instead of `.{node.attr}`", 1.6 + far - alike + hint)


@expression_operator("attribute-added", _FAMILY)
def attribute_added(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An attribute of a value where the value itself is used."""
    if not isinstance(node, ast.Name | ast.Attribute) or _is_called(site, node):
        return
    if isinstance(site.module.parents[node], ast.Attribute) and not isinstance(node, ast.Name):
        return
    seen = site.observed.get(site.text(node))
    known = [one for one in (seen.attributes if seen else ()) if not one.endswith("()")]
    if seen and seen.types and seen.types[0] in CONTAINERS | {"int", "float", "bool"}:
        return
    used = [one for one in attribute_uses(site.module).get(site.text(node), ()) if not one.endswith("()")]
    near = [
        one.attr for one in site.expressions if isinstance(one, ast.Attribute) and not _is_called(site, one)
    ]
    members = site.types.members(node) if site.types is not None else None
    others = [one for one in dict.fromkeys([*used, *near, *known]) if members is None or one in members]
    for rank, other in enumerate(others):
        if rank >= 5:
            break
        cost = 1.9 + 0.2 * rank
        yield Rewrite(node, f"{site.text(node)}.{other}", f"uses `{site.text(node)}.{other}`", cost)


@expression_operator("attribute-dropped", _FAMILY)
def attribute_dropped(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The value itself where one of its attributes is used."""
    if isinstance(node, ast.Attribute) and not _is_called(site, node) and not _is_module(site, node.value):
        value = site.text(node.value)
        if value not in ("self", "cls"):
            yield Rewrite(
                node, operand(site, node.value), f"uses `{value}` itself, not its `.{node.attr}`", 1.9
            )
        if isinstance(node.value, ast.Attribute):
            shorter = f"{atom(site, node.value.value)}.{node.attr}"
            yield Rewrite(node, shorter, f"leaves out `.{node.value.attr}`", 2.2)


@expression_operator("self-qualifier", _FAMILY)
def self_qualifier(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`self.x` for a local `x`, and the local for the attribute."""
    if site.function is None or site.function.class_name is None:
        return
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            if any(one.name == name and one.kind in ("local", "parameter") for one in site.names):
                yield Rewrite(node, name, f"uses the local `{name}`, not `self.{name}`", 1.3)
        case ast.Name(id=name):
            called = _is_called(site, node)
            members = class_members(site)
            if name in members or f"{name}()" in members:
                fits = (f"{name}()" in members) == called
                yield Rewrite(node, f"self.{name}", f"uses `self.{name}`, not `{name}`", 1.3 if fits else 2.0)
        case _:
            pass


@expression_operator("self-as-argument", _FAMILY)
def self_as_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The object itself where a piece of it is handed over: `parent.children.append(self)` for `append(value)`."""
    parent = site.module.parents[node]
    if site.function is None or site.function.class_name is None or not isinstance(parent, ast.Call):
        return
    first = next(iter(site.function.node.args.args), None)
    if first is None or first.arg != "self" or parent.func is node:
        return
    if isinstance(node, ast.Name | ast.Attribute) and not isinstance(parent.func, ast.Name):
        yield Rewrite(node, "self", "hands over the object itself", 2.3)


@expression_operator("subscript-key", _FAMILY, targets=True)
def subscript_key(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another key that the file uses."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(own)) as key):
            pass
        case ast.Call(
            func=ast.Attribute(attr="get" | "pop" | "setdefault"),
            args=[ast.Constant(value=str(own)) as key, *_],
        ):
            pass
        case _:
            return
    keys = [one for one in subscript_keys(site.module) if one != repr(own)]
    keys.sort(key=lambda one: -likeness(own, one[1:-1]))
    for rank, other in enumerate(keys[:MAX_KEYS]):
        yield Rewrite(key, other, f"uses the key {other} instead of {own!r}", 1.5 + 0.2 * rank)


@expression_operator("lenient-lookup", _FAMILY)
def lenient_lookup(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`d[k]` against `d.get(k)` and `d.get(k, default)`."""
    match node:
        case ast.Subscript(value=value, slice=key) if not isinstance(key, ast.Slice | ast.Tuple):
            kind = kind_of(site, value)
            hint = -1.0 if site.error_here and site.error.startswith("KeyError") else 0.0
            if (kind in MAPPINGS or (not kind and not _is_integer(key))) and not _is_called(site, node):
                start = f"{atom(site, value)}.get({operand(site, key)}"
                note = f"allows for a missing key in `{site.text(value)}`"
                yield Rewrite(node, f"{start})", note, 2.4 + hint)
                for rank, default in enumerate(("0", "[]", '""', "{}", "1", "False")):
                    words = f"takes {default} for a missing key"
                    yield Rewrite(node, f"{start}, {default})", words, 2.4 + 0.25 * rank + hint)
                key_text = operand(site, key)
                yield Rewrite(
                    node, f"{start}, {key_text})", "takes the key itself where it is missing", 3.4 + hint
                )
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[key, *_], keywords=[]):
            text = f"{atom(site, value)}[{site.text(key)}]"
            yield Rewrite(node, text, f"insists on the key in `{site.text(value)}`", 2.4)
        case _:
            pass


def _is_called(site: Site, node: ast.expr) -> bool:
    parent = site.module.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


def _is_module(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and any(
        one.name == node.id and one.kind == "import" for one in site.names
    )


def _is_integer(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.UnaryOp) and not isinstance(getattr(node, "value", None), str)


def _may_take(site: Site, name: str, call: ast.AST) -> bool:
    """Say whether the method `name` of the class around can be called as `call` does; of other members nothing is known."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    methods = [one for one in holder.body if isinstance(one, FunctionNode)] if holder else []
    method = next((one for one in methods if one.name == name and not one.decorator_list), None)
    if method is None or not isinstance(call, ast.Call) or _spreads(call):
        return True
    arguments = method.args
    positional = [*arguments.posonlyargs, *arguments.args][1:]
    given = len(call.args) + len(call.keywords)
    needed = len(positional) - len(arguments.defaults)
    takes_more = arguments.vararg is not None or arguments.kwarg is not None or bool(arguments.kwonlyargs)
    return needed <= given and (takes_more or given <= len(positional))


def _spreads(call: ast.Call) -> bool:
    return any(isinstance(one, ast.Starred) for one in call.args) or any(
        one.arg is None for one in call.keywords
    )
