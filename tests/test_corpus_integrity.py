"""Every program of tests/corpus keeps the promises of tests/corpus/README.md.

The bug shows in the visible tests, which pass otherwise; the fix satisfies the visible and the hidden tests; and
the description of the bug agrees with the difference between the two variants.
"""

import ast
import difflib
import fcntl
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parent / "corpus"
PROGRAMS = sorted(path.parent for path in CORPUS.glob("*/bug.toml"))
FAMILIES = {
    "comparator",
    "operator",
    "off-by-one",
    "condition",
    "arguments",
    "wrong-name",
    "wrong-member",
    "wrong-callee",
    "guard",
    "return-flow",
    "wrapper",
    "literal",
    "initial-value",
    "aliasing",
    "statement-order",
    "loop",
    "recursion",
    "exception",
    "import",
    "keyword",
    "string",
    "missing-logic",
}
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """{slug: {variant: {test id: passed}}} of all programs, from one subprocess for all workers of pytest-xdist."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent
    report = folder / "corpus.json"
    with open(folder / "corpus.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.exists():
            run_programs(report)
    return json.loads(report.read_text())


def run_programs(report):
    command = [sys.executable, str(CORPUS / "run_programs.py"), "--report", str(report)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    subprocess.run(command, check=True, timeout=3600, env=environment)


@every_program
def test_visible_tests_show_the_bug_and_little_else(program, outcomes):
    visible, _ = split_outcomes(outcomes[program.name]["buggy"])
    assert not all(visible.values())
    assert any(visible.values()), "no visible test passes before the repair"


@every_program
def test_hidden_tests_notice_the_bug(program, outcomes):
    _, hidden = split_outcomes(outcomes[program.name]["buggy"])
    assert not all(hidden.values())


@every_program
def test_the_fix_satisfies_all_tests(program, outcomes):
    visible, hidden = split_outcomes(outcomes[program.name]["fixed"])
    assert visible and hidden, "the tests did not run to their end"
    assert [test for test, passed in {**visible, **hidden}.items() if not passed] == []


@every_program
def test_tests_are_of_the_agreed_size(program):
    visible = ast.parse((program / "test_visible.py").read_text())
    hidden = ast.parse((program / "test_hidden.py").read_text())
    tests = [
        node for node in visible.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert 3 <= len(tests) <= 8
    assert count_checks(hidden) >= 8


@every_program
def test_description_is_complete(program):
    bug = tomllib.loads((program / "bug.toml").read_text())
    assert set(bug) == {"title", "family", "edits", "difficulty", "wrong"}
    assert bug["family"] in FAMILIES
    assert bug["difficulty"] in {"easy", "medium", "hard"}
    assert bug["wrong"].endswith(".")


@every_program
def test_number_of_edits_is_as_described(program):
    bug = tomllib.loads((program / "bug.toml").read_text())
    assert source_names(program / "buggy") == source_names(program / "fixed")
    assert sum(map(count_edits, changes(program))) == bug["edits"]


@every_program
def test_sources_suit_every_supported_interpreter(program):
    """Programs may run on Python 3.9, and none may hide a module of the standard library."""
    for source in program.glob("*/**/*.py"):
        ast.parse(source.read_text(), feature_version=(3, 9))
        assert source.stem not in sys.stdlib_module_names


def test_families_are_all_represented():
    bugs = [tomllib.loads((program / "bug.toml").read_text()) for program in PROGRAMS]
    families = Counter(bug["family"] for bug in bugs)
    assert len(bugs) >= 72
    assert {family for family in FAMILIES if families[family] < 2} == set()
    assert families["missing-logic"] >= 16
    assert sum(bug["edits"] == 2 for bug in bugs) >= 8


def split_outcomes(outcomes):
    """The outcomes of the visible and of the hidden tests."""
    visible = {test: passed for test, passed in outcomes.items() if test.startswith("test_visible.py")}
    hidden = {test: passed for test, passed in outcomes.items() if test.startswith("test_hidden.py")}
    return visible, hidden


def count_checks(tree):
    """Assertions, with `pytest.raises` counting as one."""
    asserts = sum(isinstance(node, ast.Assert) for node in ast.walk(tree))
    return asserts + sum(isinstance(node, ast.Attribute) and node.attr == "raises" for node in ast.walk(tree))


def source_names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py"))


def changes(program):
    """For each source file the blocks of lines that differ, as (lines before, lines after)."""
    for name in source_names(program / "fixed"):
        before = (program / "buggy" / name).read_text().splitlines()
        after = (program / "fixed" / name).read_text().splitlines()
        blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        yield [(before[a:b], after[c:d]) for tag, a, b, c, d in blocks if tag != "equal"]


def count_edits(blocks):
    """Differing blocks, where lines that only moved to another place are one edit and not two."""
    removed = [before for before, after in blocks if not after]
    moved = [after for before, after in blocks if not before and after in removed]
    return len(blocks) - len(moved)
