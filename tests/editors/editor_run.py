"""What the sessions in real editors have in common: the project, the server, and an editor that surely ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from openai_server import OpenAIServer, Traits

SERVER = (sys.executable, "-c", "from tracemend.server.cli.main import main; main()", "lsp")
FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\n",
    "shop.py": "def total(xs):\n    return sum(xs)\n",
    "test_shop.py": (
        "from shop import total\n\n\n"
        "def test_total():\n    assert total([1, 2]) == 3\n\n\n"
        "def test_nothing():\n    assert total([]) == 0\n"
    ),
}


@contextmanager
def scripted_model(folder: Path, says: str) -> Iterator[None]:
    """Serve a model that always says the same, named by the settings of the user whose files are below `folder`.

    By its name it was trained to fill in the middle.
    """
    with OpenAIServer(lambda asked: says, Traits(models=("starcoder2-scripted",))) as model:
        settings = folder / "config" / "tracemend" / "config.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f'model-base-url = "{model.base_url}"\n')
        yield


def make_project(folder: Path) -> Path:
    """Write the project, in which everything passes, and return its directory."""
    project = folder / "shop"
    project.mkdir()
    for name, text in FILES.items():
        (project / name).write_text(text)
    return project


def run_editor(command: Sequence[str], variables: Mapping[str, str], folder: Path, timeout_s: float) -> int:
    """Run an editor in a process group that ends with it, with its user's files below `folder`; return its exit code."""
    environment = {
        **os.environ,
        **{f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA", "STATE")},
        "HOME": str(folder),
        **variables,
    }
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        print(f"{command[0]} did not come to an end.", file=sys.stderr)
        return 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()
