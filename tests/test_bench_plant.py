"""Tests of the bug planter: which wrong edits each family offers, and that the tests it withholds are gone."""

from __future__ import annotations

import ast
import textwrap

import pytest
from bench.plant import is_other_program, plants
from bench.plant_families import FAMILIES
from bench.withhold import cut_tests, split_tests

PROGRAM = textwrap.dedent('''\
    """A small module with a place for every family."""

    import math
    from os import path, sep


    def widest(rows, limit=10, name="x"):
        """Return the widest of the first rows."""
        if not rows:
            raise ValueError("größe")
        best = None
        seen = 0
        for row in rows[1:]:
            if row is None and seen > 0 or row == name:
                continue
            elif len(row) <= limit:
                best = row.strip()
            elif row[0] == "#":
                best = row
            else:
                best = max(row, str(limit), key=len)
                seen += 1
        print(seen * 2, end="")
        return best if best else name


    class Stack:
        def __init__(self):
            self.items = []
            self.count = 0

        def pop_all(self):
            while self.items:
                yield from self.items
                self.count -= 1
''')

OFFERED = {
    "boundary": "elif len(row) < limit:",
    "relational": "if row is not None and seen > 0 or row == name:",
    "arithmetic": 'print(seen / 2, end="")',
    "constant": 'print(seen * 3, end="")',
    "negated-condition": "if rows:",
    "connective": "if row is None or seen > 0 or row == name:",
    "lost-clause": "if row is None and seen > 0:",
    "lost-statement": "seen += 1\n    pass\n    return best",
    "lost-guard": '    """Return the widest of the first rows."""\n    pass\n',
    "lost-branch": "            best = row\n    print(seen",
    "swapped-arguments": "max(str(limit), row, key=len)",
    "lost-argument": "max(row, str(limit))",
    "wrong-variable": "elif len(row) <= seen:",
    "wrong-attribute": "while self.count:",
    "lost-call": "best = row\n        elif row[0]",
    "wrong-default": "limit=11",
    "wrong-bound": "for row in rows[1 + 1:]:",
    "wrong-exception": "raise TypeError(",
    "wrong-jump": "            pass\n        elif len(row)",
    "wrong-text": "ValueError('größ')",
    "lost-import": "from os import path\n",
    "wrong-indentation": "\n        print(seen * 2",
    "swapped-statements": "    seen = 0\n    best = None\n",
    "swapped-choice": "return name if best else best",
    "lost-yield-from": "yield self.items",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_family_offers_its_bug(family: str) -> None:
    programs = [mutant.apply(PROGRAM) for mutant in plants(PROGRAM) if mutant.family == family]
    assert any(OFFERED[family] in program and OFFERED[family] not in PROGRAM for program in programs)


def test_most_drafts_are_other_programs() -> None:
    mutants = plants(PROGRAM)
    other = [mutant for mutant in mutants if is_other_program(PROGRAM, mutant.apply(PROGRAM))]
    assert len(other) > 0.9 * len(mutants) > 100


def test_a_mutant_names_its_function_and_line() -> None:
    (mutant,) = (mutant for mutant in plants(PROGRAM) if mutant.family == "lost-yield-from")
    assert (mutant.function, PROGRAM.splitlines()[mutant.line - 1].strip()) == (
        "Stack.pop_all",
        "yield from self.items",
    )
    assert PROGRAM.splitlines()[mutant.function_line - 1].strip() == "def pop_all(self):"


def test_only_another_program_is_a_bug() -> None:
    assert not is_other_program("x = 1\n", "x = (1)\n")
    assert not is_other_program("x = 1\n", "x = = 1\n")
    assert is_other_program("x = 1\n", "x = 2\n")


TESTS = textwrap.dedent("""\
    import pytest

    @pytest.mark.parametrize("n", [1, 2])
    def test_one(n):
        assert n

    class TestMore:
        def test_two(self):
            assert True

        def test_three(self):
            assert True
    """)


def test_withheld_functions_are_cut_out() -> None:
    cut = cut_tests("test_a.py", TESTS, frozenset({"test_a.py::test_one", "test_a.py::TestMore::test_two"}))
    assert "parametrize" not in cut and "test_two" not in cut and "test_three" in cut
    ast.parse(cut)


@pytest.mark.parametrize("seed", [f"seed {number}" for number in range(20)])
def test_one_failing_function_stays_and_one_goes(seed: str) -> None:
    failing = ["test_a.py::test_one[1]", "test_a.py::test_one[2]", "test_a.py::TestMore::test_three"]
    split = split_tests(failing, {"test_a.py": TESTS}, seed=seed)
    assert split.visible_failing and split.withheld_failing
    assert {*split.visible_failing, *split.withheld_failing} == set(failing)


def test_the_only_failing_function_stays_visible() -> None:
    for seed in "abcdefgh":
        split = split_tests(["test_a.py::test_one[1]"], {"test_a.py": TESTS}, seed=seed)
        assert split.visible_failing == ("test_a.py::test_one[1]",)


def test_inherited_tests_stay_visible() -> None:
    """A test that has no text of its own can not be cut out, so it counts as seen."""
    failing = ["test_a.py::TestChild::test_base", "test_a.py::test_one[1]"]
    split = split_tests(failing, {"test_a.py": TESTS}, seed="1")
    assert split.visible_failing == ("test_a.py::TestChild::test_base",)


def test_an_inherited_test_goes_with_the_method_it_inherits():
    text = "class TestA:\n    def test_x(self): pass\n    def test_y(self): pass\nclass TestB(TestA):\n    pass\n"
    failing = ["t.py::TestA::test_x", "t.py::TestB::test_x", "t.py::TestA::test_y", "t.py::TestB::test_y"]
    split = split_tests(failing, {"t.py": text}, seed="1")
    assert split.visible_failing
    visible_methods = {test.rpartition("::")[2] for test in split.visible_failing}
    assert visible_methods.isdisjoint(name.rpartition("::")[2] for name in split.withheld_failing)
