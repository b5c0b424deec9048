"""What is stored under a key: overwritten instead of counted or collected, out of bounds, empty, under half a key."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.candidates import attribute_uses
from tracemend.repair.propose.ingredients import parameter_names
from tracemend.repair.propose.operators.arithmetic import moduli
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    enclosing_loop,
    insert_after,
    rewrite,
    statement_operator,
    walk_scope,
    wrap,
    written,
)

FAMILY = "initial value and aliasing/copy"
MAX_USES = 6
_SIZES = (
    "size",
    "capacity",
    "length",
    "count",
    "limit",
    "places",
    "slots",
    "modulus",
    "period",
    "width",
    "n",
)
_REMOVALS = frozenset(["remove", "discard", "pop", "popleft", "popitem", "difference_update"])


@statement_operator("store-collect", FAMILY, at_most=10)
def collect_under_the_key(site: Site) -> Iterator[Proposal]:
    """Count or collect under a key what overwrites: `d[k] = 1` to `d[k] = d.get(k, 0) + 1`, `d[k] = [v]` to an append."""
    match site.statement:
        case ast.Assign(targets=[ast.Subscript(value=owner, slice=key) as target], value=value) if (
            not isinstance(key, ast.Slice)
        ):
            pass
        case _:
            return
    place, entry = written(site, owner), site.text(key)
    key_text = f"({entry})" if isinstance(key, ast.Tuple) and not entry.startswith("(") else entry
    far = 0.0 if enclosing_loop(site.module, site.statement) else 0.8
    lines: list[tuple[str, float]] = []
    match value:
        case ast.List(elts=[item]):
            lines.append((f"{place}.setdefault({key_text}, []).append({written(site, item)})", 1.3))
        case ast.Set(elts=[item]):
            lines.append((f"{place}.setdefault({key_text}, set()).add({written(site, item)})", 1.3))
        case ast.Constant(value=int() | float()):
            lines.append((f"{site.text(target)} = {place}.get({key_text}, 0) + {site.text(value)}", 1.3))
        case _ if site.text(target) not in site.text(value) and "\n" not in site.text(value):
            text = written(site, value)
            lines += [
                (f"{site.text(target)} = {place}.get({key_text}, 0) + {text}", 1.8),
                (f"{place}.setdefault({key_text}, []).append({text})", 1.9),
                (f"{site.text(target)} = max({site.text(target)}, {text})", 1.9),
                (f"{site.text(target)} = min({site.text(target)}, {text})", 2.1),
                (f"{place}.setdefault({key_text}, {text})", 2.1),
            ]
        case _:
            pass
    for line, cost in lines:
        yield from rewrite(site, site.statement, [line], f"stores with `{line}`", cost + far)


@statement_operator("store-wrap", FAMILY, at_most=8)
def wrap_around(site: Site) -> Iterator[Proposal]:
    """Let a position that is moved wrap around: `x += 1` to `x = (x + 1) % size`."""
    match site.statement:
        case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as op, value=value):
            symbol = "+" if isinstance(op, ast.Add) else "-"
        case ast.Assign(
            targets=[target], value=ast.BinOp(left=moved, op=ast.Add() | ast.Sub() as op, right=value)
        ) if site.text(moved) == site.text(target):
            symbol = "+" if isinstance(op, ast.Add) else "-"
        case _:
            return
    text = site.text(target)
    moduli_here = dict.fromkeys([*_lengths_of_indexed(site, text), *_sizes_in_reach(site)])
    for rank, modulus in enumerate(one for one in moduli_here if one != text):
        line = f"{text} = ({text} {symbol} {written(site, value)}) % {modulus}"
        cost = (1.9 if _is_position(site, text) else 3.2) + 0.25 * rank
        yield from rewrite(site, site.statement, [line], f"wraps around at `{modulus}`", cost)


@statement_operator("store-prune", FAMILY, at_most=4)
def drop_the_emptied_entry(site: Site) -> Iterator[Proposal]:
    """Delete the entry of a dictionary whose container has just lost its last item: `if not xs: del d[k]`."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name))) if name in _REMOVALS:
            pass
        case _:
            return
    entry = owner if isinstance(owner, ast.Subscript) else _entry_behind(site, owner)
    if entry is not None and not isinstance(entry.slice, ast.Slice):
        lines = [f"if not {site.text(owner)}:", f"\tdel {site.text(entry)}"]
        note = f"deletes `{site.text(entry)}` when nothing is left in it"
        yield from insert_after(site, site.statement, lines, note, 1.7)


