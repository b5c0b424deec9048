"""The way to the client, from any thread.

`Protocol` belongs to the event loop. `Link` carries calls there, lets a worker wait for the client's answer, and gives
it up when the worker's job is cancelled, so that no thread waits for an editor that will never answer.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Literal

from lsprotocol import types

from .jobs import Job
from .problems import Cancelled
from .protocol import Protocol

logger = logging.getLogger(__name__)

MessageKind = Literal["error", "warning", "info"]

MESSAGE_TYPES: dict[str, types.MessageType] = {
    "error": types.MessageType.Error,
    "warning": types.MessageType.Warning,
    "info": types.MessageType.Info,
}


class Link:
    """A thread-safe `Protocol` with words for what is said most."""

    def __init__(self, protocol: Protocol, loop: asyncio.AbstractEventLoop) -> None:
        self._protocol = protocol
        self._loop = loop
        self._thread = threading.current_thread()

    def on_loop(self, action: Callable[[], object]) -> None:
        """Carry out `action` on the event loop: now if this is it, else soon. After its end nothing happens."""
        if threading.current_thread() is self._thread:
            action()
            return
        try:
            self._loop.call_soon_threadsafe(action)
        except RuntimeError:  # The loop is closed: the server is leaving.
            logger.debug("A call came after the end of the event loop.")

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.on_loop(lambda: self._protocol.notify(method, params))

    def request(self, method: str, params: Any) -> None:
        """Send a request whose answer nobody waits for, such as a refresh."""
        self.on_loop(lambda: self._protocol.ask(method, params).add_done_callback(_log_refusal))

    def request_then(self, method: str, params: Any, then: Callable[[Any], None]) -> None:
        """Send a request, and call `then` on the event loop with the result; not at all if the client refuses."""

        def arrived(future: Future[Any]) -> None:
            _log_refusal(future)
            if not future.cancelled() and future.exception() is None:
                self.on_loop(lambda: then(future.result()))

        self.on_loop(lambda: self._protocol.ask(method, params).add_done_callback(arrived))

    def ask(self, method: str, params: Any, job: Job) -> Any:
        """Send a request and wait for the answer, in a worker. Raises `RequestProblem`, or `Cancelled` with the job."""
        assert threading.current_thread() is not self._thread, f"{method} would wait for the loop it blocks"
        begun: Future[Future[Any]] = Future()
        self.on_loop(lambda: begun.set_result(self._protocol.ask(method, params)))
        future = begun.result()
        job.on_cancel(lambda: self.on_loop(lambda: self._protocol.abandon(future)))
        try:
            return future.result()
        except CancelledError as error:
            raise Cancelled(method) from error

    def show_message(self, text: str, kind: str = "info") -> None:
        """Show the user a message. For what they should know or do, never for a stumble of ours."""
        self.notify(
            types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(MESSAGE_TYPES[kind], f"tracemend: {text}")
        )

    def log_message(self, text: str, kind: str = "info") -> None:
        """Write to the log that the client shows on demand."""
        self.notify(types.WINDOW_LOG_MESSAGE, types.LogMessageParams(MESSAGE_TYPES[kind], text))


def _log_refusal(future: Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        logger.info("%s", error)
