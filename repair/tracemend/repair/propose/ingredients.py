"""What missing logic is made of: subjects in scope, conditions on them, and values worth returning.

Each comes with an extra cost, so that an operator adds its own cost to that of its ingredients and the search meets
the plain ones first. All lists are bounded, ordered cheapest first and free of duplicates.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.candidates import never_read
from tracemend.repair.propose.forgotten import comparisons_with_limit, forgotten_attributes
from tracemend.repair.propose.name_kinds import (
    CONTAINERS,
    Kind,
    Kinds,
    kind_of_type,
    kinds_of_name,
    returned_kinds,
    returned_values,
    used_kinds,
)
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import identifiers, names_in_text, walk_scope

MAX_SUBJECTS = 8
MAX_LITERALS = 6
MAX_CONDITIONS = 40
MAX_RETURN_VALUES = 12
# Methods that by the data model often answer with the object itself (Python reference 3.3).
_RETURNING_SELF = frozenset(["__get__", "__enter__", "__aenter__", "__iter__", "__aiter__", "__await__"])

EMPTY_VALUES: dict[Kind, str] = {
    "number": "0",
    "bool": "False",
    "text": '""',
    "list": "[]",
    "dict": "{}",
    "set": "set()",
    "tuple": "()",
}


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A piece of source text, what it says in words where that differs, and what it adds to the cost."""

    text: str
    cost: float
    phrase: str = ""

    @property
    def words(self) -> str:
        """The ingredient as a phrase for people."""
        return self.phrase or f"`{self.text}`"


@dataclass(frozen=True, slots=True)
class Subject:
    """A name or `self` attribute that holds a value before the statement runs."""

    text: str
    kinds: Kinds
    is_parameter: bool
    is_used_here: bool  # The statement itself mentions it.


def subjects(site: Site, limit: int = MAX_SUBJECTS) -> Sequence[Subject]:
    """Return what a new condition may speak of: names used here, then parameters, then locals bound before."""
    return _all_subjects(site)[:limit]


@once_a_site
def _all_subjects(site: Site) -> tuple[Subject, ...]:
    here = identifiers(site.statement)
    parameters = set(parameter_names(site))
    texts = [one.name for one in site.names if one.bound_before and one.kind in ("parameter", "local")]
    texts += _attributes_of_self(site)
    ordered = sorted(texts, key=lambda text: (text not in here, text not in parameters))
    return tuple(
        Subject(text, kinds_of_name(site, text), text in parameters, text in here or "." in text)
        for text in ordered
        if text not in ("self", "cls", "_")
    )


def parameter_names(site: Site) -> list[str]:
    """Return the parameters of the function, without `self` and `cls`, in order."""
    if site.function is None:
        return []
    names = [one.arg for one in all_arguments(site.function.node.args)]
    return [name for name in names if name not in ("self", "cls")]


def local_names(site: Site) -> list[str]:
    """Return the locals that are bound before the statement, in the order of their first binding."""
    found = [one for one in site.names if one.kind == "local" and one.bound_before]
    return [one.name for one in sorted(found, key=lambda one: one.line)]


def conditions(site: Site, limit: int = MAX_CONDITIONS) -> Sequence[Ingredient]:
    """Return conditions on the names at the statement, typed by what the failing run saw in them."""
    return _all_conditions(site)[:limit]


@once_a_site
def _all_conditions(site: Site) -> tuple[Ingredient, ...]:
    known = subjects(site)
    found: list[Ingredient] = []
    for rank, subject in enumerate(known):
        far = 0.0 if subject.is_used_here or subject.is_parameter else 0.6
        found += [
            Ingredient(one.text, one.cost + far + 0.1 * rank, one.phrase) for one in _about(subject, site)
        ]
    found += _about_pairs(known, never_read(site), _twins(site))
    found += _about_places(site)
    found += _about_forgotten_limits(site, known)
    found += _from_donors(site)
    return tuple(cheapest(found, MAX_CONDITIONS))


def absences(subject: Subject) -> Iterator[Ingredient]:
    """Yield the tests that say "there is nothing in `subject`"."""
    kinds = subject.kinds
    if not kinds or kinds & {"none", "object"}:
        yield Ingredient(f"{subject.text} is None", 0.0 if "none" in kinds else 0.8)
    if not kinds or kinds & CONTAINERS:
        yield Ingredient(f"not {subject.text}", 0.1, f"`{subject.text}` is empty")
    if "none" in kinds and not kinds & CONTAINERS:
        yield Ingredient(f"not {subject.text}", 0.7, f"`{subject.text}` is empty")


