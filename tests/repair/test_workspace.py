"""Which files a repair may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracemend.repair.workspace import Workspace

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
