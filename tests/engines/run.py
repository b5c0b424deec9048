"""The suite of the real engines: `make test-engines`.

    python tests/engines/run.py                  everything
    python tests/engines/run.py llama vllm-v2    these parts, with what they need

Makes the environments and the model that are missing (a quarter of an hour the first time, most of it compiling llama.cpp), then
runs each part in a pytest process of its own: an engine may end its process, and vLLM's runner is chosen once a
process. A part whose engine has no wheel for this machine is skipped, and the reason said.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.environments import ENVIRONMENTS, LLAMA_SERVER, ROOT, Unavailable, has_module
from engines.models import scripted_model_with
from engines.runners import RUNNER_VARIABLE

PART_TIMEOUT_S = 3000
AT_A_TIME = 2
FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Part:
    """Tests to run, the environment they run in (None: ours) and the module without which they say nothing."""

    file: str
    environment: str | None
    module: str
    variables: Mapping[str, str] = field(default_factory=dict)


PARTS = {
    "transformers": Part("test_transformers.py", "torch", "transformers"),
    "rows": Part("test_tensor_rows.py", "torch", "torch"),
    "vllm-v1": Part("test_vllm.py", "torch", "vllm", {RUNNER_VARIABLE: "v1"}),
    "vllm-v2": Part("test_vllm.py", "torch", "vllm", {RUNNER_VARIABLE: "v2"}),
    "vllm-speculation": Part("test_vllm_speculation.py", "torch", "vllm"),
    "vllm-batches": Part("test_vllm_batches.py", "torch", "vllm"),
    "llama": Part("test_llama.py", "llama", "llama_cpp"),
    "llama-server": Part("test_llama_server.py", None, "tracemend"),
    "serve-model": Part("test_serve_model.py", None, "tracemend"),
    "fix": Part("test_fix.py", None, "tracemend"),
    "fix-llama-server": Part("test_fix_llama_server.py", None, "tracemend"),
}


def main(arguments: Sequence[str]) -> int:
    """Run the named parts, all by default, and return the exit code: 1 if any test failed."""
    pythons = dict(_pythons())
    if "torch" not in pythons:
        print("Skipped: every part, for the model is made with PyTorch.", flush=True)
        return 0
    variables = {
        "TRACEMEND_SCRIPTED_MODEL": str(scripted_model_with(pythons["torch"])),
        "TRACEMEND_LLAMA_PYTHON": str(pythons.get("llama", "")),
        "TRACEMEND_LLAMA_SERVER": str(LLAMA_SERVER) if LLAMA_SERVER.exists() else "",
        "TRACEMEND_VLLM_PYTHON": str(pythons["torch"]) if has_module(pythons["torch"], "vllm") else "",
    }
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        codes = pool.map(lambda name: _run(name, PARTS[name], pythons, variables), arguments or PARTS)
        return int(any(list(codes)))


def _pythons() -> Iterator[tuple[str, Path]]:
    """Yield the interpreters of the environments that can be had."""
    for name, environment in ENVIRONMENTS.items():
        try:
            yield name, environment.ready()
        except Unavailable as reason:
            print(f"Skipped: the environment {name}: {reason}.", flush=True)


def _run(name: str, part: Part, pythons: Mapping[str, Path], variables: Mapping[str, str]) -> int:
    python = Path(sys.executable) if part.environment is None else pythons.get(part.environment)
    if python is None or not has_module(python, part.module):
        print(f"Skipped: {name}, for there is no {part.module}.", flush=True)
        return 0
    environment = {
        **os.environ,
        **variables,
        **part.variables,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "GGML_NO_BACKTRACE": "1",
        "PYTHONPATH": "",
    }
    command = (
        python,
        "-m",
        "pytest",
        "-q",
        "-Wignore",
        "-pno:cacheprovider",
        f"--confcutdir={FOLDER}",
        FOLDER / part.file,
    )
    started = time.monotonic()
    code, said = _bounded(command, environment)
    print(f"== {name}: exit code {code} after {time.monotonic() - started:.0f} s\n{said}", flush=True)
    return code


def _bounded(command: Sequence[str | Path], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command and return its exit code and what it said; all that it started ends with it, or with its time."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(PART_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            output.write(f"It took longer than {PART_TIMEOUT_S} s.\n")
            code = 1
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        return code, output.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
