"""The typed names that may stand at a cursor: what the oracle knows, in the order in which it is likely.

All names of a set are offered, whatever was typed of them, so that the editor can filter without asking again; only a set
that is too large is cut to what fits the letters, and is then `incomplete`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracemend.analysis.monitors.imports import absolute_module
from tracemend.analysis.monitors.keywords import accepted_keywords
from tracemend.analysis.symbols.model import ClassDef, Definition, FunctionDef, ValueDef
from tracemend.analysis.types.classes import lineage
from tracemend.analysis.types.members import members_of, own_names
from tracemend.analysis.types.model import (
    ClassObject,
    FunctionType,
    Instance,
    ModuleType,
    Type,
    parts,
)
from tracemend.analysis.types.names import IMPLICIT_NAMES
from tracemend.analysis.types.places import scope_at

from .ngrams import NgramModel, Score, ranker
from .spot import Spot, spot_at

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.evaluate import Evaluator
    from tracemend.analysis.types.oracle import Oracle

NameKind = Literal["function", "method", "class", "module", "value", "keyword", "unknown"]

MAX_NAMES = 200
MAX_TYPED = 60  # Of the likeliest names it is said what they are.
KEYWORD_SHARE = 0.05
PRIVATE_SHARE = 1e-6
_KEYWORD = re.compile(r"\b(\w+)[ \t]*=(?!=)")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One name. `insert` is what is written, which for a keyword argument has its `=` already."""

    name: str
    insert: str
    kind: NameKind = "unknown"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Names for the characters [start, end), the likeliest first; more may come once more is typed if `incomplete`."""

    start: int
    end: int
    names: tuple[Suggestion, ...] = ()
    incomplete: bool = False


def suggest(oracle: Oracle, document: Document, offset: int, model: NgramModel) -> Suggestions:
    """Return the names that may stand at `offset`, none where nothing is known or nothing can be chosen."""
    spot = spot_at(document, offset)
    if spot is None:
        return Suggestions(offset, offset)
    found = _names_at(oracle, document, spot)
    score = ranker(model, document.text, spot.start)
    found.sort(key=lambda one: (_is_dunder(one.name, spot.partial), -_share(score, one), one.name))
    kept = found
    if len(found) > MAX_NAMES:
        kept = [one for one in found if fits(one.name, spot.partial)]
    typed = _typed(oracle, document, spot, kept[:MAX_TYPED])
    names = (*typed, *kept[MAX_TYPED:MAX_NAMES])
    return Suggestions(spot.start, spot.end, names, len(kept) < len(found) or len(names) < len(kept))


def fits(name: str, partial: str) -> bool:
    """Say whether the letters of `partial` occur in `name` in their order, the first one first, case aside.

    Editors filter in their own ways; none of them takes a name that this leaves out, but for a first letter elsewhere.
    """
    letters = iter(name.lower())
    folded = partial.lower()
    if folded[:1] not in ("", "_") and not name.lower().lstrip("_").startswith(folded[0]):
        return False
    return all(letter in letters for letter in folded)


def type_at(oracle: Oracle, document: Document, offset: int, name: str) -> Type | None:
    """Return the type that `name` has, or would have, at `offset`; None where no name can be chosen."""
    spot = spot_at(document, offset)
    if spot is None:
        return None
    return next(_types(oracle, document, spot, [name]), None)


def _names_at(oracle: Oracle, document: Document, spot: Spot) -> list[Suggestion]:
    if spot.kind == "member":
        return _members(oracle, document, spot)
    if spot.kind == "module":
        return [Suggestion(one, one, "module") for one in _modules(oracle, document, spot.module)]
    if spot.kind == "imported-name":
        return [Suggestion(one, one) for one in _exported(oracle, document, spot.module)]
    keywords = _keywords(oracle, document, spot) if spot.call >= 0 else []
    scope = oracle.names_in_scope(document, spot.start)
    return [*keywords, *(Suggestion(one, one) for one in scope.names - scope.only_declared - IMPLICIT_NAMES)]


def _members(oracle: Oracle, document: Document, spot: Spot) -> list[Suggestion]:
    """Return what stands behind the receiver, less what only some other code may once have put there.

    Not `Oracle.members`: at the beginning of a statement that is silent, for an assignment may create any member.
    """
    receiver = _receiver_type(oracle, document, spot)
    with oracle.evaluating(document) as evaluator:
        found = members_of(evaluator, receiver).names
        defined: dict[str, NameKind] = {}
        for one in parts(receiver):
            if not isinstance(one, Instance | ClassObject):
                return [Suggestion(name, name) for name in found]
            for name, kind in _defined(evaluator, one):
                defined.setdefault(name, kind)
    return [Suggestion(name, name, defined[name]) for name in found if name in defined]


def _defined(evaluator: Evaluator, type_: Instance | ClassObject) -> Iterator[tuple[str, NameKind]]:
    """Yield what the classes of an object, or of a class object, define, those first that are looked at first."""
    line = lineage(evaluator, type_.cls)
    above = [one for meta in line.metaclasses for one in lineage(evaluator, meta).ancestors]
    for ancestor in (*line.ancestors, *(above if isinstance(type_, ClassObject) else ())):
        definition = ancestor.cls.definition
        for name, ones in (*definition.members.items(), *definition.attributes.items()):
            yield name, _kind_of_definition(ones[0])
        yield from ((name, "unknown") for name in own_names(evaluator, ancestor.cls))


def _receiver_type(oracle: Oracle, document: Document, spot: Spot) -> Type:
    return oracle.type_before(document, len(document.text[: spot.start].rstrip()) - 1)


def _keywords(oracle: Oracle, document: Document, spot: Spot) -> list[Suggestion]:
    """Return the keyword arguments that the call takes and does not have yet."""
    accepted = accepted_keywords(oracle.signature(document, spot.call))
    if isinstance(accepted, str):
        return []
    written = document.text[spot.call : spot.start]
    given = frozenset(_KEYWORD.findall(written))
    return [Suggestion(one, f"{one}=", "keyword") for one in accepted - given]


def _modules(oracle: Oracle, document: Document, written: str) -> Iterable[str]:
    """Return the modules inside the one that is written, at the top level where none is."""
    module = _absolute(document, written)
    if module is None:
        return ()
    return oracle.index.submodules(module) if module else oracle.index.top_level_modules()


def _exported(oracle: Oracle, document: Document, written: str) -> Iterable[str]:
    """Return the names that can be imported from a module, less those with which every module is born."""
    module = _absolute(document, written)
    found = oracle.index.module(module, near=document.path) if module else None
    if found is None:
        return ()
    return {one for one in oracle.index.module_names(found).names if not one.startswith("__")}


def _absolute(document: Document, written: str) -> str | None:
    """Return the absolute name of a module as an import spells it, None where it leads out of the package."""
    name = written.lstrip(".")
    return absolute_module(document, len(written) - len(name), name)


def _typed(
    oracle: Oracle, document: Document, spot: Spot, suggestions: list[Suggestion]
) -> Iterator[Suggestion]:
    """Say of each name what it is, as far as that is known."""
    open_ones = [one.name for one in suggestions if one.kind == "unknown"]
    kinds = dict(zip(open_ones, map(_kind_of, _types(oracle, document, spot, open_ones)), strict=False))
    for one in suggestions:
        yield Suggestion(one.name, one.insert, kinds.get(one.name, one.kind))


def _types(oracle: Oracle, document: Document, spot: Spot, names: Iterable[str]) -> Iterator[Type]:
    if spot.kind == "member":
        receiver = _receiver_type(oracle, document, spot)
        with oracle.evaluating(document) as evaluator:
            yield from (evaluator.attribute(receiver, one) for one in names)
    elif spot.kind == "imported-name":
        module = ModuleType(_absolute(document, spot.module) or "")
        with oracle.evaluating(document) as evaluator:
            yield from (evaluator.attribute(module, one) for one in names)
    elif spot.kind == "module":
        prefix = _absolute(document, spot.module)
        yield from (ModuleType(f"{prefix}.{one}" if prefix else one) for one in names)
    elif (probe := document.expression_at(spot.start)) is not None:
        with oracle.evaluating(probe.document) as evaluator:
            scope = scope_at(evaluator, probe)
            yield from (evaluator.name_type(one, scope, probe.node) for one in names)


def _kind_of(type_: Type) -> NameKind:
    match type_:
        case FunctionType(receiver=receiver):
            return "method" if receiver is not None else "function"
        case ClassObject():
            return "class"
        case ModuleType():
            return "module"
        case Instance():
            return "value"
        case _:
            return "unknown"


def _share(score: Score, suggestion: Suggestion) -> float:
    """Return how likely a suggestion is. Private names of strangers are unlikely, keywords of this very call likely."""
    if suggestion.kind == "keyword":
        return score(suggestion.name) + KEYWORD_SHARE
    return score(suggestion.name) - (PRIVATE_SHARE if suggestion.name.startswith("_") else 0.0)


def _kind_of_definition(definition: Definition) -> NameKind:
    """Return what a definition in a class body makes."""
    match definition:
        case FunctionDef(decorators=decorators) if any(one.endswith("property") for one in decorators):
            return "value"
        case FunctionDef():
            return "method"
        case ClassDef():
            return "class"
        case ValueDef():
            return "value"
        case _:
            return "unknown"


def _is_dunder(name: str, partial: str) -> bool:
    """Say whether a name is one that is rarely written, and not asked for by an underscore."""
    return name.startswith("__") and not partial.startswith("_")
