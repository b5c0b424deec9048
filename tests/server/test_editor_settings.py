"""What an editor says about settings: counted where it is right, told where it is not, never a reason to refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.config import Config, load_config, parse_editor_settings, with_editor_settings
from tracemend.server.schema import (
    CONSENT_SETTINGS,
    EDITOR_SETTINGS,
    MODEL_SETTINGS,
    PROJECT_SETTINGS,
    SETTINGS,
)
from tracemend.server.schema_pages import markdown_table, vscode_settings

BY_PROJECT = {
    "model_proposed_url",
    "proposed_python",
    "refused",
    "consented",
}  # What it said, and how it is taken.
CONFIGURATION_PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_editors_spell_keys_in_camel_case_or_as_the_file_does(tmp_path: Path) -> None:
    said = parse_editor_settings({"runOn": "type", "max-patches": 5, "inlayHints": None}, tmp_path)
    config = with_editor_settings(Config(max_time_s=9.0), said, trusted=True)
    assert (config.run_on, config.max_patches, config.max_time_s) == ("type", 5, 9.0)
    assert config.inlay_hints and not said.problems


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"runOn": "never"}, "runOn takes one of save, type, request"),
        ({"jobs": 0, "hovers": 1}, "jobs takes a whole number from 1 on; hovers takes true or false"),
        ({"inlayHint": True}, "inlayHint is not known; did you mean inlayHints?"),
        ({"allowPaths": ["/no/such/place"]}, "which is not there"),
        ([1], "are not an object"),
    ],
)
def test_a_bad_value_is_told_and_what_stood_before_it_holds(
    tmp_path: Path, section: Any, problem: str
) -> None:
    said = parse_editor_settings(section, tmp_path)
    assert problem in "; ".join(said.problems)
    assert with_editor_settings(Config(jobs=3), said, trusted=True) == Config(jobs=3)


def test_settings_of_the_plug_in_itself_are_no_problem(tmp_path: Path) -> None:
    said = parse_editor_settings({"trace": {"server": "off"}, "serverPath": "/x"}, tmp_path)
    assert not said.problems and said.unknown == ("trace", "serverPath")


def test_an_untrusted_workspace_does_not_choose_what_runs(tmp_path: Path) -> None:
    section = {
        "python": "/evil",
        "pytestArgs": "-p evil",
        "sandbox": "off",
        "network": "open",
        "hovers": False,
    }
    said = parse_editor_settings(section, tmp_path)
    assert with_editor_settings(Config(), said, trusted=False) == Config(hovers=False)
    assert with_editor_settings(Config(), said, trusted=True).sandbox == "off"


def test_a_project_does_not_trust_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.tracemend]\ntrusted = true\n")
    with pytest.raises(EnvironmentProblem, match="a project does not say it about itself"):
        load_config(tmp_path)


def test_a_project_says_how_its_editor_behaves(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.tracemend]\nrun-on = "request"\ncode-lenses = false\n')
    assert load_config(tmp_path) == Config(run_on="request", code_lenses=False)


def test_each_setting_is_an_attribute() -> None:
    settings = set(Config.__dataclass_fields__) - BY_PROJECT
    assert {one.attribute for one in SETTINGS} == settings


@pytest.mark.parametrize(
    "settings",
    [PROJECT_SETTINGS, CONSENT_SETTINGS, MODEL_SETTINGS, EDITOR_SETTINGS],
    ids=["project", "consent", "model", "editor"],
)
def test_the_page_has_the_table(settings: Any) -> None:
    assert markdown_table(settings) in CONFIGURATION_PAGE.read_text()


def test_the_settings_of_vs_code() -> None:
    page = vscode_settings()
    assert page["properties"]["tracemend.runOn"]["enum"] == ["save", "type", "request"]
    assert page["properties"]["tracemend.sandbox"]["type"] == ["string", "null"]
    assert "tracemend.python" in page["restrictedConfigurations"]
    assert not any("trusted" in key for key in page["properties"])
    for name, schema in page["properties"].items():
        said = parse_editor_settings({name.removeprefix("tracemend."): schema["default"]}, Path("/"))
        assert not said.problems, f"the default of {name} is not what it takes"


def test_the_command_prints_both() -> None:
    def printed(page: str) -> str:
        command = [sys.executable, "-m", "tracemend.server.schema_pages", page]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert json.loads(printed("vscode")) == vscode_settings()
    assert re.search(r"\| `run-on` \|", printed("table"))
