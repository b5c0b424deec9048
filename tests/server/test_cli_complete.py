"""`tracemend complete`, with an endpoint on loopback and without any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, Asked, OpenAIServer
from project_fixture import make_project
from typer.testing import CliRunner, Result

from tracemend.server.cli.app import app

PROJECT = '''
    #- pyproject.toml
    [tool.tracemend]
    #- sound.py
    def one() -> int:
        return 1
    #- shop.py
    class Shop:
        def total(self, rate: float) -> float:
            """Return what all of it costs."""
            return rate * 2

    def run(shop: Shop) -> float:
        amount = shop.
        return amount
'''


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is learnt of the standard library once is enough."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shop(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return make_project(tmp_path / "project", PROJECT).root / "shop.py"


def complete(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["complete", *map(str, arguments)])


def answered(*arguments: object) -> dict[str, Any]:
    result = complete(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_without_a_model_the_names_are_shown(shop: Path) -> None:
    found = answered(f"{shop}:7:19")
    assert found["names"][0] == {"name": "total", "insert": "total", "kind": "method"}
    assert complete(f"{shop}:7:19").stdout.startswith("total")


def test_a_model_completes_and_is_checked(shop: Path) -> None:
    with OpenAIServer(lambda asked: "total(1.0)\n") as server:
        found = answered(
            f"{shop}:7:19", "--base-url", server.base_url, "--model", "scripted", "--template", "plain"
        )
        plain = complete(f"{shop}:7:19", "--base-url", server.base_url, "--template", "plain")
    assert (found["text"], found["verdict"], found["model"]) == ("total(1.0)", "checked", "scripted")
    assert plain.stdout == "total(1.0)\n"


def test_an_invented_name_never_gets_through(shop: Path) -> None:
    with OpenAIServer(lambda asked: "totals(1.0)\n") as server:
        found = answered(f"{shop}:7:19", "--base-url", server.base_url, "--template", "plain")
    assert "totals" not in found["text"]


def test_the_body_of_a_function(shop: Path) -> None:
    prompts: list[str] = []

    def say(asked: Asked) -> str:
        prompts.append(asked.text)
        return "return rate * 3\n\n\ndef other():\n    pass\n"

    shop.write_text(shop.read_text().replace("shop.\n", "shop.total(1)\n"))
    with OpenAIServer(say) as server:
        found = answered(
            shop, "--function", "Shop.total", "--base-url", server.base_url, "--template", "plain"
        )
    assert found["text"] == "return rate * 3"
    assert '"""Return what all of it costs."""\n        ' in prompts[-1] and "rate * 2" not in prompts[-1]


@pytest.mark.parametrize("fault", ["401", "404 model"])
def test_an_endpoint_that_fails_is_told_in_a_sentence(shop: Path, fault: str) -> None:
    with OpenAIServer(lambda asked: FAULTS[fault]) as server:
        result = complete(f"{shop}:7:19", "--base-url", server.base_url, "--model", "scripted")
    assert result.exit_code == 2
    assert "Traceback" not in result.output and "--names" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shop.py"], "FILE:LINE:COL"),
        (["shop.py:99:1"], "no line 99"),
        (["sound.py", "--function", "nothing"], "no function 'nothing'"),
        (["sound.py", "--function", "one"], "Only a model writes the body"),
        (["shop.py:1:1", "--base-url", "http://127.0.0.1:9", "--template", "odd"], "no template 'odd'"),
    ],
)
def test_what_cannot_be_meant(
    shop: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(shop.parent)
    result = complete(*arguments)
    assert result.exit_code == 2 and told in result.output.replace("\n", " ")
