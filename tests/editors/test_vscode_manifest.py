"""The manifest of the extension for VS Code says what the server and the extension's own code have."""

from __future__ import annotations

import bz2
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tracemend.server.schema_pages import vscode_settings

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text())
PACKAGE_LIMIT_BYTES = 1_000_000
OTHER_BYTES = (
    180_000  # The bundled code of the extension, and what brotli needs more than bzip2 for the wheel.
)
OWN_SETTINGS = {"tracemend.server.path", "tracemend.trace.server"}


def test_the_settings_are_those_of_the_server() -> None:
    """`npm run manifest` in editors/vscode writes them."""
    found = MANIFEST["contributes"]["configuration"]["properties"]
    assert {name: one for name, one in found.items() if name not in OWN_SETTINGS} == vscode_settings()[
        "properties"
    ]
    assert found.keys() >= OWN_SETTINGS


def test_what_decides_what_runs_is_not_taken_from_an_untrusted_workspace() -> None:
    trust = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited"
    assert set(trust["restrictedConfigurations"]) == {
        "tracemend.server.path",
        *vscode_settings()["restrictedConfigurations"],
    }


def test_every_command_of_the_manifest_is_carried_out_and_the_other_way_round() -> None:
    source = (EXTENSION / "src" / "commands.ts").read_text()
    handlers = source.partition("handlers: Record<")[2].partition("};")[0]
    registered = re.findall(r"^ {8}(\w+): \(\)", handlers, re.MULTILINE)
    declared = [one["command"] for one in MANIFEST["contributes"]["commands"]]
    assert declared and sorted(declared) == sorted(f"tracemend.{one}" for one in registered)


@pytest.mark.parametrize(
    "step", MANIFEST["contributes"]["walkthroughs"][0]["steps"], ids=lambda one: one["id"]
)
def test_a_step_of_the_walkthrough_leads_somewhere(step: dict[str, Any]) -> None:
    declared = {one["command"] for one in MANIFEST["contributes"]["commands"]}
    linked = re.findall(r"\(command:([\w.]+)\)", step["description"])
    assert linked and declared.issuperset(linked)
    assert (EXTENSION / step["media"]["markdown"]).read_text().startswith("## ")


def test_all_that_the_readme_shows_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (EXTENSION / "README.md").read_text())
    assert [one for one in pictures if not (EXTENSION / one).exists()] == []


def test_the_package_stays_below_a_megabyte() -> None:
    """What `make test-vscode` sees of the real package is estimated here without Node, rather too high, from the parts that grow."""
    rooms = [ROOT / room / "tracemend" for room in ("analysis", "repair", "server")]
    files = sorted(one for room in rooms for one in room.rglob("*") if one.is_file() and one.suffix != ".pyc")
    wheel = bz2.compress(b"".join(one.read_bytes() for one in files))
    pictures = sum(one.stat().st_size for one in (EXTENSION / "media").glob("*.png"))
    assert len(wheel) + pictures + OTHER_BYTES < PACKAGE_LIMIT_BYTES
