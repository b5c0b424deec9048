"""What every expression-level operator promises, on code that nobody wrote for it: parts of the standard library."""

from __future__ import annotations

import ast
import bisect
import calendar
import fnmatch
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.donors import collect_donors
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Operator, Proposal, Site

FAMILIES = {
    "comparison",
    "arithmetic",
    "boolean_logic",
    "offsets",
    "conditions",
    "arguments",
    "names",
    "members",
    "callees",
    "wrappers",
    "copies",
    "literals",
    "displays",
    "strings",
    "formats",
    "patterns",
    "comprehensions",
}
FILES = [bisect, calendar, fnmatch, textwrap]
EVERY = 13  # Of the statements of a file; a prime to the length of its usual patterns.
MAX_OF_ONE_OPERATOR = 400


def _operators() -> list[Operator]:
    return [
        one
        for one in all_operators()
        if getattr(one.propose, "__module__", "").rpartition(".")[2] in FAMILIES
    ]


def _sites(path: str) -> Iterator[Site]:
    module = parse_module(path, Path(path).read_text(encoding="utf-8"))
    for statement in module.statements[::EVERY]:
        yield Site(module, statement, collect_donors(module, statement), test_literals=("1", "'a'"))


def _without_other_statements(module: Module, statement: ast.stmt, after: str) -> str:
    """Return the part of `after` that holds the statement: the rest of the file has not changed."""
    first = module.lines.offset(statement.lineno, 0)
    tail = len(module.text) - module.span(statement)[1]
    return textwrap.dedent(after[first : len(after) - tail])


@pytest.mark.parametrize("path", [str(one.__file__) for one in FILES], ids=lambda path: Path(path).stem)
def test_every_proposal_parses_and_changes_the_statement(path: str) -> None:
    for site in _sites(path):
        if isinstance(site.statement, ast.ClassDef) or not site.module.starts_line(site.statement):
            continue
        before = _parsed(site, ())
        if before is None:
            continue
        for operator in _operators():
            found = list(operator.propose(site))
            assert len(found) <= MAX_OF_ONE_OPERATOR, f"{operator.name} on line {site.statement.lineno}"
            texts = set()
            for proposal in found:
                after = _parsed(site, proposal)
                assert after is not None, f"{operator.name} wrote broken code: {proposal}"
                assert after != before, f"{operator.name} changed nothing: {proposal}"
                assert proposal.edits not in texts, f"{operator.name} repeats {proposal}"
                texts.add(proposal.edits)
                assert 0.3 <= proposal.cost <= 6 and proposal.note and "\n" not in proposal.note


def test_proposals_are_the_same_each_time() -> None:
    sites = [next(_sites(str(textwrap.__file__))) for _ in range(2)]
    first, second = ([list(one.propose(site)) for one in _operators()] for site in sites)
    assert first == second


def _parsed(site: Site, proposal: Proposal | tuple[()]) -> str | None:
    after = apply_edits(site.module.text, proposal.edits if proposal else ())
    text = _without_other_statements(site.module, site.statement, after)
    header = "async def f():\n    while 1:\n" if "await" in text else "def f():\n    while 1:\n"
    try:
        return ast.dump(ast.parse(header + textwrap.indent(text, "        ")))
    except SyntaxError:
        return None
