"""One event loop in one thread, on which all requests to models run.

The callers are threads that wait. Asynchronous input and output underneath is what makes cancelling prompt: a blocking
read of a socket cannot be woken from outside, a task can be cancelled wherever it waits, and closes its connection.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run_in_background(coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
    """Start `coroutine` on the loop; cancelling the future cancels the task."""
    return asyncio.run_coroutine_threadsafe(coroutine, _running_loop())


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="tracemend-models", daemon=True).start()
        return _loop
