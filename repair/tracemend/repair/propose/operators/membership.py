"""Membership: what a container of the object or of the function should have kept out.

Work that goes round and round needs a book of what was seen, cancelled or done, and one `in` test where the next item
turns up. The book often lives in an attribute that another method writes (`self._cancelled.add(number)`), so the
whole class is read for it; an item that goes by the same name here and there is the likeliest to be asked about.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tracemend.repair.propose.ingredients import parameter_names, return_line, return_values, subjects
from tracemend.repair.propose.name_kinds import Kind, kind_of_expression
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    JUMPS,
    code_body,
    enclosing_loop,
    identifiers,
    insert_before,
    statement_operator,
    walk_scope,
)

FAMILY = "missing logic"
MAX_ITEMS = 4
_COSTS: Mapping[Kind, float] = {"set": 0.0, "dict": 0.15, "list": 0.3}
_REMOVALS: Mapping[Kind, str] = {"set": "{0}.discard({1})", "dict": "del {0}[{1}]", "list": "{0}.remove({1})"}
_ADDITIONS: Mapping[Kind, str] = {"set": "{0}.add({1})", "list": "{0}.append({1})"}


@dataclass(frozen=True, slots=True)
class _Book:
    """A container by the text that reaches it, and the names that its items go by where it is written or asked."""

    text: str
    kind: Kind
    items: frozenset[str]


@statement_operator("membership-skip", FAMILY, at_most=40)
def skip_what_is_known(site: Site) -> Iterator[Proposal]:
    """Insert `if item in book: continue` in a loop, for an item that was bound just before; it may be struck off."""
    loop = enclosing_loop(site.module, site.statement)
    if loop is None or isinstance(site.statement, JUMPS):
        return
    base = 1.0 if _feeds_its_own_loop(site) else 1.9
    for rank, item in enumerate(_bound_just_before(site)):
        for book in _books(site):
            if item != book.text:
                cost = base + 0.2 * rank + _cost_of(book, item)
                yield from _ways_to_skip(site, book, item, "continue", cost)


@statement_operator("membership-leave", FAMILY, at_most=30)
def leave_for_what_is_known(site: Site) -> Iterator[Proposal]:
    """Insert `if item in self.book: return ...` at the top of a method, for a parameter."""
    if site.function is None or next(iter(code_body(site.function.node)), None) is not site.statement:
        return
    books = [book for book in _books(site) if book.text.startswith("self.")]
    for rank, item in enumerate(parameter_names(site)[:2]):
        for book in books:
            for step, value in enumerate(return_values(site, 2)):
                cost = 2.3 + 0.2 * rank + 0.2 * step + _cost_of(book, item)
                yield from _ways_to_skip(site, book, item, return_line(site, value), cost)


def _ways_to_skip(site: Site, book: _Book, item: str, leave: str, cost: float) -> Iterator[Proposal]:
    known, unknown = f"if {item} in {book.text}:", f"if {item} not in {book.text}:"
    leaves = "skips it" if leave == "continue" else f"leaves with `{leave}`"
    note = f"{leaves} when `{item}` is in `{book.text}`"
    yield from insert_before(site, site.statement, [known, f"\t{leave}"], note, cost)
    struck = _REMOVALS[book.kind].format(book.text, item)
    extra = -0.1 if _was_taken(site, item) else 0.15
    yield from insert_before(
        site,
        site.statement,
        [known, f"\t{struck}", f"\t{leave}"],
        f"{note}, and strikes it off",
        cost + extra,
    )
    if book.kind in _ADDITIONS:
        added = _ADDITIONS[book.kind].format(book.text, item)
        yield from insert_before(
            site, site.statement, [known, f"\t{leave}", added], f"{note}, and notes it otherwise", cost + 0.2
        )
    note = f"{leaves} unless `{item}` is in `{book.text}`"
    yield from insert_before(site, site.statement, [unknown, f"\t{leave}"], note, cost + 0.5)


def _cost_of(book: _Book, item: str) -> float:
    return _COSTS[book.kind] + (0.0 if item in book.items else 0.5)


def _feeds_its_own_loop(site: Site) -> bool:
    """Say whether the block adds to what a `while` around it works off and asks for nothing: a walk that never ends."""
    block, _ = site.module.block_of(site.statement)
    calls = [one for statement in block for one in ast.walk(statement) if isinstance(one, ast.Call)]
    fed = {name for call in calls if _adds(call) for name in identifiers(call)}
    if any(isinstance(one, ast.If) for one in block):
        return False
    whiles = [one for one in site.module.ancestors(site.statement) if isinstance(one, ast.While)]
    return any(identifiers(one.test) & fed for one in whiles)


def _adds(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ("append", "appendleft", "add", "extend", "put", "push", "heappush", "insert")
        case _:
            return False


def _was_taken(site: Site, item: str) -> bool:
    """Say whether `item` was taken out of another container just before, so that a note on it has served."""
    block, index = site.module.block_of(site.statement)
    for statement in block[:index]:
        if isinstance(statement, ast.Assign) and item in _names(statement.targets):
            match statement.value:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    return name in ("pop", "popleft", "popitem", "heappop", "get_nowait")
                case _:
                    return False
    return False


def _bound_just_before(site: Site) -> list[str]:
    """Return the names that the loop header and the statements above in the block bind, the latest first."""
    block, index = site.module.block_of(site.statement)
    found: list[str] = []
    for statement in reversed(block[:index]):
        if isinstance(statement, ast.Assign):
            found += _names(statement.targets)
    loop = enclosing_loop(site.module, site.statement)
    if isinstance(loop, ast.For | ast.AsyncFor):
        found += _names([loop.target])
    return [one for one in dict.fromkeys(found) if one != "_"][:MAX_ITEMS]


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        for one in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(one, ast.Name):
                yield one.id


def _books(site: Site) -> list[_Book]:
    """Return the containers that are in reach: those of the object, then those of the function."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    own = list(_books_of(holder)) if holder is not None and _has_self(site) else []
    kinds: tuple[Kind, ...] = ("set", "dict", "list")
    items = _local_items(site)
    local = [
        _Book(one.text, kind, frozenset(items.get(one.text, ())))
        for one in subjects(site)
        for kind in kinds
        if kind in one.kinds and "." not in one.text
    ]
    return [*own[:4], *local[:3]]