def return_values(site: Site, limit: int = MAX_RETURN_VALUES) -> Sequence[Ingredient]:
    """Return values for a new `return`: empty or neutral ones of the returned type, parameters, test literals."""
    return _all_return_values(site)[:limit]


@once_a_site
def _all_return_values(site: Site) -> tuple[Ingredient, ...]:
    kinds = returned_kinds(site) - {"none"}
    others = _short_texts(site, returned_values(site.function.node) if site.function else ())
    found = [Ingredient(text, 0.3 + 0.2 * rank) for rank, text in enumerate(others)]
    for kind in sorted(kinds):
        found += _neutral(kind)
    if not kinds:
        found += [
            Ingredient(text, 1.0 + 0.2 * rank)
            for rank, text in enumerate(("0", "[]", '""', "False", "True", "1"))
        ]
    found.append(Ingredient("None", 0.6 if not kinds else 1.1))
    if site.function is not None and site.function.node.name in _RETURNING_SELF:
        found.append(Ingredient("self", 0.2))
    for subject in subjects(site):
        if subject.is_parameter or subject.is_used_here:
            fits = bool(subject.kinds & kinds) or not kinds
            found.append(Ingredient(subject.text, 0.6 if fits else 1.6))
            if "list" in kinds and "list" not in subject.kinds:
                found.append(Ingredient(f"[{subject.text}]", 1.0))
    for rank, text in enumerate(literals(site)):
        # A number of the test that is returned as it is fits that test and nothing else.
        overfit = 0.0 if not text.isdigit() or text in ("0", "1") else 1.2
        found.append(
            Ingredient(text, (0.8 if _kind_of_literal(text) in kinds else 1.4) + 0.1 * rank + overfit)
        )
    return tuple(cheapest(found, MAX_RETURN_VALUES))


def return_line(site: Site, value: Ingredient) -> str:
    """Return the `return` statement for `value`: a bare one only where no other `return` of the function has a value."""
    others = returned_values(site.function.node) if site.function else ()
    return "return" if value.text == "None" and not others else f"return {value.text}"


@once_a_site
def literals(site: Site, limit: int = MAX_LITERALS) -> Sequence[str]:
    """Return the short literals of the failing tests, without duplicates."""
    short = dict.fromkeys(one for one in site.test_literals if len(one) <= 20 and "\n" not in one)
    return tuple(short)[:limit]


@once_a_site
def raises(site: Site, limit: int = 4) -> Sequence[Ingredient]:
    """Return `raise` statements: those the test misses ("DID NOT RAISE"), then those that the file writes."""
    found: list[Ingredient] = []
    wanted = re.search(r"DID NOT RAISE <class '(?:[\w.]*\.)?(\w+)'>", site.error)
    here = {one.name for one in site.names if one.bound_before}
    for text in site.donors.statements:
        if text.startswith("raise ") and names_in_text(text.split("(")[0]) - {"raise"}:
            named = wanted is not None and wanted.group(1) in text
            if _fits(text, here):
                found.append(Ingredient(text, 0.0 if named else 1.5))
    if wanted:
        subject = next(iter(parameter_names(site)), "")
        message = f'f"invalid {subject}: {{{subject}!r}}"' if subject else '"invalid value"'
        found.append(Ingredient(f"raise {wanted.group(1)}({message})", 0.2))
    return cheapest(found, limit)


def cheapest(found: Iterable[Ingredient], limit: int) -> list[Ingredient]:
    """Return the `limit` cheapest ingredients, the first of equal texts."""
    by_text: dict[str, Ingredient] = {}
    for one in sorted(found, key=lambda one: one.cost):
        by_text.setdefault(one.text, one)
    return list(islice(by_text.values(), limit))


