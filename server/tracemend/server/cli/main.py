"""The entry point of the command line.

It imports nothing of ours before it is called: importing takes half a second, in which Ctrl-C would show a traceback.
"""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line and leave with its exit code."""
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # Until the commands are there to answer it, it simply ends us.
    from .app import app

    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
