"""Places where a test of the program could decide otherwise, and all that could be asked there.

The operators for missing logic compose a condition with an action and have each pair run, so they must keep to some forty
conditions. Here the condition is a hole: `runner/decisions.py` asks hundreds at once what they would have said, and runs
one for each way of deciding (`payload/deciding.py` names the papers). So this file lists widely: where it runs, an
expression that makes no sense simply fails, and needs no rule here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.source import prevailing_newline
from tracemend.repair.propose.candidates import never_read
from tracemend.repair.propose.ingredients import (
    Ingredient,
    cheapest,
    conditions,
    literals,
    raises,
    return_line,
    return_values,
    subjects,
)
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    enclosing_loop,
    insert_before,
    names_in_text,
    owns_lines,
    walk_scope,
    wrap,
)

MAX_EXPRESSIONS = 700
MAX_TERMS = 14
MAX_CONSTANTS = 8
MAX_DONORS = 40
MAX_EXITS = 6
FORGOTTEN_BITS = 0.7

WriteOne = Callable[[str], Iterator[Proposal]]
Write = Callable[[Sequence[str]], Iterator[Proposal]]


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that a condition may decide about at a place: `write` makes the edit, for the condition given."""

    write: WriteOne
    cost: float  # Of the edit, without the condition.


@dataclass(frozen=True, slots=True)
class Decision:
    """A hole for a condition, with the ways to go on from there; `probe` has all of them ask, in their order."""

    kind: str  # "test", "guard", "wrap" or "branch".
    ways: tuple[Way, ...]
    probe: Write
    default: str  # What the program decides there today.
    own_test: str = ""  # The test that stands there, which may have lost a clause.

    @property
    def cost(self) -> float:
        """The cost of the likeliest way."""
        return min(one.cost for one in self.ways)


def decisions(site: Site) -> Iterator[Decision]:
    """Yield the places for a condition at one statement."""
    if site.function is not None:
        yield from _tests(site)
        yield from _guards(site)
        yield from _wraps(site)
        yield from _branches(site)


def expressions(site: Site, decision: Decision) -> list[Ingredient]:
    """Return what could be asked at `decision`, cheapest first."""
    found = list(conditions(site))
    found += _comparisons(site)
    found += [Ingredient(text, 1.6) for text in site.donors.conditions[:MAX_DONORS]]
    if decision.own_test:
        found.append(Ingredient(decision.own_test, -0.5))
    forgotten = never_read(site)
    return cheapest((_preferred(one, forgotten) for one in found), MAX_EXPRESSIONS)


def _preferred(one: Ingredient, forgotten: frozenset[str]) -> Ingredient:
    """Make a condition cheaper that asks about a parameter which the function never reads."""
    asks = any(name in one.text for name in forgotten) and not forgotten.isdisjoint(names_in_text(one.text))
    return Ingredient(one.text, one.cost - FORGOTTEN_BITS, one.phrase) if asks else one


def _tests(site: Site) -> Iterator[Decision]:
    """The test of an `if` or `while`, and those of conditional expressions."""
    for node in _tested(site):
        text = site.text(node)
        if "\n" in text:
            continue

        def write(test: str, node: ast.expr = node) -> Iterator[Proposal]:
            yield replace(site, node, test, f"asks `{test}` instead of `{site.text(node)}`", 0.0)

        yield Decision("test", (Way(write, 2.0),), _first_alone(write), text, text)


def _tested(site: Site) -> Iterator[ast.expr]:
    if isinstance(site.statement, ast.If | ast.While):
        yield site.statement.test
    for one in site.expressions:
        if isinstance(one, ast.IfExp):
            yield one.test


def _guards(site: Site) -> Iterator[Decision]:
    """An early exit in front of the statement."""
    exits = _exits(site)

    def write(tests: Sequence[str], actions: Sequence[str]) -> Iterator[Proposal]:
        lines = [
            line
            for test, action in zip(tests, actions, strict=True)
            for line in (f"if {test}:", f"\t{action}")
        ]
        note = f"runs `{actions[0]}` when `{tests[0]}`"
        yield from insert_before(site, site.statement, lines, note, 0.0)

    yield from _with_exits("guard", exits, write, 2.1)


def _wraps(site: Site) -> Iterator[Decision]:
    """A condition for the statement itself."""
    if not isinstance(
        site.statement, ast.Expr | ast.AugAssign | ast.Return | ast.For | ast.Delete | ast.Raise
    ):
        return

    def write(test: str) -> Iterator[Proposal]:
        note = f"runs this only when `{test}`"
        yield from wrap(site, [site.statement], [f"if {test}:"], note, 0.0)

    yield Decision("wrap", (Way(write, 2.4),), _first_alone(write), "True")