def _about(subject: Subject, site: Site) -> Iterator[Ingredient]:
    """Yield conditions on one subject."""
    text, kinds = subject.text, subject.kinds
    yield from absences(subject)
    if "number" in kinds or not kinds:
        unsure = 0.0 if "number" in kinds else 1.0
        for rank, test in enumerate(("== 0", "<= 0", "< 0", "<= 1", "== 1", "< 2", "> 0", "> 1")):
            yield Ingredient(f"{text} {test}", unsure + 0.1 * rank)
        yield Ingredient(f"{text} % 2 == 0", unsure + 1.2)
    if kinds & CONTAINERS:
        for rank, test in enumerate(("== 1", "<= 1", "< 2")):
            yield Ingredient(f"len({text}) {test}", 0.6 + 0.1 * rank)
        yield Ingredient(text, 1.0, f"`{text}` is not empty")
    if "text" in kinds:
        yield Ingredient(f"not {text}.strip()", 0.5, f"`{text}` is blank")
        for rank, test in enumerate(
            ("isdigit()", 'startswith("-")', "isspace()", "isalpha()", 'startswith("#")')
        ):
            yield Ingredient(f"{text}.{test}", 1.2 + 0.2 * rank)
    if kinds & {"number", "text", "bool"}:
        for literal in literals(site, 3):
            if _kind_of_literal(literal) in kinds:
                yield Ingredient(f"{text} == {literal}", 1.2)
            if "number" in kinds and literal.isdigit() and int(literal) > 2:
                yield Ingredient(f"{text} % {literal} == 0", 1.5)
    if not kinds or "text" in kinds:
        for rank, character in enumerate(_other_characters(site, text)):
            yield Ingredient(f"{text} == {character}", 0.4 + 0.15 * rank)
    if kinds & {"bool", "object", "none"}:
        yield Ingredient(text, 0.8)
        yield Ingredient(f"not {text}", 0.9)
        yield Ingredient(f"{text} is not None", 1.0)
    for type_name in ("str", "int", "float", "list", "tuple", "dict"):
        if len(kinds) > 1 and kind_of_type(type_name) in kinds:
            yield Ingredient(f"isinstance({text}, {type_name})", 1.0)
    asked = _types_asked_for(site, text)
    for rank, type_name in enumerate(one for one in ("bool", "str", "list", "dict", "float") if asked):
        if type_name not in asked:
            yield Ingredient(f"isinstance({text}, {type_name})", 0.6 + 0.15 * rank)


def _types_asked_for(site: Site, text: str) -> frozenset[str]:
    """Return the types for which the function asks `isinstance` of `text`."""
    found: set[str] = set()
    for node in walk_scope(site.function.node.body if site.function else []):
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), asked]) if name == text:
                found |= identifiers(asked)
            case _:
                pass
    return frozenset(found)


_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", "+": "-", "*": "/", "x": "y", "'": '"', ".": ","}
_COUNTERPARTS = {**_CLOSING, **{closing: opening for opening, closing in _CLOSING.items()}}


@once_a_site
def _other_characters(site: Site, text: str) -> Sequence[str]:
    """Return characters to compare `text` with, where the function compares it with single characters already.

    The counterpart of a known character comes first, then those that the strings of the failing tests contain.
    """
    known: list[str] = []
    for node in walk_scope(site.function.node.body if site.function else []):
        match node:
            case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=str(value))]) if (
                name == text
            ):
                known.append(value)
            case _:
                pass
    if not known or any(len(value) != 1 for value in known):
        return []
    tested = [
        value for one in literals(site) if one[:1] in "'\"" for value in one[1:-1] if not value.isalnum()
    ]
    found = [*(_COUNTERPARTS[value] for value in known if value in _COUNTERPARTS), *tested]
    return [
        f'"{value}"' if value not in '"\\' else repr(value)
        for value in dict.fromkeys(found)
        if value not in known
    ][:5]


def _about_pairs(
    known: Sequence[Subject], unread: frozenset[str], twins: frozenset[frozenset[str]]
) -> Iterator[Ingredient]:
    """Yield comparisons of two subjects: order for numbers, membership for containers, equality for all.

    A parameter that the function never reads must be what a condition is missing for, so it comes first; so do the
    two names of `first, second = ...`, which are made to be compared.
    """
    for rank, (first, second) in enumerate((a, b) for a in known[:5] for b in known[:5] if a is not b):
        far = 0.05 * rank - (0.6 if {first.text, second.text} & unread else 0.0)
        far -= 0.4 if frozenset((first.text, second.text)) in twins else 0.0
        if "number" in first.kinds and "number" in second.kinds:
            for step, test in enumerate(("<", ">=", ">", "<=")):
                yield Ingredient(f"{first.text} {test} {second.text}", 0.7 + 0.1 * step + far)
            yield Ingredient(f"{first.text} % {second.text} == 0", 1.6 + far)
        if second.kinds & CONTAINERS and not first.kinds & {"list", "dict", "set"}:
            yield Ingredient(f"{first.text} in {second.text}", 0.7 + far)
            yield Ingredient(f"{first.text} not in {second.text}", 0.8 + far)
        if "number" in first.kinds and second.kinds & {"list", "text", "tuple"}:
            yield Ingredient(f"{first.text} >= len({second.text})", 0.8 + far)
            yield Ingredient(f"len({second.text}) < {first.text}", 1.0 + far)
            yield Ingredient(f"{first.text} < len({second.text})", 1.1 + far)
            yield Ingredient(f"len({second.text}) >= {first.text}", 0.9 + far)
            yield Ingredient(f"len({second.text}) == {first.text}", 1.0 + far)
        if first.text < second.text and (first.kinds & second.kinds or not (first.kinds and second.kinds)):
            yield Ingredient(f"{first.text} == {second.text}", 0.7 + far)
            yield Ingredient(f"{first.text} != {second.text}", 1.0 + far)
        if first.text < second.text and first.kinds & second.kinds & CONTAINERS:
            yield Ingredient(f"len({first.text}) != len({second.text})", 1.0 + far)


