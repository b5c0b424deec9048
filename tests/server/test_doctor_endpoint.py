"""`tracemend doctor --endpoint`: what an endpoint can do and how names are kept right there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openai_server import FAULTS, OpenAIServer, Traits, refused_url
from typer.testing import CliRunner, Result

from tracemend.server.cli.app import app

KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_what_was_found_and_which_route_follows() -> None:
    with OpenAIServer("hi", Traits(prefill="echo", grammar=True)) as server:
        done = doctor("--endpoint", server.base_url)
    assert done.exit_code == 0
    for said in (
        "scripted",
        "none is sent",
        "grammars",
        "repeated in the answer",
        "guidance    grammar: an answer",
    ):
        assert said in done.stdout


def test_json_says_the_same_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with OpenAIServer("hi", Traits(key=KEY, has_completions=False)) as server:
        done = doctor(
            "--endpoint", server.base_url, "--model", "scripted", "--json", str(tmp_path / "out.json")
        )
    assert done.exit_code == 0 and done.stdout == ""
    text = (tmp_path / "out.json").read_text()
    found = json.loads(text)["endpoint"]
    assert found["has_key"] and KEY not in text
    assert found["route"]["name"] == "stream guard" and not found["capabilities"]["completions"]


@pytest.mark.parametrize(
    ("model", "said"), [([], "serves these models: big, small"), (["--model", "huge"], "has no model 'huge'")]
)
def test_the_wrong_model_or_none(model: list[str], said: str) -> None:
    with OpenAIServer("hi", Traits(models=("big", "small"))) as server:
        done = doctor("--endpoint", server.base_url, *model)
    assert done.exit_code == 2 and said in done.stdout


def test_an_endpoint_that_refuses() -> None:
    with OpenAIServer(FAULTS["401"]) as server:
        done = doctor("--endpoint", server.base_url)
    assert done.exit_code == 2 and "Set the variable OPENAI_API_KEY" in done.stdout
    assert doctor("--endpoint", refused_url()).exit_code == 2


def test_an_endpoint_of_the_project_is_told_and_not_asked(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    with OpenAIServer("hi") as server:
        (tmp_path / "pyproject.toml").write_text(f'[tool.tracemend]\nmodel-base-url = "{server.base_url}"\n')
        done = doctor()
        assert f"--base-url {server.base_url}" in done.stdout and server.asked == []