def _branches(site: Site) -> Iterator[Decision]:
    """One more `elif` behind the last branch."""
    statement = site.statement
    if not isinstance(statement, ast.If) or statement.orelse or not owns_lines(site.module, statement):
        return
    module = site.module
    newline, indent = prevailing_newline(module.text), module.indentation(statement)
    place = module.lines.line_start((statement.end_lineno or 0) + 1)

    def write(tests: Sequence[str], actions: Sequence[str]) -> Iterator[Proposal]:
        lines = "".join(
            f"{indent}elif {test}:{newline}{indent}{module.indent_unit}{action}{newline}"
            for test, action in zip(tests, actions, strict=True)
        )
        if module.text[place - 1] not in "\r\n":
            lines = newline + lines.removesuffix(newline)
        note = f"runs `{actions[0]}` when `{tests[0]}`"
        yield Proposal((TextEdit(place, place, lines),), note, 0.0)

    yield from _with_exits("branch", _exits(site), write, 2.0)


def _with_exits(
    kind: str,
    exits: Sequence[Ingredient],
    write: Callable[[Sequence[str], Sequence[str]], Iterator[Proposal]],
    cost: float,
) -> Iterator[Decision]:
    actions = [one.text for one in exits]

    def way(action: str) -> WriteOne:
        return lambda test: write([test], [action])

    ways = tuple(Way(way(one.text), cost + one.cost) for one in exits)
    if ways:
        yield Decision(kind, ways, lambda tests: write(tests, actions), "False")


def _first_alone(write: WriteOne) -> Write:
    return lambda tests: write(tests[0])


def _exits(site: Site) -> list[Ingredient]:
    """Return ways to leave: the loop, its turn, the function, with an error where a test waits for one."""
    found: list[Ingredient] = []
    if enclosing_loop(site.module, site.statement) is not None:
        found += [Ingredient("continue", 0.2), Ingredient("break", 0.3)]
    found += [Ingredient(one.text, one.cost) for one in raises(site, 2) if "DID NOT RAISE" in site.error]
    found += [Ingredient(return_line(site, one), 0.3 + one.cost) for one in return_values(site, 6)]
    return cheapest(found, MAX_EXITS)


def _comparisons(site: Site) -> list[Ingredient]:
    """Return comparisons of all that can be named with each other and with constants; what fails when run is dropped there."""
    terms = _terms(site)
    constants = _constants(site)
    found = [Ingredient(text, 0.8 + one.cost) for one in terms for text in (one.text, f"not {one.text}")]
    for one in terms:
        found += [
            Ingredient(f"{one.text} {sign} {other.text}", 1.2 + one.cost + other.cost + 0.05 * rank)
            for other in constants
            for rank, sign in enumerate(_SIGNS)
        ]
    for place, one in enumerate(terms):
        for other in terms[place + 1 :]:
            cost = 1.4 + one.cost + other.cost
            found += [
                Ingredient(f"{one.text} {sign} {other.text}", cost + 0.05 * rank)
                for rank, sign in enumerate(_SIGNS)
            ]
            found += [Ingredient(f"{one.text} {word} {other.text}", cost + 0.2) for word in ("in", "not in")]
            found += [Ingredient(f"{other.text} {word} {one.text}", cost + 0.2) for word in ("in", "not in")]
    return found


_SIGNS = ("==", "!=", "<", ">=", ">", "<=")


def _terms(site: Site) -> list[Ingredient]:
    """Return names, attributes of `self`, lengths, first and last items."""
    found: list[Ingredient] = []
    for rank, one in enumerate(subjects(site, 8)):
        found.append(Ingredient(one.text, 0.1 * rank))
        if not one.kinds or not one.kinds <= {"number", "bool", "none"}:
            found.append(Ingredient(f"len({one.text})", 0.5 + 0.1 * rank))
            found += [Ingredient(f"{one.text}[{place}]", 1.0 + 0.1 * rank) for place in ("0", "-1")]
    found += [Ingredient(text, 1.2) for text in site.donors.expressions[:8] if text.isidentifier() is False]
    return cheapest(found, MAX_TERMS)


def _constants(site: Site) -> list[Ingredient]:
    """Return constants to compare with: small ones, those of the function, and at a price those of the test."""
    found = [Ingredient(text, 0.2 * rank) for rank, text in enumerate(("0", "1", "None", "2", '""'))]
    for node in walk_scope(site.function.node.body if site.function else []):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
            text = site.text(node)
            if len(text) <= 20 and "\n" not in text:
                found.append(Ingredient(text, 0.4))
    found += [Ingredient(text, 1.5) for text in literals(site)]
    return cheapest(found, MAX_CONSTANTS)