def _about_forgotten_limits(site: Site, known: Sequence[Subject]) -> Iterator[Ingredient]:
    """Yield comparisons with the limits that the object keeps and nothing reads."""
    sized = [one.text for one in known if one.kinds & {"list", "dict", "set"}]
    numbers = {one.text: one.is_parameter for one in known if "number" in one.kinds or not one.kinds}
    for rank, limit in enumerate(forgotten_attributes(site)[:2]):
        if kinds_of_name(site, f"self.{limit}") <= {"number", "none"}:
            for text, cost in comparisons_with_limit(limit, sized, numbers):
                yield Ingredient(text, cost + 0.2 * rank)


def _twins(site: Site) -> frozenset[frozenset[str]]:
    """Return the pairs of names that one assignment of the function binds."""
    found: set[frozenset[str]] = set()
    for node in walk_scope(site.function.node.body if site.function else []):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)])]):
                found.add(frozenset((first, second)))
            case _:
                pass
    return frozenset(found)


def _about_places(site: Site) -> Iterator[Ingredient]:
    """Yield the comparison of two nested loop variables with two parameters: a cell is no neighbour of itself."""
    loops = [one for one in site.module.ancestors(site.statement) if isinstance(one, ast.For)]
    names = [one.target.id for one in reversed(loops) if isinstance(one.target, ast.Name)][-2:]
    bound = parameter_names(site)
    if len(names) == 2:
        for first, second in pairwise(bound):
            yield Ingredient(f"({names[0]}, {names[1]}) == ({first}, {second})", 0.7)
            yield Ingredient(f"({names[0]}, {names[1]}) != ({first}, {second})", 0.8)
        yield Ingredient(f"{names[0]} == {names[1]} == 0", 0.9)


def _from_donors(site: Site) -> Iterator[Ingredient]:
    """Yield conditions that stand elsewhere in the code and whose names are bound here."""
    here = {one.name for one in site.names if one.bound_before} | {"len", "isinstance", "None", "not", "in"}
    for rank, text in enumerate(site.donors.conditions[:30]):
        if _fits(text, here):
            yield Ingredient(text, 0.9 + 0.05 * rank)


_WORDS = frozenset(keyword.kwlist) | {"len", "isinstance", "str", "int"}


def _fits(text: str, names: set[str]) -> bool:
    """Say whether the text mentions only `names`, builtins of every day and exception classes."""
    bare = re.sub(r"""(?s)f?(["']).*?\1""", "", text)
    return all(name in names or name in _WORDS or name[0].isupper() for name in names_in_text(bare))


def _neutral(kind: Kind) -> Iterator[Ingredient]:
    """Yield the neutral values of one kind."""
    choices: dict[Kind, tuple[str, ...]] = {
        "number": ("0", "1", "-1"),
        "bool": ("False", "True"),
        "text": ('""',),
        "list": ("[]", "[[]]"),
        "dict": ("{}",),
        "set": ("set()",),
        "tuple": ("()",),
    }
    for rank, text in enumerate(choices.get(kind, ())):
        yield Ingredient(text, 0.2 + 0.3 * rank)


def _short_texts(site: Site, nodes: Iterable[ast.expr]) -> list[str]:
    """Return the texts of short returned values whose names are bound at the statement."""
    here = {one.name for one in site.names if one.bound_before} | {"self", "cls"}
    here |= {one.name for one in site.names if one.kind in ("function", "class", "import", "global")}
    texts = [site.text(one) for one in nodes if identifiers(one) - _WORDS <= here]
    return [text for text in dict.fromkeys(texts) if len(text) <= 40 and "\n" not in text][:4]


@once_a_site
def _attributes_of_self(site: Site) -> list[str]:
    if site.function is None or site.function.class_name is None:
        return []
    found = [
        f"self.{one.attr}"
        for one in walk_scope(site.function.node.body)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
    ]
    known = used_kinds(site)
    return [one for one in dict.fromkeys(found) if known.get(one) != frozenset({"function"})][:4]


def _kind_of_literal(text: str) -> Kind:
    if text[:1] in "'\"":
        return "text"
    return "bool" if text in ("True", "False") else "number"
