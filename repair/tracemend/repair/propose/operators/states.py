"""States of an object: a flag that a method sets and another ought to ask, a limit that is stored and never asked.

`__init__` writes down what an object knows. A flag that one method raises and no method looks at, or a capacity that
is kept and never compared with anything, says which question was forgotten, and about where.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.exception_names import constructed, exceptions_to_raise
from tracemend.repair.propose.forgotten import forgotten_attributes
from tracemend.repair.propose.ingredients import (
    parameter_names,
    return_line,
    return_values,
    subjects,
)
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import code_body, insert_before, statement_operator

FAMILY = "None/empty/type guard"


@statement_operator("guard-state", FAMILY, at_most=30)
def ask_for_the_state_first(site: Site) -> Iterator[Proposal]:
    """Ask for a flag of the object at the top of a method: leave, refuse, or take the flag down and leave."""
    holder = _class_around(site)
    if holder is None or site.function is None or site.function.node.name.startswith("__"):
        return
    if next(iter(code_body(site.function.node)), None) is not site.statement:
        return
    asked = site.text(site.statement.test) if isinstance(site.statement, ast.If) else ""
    for rank, (flag, initial) in enumerate(_flags(holder).items()):
        place = f"self.{flag}"
        if place in asked:
            continue
        for step, (test, undo) in enumerate(_questions(place, initial)):
            for action, cost in _answers(site, _described(holder, test)):
                total = 1.7 + 0.2 * rank + 0.4 * step + cost
                note = f"runs `{action}` when `{test}`"
                yield from insert_before(site, site.statement, [f"if {test}:", f"\t{action}"], note, total)
                if undo and not action.startswith("raise"):
                    lines = [f"if {test}:", f"\t{undo}", f"\t{action}"]
                    note = f"runs `{undo}` and `{action}` when `{test}`"
                    yield from insert_before(site, site.statement, lines, note, total + 0.3)


@statement_operator("prune-window", "missing logic", at_most=6)
def forget_what_is_too_old(site: Site) -> Iterator[Proposal]:
    """Drop what is older than a limit that nobody reads: `self.hits = [x for x in self.hits if now - x < self.window]`."""
    if site.function is None or next(iter(code_body(site.function.node)), None) is not site.statement:
        return
    limits = [f"self.{one}" for one in forgotten_attributes(site)[:2]]
    now = [one for one in parameter_names(site) if kinds_of_name(site, one) <= {"number"}]
    times = [one.text for one in subjects(site) if "." in one.text and "list" in one.kinds]
    for limit in limits:
        for rank, owner in enumerate(times[:2]):
            for later in now[:1]:
                kept = f"[one for one in {owner} if {later} - one < {limit}]"
                note = f"forgets what is older than `{limit}` in `{owner}`"
                yield from insert_before(site, site.statement, [f"{owner} = {kept}"], note, 1.6 + 0.2 * rank)
                note = f"forgets what is not newer than `{limit}` in `{owner}`"
                kept = kept.replace(" < ", " <= ")
                yield from insert_before(site, site.statement, [f"{owner} = {kept}"], note, 1.8 + 0.2 * rank)


def _class_around(site: Site) -> ast.ClassDef | None:
    return next((one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None)


def _questions(place: str, initial: str) -> Iterator[tuple[str, str]]:
    """Yield a test of the flag with the statement that takes it back, if it is raised when the test holds."""
    back = f"{place} = {initial}"
    if initial == "None":
        yield from ((f"{place} is not None", back), (f"{place} is None", ""))
    elif initial == "True":
        yield from ((f"not {place}", back), (place, ""))
    else:
        yield from ((place, back), (f"not {place}", ""))


def _described(holder: ast.ClassDef, test: str) -> str:
    """Return a message that tells the state: "door: not locked" for `not self.locked`."""
    return f"{holder.name.lower()}: {test.replace('self.', '').replace('_', ' ').strip()}"


def _answers(site: Site, message: str) -> Iterator[tuple[str, float]]:
    waited = "DID NOT RAISE" in site.error
    for rank, name in enumerate(exceptions_to_raise(site)[: 2 if waited else 1]):
        yield f"raise {constructed(site, name, message)}", (-0.6 if waited else 1.2) + 0.3 * rank
    if not waited:
        for value in return_values(site, 3):
            yield return_line(site, value), value.cost


@lru_cache(maxsize=64)
def _flags(holder: ast.ClassDef) -> Mapping[str, str]:
    """Return the attributes that `__init__` sets to a truth value or None and another method sets again."""
    first: dict[str, str] = {}
    again: set[str] = set()
    for method in (one for one in holder.body if isinstance(one, FunctionNode)):
        for node in ast.walk(method):
            match node:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                    if method.name == "__init__" and ast.unparse(value) in ("True", "False", "None"):
                        first.setdefault(name, ast.unparse(value))
                    elif method.name != "__init__":
                        again.add(name)
                case _:
                    pass
    return {name: value for name, value in first.items() if name in again}
