"""The user's pages say what the program does."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from tracemend.repair.propose.catalogue import catalogue
from tracemend.repair.propose.operators import all_operators
from tracemend.server.cli.app import app
from tracemend.server.config import KEYS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *DOCS.glob("*.md")]


def test_the_catalogue_of_operators_is_current():
    assert (DOCS / "operators.md").read_text() == catalogue()


def test_every_operator_says_what_it_does():
    assert [one.name for one in all_operators() if not (one.propose.__doc__ or "").strip()] == []


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_setting_is_documented(key):
    assert f"| `{key}` |" in (DOCS / "configuration.md").read_text()


def test_every_option_of_every_command_is_documented():
    page = (DOCS / "cli.md").read_text()
    commands = get_command(app).commands
    missing = [
        f"{name} {option}"
        for name, command in commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help" and f"`{option}" not in page
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readme_shows_a_real_run():
    shown = (ROOT / "README.md").read_text().partition("<!-- demo-output: begin -->")[2]
    example = shown.partition("<!-- demo-output: end -->")[0]
    assert "$ tracemend fix\nmended  tests/" in example and "5 of 5 failures mended" in example
