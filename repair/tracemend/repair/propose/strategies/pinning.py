"""How closely the tests look at what a model changed.

A model is asked to make tests pass, and makes them pass. Whether what it wrote is right beyond them, tests that would pass
with something else as well cannot say. So the lines that it wrote are changed once more, by the classic operators of
mutation testing (Offutt et al., "An Experimental Determination of Sufficient Mutant Operators", TOSEM 1996) as the edit
templates have them. Where such a version stays green and yet behaves differently, the tests do not decide between the two,
and no agreement among conversations makes the patch one of high confidence. Versions that behave alike say nothing: many
mutants are equivalent. Nor does `0.0` in the place of `0`, which equals it, as a test that compares results finds.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.patch import FileChange, Patch
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Operator, Site
from tracemend.repair.search.candidates import Candidate, OperatorSource
from tracemend.repair.search.floors import Floors

MOST_VERSIONS = 60  # The likeliest slips first, see the prices of their operators.
CLASSIC_OPERATORS = frozenset((
    "argument-order", "arithmetic-operator", "attribute", "augmented-operator", "boolean-operator", "comparator",
    "comparison-boundary", "dropped-clause", "dropped-operand", "index-offset", "integer", "jump-remove", "name",
    "negation", "operand-order", "remove-statement", "sibling-function", "sibling-method", "slice-bound", "truth-value",
    "wrapper-superfluous",
))  # fmt: skip

Sources = Mapping[str, str]


def green_versions(patch: Patch, stays_green: Callable[[Sources], bool]) -> Iterator[tuple[Sources, str]]:
    """Yield what else could stand in the changed lines with all tests green: the texts, and a note of what differs."""
    versions = [
        (one.cost, number, one.patch)
        for change in patch.changes
        for number, one in enumerate(_versions(change))
    ]
    for _, _, version in sorted(versions, key=lambda one: one[:2])[:MOST_VERSIONS]:
        sources = {**patch.sources, **version.sources}
        if stays_green(sources):
            yield sources, version.origin.note


def _versions(change: FileChange) -> Iterator[Candidate]:
    """Yield small changes of the statements that are new in a file."""
    module, floors = parse_module(change.path, change.new), Floors()
    for statement in _changed_statements(module, change.old, change.new):
        site, suspect = Site(module, statement), Suspect(change.path, statement.lineno, 1.0, "")
        for operator in _classic_operators():
            for candidate in OperatorSource(operator, suspect, site, floors).candidates():
                if not _writes_equal_number(candidate):
                    yield candidate


def _writes_equal_number(candidate: Candidate) -> bool:
    """Say whether a candidate only spells a number as one of another type that equals it."""
    edits = [
        (module.text[one.start : one.end], one.text)
        for _, module, part in candidate.parts
        for one in part.edits
    ]
    try:
        return all(float(old) == float(new) for old, new in edits)
    except ValueError:
        return False


def _changed_statements(module: Module, old: str, new: str) -> Iterator[ast.stmt]:
    seen: set[int] = set()
    matcher = difflib.SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
    for tag, _, _, first, last in matcher.get_opcodes():
        for line in range(first + 1, last + 1) if tag != "equal" else ():
            owners = module.statements_at(line)
            if owners and id(owners[-1]) not in seen:
                seen.add(id(owners[-1]))
                yield owners[-1]


@cache
def _classic_operators() -> tuple[Operator, ...]:
    return tuple(one for one in all_operators() if one.name in CLASSIC_OPERATORS)
