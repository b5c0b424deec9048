"""Values that their neighbours compute otherwise: three fields are converted and the fourth is not.

Code that treats several things alike is written once and copied, and a copy that was not adapted, or an original that was
corrected alone, is a known source of bugs (CP-Miner, Li et al., OSDI 2004). Here the neighbours are asked: what would stand
in this place, were it written as the assignment, the keyword or the entry next to it is, with its own name for the other?
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracemend.repair.propose.candidates import free_names
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, short
from tracemend.repair.propose.site import Site

_FAMILY = "statement moved, inserted from the same scope, removed or duplicated"
MAX_NEIGHBOURS = 4
MAX_CHARACTERS = 160
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class _Place:
    """What a value is called, and the value: of an assignment, a keyword or an entry of a dict display."""

    label: str
    value: ast.expr


@expression_operator("written-as-neighbour", _FAMILY)
def write_as_the_neighbour(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Compute a value as its neighbour is: `self.b = None if b is None else str(b)`, as `self.a` is, for `self.b = str(b)`."""
    own, neighbours = _places_around(site, node)
    if own is None:
        return
    for rank, other in enumerate(neighbours[:MAX_NEIGHBOURS]):
        text = _in_the_words_of(site.text(other.value), other.label, own.label)
        if text is None or not _is_understood(site, text):
            continue
        note = f"computes `{own.label}` as `{other.label}` is computed: `{short(text)}`"
        yield Rewrite(node, text, note, (1.3 if _is_kin(text, node) else 2.6) + 0.15 * rank)


def _places_around(site: Site, node: ast.expr) -> tuple[_Place | None, list[_Place]]:
    """Return the place that `node` is the value of, and the places beside it, the nearest first."""
    parent = site.module.parents[node]
    match parent:
        case ast.Assign(targets=[target], value=value) if value is node:
            return _place(target, node), _assigned_around(site, parent)
        case ast.keyword(arg=str(name)):
            call = site.module.parents[parent]
            keywords = call.keywords if isinstance(call, ast.Call) else []
            others = [_Place(one.arg, one.value) for one in keywords if one.arg and one is not parent]
            return _Place(name, node), others
        case ast.Dict(keys=keys, values=values) if any(one is node for one in values):
            entries = list(zip(keys, values, strict=True))
            named = [
                _Place(key.value, value)
                for key, value in entries
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            own = next((one for one in named if one.value is node), None)
            return own, [one for one in named if one.value is not node]
        case _:
            return None, []


def _assigned_around(site: Site, statement: ast.stmt) -> list[_Place]:
    """Return what the same block assigns, then what is assigned at the same place of a neighbouring branch."""
    block, place = site.module.block_of(statement)
    near = sorted(enumerate(block), key=lambda entry: abs(entry[0] - place))
    statements = [one for index, one in near if index != place]
    holder = site.module.parents[statement]
    for branch in (holder, *getattr(holder, "orelse", []), site.module.parents.get(holder)):
        if isinstance(branch, ast.If) and branch is not statement:
            statements += [one for one in branch.body[place : place + 1] if one is not statement]
    found = []
    for one in statements:
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            entry = _place(one.targets[0], one.value)
            found += [entry] if entry is not None else []
    return found


def _place(target: ast.expr, value: ast.expr) -> _Place | None:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _Place(name, value)
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return _Place(name, value)
        case _:
            return None


def _in_the_words_of(text: str, label: str, wanted: str) -> str | None:
    """Return `text` with the word `label` exchanged for `wanted`, None where it says nothing of `label`.

    Words are looked for between underscores too, so that `_limit` and `raw_limit` become `_offset` and `raw_offset`.
    """
    old, new = label.strip("_"), wanted.strip("_")
    if not old or not new or old == new or len(text) > MAX_CHARACTERS or "\n" in text:
        return None
    changed, count = re.subn(rf"(?<![^\W_]){re.escape(old)}(?![^\W_])", new, text)
    return changed if count else None


def _is_understood(site: Site, text: str) -> bool:
    names = free_names(text)
    return bool(names) and names <= site.visible | _BUILTINS


def _is_kin(text: str, node: ast.expr) -> bool:
    """Say whether one of the values is a part of the other: then one of them lacks a step."""
    new, old = ast.parse(text, mode="eval").body, ast.dump(node)
    mine = {ast.dump(one) for one in ast.walk(node) if isinstance(one, ast.expr)}
    return any(ast.dump(one) == old for one in ast.walk(new)) or ast.dump(new) in mine
