"""Leaving when the editor has died without saying so.

Usually its end of the pipe closes and that is enough. But another process may have inherited it, and a TCP connection
may linger; so the process that `initialize` names is watched as well (LSP 3.17, `processId`). A process that cannot be
seen from here to begin with, because the editor runs in another container, is not taken for dead.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

logger = logging.getLogger(__name__)

POLL_S = 3.0


def watch_parent(pid: int, loop: asyncio.AbstractEventLoop, on_death: Callable[[], None]) -> None:
    """Call `on_death` on the event loop when the process `pid` has ended."""
    if not _is_alive(pid):
        logger.info("The client's process %d cannot be seen from here and is not watched.", pid)
        return
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):  # Not Linux, or a sandbox without the call.
        _poll(pid, loop, on_death)
        return

    def ended() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        on_death()

    loop.add_reader(descriptor, ended)


def _poll(pid: int, loop: asyncio.AbstractEventLoop, on_death: Callable[[], None]) -> None:
    def look() -> None:
        if _is_alive(pid):
            loop.call_later(POLL_S, look)
        else:
            on_death()

    loop.call_later(POLL_S, look)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
