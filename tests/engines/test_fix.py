"""`tracemend fix` with real engines, from the command line to the journal.

What the tiny model says is noise, the path is real: questions go out, answers are read, checked, run and judged, their
cost is told, and the embedded engine's own result stands beside them. A chat template makes the model recite one snippet
that it has learnt, whatever it is asked: a whole function, in which it invents a name. What keeps that out makes the function
right, so that the first answer tells whether it was guided.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines.models import END, GGUF_NAME
from engines.scenes import scripted_folder
from engines.test_serve_model import COMMAND, Endpoint, _python, serving

FIX_TIMEOUT_S = 500
MENDING_TIME_S = 300
RECITE = "{{ 'import json\n\n' }}"
EFFECTS = {
    "unusable",
    "violation",
    "duplicate",
    "same",
    "changed",
    "progress",
    "timeout",
    "regressed",
    "refused",
    "plausible",
}
FILES = {
    "store.py": "import json\n\n\ndef read(path):\n    return None\n\n\ndef total(price, tax):\n    return price - tax\n",
    "test_store.py": (
        "from store import read, total\n\n"
        "def test_read(tmp_path):\n"
        "    (tmp_path / 'a').write_text('[1, {}]')\n"
        "    assert read(tmp_path / 'a') == [1, {}]\n\n"
        "def test_total():\n    assert total(5, 2) == 7\n    assert total(1, 0) == 1\n"
    ),
}


@pytest.fixture(scope="module", params=["vllm", "llama"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Serve the scripted model with the template, as `serve-model` does."""
    folder = tmp_path_factory.mktemp("template")
    if request.param == "vllm":
        template = folder / "recite.jinja"
        template.write_text(RECITE)
        options = (
            "--max-model-len",
            "2048",
            "--enforce-eager",
            "--dtype",
            "float32",
            "--chat-template",
            f"{template}",
        )
        yield from serving(_python("TRACEMEND_VLLM_PYTHON"), scripted_folder(), *options)
    else:
        config = folder / "tokenizer_config.json"
        config.write_text(json.dumps({"chat_template": RECITE, "bos_token": END, "eos_token": END}))
        options = (
            "--n_threads",
            "1",
            "--chat_format",
            "hf-tokenizer-config",
            "--hf_tokenizer_config_path",
            f"{config}",
        )
        yield from serving(_python("TRACEMEND_LLAMA_PYTHON"), scripted_folder() / GGUF_NAME, *options)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_real_engine_is_asked_read_run_and_told_of(endpoint: Endpoint, project: Path) -> None:
    ran = fix(project, endpoint.base_url, endpoint.model, "tree")
    report, written = json.loads(ran.stdout), journal(project)
    by_test = {one["test"].partition("::")[2]: one for one in report["failures"]}
    assert by_test["test_total"]["patches"][0]["origin"]["author"] == "templates"
    prompts, answers = (list(of_kind(written, kind)) for kind in ("prompt", "answer"))
    assert prompts and len(prompts) == len(answers), ran.stderr
    assert all("def read(path)" in json.dumps(one["messages"]) for one in prompts)
    assert all("def read(path):" in one["text"] and one["usage"]["completion_tokens"] > 5 for one in answers)
    effects = {one["effect"] for one in of_kind(written, "note") if one.get("what") == "attempt"}
    assert effects and effects <= EFFECTS and effects != {"unusable"}
    (bill,) = (one for one in report["notes"] if one.startswith("Models were asked:"))
    assert f"{len(answers)} request" in bill


@pytest.mark.parametrize(
    "endpoint", ["vllm"], indirect=True
)  # llama-cpp-python's server begins each turn anew.
def test_the_first_answer_is_guided(endpoint: Endpoint, project: Path) -> None:
    prompts = guided_from_the_first(endpoint, project, "the engine has tracemend's plug-in")
    assert all("vllm_xargs" in one for one in prompts)


@pytest.mark.parametrize("endpoint", ["vllm"], indirect=True)  # llama.cpp answers to any name.
def test_a_model_that_is_not_served_is_told_and_templates_go_on(endpoint: Endpoint, project: Path) -> None:
    ran = fix(project, endpoint.base_url, "another", "simple")
    report = json.loads(ran.stdout)
    assert "has no model 'another'" in ran.stderr and "Going on without a model." in ran.stderr
    assert {"test_total": "mended"}.items() <= {
        one["test"].partition("::")[2]: one["status"] for one in report["failures"]
    }.items()


def guided_from_the_first(endpoint: Endpoint, project: Path, how: str) -> list[dict[str, Any]]:
    """See that a function is right which the model alone gets wrong, where nobody has looked at the endpoint before.

    Returns the questions. The time is for a busy machine: what is mended ends the search.
    """
    ran = fix(project, endpoint.base_url, endpoint.model, "simple", max_time_s=MENDING_TIME_S)
    report, written = json.loads(ran.stdout), journal(project)
    kinds = [one.get("what") or one["kind"] for one in written]
    assert kinds.index("guidance") < kinds.index("prompt"), ran.stderr
    (found_out,) = (one for one in of_kind(written, "note") if one.get("what") == "guidance")
    assert how in found_out["told"] and found_out["told"] in report["notes"]
    attempts = [one for one in of_kind(written, "note") if one.get("what") == "attempt"]
    assert attempts[0]["effect"] == "plausible", list(of_kind(written, "answer"))
    return list(of_kind(written, "prompt"))


def fix(
    project: Path, base_url: str, model: str, strategy: str, max_time_s: int = 60
) -> subprocess.CompletedProcess[str]:
    options = (
        f"--jobs 1 --json - --journal kept --max-time {max_time_s} --strategy {strategy} "
        f"--base-url {base_url} --model {model}"
    )
    homes = {name: f"{project}/{name}" for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    return subprocess.run(
        (COMMAND, "fix", "--python", sys.executable, *options.split()),
        cwd=project,
        env={**os.environ, **homes},
        capture_output=True,
        text=True,
        timeout=FIX_TIMEOUT_S,
        check=False,
    )


def journal(project: Path) -> list[dict[str, Any]]:
    (path,) = project.glob("kept/**/*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def of_kind(written: list[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    return (one for one in written if one["kind"] == kind)
