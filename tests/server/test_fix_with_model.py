"""`tracemend fix` with a model, as a user calls it: a real server, a real project, every verdict from running."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from openai_server import FAULTS, OpenAIServer, refused_url
from project_fixture import make_project
from typer.testing import CliRunner, Result

from tracemend.repair import engine
from tracemend.repair.models import endpoint as endpoint_module
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.strategies import pinning
from tracemend.server.cli.app import app

PROJECT = """
    #- rle.py
    def encode(text):
        runs = []
        for character in text:
            runs.append((character, 1))
        return runs
    #- test_rle.py
    from rle import encode
    def test_runs(): assert encode("aaabb") == [("a", 3), ("b", 2)]
    def test_single(): assert encode("cab") == [("c", 1), ("a", 1), ("b", 1)]
    def test_empty(): assert encode("") == []
"""
UNORDERED, ORDERED = '[("c", 1), ("a", 1), ("b", 1)]', '[("a", 1), ("b", 1), ("c", 1)]'
LOOP = """
        if runs and runs[-1][0] == character:
            {}
        else:
            runs.append((character, 1))
    return runs
```"""
HEAD = "The loop of `encode` never looks at `runs`.\n```python\ndef encode(text):\n    runs = []\n    for character in text:"
FIRST = HEAD + LOOP.format("runs[-1] = (character, runs[-1][1] + 1)")
OTHER = HEAD + LOOP.format("runs.append((character, runs.pop()[1] + 1))")
WRONG = "```python\ndef encode(text):\n    return [(one, text.count(one)) for one in text]\n```"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    one_template = [one for one in all_operators() if one.name == "arithmetic-operator"]
    monkeypatch.setattr(engine, "all_operators", lambda: one_template)  # All of them would search on and on.
    make_project(tmp_path / "p", PROJECT)
    monkeypatch.chdir(tmp_path / "p")
    return tmp_path


def fix(base_url: str, *options: str) -> tuple[Result, dict[str, Any]]:
    words = ["--base-url", base_url, "--model", "scripted", "--max-time", "300", "--jobs", "1"]
    result = CliRunner().invoke(app, ["fix", "--python", sys.executable, *words, "--json", "-", *options])
    assert result.stdout, f"Exit code {result.exit_code} and no report: {result.stderr} {result.exception!r}"
    return result, json.loads(result.stdout)


def test_missing_logic_is_mended_once_two_conversations_agree(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning, "MOST_VERSIONS", 12)  # The tests notice each of them.
    answers = (WRONG, FIRST, OTHER)
    with OpenAIServer(lambda asked: answers[min(asked.ordinal, 2)]) as server:
        remember(server.base_url, "scripted", Capabilities("scripted"))
        result, report = fix(server.base_url, "--strategy", "unit-test")
        assert len(server.asked) == 3
        assert all("sk-secret" not in json.dumps(one.body) for one in server.asked)
    (failure,) = report["failures"]
    patch = failure["patches"][0]
    assert (result.exit_code, failure["status"], patch["confidence"]) == (0, "mended", "high")
    assert patch["origin"]["author"] == "unit-test (scripted)"
    assert "In the words of the model that wrote the patch: The loop of `encode`" in patch["explanation"]
    assert any(one.startswith("Models were asked: 3 requests") for one in report["notes"])
    journal = "".join(one.read_text() for one in project.rglob("*.jsonl"))
    assert '"strategy":"unit-test"' in journal and "sk-secret" not in journal


def test_a_strategy_that_is_not_there_is_named_with_those_that_are(project: Path) -> None:
    words = ["fix", "--python", sys.executable, "--strategy", "magic"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "unit-test" in result.stderr and "tree" in result.stderr


# One failure that a template mends at once, and one that nobody mends, for which the model is asked.
TWO_BUGS = """
    #- shop.py
    def total(price, tax): return price - tax
    def motto(name): return name
    #- test_shop.py
    from shop import motto, total
    def test_total(): assert total(5, 2) == 7
    def test_motto(): assert motto("ann") == "A. N. N. sells all"
"""
SAID = {
    "refused": "No model was asked: Nobody answers at",
    "401": "No model was asked: {url} refused: the key was not accepted.",
}


@pytest.mark.parametrize(("fault", "said"), SAID.items())
def test_a_fault_ends_in_a_message_and_the_embedded_result(
    project: Path, monkeypatch: pytest.MonkeyPatch, fault: str, said: str
) -> None:
    make_project(project / "two", TWO_BUGS)
    monkeypatch.chdir(project / "two")
    monkeypatch.setattr(endpoint_module, "pause", lambda seconds, cancel: None)
    with OpenAIServer(FAULTS.get(fault, "never asked")) as server:
        url = refused_url() if fault == "refused" else server.base_url
        result, report = fix(url, "--strategy", "simple")
        asked = len(server.asked)
    status = {one["test"].partition("::")[2]: one["status"] for one in report["failures"]}
    assert status == {"test_total": "mended", "test_motto": "unmended"}
    assert (result.exit_code, asked > 0) == (1, fault != "refused")
    assert [said.format(url=url) in one for one in report["notes"]].count(True) == 1
    assert result.stderr.count("Going on without a model.") == 1


def test_what_the_tests_do_not_decide_is_not_trusted(project: Path) -> None:
    """Two conversations agree, but with letters in order the tests would pass with `>=` for `==` as well."""
    tests = Path("test_rle.py")
    tests.write_text(tests.read_text().replace('"cab"', '"abc"').replace(UNORDERED, ORDERED))
    answers = (FIRST, OTHER)
    with OpenAIServer(lambda asked: answers[min(asked.ordinal, 1)]) as server:
        remember(server.base_url, "scripted", Capabilities("scripted"))
        result, report = fix(server.base_url, "--strategy", "unit-test")
    (failure,) = report["failures"]
    assert (result.exit_code, failure["patches"][0]["confidence"]) == (0, "low")
    assert "no test would notice a version of it that compares with" in failure["reason"]
