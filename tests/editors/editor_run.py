"""What the sessions in real editors have in common: the project, the server, and an editor that surely ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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
