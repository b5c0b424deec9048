"""Drive a real Emacs, configured as docs/editors.md says, through a session: break, save, see it, take the repair.

    python tests/editors/emacs.py [EMACS]

Exit code 0: everything happened. 1: it did not. 2: there is no Emacs.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from editor_run import SERVER, make_project, run_editor

TIMEOUT_S = 1200.0
STORY = Path(__file__).with_name("emacs_story.el")
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "editors.md"


def main(arguments: list[str]) -> int:
    """Run the session and return the exit code."""
    emacs = shutil.which(arguments[0] if arguments else "emacs")
    if emacs is None:
        print("There is no emacs; install Emacs 28 or later.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tracemend-emacs-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory).resolve()
        project = make_project(folder)
        (folder / "init.el").write_text(documented_configuration())
        variables = {
            "PATH": os.pathsep.join([str(command_folder(folder)), os.environ["PATH"]]),
            "TRACEMEND_FILE": str(project / "shop.py"),
            "TRACEMEND_CONFIGURATION": str(folder / "init.el"),
        }
        return 1 if run_editor([emacs, "--batch", "-l", str(STORY)], variables, folder, TIMEOUT_S) else 0


def documented_configuration() -> str:
    """Return the first Lisp of the documentation, so that it is what is tried."""
    match = re.search(r"^```elisp\n(.*?)^```", DOCUMENTATION.read_text(), re.DOTALL | re.MULTILINE)
    assert match is not None, f"{DOCUMENTATION} has no configuration for Emacs."
    return match[1]


def command_folder(folder: Path) -> Path:
    """Make a directory in which `tracemend` is this checkout's."""
    command = folder / "bin" / "tracemend"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(SERVER[:-1])} "$@"\n')
    command.chmod(0o755)
    return command.parent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
