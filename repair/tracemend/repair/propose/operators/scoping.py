"""Names in the wrong scope: missing `global`, `nonlocal` and `self`, missing `super()` calls, shadowed names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.syntax.scopes import bindings
from tracemend.repair.propose.ingredients import parameter_names
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    code_body,
    identifiers,
    insert_after,
    insert_before,
    rewrite,
    statement_operator,
)

FAMILY = "initial value and aliasing/copy"
_FREE_NAMES = ("i", "j", "k", "m", "n", "item", "other", "inner", "element")


@statement_operator("scope-declare", FAMILY, at_most=6)
def declare_global_or_nonlocal(site: Site) -> Iterator[Proposal]:
    """Declare a name `global` or `nonlocal` that the function binds and an outer scope binds too."""
    if site.function is None:
        return
    body = code_body(site.function.node)
    local = bindings(site.function.node)
    reported = "UnboundLocalError" in site.error
    for name in sorted(identifiers(site.statement)):
        if name not in local or local[name][0] != "local" or not body:
            continue
        keyword = _outer_keyword(site, name)
        if keyword:
            note = f"changes the outer `{name}`"
            cost = 0.5 if reported and f"'{name}'" in site.error else 1.8
            yield from insert_before(site, body[0], [f"{keyword} {name}"], note, cost)


@statement_operator("scope-self", FAMILY, at_most=12)
def reach_through_self(site: Site) -> Iterator[Proposal]:
    """Write `self.` before an attribute or method of the class, or the name of the class for `self`."""
    if site.function is None or site.function.class_name is None:
        return
    receiver = next(iter(site.function.node.args.args), None)
    if receiver is None:
        return
    members = _members(site)
    bound = {one.name for one in site.names if one.kind in ("local", "parameter")}
    for node in site.expressions:
        match node:
            case ast.Name(id=name) if name in members and name not in ("self", "cls"):
                cost = (0.5 if f"'{name}'" in site.error else 1.0) if name not in bound else 2.6
                yield replace(
                    site, node, f"{receiver.arg}.{name}", f"means the `{name}` of `{receiver.arg}`", cost
                )
            case ast.Attribute(value=ast.Name(id="self") as inner, attr=attr) if attr in members:
                class_name = site.function.class_name
                yield replace(
                    site, inner, class_name, f"means the `{attr}` that all `{class_name}` share", 2.8
                )
            case ast.Attribute(value=ast.Name(id=owner) as inner, attr=attr) if (
                owner == site.function.class_name
            ):
                yield replace(site, inner, receiver.arg, f"means the `{attr}` of this very object", 1.4)
            case _:
                pass


@statement_operator("scope-super", FAMILY, at_most=12)
def call_the_base_class(site: Site) -> Iterator[Proposal]:
    """Add the missing `super().__init__(...)`, or another overridden method's call of its base."""
    if site.function is None or site.function.class_name is None:
        return
    node = site.function.node
    holder = next((one for one in site.module.ancestors(node) if isinstance(one, ast.ClassDef)), None)
    body = code_body(node)
    if holder is None or not holder.bases or _calls_super(node) or site.statement not in (body[0], body[-1]):
        return
    positional = [one.arg for one in [*node.args.posonlyargs, *node.args.args][1:]]
    base_parameters = _base_parameters(site, holder, node.name)
    shared = [name for name in base_parameters if name in positional]
    calls = dict.fromkeys([", ".join(shared), "", ", ".join(positional), *_star_arguments(node)])
    for rank, arguments in enumerate(calls):
        call = f"super().{node.name}({arguments})"
        note = f"calls `{call}` of the base class"
        cost = (1.0 if node.name == "__init__" else 2.0) + 0.3 * rank
        if site.statement is body[0]:
            yield from insert_before(site, site.statement, [call], note, cost)
        if site.statement is body[-1] and not isinstance(site.statement, ast.Return | ast.Raise):
            yield from insert_after(site, site.statement, [call], note, cost + 0.4)
        if isinstance(site.statement, ast.Return) and node.name != "__init__":
            yield from rewrite(site, site.statement, [f"return {call}"], note, cost + 1.2)


@statement_operator("scope-shadow", FAMILY, at_most=4)
def rename_the_shadowing_target(site: Site) -> Iterator[Proposal]:
    """Rename a loop variable that hides a parameter or the variable of a loop around it."""
    loop = site.statement
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
        return
    name = loop.target.id
    outer = {*parameter_names(site)}
    for one in site.module.ancestors(loop):
        if isinstance(one, ast.For):
            outer |= identifiers(one.target)
        elif isinstance(one, FunctionNode):
            break
    if name not in outer:
        return
    taken = {one.name for one in site.names}
    fresh = next((one for one in _FREE_NAMES if one not in taken), f"{name}_")
    nodes = [
        loop.target,
        *(one for child in loop.body for one in ast.walk(child) if isinstance(one, ast.Name)),
    ]
    edits = [
        TextEdit(*site.module.span(one), fresh)
        for one in nodes
        if one.id == name and site.module.has_exact_position(one)
    ]
    yield Proposal(tuple(sorted(edits)), f"does not hide the outer `{name}`", 1.0)


def _outer_keyword(site: Site, name: str) -> str:
    """Return the declaration that reaches the next outer binding of `name`, "" where there is none."""
    assert site.function is not None
    for one in site.module.ancestors(site.function.node):
        if isinstance(one, FunctionNode) and name in bindings(one):
            return "nonlocal"
        if isinstance(one, ast.Module) and name in bindings(one):
            return "global"
    return ""


def _members(site: Site) -> frozenset[str]:
    """Return the methods and attributes of the class around the statement."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    return _members_of(holder) if holder else frozenset()


@lru_cache(maxsize=64)
def _members_of(holder: ast.ClassDef) -> frozenset[str]:
    names = {
        one.name for one in holder.body if isinstance(one, FunctionNode) and not one.name.startswith("__")
    }
    names |= set(bindings(holder)) - {one.name for one in holder.body if isinstance(one, FunctionNode)}
    for one in ast.walk(holder):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self":
            names.add(one.attr)
    return frozenset(names)


def _calls_super(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "super" for one in ast.walk(node))


def _base_parameters(site: Site, holder: ast.ClassDef, method: str) -> list[str]:
    """Return the parameters of the overridden method where the base class is in this file."""
    bases = {one.id for one in holder.bases if isinstance(one, ast.Name)}
    for one in ast.walk(site.module.tree):
        if isinstance(one, ast.ClassDef) and one.name in bases:
            for child in one.body:
                if isinstance(child, FunctionNode) and child.name == method:
                    return [argument.arg for argument in child.args.args[1:]]
    return []


def _star_arguments(node: FunctionNode) -> list[str]:
    stars = [f"*{node.args.vararg.arg}"] if node.args.vararg else []
    stars += [f"**{node.args.kwarg.arg}"] if node.args.kwarg else []
    return [", ".join(stars)] if stars else []
