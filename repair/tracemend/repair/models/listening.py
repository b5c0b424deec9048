"""One attempt to get an answer: the request runs in the background, the asking thread listens and may break it off.

The receiver of the text is called in the asking thread, so that it may take its time without holding up other requests.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .background import run_in_background
from .errors import Cancelled
from .protocol import TextReceiver

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .transport import Reply, Transport

CANCEL_STEP_S = 0.05

Result = TypeVar("Result")
Outcome = Literal["whole", "enough", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of an attempt. `text` is what the receiver got, `failure` what the client raised."""

    text: str
    outcome: Outcome
    failure: Exception | None = None


def listen(
    transport: Transport,
    path: str,
    body: Mapping[str, object],
    reply: Reply,
    *,
    max_tokens: int,
    deadline_s: float,
    on_text: TextReceiver | None,
    cancel: threading.Event | None,
) -> Heard:
    """Ask once. Breaking off cancels the request's task, which closes its connection; the server sees that at once."""
    pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    request = transport.ask(path, body, reply, pieces.put, max_tokens=max_tokens, deadline_s=deadline_s)
    future = run_in_background(request)
    future.add_done_callback(lambda _: pieces.put(None))
    try:
        text, broken_off = _hear_out(pieces, on_text, cancel)
    finally:
        future.cancel()  # Does nothing to one that is done.
    if broken_off is not None:
        return Heard(text, broken_off)
    failure = future.exception()
    if failure is None:
        return Heard(text, "whole")
    if not isinstance(failure, Exception):
        raise failure
    return Heard(text, "failed", failure)


def wait_for(coroutine: Coroutine[Any, Any, Result], cancel: threading.Event | None) -> Result:
    """Return the result of a request that has no text to listen to. Raises `Cancelled`."""
    future: Future[Result] = run_in_background(coroutine)
    try:
        while True:
            try:
                return future.result(timeout=CANCEL_STEP_S if cancel else None)
            except TimeoutError:
                if future.done():
                    raise
                if cancel is not None and cancel.is_set():
                    raise Cancelled("Cancelled while the endpoint was asked.") from None
    finally:
        future.cancel()


def pause(seconds: float, cancel: threading.Event | None) -> None:
    """Wait before another attempt. Raises `Cancelled`."""
    if cancel is None:
        time.sleep(seconds)
    elif cancel.wait(seconds):
        raise Cancelled("Cancelled while waiting to ask the endpoint again.")


def _hear_out(
    pieces: queue.SimpleQueue[str | None], on_text: TextReceiver | None, cancel: threading.Event | None
) -> tuple[str, Literal["enough", "cancelled"] | None]:
    """Collect the pieces up to the end of the answer, or until someone has enough."""
    heard: list[str] = []
    while True:
        if cancel is not None and cancel.is_set():
            return "".join(heard), "cancelled"
        try:
            piece = pieces.get(timeout=CANCEL_STEP_S if cancel else None)
        except queue.Empty:
            continue
        if piece is None:
            return "".join(heard), None
        heard.append(piece)
        if on_text is not None and on_text(piece) is True:
            return "".join(heard), "enough"