@statement_operator("store-deep", FAMILY, at_most=2)
def merge_what_is_nested(site: Site) -> Iterator[Proposal]:
    """Merge two dictionaries by recursion where `result[key] = value` would replace the whole inner one."""
    if site.function is None or len(parameter_names(site)) != 2:
        return
    match site.statement:
        case ast.Assign(
            targets=[ast.Subscript(value=ast.Name(id=owner), slice=ast.Name(id=key))], value=value
        ):
            pass
        case _:
            return
    name = site.function.node.name
    call = f"self.{name}" if site.function.class_name else name
    new = written(site, value)
    test = f"if isinstance({new}, dict) and isinstance({owner}.get({key}), dict):"
    header = [test, f"\t{owner}[{key}] = {call}({owner}[{key}], {new})", "else:"]
    yield from wrap(site, [site.statement], header, "merges nested dictionaries by recursion", 1.9)


@statement_operator("store-key", FAMILY, at_most=6)
def complete_the_key(site: Site) -> Iterator[Proposal]:
    """Add a parameter to the key of a table wherever the function uses it: what is kept must depend on all of them."""
    if site.function is None:
        return
    uses: dict[tuple[str, str], list[ast.Name]] = {}
    for node in walk_scope(site.function.node.body):
        for owner, key in _keyed_uses(node):
            uses.setdefault((site.text(owner), key.id), []).append(key)
    for (owner_text, key_text), nodes in uses.items():
        mine = any(one is nodes[0] for one in site.expressions)
        if not mine or not 2 <= len(nodes) <= MAX_USES:
            continue
        for rank, other in enumerate(one for one in parameter_names(site) if one != key_text):
            edits = [TextEdit(*site.module.span(one), f"({key_text}, {other})") for one in nodes]
            note = f"keeps in `{owner_text}` by `{key_text}` and `{other}`"
            yield Proposal(tuple(sorted(edits)), note, 1.8 + 0.3 * rank)


def _is_position(site: Site, text: str) -> bool:
    """Say whether the file uses `text` to subscript something, or takes remainders of it: only places wrap around."""
    for node in ast.walk(site.module.tree):
        match node:
            case ast.Subscript(slice=index) if any(
                site.text(one) == text for one in ast.walk(index) if isinstance(one, ast.Name | ast.Attribute)
            ):
                return True
            case ast.BinOp(left=left, op=ast.Mod()) if text in site.text(left):
                return True
            case _:
                pass
    return False


def _keyed_uses(node: ast.AST) -> Iterator[tuple[ast.expr, ast.Name]]:
    match node:
        case ast.Compare(left=ast.Name() as key, ops=[ast.In() | ast.NotIn()], comparators=[owner]):
            yield owner, key
        case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=ast.Name() as key):
            yield owner, key
        case ast.Call(
            func=ast.Attribute(value=owner, attr="get" | "setdefault" | "pop"), args=[ast.Name() as key, *_]
        ):
            yield owner, key
        case _:
            return


def _entry_behind(site: Site, owner: ast.expr) -> ast.Subscript | None:
    """Return the subscript that a name was bound to earlier in the function: `pages = self.by_word[word]`."""
    if site.function is None or not isinstance(owner, ast.Name):
        return None
    for node in walk_scope(site.function.node.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() as entry) if name == owner.id:
                return entry
            case _:
                pass
    return None


def _lengths_of_indexed(site: Site, position: str) -> list[str]:
    """Return the lengths of what the file takes elements of at `position`, as far as it is known here."""
    indexed = [
        site.text(one.value)
        for one in ast.walk(site.module.tree)
        if isinstance(one, ast.Subscript) and site.module.has_exact_position(one)
        if isinstance(one.slice, ast.Name | ast.Attribute) and site.text(one.slice) == position
    ]
    known = [one for one in indexed if one.partition(".")[0] in site.visible]
    return [f"len({one})" for one in dict.fromkeys(known)][:2]


def _sizes_in_reach(site: Site) -> Sequence[str]:
    """Return what a position may wrap around at: names and attributes called like a size, what the file divides by."""
    names = [
        one.name for one in site.names if one.kind in ("parameter", "local", "global") and one.bound_before
    ]
    if site.function is not None and site.function.class_name is not None:
        names += [
            f"self.{one}" for one in attribute_uses(site.module).get("self", ()) if not one.endswith("()")
        ]
    sized = [one for one in names if one.rpartition(".")[2].lower().rpartition("_")[2] in _SIZES]
    return list(dict.fromkeys([*sized, *moduli(site.module)]))[:4]
