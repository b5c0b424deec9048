"""`serve-model` with engines that are only played; the real ones are in tests/engines."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from tracemend.server.cli.app import app

FOUND = {
    "vllm": True,
    "llama": True,
    "named": True,
    "device": "cpu",
    "version": "0.32.0",
    "tracemend": True,
    "numpy": True,
}

# Answers the probe as told, and else serves one page and has a child of its own; writes down what it was called with.
PLAYER = """
    #!{python}
    import json, subprocess, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer
    if "-c" in sys.argv:
        print("a banner"); print({found!r}); sys.exit()
    if {code} is not None:
        sys.exit({code})
    child = subprocess.Popen(["sleep", "100"])
    open({note!r}, "w").write(json.dumps([sys.argv[1:], child.pid]))
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/v1/models" else 404); self.end_headers()
        def log_message(self, *words): pass
    HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


def player(folder: Path, name: str = "python", *, code: int | None = None, **found: object) -> Path:
    """Make a program that plays an interpreter with engines, or an engine."""
    path = folder / name
    note = f"{folder / 'note'}"
    text = PLAYER.format(python=sys.executable, found=json.dumps(FOUND | found), note=note, code=code)
    path.write_text(dedent(text).lstrip(), "utf-8")
    path.chmod(0o755)
    return path


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run the command in this process; return its exit code and what it said."""
    done = CliRunner().invoke(app, ["serve-model", *map(str, arguments)])
    assert done.stdout == ""
    return done.exit_code, done.stderr


@contextmanager
def served(*arguments: str | Path, path: str | None = None) -> Iterator[list[str]]:
    """Serve a model, yield the words that were printed, and end it with Ctrl-C."""
    environment = os.environ | ({"PATH": path} if path is not None else {})
    process = subprocess.Popen(
        (*_command(), *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.terminate()  # Its engine ends with it, which it would not if it were killed.
        process.wait(30)


def test_vllm_is_started_with_the_plug_in_and_ends_with_us(tmp_path: Path) -> None:
    port = free_port()
    with served(
        "model", "--python", player(tmp_path), "--port", f"{port}", "--max-model-len", "256"
    ) as words:
        assert words == ["--base-url", f"http://127.0.0.1:{port}/v1", "--model", "model"]
        called, child = json.loads((tmp_path / "note").read_text("utf-8"))
        assert called[:4] == ["-m", "vllm.entrypoints.cli.main", "serve", "model"]
        assert called[called.index("--logits-processors") + 1].endswith("vllm_plugin:GuidePlugin")
        assert called[-2:] == ["--max-model-len", "256"]
    assert is_gone(child)


def test_a_gguf_file_is_served_by_llama_cpp(tmp_path: Path) -> None:
    player(tmp_path, "llama-server")
    model = tmp_path / "small.gguf"
    model.touch()
    port = free_port()
    with served(
        model, "--port", f"{port}", "--name", "mine", path=f"{tmp_path}:{os.environ['PATH']}"
    ) as words:
        assert words[2:] == ["--model", "mine"]
        called, child = json.loads((tmp_path / "note").read_text("utf-8"))
        assert called == ["-m", f"{model}", "--alias", "mine", "--host", "127.0.0.1", "--port", f"{port}"]
    assert is_gone(child)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"vllm": False}, "has no vLLM"),
        ({"device": ""}, "no device"),
        ({"tracemend": False}, "pip install 'path/to/tracemend[vllm]'"),
    ],
)
def test_what_vllm_lacks_is_said(tmp_path: Path, found: dict[str, object], words: str) -> None:
    code, said = run("model", "--python", player(tmp_path, **found))
    assert code == 2 and words in said


def test_a_model_that_is_not_there_is_said() -> None:
    for model in ("./nowhere", "nowhere.gguf"):
        code, said = run(model)
        assert code == 2 and f"There is no model at {model}." in said


def test_llama_cpp_that_is_not_there_is_said(tmp_path: Path) -> None:
    model = tmp_path / "small.gguf"
    model.touch()
    code, said = run(model, "--python", player(tmp_path, llama=False))
    assert code == 2 and "llama-cpp-python" in said
    code, said = run(model, "--python", "no-such-python")
    assert code == 2 and "There is no interpreter no-such-python." in said


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        code, said = run("model", "--python", player(tmp_path), "--port", f"{port}")
    assert code == 2 and f"Port {port} cannot be used" in said


def test_an_engine_that_ends_by_itself_is_said(tmp_path: Path) -> None:
    arguments = ("model", "--python", player(tmp_path, code=3), "--port", f"{free_port()}")
    done = subprocess.run((*_command(), *arguments), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ended with code 3 before it was ready" in done.stderr


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def is_gone(pid: int) -> bool:
    """Say whether the process has ended, which a moment may pass after it was killed."""
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def _command() -> tuple[str, ...]:
    return (f"{Path(sys.executable).with_name('tracemend')}", "serve-model")