def _local_items(site: Site) -> dict[str, set[str]]:
    """Return by which names the function stores in its containers."""
    found: dict[str, set[str]] = {}
    for node in walk_scope(site.function.node.body if site.function else []):
        match node:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Name(id=item), ctx=ast.Store()):
                found.setdefault(owner, set()).add(item)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="add"), args=[ast.Name(id=item)]):
                found.setdefault(owner, set()).add(item)
            case _:
                pass
    return found


def _has_self(site: Site) -> bool:
    first = next(iter(site.function.node.args.args), None) if site.function else None
    return first is not None and first.arg == "self"


@lru_cache(maxsize=64)
def _books_of(holder: ast.ClassDef) -> tuple[_Book, ...]:
    """Return the attributes in which a class keeps containers, with what it calls their items."""
    kinds: dict[str, Kind] = {}
    items: dict[str, set[str]] = {}
    for node in ast.walk(holder):
        match node:
            case (
                ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value)
                | ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=name), value=ast.expr() as value
                )
            ):
                kind = kind_of_expression(value, {})
                if kind is not None and kind in _COSTS:
                    kinds.setdefault(name, kind)
            case _:
                for name, item in _named_items(node):
                    items.setdefault(name, set()).add(item)
    return tuple(_Book(f"self.{name}", kind, frozenset(items.get(name, ()))) for name, kind in kinds.items())


def _named_items(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (attribute, name of an item) where `node` stores in, or asks, a container of `self`."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Attribute(value=ast.Name(id="self"), attr=name),
                attr="add" | "append" | "discard" | "remove" | "get" | "pop",
            ),
            args=[ast.Name(id=item), *_],
        ):
            yield name, item
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id="self"), attr=name), slice=ast.Name(id=item)
        ):
            yield name, item
        case ast.Compare(
            left=ast.Name(id=item),
            ops=[ast.In() | ast.NotIn()],
            comparators=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
        ):
            yield name, item
        case _:
            return
