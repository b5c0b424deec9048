"""Drive the real neotest in a real Neovim with the plug-in's adapter: see the tests, run them, break one, mend it.

    python tests/editors/neotest.py [NVIM]

neotest and what it needs are taken from build/neotest, where git puts them once from GitHub. Exit code 0: everything
happened. 1: it did not. 2: there is no Neovim of 0.10 or later, or no neotest, which is then said.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from editor_run import SERVER, make_project, run_editor

TIMEOUT_S = 1200.0
DOWNLOAD_S = 120.0
ROOT = Path(__file__).parents[2]
STORY = Path(__file__).with_name("neotest_story.lua")
PLUGINS = ROOT / "build" / "neotest"
# What is tried is what is told: docs/editors.md names these versions.
REPOSITORIES = {
    "neotest": ("nvim-neotest/neotest", "1c529a1ef9c82e8131e872368415cecc2bb86ea2"),
    "nvim-nio": ("nvim-neotest/nvim-nio", "21f5324bfac14e22ba26553caf69ec76ae8a7662"),
    "plenary.nvim": ("nvim-lua/plenary.nvim", "b9fd5226c2f76c951fc8ed5923d85e4de065e509"),
}
TESTS = """import pytest

from shop import total


def test_total():
    assert total([1, 2]) == 3
def test_nothing():
    assert total([]) == 0


class TestMany:
    @pytest.mark.parametrize("n", [1, 2], ids=["one", "two"])
    def test_many(self, n):
        assert total([1] * n) == n
"""


def main(arguments: list[str]) -> int:
    """Run the session and return the exit code."""
    neovim = shutil.which(arguments[0] if arguments else "nvim")
    if neovim is None:
        print("Skipped: there is no such nvim.", file=sys.stderr)
        return 2
    missing = [name for name in REPOSITORIES if not fetched(name)]
    if missing:
        print(f"Skipped: {', '.join(missing)} cannot be had from GitHub here.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tracemend-neotest-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory).resolve()
        project = make_project(folder)
        (project / "test_shop.py").write_text(TESTS)
        plugins = [*(str(PLUGINS / name) for name in REPOSITORIES), str(ROOT / "editors" / "neovim")]
        variables = {
            "TRACEMEND_COMMAND": json.dumps(SERVER),
            "TRACEMEND_FILE": str(project / "shop.py"),
            "TRACEMEND_TEST_FILE": str(project / "test_shop.py"),
            "TRACEMEND_PLUGINS": json.dumps(plugins),
        }
        command = [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {STORY}"]
        return 1 if run_editor(command, variables, folder, TIMEOUT_S) else 0


def fetched(name: str) -> bool:
    """Say whether a plug-in is there, after trying to get it where it is not."""
    target = PLUGINS / name
    if (target / "lua").is_dir():
        return True
    repository, commit = REPOSITORIES[name]
    target.mkdir(parents=True, exist_ok=True)
    for arguments in (
        ["init", "--quiet"],
        ["fetch", "--quiet", "--depth", "1", f"https://github.com/{repository}", commit],
        ["checkout", "--quiet", "FETCH_HEAD"],
    ):
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=target, capture_output=True, check=False, timeout=DOWNLOAD_S
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
