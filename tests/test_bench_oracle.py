"""The bench of the oracle: the places that it finds, what it takes away from them, and its intervals."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from textwrap import dedent

import pytest
from bench.oracle_figures import wilson
from bench.oracle_packages import Package
from bench.oracle_sites import (
    SourceFile,
    attribute_sites,
    import_sites,
    keyword_sites,
    misspelt,
    name_sites,
)

from tracemend.analysis.syntax.positions import LineIndex

PACKAGE = Package("sample", "1.0", ("src/sample",))


def read(text, module="sample.part", name="part.py"):
    text = dedent(text).lstrip("\n")
    path = PACKAGE.root / "src" / "sample" / name
    return SourceFile(PACKAGE, path, module, False, text, ast.parse(text), LineIndex(text))


def test_attributes_are_found_with_their_dots_and_kinds():
    file = read(
        """
        import os
        class A:
            def f(self, p):
                self.x = os.getcwd()
                return (p
                    . y), self.x.z, "é".upper(), q().r, f"{p.w}"
        """
    )
    sites = attribute_sites(file)
    assert all(file.text[site.offset] == "." for site in sites)
    found = {(site.receiver, site.gold): (site.use, site.kind) for site in sites}
    expected = {
        ("self", "x"): ("load", "self"),
        ("os", "getcwd"): ("load", "imported"),
        ("p", "y"): ("load", "parameter"),
        ("self.x", "z"): ("load", "self.x"),
        ("'é'", "upper"): ("load", "literal"),
        ("q()", "r"): ("load", "call"),
    }
    assert expected.items() <= found.items()
    assert [site.use for site in sites if site.line == 4] == ["store", "load"]


@pytest.mark.parametrize(
    ("condition", "text"),
    [("full", "a = x.y(1)\nb = 2\n"), ("rest", "a = x.\nb = 2\n"), ("prefix", "a = x.")],
)
def test_conditions_take_away_what_stands_behind_the_dot(condition, text):
    file = read("a = x.y(1)\nb = 2\n")
    (site,) = attribute_sites(file)
    assert site.text(file.text, condition) == text


def test_names_and_imports():
    file = read(
        "import a.b\nfrom .. import c as d\nfrom .e import f, g\nprint(d)\n", module="sample.inner.part"
    )
    assert [(site.gold, site.line) for site in name_sites(file)] == [("print", 4), ("d", 4)]
    found = [(site.module, site.gold) for site in import_sites(file)]
    assert found == [("a.b", ""), ("sample", "c"), ("sample.inner.e", "f"), ("sample.inner.e", "g")]


def test_keywords_are_those_that_are_spelled_out():
    file = read("f(g(b=1), a=2, **c)\nclass A(metaclass=B): ...\n")
    assert [(site.gold, ast.unparse(site.call.func), site.line) for site in keyword_sites(file)] == [
        ("b", "g", 1),
        ("a", "f", 1),
    ]


def test_relative_imports_of_a_package_start_at_itself():
    file = read("from . import a\n", module="sample", name="__init__.py")
    assert [(site.module, site.gold) for site in import_sites(file)] == [("sample", "a")]


def test_misspelt_names_are_other_names():
    chance = random.Random(0)
    for name in ("x", "_", "append", "aa", "__init__"):
        for _ in range(50):
            wrong = misspelt(name, chance)
            assert wrong != name and wrong.isidentifier()


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"), [(0, 0, 0, 1), (50, 100, 0.404, 0.596), (100, 100, 0.963, 1.0)]
)
def test_intervals(successes, total, low, high):
    assert wilson(successes, total) == pytest.approx((low, high), abs=5e-4)


def test_files_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACEMEND_BENCH_CACHE", str(tmp_path))
    package = Package("sample", "1.0", ("src",), ("tests",))
    for name in ("src/a.py", "src/tests/b.py", "tests/c.py"):
        path = package.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = {(Path(path).name, is_test) for path, is_test in package.files(with_tests=True)}
    assert found == {("a.py", False), ("b.py", True), ("c.py", True)}
