"""Who imports whom."""

import pytest

from tracemend.repair.live.fingerprints import fingerprints_of
from tracemend.repair.live.imports import ProjectModules, files_reaching

FILES = {
    "src/shop/__init__.py": "",
    "src/shop/prices.py": "from .rates import RATE",
    "src/shop/rates.py": "import json",
    "src/shop/json.py": "",
    "src/shop/web/__init__.py": "from .. import prices",
    "src/shop/web/pages.py": "from shop.web import forms",
    "src/shop/web/forms.py": "",
    "tests/conftest.py": "import helpers",
    "tests/helpers.py": "",
    "tests/unit/conftest.py": "",
    "tests/unit/test_prices.py": "from shop.prices import price",
    "tests/test_plugins.py": 'load("shop.web.pages")',
    "tool.py": "",
}
MODULES = ProjectModules(FILES)


def imports_of(path):
    return MODULES.imported_by(path, fingerprints_of(FILES[path]).imports)


@pytest.mark.parametrize(
    ("path", "imported"),
    [
        ("src/shop/prices.py", {"src/shop/__init__.py", "src/shop/rates.py"}),
        ("src/shop/rates.py", {"src/shop/__init__.py"}),  # shop/json.py is only importable as shop.json.
        ("src/shop/web/__init__.py", {"src/shop/__init__.py", "src/shop/prices.py"}),
        (
            "src/shop/web/pages.py",
            {"src/shop/__init__.py", "src/shop/web/__init__.py", "src/shop/web/forms.py"},
        ),
        ("tests/conftest.py", {"tests/helpers.py"}),
        ("tests/unit/test_prices.py", {"src/shop/__init__.py", "src/shop/prices.py"}),
    ],
)
def test_imported_by(path, imported):
    assert imports_of(path) == imported


def test_conftests_above_a_test():
    assert MODULES.conftests_of("tests/unit/test_prices.py") == {
        "tests/conftest.py",
        "tests/unit/conftest.py",
    }


@pytest.mark.parametrize(
    ("target", "reaching"),
    [
        ("src/shop/rates.py", {"src/shop/rates.py", "src/shop/prices.py", "src/shop/web/__init__.py", "src/shop/web/forms.py",
                               "src/shop/web/pages.py", "tests/unit/test_prices.py", "tests/test_plugins.py"}),
        ("src/shop/web/forms.py", {"src/shop/web/forms.py", "src/shop/web/pages.py", "tests/test_plugins.py"}),
        ("tool.py", {"tool.py"}),
    ],
)  # fmt: skip
def test_files_reaching(target, reaching):
    tests = ["tests/unit/test_prices.py", "tests/test_plugins.py"]
    assert files_reaching({target}, tests, imports_of) == reaching
