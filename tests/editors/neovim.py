"""Drive a real Neovim through a session: open, break, save, see the failure, take the proven repair.

    python tests/editors/neovim.py [NVIM]

Exit code 0: everything happened. 1: it did not. 2: there is no Neovim.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_S = 400.0
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


def main(arguments: list[str]) -> int:
    """Run the session and return the exit code."""
    neovim = shutil.which(arguments[0] if arguments else "nvim")
    if neovim is None:
        print("There is no nvim; install Neovim 0.7 or later.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tracemend-neovim-") as directory:
        folder = Path(directory).resolve()
        for name, text in FILES.items():
            (folder / "shop" / name).parent.mkdir(exist_ok=True)
            (folder / "shop" / name).write_text(text)
        return run(neovim, folder)


def run(neovim: str, folder: Path) -> int:
    """Run Neovim on the project in `folder`, in a process group of its own that ends with it."""
    script = Path(__file__).with_suffix(".lua")
    environment = {
        **os.environ,
        "TRACEMEND_COMMAND": json.dumps(SERVER),
        "TRACEMEND_FILE": str(folder / "shop" / "shop.py"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    command = [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}"]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        print("Neovim did not come to an end.", file=sys.stderr)
        code = 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
