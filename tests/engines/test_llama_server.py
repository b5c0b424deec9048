"""llama.cpp's own server, as it is: the grammar that waits for a receiver, from the probe to the command line.

Runs in tracemend's own environment, with the llama-server that the environments compile.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.models import GGUF_NAME
from engines.scenes import MAX_TOKENS, Hole, holes, scripted_folder
from engines.test_serve_model import COMMAND, Endpoint, client_of, serving

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable
from tracemend.repair.models.capabilities import choose_route
from tracemend.repair.models.guard import GuardedAnswer, guarded_completion
from tracemend.repair.models.openings import opening_fields

HOLES = holes()
COMMAND_TIMEOUT_S = 120


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    options = ("-t", "1", "-c", "2048", "-np", "1")
    yield from serving(None, scripted_folder() / GGUF_NAME, *options, path=path_with_llama_server())


def test_the_probe_finds_grammars_that_wait(server: Endpoint) -> None:
    found = client_of(server).capabilities(refresh=True)
    assert found.grammar and found.lazy_grammar and found.prefill == "echo" and not found.plugin
    assert choose_route(found).name == "grammar"


def test_doctor_says_what_was_chosen_and_why(server: Endpoint, tmp_path: Path) -> None:
    said = tracemend(tmp_path, "doctor", "--endpoint", server.base_url)
    assert "grammars that wait" in said
    assert "grammar: a completion's first name is written under a grammar that waits" in said


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_one_request_writes_a_name_that_is_there(server: Endpoint, hole: Hole) -> None:
    """The stream guard alone would need a second one."""
    answer = guarded(server, hole.table, hole)
    assert (answer.text, answer.requests, answer.violations) == (hole.guided, 1, ())


def test_a_grammar_that_wakes_nowhere_changes_nothing(server: Endpoint) -> None:
    assert guarded(server, HOLES[1].table, HOLES[0]).text == HOLES[0].free


@pytest.mark.parametrize("hole", [HOLES[0], HOLES[4]], ids=lambda hole: hole.name)
def test_complete_writes_it_from_the_command_line(server: Endpoint, hole: Hole, tmp_path: Path) -> None:
    """These holes know their receivers from the standard library, which the oracle reads by itself."""
    file = tmp_path / "hole.py"
    file.write_text(hole.prompt)
    line, column = hole.prompt.count("\n") + 1, len(hole.prompt.rpartition("\n")[2]) + 1
    place = f"{file}:{line}:{column}"
    said = tracemend(tmp_path, "complete", place, "--template", "plain", "--base-url", server.base_url)
    assert said.startswith(hole.guided.partition("\n")[0])


def path_with_llama_server() -> str:
    """Return a PATH on which `serve-model` finds the server first."""
    program = os.environ.get("TRACEMEND_LLAMA_SERVER")
    if not program:
        pytest.skip("TRACEMEND_LLAMA_SERVER names no program: llama-server cannot be had here")
    return f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}"


def guarded(server: Endpoint, table: SymbolTable, hole: Hole) -> GuardedAnswer:
    """Return what the server writes at a hole, opened as `complete` opens it."""
    endpoint = client_of(server)
    guide = Guide(table, before=hole.prompt)
    opening = opening_fields(table, endpoint.capabilities(), before=hole.prompt)
    assert opening is not None and opening["grammar_lazy"]
    return guarded_completion(
        endpoint, lambda: guide, hole.prompt, max_tokens=MAX_TOKENS, temperature=0.0, opening=opening
    )


def tracemend(home: Path, *arguments: str) -> str:
    """Return what a command says on stdout."""
    homes = {name: f"{home}/{name}" for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        (COMMAND, *arguments),
        cwd=home,
        env={**os.environ, **homes},
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
