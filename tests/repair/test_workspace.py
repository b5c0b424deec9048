"""Which files a repair may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracemend.repair.runner.results import CollectedTest
from tracemend.repair.workspace import Workspace, files_of_tests

EXCLUDE = ("shop/generated/", "./vendored", "shop/tables.py")

EDITABLE = [
    "shop/cart.py",
    "shop/generated_by_hand.py",
    "vendored_too/a.py",
    "latest.py",
    "contest/a.py",
]
NOT_EDITABLE = [
    "shop/generated/a.py",
    "shop/generated/deep/a.py",
    "vendored/a.py",
    "shop/tables.py",
    "shop/test_cart.py",
    "shop/cart_test.py",
    "checks/cart.py",  # It holds tests, as pytest found.
    "tests/helpers.py",
    "conftest.py",
    "setup.py",
    ".venv/lib/a.py",
    "../elsewhere.py",
    "/usr/lib/python3/os.py",
    "shop/data.txt",
]


@pytest.mark.parametrize("path", EDITABLE + NOT_EDITABLE)
def test_editable(path: str) -> None:
    workspace = Workspace(Path("/project"), {"checks/cart.py"}, EXCLUDE)
    assert workspace.is_editable(path) == (path in EDITABLE)


TESTS = {
    "test_shop.py::test_total[1.5-b.c]": True,
    "checks.py::TestCart::test_add": True,
    "shop.py::shop": False,
    "shop/cart.py::shop.cart.Cart.add": False,
    "README.rst::README.rst": False,
}


@pytest.mark.parametrize(("test", "is_of_tests"), TESTS.items())
def test_module_with_doctests_is_no_file_of_tests(test: str, is_of_tests: bool) -> None:
    path = test.partition("::")[0]
    assert files_of_tests([CollectedTest(test, path, 1)]) == ({path} if is_of_tests else set())
