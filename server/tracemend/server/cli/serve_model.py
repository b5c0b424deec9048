"""`tracemend serve-model`: a local model behind an OpenAI-compatible endpoint, with names guided where the engine can.

The engine is a child in a process group of its own, which ends with this command, however that ends. What the engine
says goes to stderr; stdout holds the one line for `--base-url`, printed when the endpoint answers.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from tracemend.repair.runner.environment import EnvironmentProblem

from .errors import EXIT_OK, reported, say

if TYPE_CHECKING:
    from tracemend.server.model_servers import ModelServer

DEFAULT_PORT = 8000


@reported
def serve_model(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model's folder or hub name, or a .gguf file.")
    ],
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The interpreter that has vLLM or llama-cpp-python.")
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", help="The port on this machine.")] = DEFAULT_PORT,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What requests call the model; its own name by default."),
    ] = None,
) -> int:
    """Serve a local model to tracemend and editors. Options it does not know are handed to vLLM or llama.cpp.

    vLLM is started with tracemend's plug-in, which forbids names that cannot be while they are written.

    A .gguf file is served by llama.cpp. Ctrl-C ends the server.

    Exit code 2: it could not be started, or ended by itself.
    """
    from tracemend.server.model_servers import llama_server, running, vllm_server, wait_until_ready

    _check_model(model)
    chosen = llama_server if model.endswith(".gguf") else vllm_server
    server = chosen(model, name=name or Path(model).stem, python=python, port=port, arguments=context.args)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    try:
        with running(server) as process:
            wait_until_ready(server, process)
            _announce(server)
            code = process.wait()
    except KeyboardInterrupt:
        say("The model is no longer served.")
        return EXIT_OK
    raise EnvironmentProblem(f"{server.engine} ended with code {code}.", "Its own words above say why.")


def _announce(server: ModelServer) -> None:
    say(f"{server.engine} serves {server.name}. {server.guidance} Ctrl-C ends it.")
    sys.stdout.write(f"--base-url {server.base_url} --model {server.name}\n")
    sys.stdout.flush()


def _check_model(model: str) -> None:
    """Raise `EnvironmentProblem` for a path where nothing is; what looks like none may be a name in a hub."""
    path = Path(model).expanduser()
    is_path = model.endswith(".gguf") or model.startswith((".", "/", "~"))
    if is_path and not path.exists():
        raise EnvironmentProblem(f"There is no model at {model}.", "Name a model's folder, or a .gguf file.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that the engine never outlives us."""
    raise KeyboardInterrupt
