"""How the server starts processes of its own code.

An editor starts the server in the folder that it opened, and `python -m` would put that folder first on `sys.path`: a
`json.py` in a repository would then run, uncontained, in the workers of a workspace that nobody trusts. `-P` leaves the
folder away (see `sys.flags.safe_path`); the rest of the user's environment counts as it does for the server.
"""

from __future__ import annotations

import sys


def worker_command(module: str) -> list[str]:
    """Return the command that runs `module` of this package in a process of its own, whatever the directory."""
    return [sys.executable, "-P", "-m", f"{__package__}.{module}"]
