"""What is said of files that cannot be collected: the place, the line, and a next step."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from project_fixture import make_project

from tracemend.repair.explain.reasons import collection_failures, collection_reason
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.results import CollectionError, Frame
from tracemend.repair.runner.settings import Project, RunnerSettings

PROJECT = """
    #- shop.py
    LIMIT = Decimal("3")

    def discount(quantity):
        return 5
    #- till.py
    def total(:
        return [1, 2

    def change(paid):
        return paid

    class Drawer
        pass
    #- cart.py
    from order import Order
    #- order.py
    from cart import Cart
    #- src/depot/__init__.py
    #- packages/mail/setup.py
    #- packages/mail/src/mail/__init__.py
    #- requirements-dev.txt
    pytest
    pyyaml>=6  # Configuration.
    #- requirements-annotations.txt
    types-PyYAML
    #- pyproject.toml
    [project]
    optional-dependencies.docs = ["sphinx"]
    optional-dependencies.tests = ["Frozen_Time>1; python_version>'3'"]
"""
PYTHON = Path("/p/python")

CASES = {
    "syntax in the file itself": (
        ("till.py", "SyntaxError", "invalid syntax (till.py, line 1)", "till.py:1"),
        (
            "till.py does not parse. Line 1: invalid syntax, in `def total(:`. "
            "Line 7: `class Drawer pass` does not fit here, in `class Drawer`. "
            "Correct that first; only code that parses can be run."
        ),
    ),
    "syntax in what is imported": (
        ("test_a.py", "SyntaxError", "invalid syntax (till.py, line 1)", "test_a.py:1 till.py:1"),
        "till.py, which test_a.py imports, does not parse. Line 1: ",
    ),
    "name that the standard library has": (
        ("test_a.py", "NameError", "name 'Decimal' is not defined", "test_a.py:1 shop.py:1"),
        (
            "pytest cannot collect this file: shop.py:1 (`LIMIT = Decimal(\"3\")`) raises NameError: name 'Decimal' is "
            "not defined when test_a.py imports it. `from decimal import Decimal` is missing there."
        ),
    ),
    "misspelt name": (
        ("test_a.py", "NameError", "name 'discont' is not defined", "shop.py:1"),
        "Nothing in shop.py is called `discont` at that point; did you mean `discount`?",
    ),
    "misspelt import": (
        ("test_a.py", "ImportError", "cannot import name 'discont' from 'shop' (/x/shop.py)", "test_a.py:1"),
        "shop.py has no `discont`; did you mean `discount`?",
    ),
    "imports in a circle": (
        (
            "test_a.py",
            "ImportError",
            "cannot import name 'Order' from partially initialized module 'order' (/x/order.py)",
            "test_a.py:1 order.py:1 cart.py:1",
        ),
        "The imports of order.py and cart.py go round in a circle: ",
    ),
    "module known under another name": (
        ("test_a.py", "ModuleNotFoundError", "No module named 'yaml.nodes'", "test_a.py:1"),
        (
            "Install what provides `yaml` into the project's interpreter, with `/p/python -m pip install PyYAML`, "
            "or all that the project asks for, with `/p/python -m pip install -r requirements-dev.txt`."
        ),
    ),
    "unknown module": (
        ("test_a.py", "ModuleNotFoundError", "No module named 'qx'", ""),
        "with `/p/python -m pip install ...`",
    ),
    "module of an extra": (
        ("test_a.py", "ModuleNotFoundError", "No module named 'frozen_time'", ""),
        (
            "with `/p/python -m pip install frozen_time`, "
            "or all that the project asks for, with `/p/python -m pip install -e '.[tests]'`."
        ),
    ),
    "misspelt module": (
        ("test_a.py", "ModuleNotFoundError", "No module named 'ordr'", ""),
        "Did you mean the project's own `order`?",
    ),
    "the project's own package": (
        ("test_a.py", "ModuleNotFoundError", "No module named 'depot.shelf'", ""),
        "`depot` is part of the project: install it with `/p/python -m pip install -e .`",
    ),
    "a package of a monorepo": (
        ("packages/mail/tests/test_a.py", "ModuleNotFoundError", "No module named 'mail'", ""),
        "`mail` is part of packages/mail, which is a project of its own: name that folder",
    ),
    "anything else": (
        ("test_a.py", "KeyError", "'x'", "test_a.py:1 shop.py:3"),
        (
            "pytest cannot collect this file: shop.py:3 (`def discount(quantity):`) raises KeyError: 'x' when test_a.py "
            "imports it. Module-level code has to run before any test can; correct it first."
        ),
    ),
    "no place": (
        ("test_a.py", "Failed", "import\nfile mismatch.", ""),
        "pytest cannot collect this file: Failed: import file mismatch.",
    ),
}


def error_of(path: str, exception: str, message: str, places: str) -> CollectionError:
    frames = [one.split(":") for one in places.split()]
    return CollectionError(
        path, exception, message, tuple(Frame(file, int(line), "<module>", True) for file, line in frames)
    )


@pytest.mark.parametrize("name", CASES)
def test_reason(tmp_path: Path, name: str) -> None:
    error, said = CASES[name]
    project = make_project(tmp_path, PROJECT, python=PYTHON)
    reason = collection_reason(error_of(*error), project)
    assert said in reason
    assert ".." not in reason.replace("...", "")


def test_files_with_one_cause_are_one_failure(tmp_path: Path) -> None:
    syntax = ("SyntaxError", "invalid syntax (till.py, line 1)")
    errors = [
        error_of("test_a.py", *syntax, "test_a.py:1 till.py:1"),
        error_of("test_b.py", *syntax, "test_b.py:9 till.py:1"),
        error_of("test_c.py", *syntax, "test_c.py:1"),
    ]
    failures = collection_failures(errors, Project(tmp_path, PYTHON))
    assert [one.tests for one in failures] == [("test_a.py", "test_b.py"), ("test_c.py",)]


def test_undecodable_source_is_told_by_what_to_write(tmp_path: Path) -> None:
    project = make_project(tmp_path, "#- test_a.py\n", python=Path(sys.executable))
    (tmp_path / "test_a.py").write_bytes(b"NAME = 'Caf\xe9'\n")
    with Runner.start(project, RunnerSettings()) as runner:
        (error,) = runner.collection.errors
    assert "name its encoding in the first line" in collection_reason(error, project)
