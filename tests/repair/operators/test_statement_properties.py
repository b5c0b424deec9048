"""What every statement-level operator promises, on code that nobody wrote for it: parts of the standard library."""

from __future__ import annotations

import ast
import bisect
import heapq
import json.decoder
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.donors import collect_donors
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Operator, Site

FAMILIES = [
    "guards",
    "returns",
    "jumps",
    "missing_logic",
    "flush",
    "loops",
    "accumulators",
    "recursion",
    "insertion",
    "movement",
    "removal",
    "assignment",
    "aliasing",
    "exceptions",
    "imports",
    "scoping",
    "signatures",
    "classes",
    "generators",
    "everywhere",
]
MAX_PER_STATEMENT = 160
SAMPLE = int(os.environ.get("TRACEMEND_COMPILE_EVERY", "7"))

ODD_LAYOUTS = '''
import os; import sys
def f(a, b=[], *, c=None):
    """Doc."""
    if a: return b
    x = 1; y = 2
    for i in range(3): x += i
    while x < a:
        x += 1  # step
        text = """
one
        two
"""
        b.append(text)
    if a > 1:
        pass
    elif a > 2:
        x = a / y
    else:
        y = b[0]
    try:
        os.remove(a)
    except (OSError, KeyError):
        pass
    # after
    with open(a) as g:
        x = g.read()
    match a:
        case 1:
            return x
        case _:
            return (x +
                    y)

class A(object):
    items = []
    @property
    def n(self): return len(self.items)

    def add(self, left, right):
        self.left = left
        self.items.append(left); self.items.append(right)
        yield left
async def h(s):
    async for k in s: await k
    async with s as t:
        return [lambda: k for k in t]
'''


def statement_operators() -> list[Operator]:
    """Return the operators of the statement-level families."""
    names = {f"tracemend.repair.propose.operators.{family}" for family in FAMILIES}
    found = [one for one in all_operators() if one.propose.__module__ in names]
    assert {one.propose.__module__ for one in found} == names
    return found


def sites(module: Module, step: int) -> Iterator[Site]:
    """Yield a site for every `step`-th statement of `module`."""
    for statement in module.statements[::step]:
        donors = collect_donors(module, statement)
        yield Site(module, statement, donors, {}, ("3", '"abc"'), "KeyError: 'x'", True)


def check_all_operators(text: str, step: int, sample: int) -> int:
    """Assert that the proposals for `text` parse, change the tree and are no duplicates; return their number.

    Compiling is the dear part, so only every `sample`-th proposal is compiled; the rest is checked for all.
    """
    module = parse_module("sample.py", text)
    unchanged = ast.dump(module.tree)
    total = 0
    problems: list[str] = []
    for site in sites(module, step):
        for operator in statement_operators():
            seen: set[str] = set()
            for proposal in operator.propose(site):
                after = apply_edits(text, proposal.edits)
                problem = _problem_of(after, unchanged) if total % sample == 0 else ""
                problem = problem or ("is offered twice" if after in seen else "")
                if problem or proposal.cost <= 0 or not proposal.note:
                    where = f"{operator.name} at line {site.statement.lineno}: {proposal.note}"
                    problems.append(f"{where}: {problem}")
                seen.add(after)
                total += 1
            if len(seen) > MAX_PER_STATEMENT:
                problems.append(f"{operator.name} at line {site.statement.lineno}: {len(seen)} proposals")
    assert not problems, "\n".join(problems[:40])
    return total


def _problem_of(text: str, unchanged: str) -> str:
    try:
        tree = ast.parse(text)
        compile(tree, "sample.py", "exec")
    except SyntaxError as problem:
        return f"{problem} {problem.text}"
    return "changes nothing" if ast.dump(tree) == unchanged else ""


@pytest.mark.parametrize(("library", "step"), [(bisect, 6), (heapq, 37), (json.decoder, 41), (textwrap, 43)])
def test_proposals_for_library_code_parse_and_change_something(library: object, step: int) -> None:
    text = Path(str(library.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert check_all_operators(text, step, SAMPLE) > 50


@pytest.mark.parametrize(("indent", "newline"), [("    ", "\n"), ("\t", "\r\n")])
def test_odd_layouts_survive(newline: str, indent: str) -> None:
    text = ODD_LAYOUTS.replace("    ", indent).replace("\n", newline).strip()
    assert check_all_operators(text, 1, SAMPLE) > 200
