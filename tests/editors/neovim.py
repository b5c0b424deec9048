"""Drive a real Neovim with the plug-in through a session: break, save, see the failure, take the proven repair.

    python tests/editors/neovim.py [NVIM]

Exit code 0: everything happened. 1: it did not. 2: there is no Neovim.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from editor_run import SERVER, make_project, run_editor, scripted_model

TIMEOUT_S = 1200.0
STORY = Path(__file__).with_name("neovim_story.lua")
PLUGIN = Path(__file__).parents[2] / "editors" / "neovim"


def main(arguments: list[str]) -> int:
    """Run the session and return the exit code."""
    neovim = shutil.which(arguments[0] if arguments else "nvim")
    if neovim is None:
        print("There is no nvim; install Neovim 0.7 or later.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tracemend-neovim-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory).resolve()
        project = make_project(folder)
        variables = {
            "TRACEMEND_COMMAND": json.dumps(SERVER),
            "TRACEMEND_FILE": str(project / "shop.py"),
            "TRACEMEND_PLUGIN": str(PLUGIN),
        }
        # Debian's 0.7.2 has no `nvim -l`, hence luafile.
        command = [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {STORY}"]
        with scripted_model(folder, 'f"Total: {total(xs)}"\n'):
            return 1 if run_editor(command, variables, folder, TIMEOUT_S) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
