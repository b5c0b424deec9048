"""What the Neovim plug-in offers stands in its help file, under a tag that `:help` finds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "editors" / "neovim"
HELP = (PLUGIN / "doc" / "tracemend.txt").read_text()
TAGS = re.findall(r"(?<!\S)\*(\S+)\*(?!\S)", HELP)


def keys_of_table(module: str, name: str) -> list[str]:
    """Return the keys of a table that a Lua module begins with `local NAME = {`."""
    text = (PLUGIN / "lua" / "tracemend" / f"{module}.lua").read_text()
    table = re.search(rf"^local {name} = \{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    assert table is not None, f"{module}.lua has no table {name}."
    return re.findall(r"^  (\w+) =", table[1], re.MULTILINE)


@pytest.mark.parametrize("subcommand", keys_of_table("commands", "subcommands"))
def test_subcommands_are_explained(subcommand: str) -> None:
    assert f":Tracemend-{subcommand}" in TAGS


@pytest.mark.parametrize("option", keys_of_table("options", "types"))
def test_options_are_explained(option: str) -> None:
    assert f"tracemend.{option}" in TAGS


def test_options_have_defaults_and_kinds() -> None:
    assert keys_of_table("options", "types") == keys_of_table("options", "defaults")


def test_tags_are_unique_and_references_lead_somewhere() -> None:
    assert [tag for tag, count in Counter(TAGS).items() if count > 1] == []
    references = set(re.findall(r"\|(:?[Tt]racemend[^|\s]*)\|", HELP))
    assert references <= set(TAGS)
