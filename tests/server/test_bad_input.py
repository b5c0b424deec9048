"""Projects that are not as they should be: a correct answer or a clear message, and nothing is touched.

Each case is a project, what `tracemend fix` exits with, and what it says. The real engine runs; projects whose tests
have to be waited for (hanging ones, thousands of them) are measured by hand, not here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from project_fixture import make_project
from typer.testing import CliRunner, Result

from tracemend.server.cli.app import app

SHOP = """
    #- shop.py
    def discount(quantity):
        if quantity > 10:
            return 5
        return 0
    #- test_shop.py
    import pytest
    from shop import discount

    @pytest.mark.parametrize(("quantity", "percent"), [(0, 0), (9, 0), (10, 5), (11, 5), (90, 5)])
    def test_discount(quantity, percent):
        assert discount(quantity) == percent
"""
MENDED = "+    if quantity >= 10:"


@dataclass(frozen=True)
class Case:
    """Files in place of those of the shop, or beside them; then what is expected."""

    files: str
    exit_code: int
    said: tuple[str, ...]
    arguments: tuple[str, ...] = ()


NOTHING_TO_RUN = {
    "no tests": Case("#- test_shop.py\n", 2, ("pytest finds no tests in ", "Name the tests' directory")),
    "syntax error in the source": Case(
        "#- shop.py\ndef discount(quantity:\n    return 5\n",
        2,
        (
            "error  test_shop.py",
            "shop.py, which test_shop.py imports, does not parse. Line 1: ",
            "0 of 1 failure mended",
        ),
    ),
    "package that is not installed": Case(
        "#- shop.py\nimport no_such_package\n", 2, ("Install what provides `no_such_package`", "shop.py:1")
    ),
    "broken conftest": Case(
        "#- conftest.py\nimport no_such_package\n", 2, ("pytest cannot start", "no_such_package")
    ),
    "plug-in that is not installed": Case(
        "#- pytest.ini\n[pytest]\naddopts = --frobnicate\n", 2, ("pytest cannot start", "--frobnicate")
    ),
    "bad settings": Case(
        '#- pyproject.toml\n[tool.tracemend]\njob = 2\nsandbox = "yes"\n',
        2,
        ("did you mean 'jobs'", "sandbox takes one of require, auto, off"),
    ),
    "settings that are no TOML": Case(
        "#- pyproject.toml\n[tool.tracemend\n", 2, ("pyproject.toml cannot be read",)
    ),
    "path that is not there": Case(
        "#- pytest.ini\n", 2, ("no file or directory 'nothing.py'",), ("nothing.py",)
    ),
    "test that is not there": Case(
        "#- pytest.ini\n", 2, ("finds no test test_shop.py::test_x",), ("test_shop.py::test_x",)
    ),
    "report that cannot be written": Case(
        "#- pytest.ini\n", 2, ("no/page.html cannot be written",), ("--report", "no/page.html")
    ),
}

NOT_MENDED = {
    "fixture that is not there": Case(
        "#- test_shop.py\ndef test_a(nothing): pass\n",
        1,
        ("fixture 'nothing' not found", "executes no code that may be"),
    ),
    "tests that pollute each other": Case(
        "#- test_shop.py\nSEEN = []\ndef test_a(): SEEN.append(1)\ndef test_b(): assert not SEEN\n",
        1,
        ("flaky  test_shop.py::test_b", "passes when it runs alone"),
    ),
    "test that ends its process": Case(
        "#- test_shop.py\nimport os\ndef test_a(): os._exit(0)\ndef test_b(): pass\n",
        1,
        ("unmended  test_shop.py::test_a",),
    ),
    "test that needs the internet": Case(
        "#- test_shop.py\nimport socket\ndef test_a(): socket.create_connection(('192.0.2.1', 80), 5)\n",
        1,
        ("unmended  test_shop.py::test_a", "Network is unreachable"),
    ),
}

MENDED_ALL_THE_SAME = {
    "tests that write into the project": Case(
        "#- test_writer.py\ndef test_a(request): (request.config.rootpath / 'shop.py').write_text('gone')\n",
        0,
        (MENDED,),
    ),
    "doctests": Case(
        """#- test_shop.py
def test_nothing(): from shop import discount; assert discount(0) == 0 and discount(90) == 5
#- pytest.ini
[pytest]
addopts = --doctest-modules
#- shop.py
def discount(quantity):
    '''Percent off.

    >>> [discount(one) for one in (1, 9, 10, 11)]
    [0, 0, 5, 5]
    '''
    if quantity > 10:
        return 5
    return 0
""".replace("def test_nothing(): ", "def test_nothing():\n    "),
        0,
        ("mended  shop.py::shop.discount", "gives [0, 0, 0, 5], not [0, 0, 5, 5]"),
    ),
    "options that stop early, say little and make warnings errors": Case(
        "#- pytest.ini\n[pytest]\naddopts = -x -q -q --tb=no --lf --junitxml=out.xml\nfilterwarnings = error\n",
        0,
        (MENDED,),
    ),
}


@pytest.mark.parametrize("name", [*NOTHING_TO_RUN, *NOT_MENDED, *MENDED_ALL_THE_SAME])
def test_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    case = {**NOTHING_TO_RUN, **NOT_MENDED, **MENDED_ALL_THE_SAME}[name]
    make_project(tmp_path, SHOP)
    make_project(tmp_path, case.files)
    before = contents(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = fix(*case.arguments)
    assert [one for one in case.said if one not in done.output] == [], done.output
    assert "Traceback" not in done.output
    assert done.exit_code == case.exit_code
    assert contents(tmp_path) == before


SPELLINGS = {
    "byte-order mark, no final newline": lambda text: b"\xef\xbb\xbf" + text.rstrip("\n").encode(),
    "latin-1, tabs, windows line ends": lambda text: (
        f"# -*- coding: latin-1 -*-\nNAME = 'Café'\n{text}".replace("    ", "\t")
        .replace("\n", "\r\n")
        .encode("latin-1")
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_file_keeps_its_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = tmp_path / "späces and ünicode 日本"
    folder.mkdir()
    make_project(folder, SHOP)
    text = (folder / "shop.py").read_text()
    (folder / "shop.py").write_bytes(SPELLINGS[name](text))
    monkeypatch.chdir(folder)
    done = fix("--apply")
    assert done.exit_code == 0, done.output
    assert (folder / "shop.py").read_bytes() == SPELLINGS[name](text.replace("> 10", ">= 10"))


def fix(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fix", *arguments, "--python", sys.executable, "--max-time", "20"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
