"""What every statement-level operator promises, on code that nobody wrote for it: parts of the standard library."""

from __future__ import annotations

import ast
import bisect
import heapq
import json.decoder
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.donors import collect_donors
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Operator, Site

FAMILIES = ["guards", "returns", "jumps", "missing_logic", "flush", "loops", "accumulators", "recursion", "insertion", "movement", "removal", "assignment", "aliasing", "exceptions", "imports", "scoping", "signatures", "classes", "generators", "everywhere"]
MAX_PER_STATEMENT = 160

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
    return [one for one in all_operators() if one.propose.__module__ in names]


def sites(module: Module, step: int) -> Iterator[Site]:
    """Yield a site for every `step`-th statement of `module`."""
    for statement in module.statements[::step]:
        donors = collect_donors(module, statement)
        yield Site(module, statement, donors, {}, ("3", '"abc"'), "KeyError: 'x'", True)


def check_all_operators(text: str, step: int) -> int:
    """Assert that each proposal for `text` parses, changes the tree and is no duplicate; return their number."""
    module = parse_module("sample.py", text)
    unchanged = ast.dump(module.tree)
    total = 0
    for site in sites(module, step):
        for operator in statement_operators():
            seen: set[str] = set()
            for count, proposal in enumerate(operator.propose(site), 1):
                where = f"{operator.name} at line {site.statement.lineno}: {proposal.note}"
                assert count <= MAX_PER_STATEMENT, f"{where}: too many proposals"
                after = apply_edits(text, proposal.edits)
                try:
                    tree = ast.parse(after)
                    compile(tree, "sample.py", "exec")
                except SyntaxError as problem:
                    raise AssertionError(f"{where}: {problem}\n{proposal}") from problem
                assert ast.dump(tree) != unchanged, f"{where} changes nothing"
                assert after not in seen, f"{where} is offered twice"
                assert proposal.cost > 0 and proposal.note, where
                seen.add(after)
                total += 1
    return total


@pytest.mark.parametrize(("library", "step"), [(bisect, 6), (heapq, 37), (json.decoder, 41), (textwrap, 43)])
def test_proposals_for_library_code_parse_and_change_something(library: object, step: int) -> None:
    text = Path(str(library.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert check_all_operators(text, step) > 50


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["    ", "\t"])
def test_odd_layouts_survive(newline: str, indent: str) -> None:
    text = ODD_LAYOUTS.replace("    ", indent).replace("\n", newline).strip()
    assert check_all_operators(text, 1) > 200
