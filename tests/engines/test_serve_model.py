"""`tracemend serve-model` with real engines: what it prints, what the endpoint does, and how it ends.

Runs in tracemend's own environment; the engines are in those whose interpreters the run of the suite names.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from engines.models import GGUF_NAME
from engines.scenes import MAX_TOKENS, Hole, holes, scripted_folder

from tracemend.analysis.decoding.adapters import lazy_grammars
from tracemend.analysis.decoding.adapters.grammars import (
    NameAtHole,
    gbnf,
    name_at_hole,
    vllm_fields,
    vllm_structural_tag,
)
from tracemend.analysis.decoding.adapters.requests import TABLE, request_fields
from tracemend.analysis.decoding.machine import Guide
from tracemend.repair.models import endpoint as models
from tracemend.repair.models.capabilities import choose_route
from tracemend.repair.models.guard import guarded_completion
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

HOLES = holes()
END_TIME_S = 60
COMMAND = Path(sys.executable).with_name("tracemend")
SMALL = ("--max-model-len", "256", "--enforce-eager", "--dtype", "float32")


@dataclass(frozen=True)
class Endpoint:
    """What serve-model said where to ask, and its process."""

    base_url: str
    model: str
    process: subprocess.Popen[str]

    def complete(self, prompt: str, **fields: Any) -> tuple[int, str]:
        """Return the status, and the text written or the message of the error."""
        body = {"model": self.model, "prompt": prompt, "max_tokens": MAX_TOKENS, "temperature": 0.0, **fields}
        request = urllib.request.Request(
            f"{self.base_url}/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)["choices"][0]["text"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def serving(
    python: str | None, model: Path, *arguments: str, path: str = os.environ["PATH"]
) -> Iterator[Endpoint]:
    """Run serve-model until the test is over; then Ctrl-C must leave no process of its group."""
    chosen = ("--python", python) if python is not None else ()
    variables = {"OMP_NUM_THREADS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "PATH": path}
    process = subprocess.Popen(
        (COMMAND, "serve-model", f"{model}", *chosen, "--port", f"{_free_port()}", *arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )
    assert process.stdout is not None
    try:
        words = process.stdout.readline().split()
        assert words[::2] == ["--base-url", "--model"], "Expected serve-model to say where it listens."
        yield Endpoint(words[1], words[3], process)
        children = _children(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(END_TIME_S) == 0
        assert children and not any(_group_lives(child) for child in children)
    finally:
        process.terminate()  # Its engine ends with it, which it would not if it were killed.
        process.wait(END_TIME_S)


@pytest.fixture(scope="module")
def vllm() -> Iterator[Endpoint]:
    yield from serving(_python("TRACEMEND_VLLM_PYTHON"), scripted_folder(), *SMALL)


@pytest.fixture(scope="module")
def llama() -> Iterator[Endpoint]:
    yield from serving(_python("TRACEMEND_LLAMA_PYTHON"), scripted_folder() / GGUF_NAME, "--n_threads", "1")


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_vllm_is_guided_by_the_plug_in(vllm: Endpoint, hole: Hole) -> None:
    fields = request_fields(hole.table, before=hole.prompt)
    assert vllm.complete(hole.prompt) == (200, hole.free)
    assert vllm.complete(hole.prompt, vllm_xargs=fields) == (200, hole.guided)


def test_a_table_that_vllm_was_sent_may_be_named_by_its_digest(vllm: Endpoint) -> None:
    hole = HOLES[0]
    vllm.complete(hole.prompt, vllm_xargs=request_fields(hole.table, before=hole.prompt))
    named = request_fields(hole.table, before=hole.prompt, by_digest=True)
    assert vllm.complete(hole.prompt, vllm_xargs=named) == (200, hole.guided)


@pytest.mark.parametrize("sent", ["zlib:?", "sha256:abc", "what"])
def test_fields_that_cannot_be_used_are_a_bad_request(vllm: Endpoint, sent: str) -> None:
    status, message = vllm.complete("x", vllm_xargs={TABLE: sent})
    assert status == 400
    assert TABLE in message or "send it whole" in message


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_vllm_takes_the_grammar_route_without_the_plug_in(vllm: Endpoint, hole: Hole) -> None:
    prompt, name = at_the_dot(hole)
    rest = hole.script.rest
    assert vllm.complete(prompt, **vllm_fields(name)) == (200, hole.script.right)
    assert vllm.complete(prompt, **vllm_fields(name, leading=True)) == (200, hole.script.right + rest)
    assert vllm.complete(prompt, **vllm_structural_tag(name)) == (200, hole.script.right + rest)


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_vllm_dispatches_on_the_first_receiver_that_is_read(vllm: Endpoint, hole: Hole) -> None:
    receivers = lazy_grammars.first_receivers(hole.table, before=hole.prompt)
    assert receivers is not None
    assert vllm.complete(hole.prompt, **lazy_grammars.vllm_fields(receivers)) == (200, hole.guided)


@pytest.mark.parametrize("hole", HOLES[1:4], ids=lambda hole: hole.name)
def test_vllm_opens_with_a_member_of_a_receiver(vllm: Endpoint, hole: Hole) -> None:
    receivers = lazy_grammars.first_receivers(hole.table, before=hole.prompt)
    grammar = lazy_grammars.opening_grammar(receivers) if receivers is not None else None
    assert vllm.complete(hole.prompt, structured_outputs={"grammar": grammar}) == (200, hole.guided)


def test_what_vllm_does_not_dispatch_on_is_written_freely(vllm: Endpoint) -> None:
    elsewhere = lazy_grammars.first_receivers(HOLES[1].table, before=HOLES[0].prompt)
    assert elsewhere is not None
    assert vllm.complete(HOLES[0].prompt, **lazy_grammars.vllm_fields(elsewhere)) == (200, HOLES[0].free)


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_llama_takes_the_grammar_route(llama: Endpoint, hole: Hole) -> None:
    prompt, name = at_the_dot(hole)
    assert llama.complete(prompt) == (200, hole.script.wrong + hole.script.rest)
    assert llama.complete(prompt, grammar=gbnf(name)) == (200, hole.script.right)
    leading = gbnf(name, leading=True)
    assert llama.complete(prompt, grammar=leading) == (200, hole.script.right + hole.script.rest)


def test_the_probe_finds_what_the_engines_are_known_to_do(vllm: Endpoint, llama: Endpoint) -> None:
    found = {one: client_of(one).capabilities(refresh=True) for one in (vllm, llama)}
    assert all(one.completions and one.streaming and one.logprobs for one in found.values())
    assert found[vllm].plugin and found[vllm].regex and found[vllm].dispatch
    assert not found[vllm].chat, "The model has no template for chats."
    assert found[llama].grammar and found[llama].chat and not found[llama].plugin
    assert not found[llama].lazy_grammar, "The server of llama-cpp-python has none."
    assert [choose_route(one).name for one in found.values()] == ["plug-in", "grammar"]


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
@pytest.mark.parametrize("engine", ["vllm", "llama"])
def test_the_stream_guard_needs_no_plug_in(engine: str, hole: Hole, request: pytest.FixtureRequest) -> None:
    endpoint = client_of(request.getfixturevalue(engine))
    guide = Guide(hole.table, before=hole.prompt)
    answer = guarded_completion(endpoint, lambda: guide, hole.prompt, max_tokens=MAX_TOKENS, temperature=0.0)
    assert (answer.text, answer.requests, answer.replaced) == (hole.guided, 2, ())


def client_of(served: Endpoint) -> models.Endpoint:
    """Return the product's own client of what is served."""
    settings = ModelSettings(served.base_url, served.model)
    return models.Endpoint(settings, Meter(settings))


def at_the_dot(hole: Hole) -> tuple[str, NameAtHole]:
    """Return the prompt as far as the dot, and the name that may stand behind it."""
    prompt = f"{hole.prompt}{hole.script.lead}."
    name = name_at_hole(hole.table, before=prompt)
    assert name is not None
    return prompt, name


def _python(variable: str) -> str:
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no interpreter: that engine cannot be had here")
    return python


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in text.split()]


def _group_lives(group: int) -> bool:
    """Say whether a process of the group is left, waiting a moment for those that were just killed."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True
