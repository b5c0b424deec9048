"""The entry point of the command line.

It imports nothing of ours before it is called: importing, and then reading the signatures of all commands, takes
half a second, in which Ctrl-C would show a traceback.
"""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Until the commands are there to answer it, Ctrl-C simply ends us.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from typer.main import get_command

    from .app import app

    command = get_command(app)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command()
