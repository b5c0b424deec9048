"""Work in processes of its own: numbered jobs one after the other, or one piece apart from all others or listened to.

The jobs of `run_in_order` may hang, end their process or exhaust it: then the job that did so gets an outcome that says so, and a new
process goes on with the next one. Needs `os.fork`; without it nothing is run and every outcome says that.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import json
import os
import select
import signal
import time
import traceback
from typing import Any, Callable, Iterator

from .calling import Outcome

MAX_DEATHS = 6
READ_BYTES = 65536
APART_DONE = 17  # The exit code of a fork that came to its end.

Job = Callable[[int], Outcome]


def run_in_order(prepare: Callable[[], Job], count: int, *, wall_s: float, stall_s: float) -> list[Outcome]:
    """Return the outcomes of jobs 0 to `count`: `prepare()` is called in the new process and gives the job.

    A job from which nothing is heard for `stall_s` has the outcome "timeout"; one whose process ended counts as
    raising. All that is not done after `wall_s`, or after too many lost processes, is "unsupported".
    """
    if not hasattr(os, "fork"):
        return [Outcome("unsupported", text="needs fork, which this system lacks")] * count
    deadline = time.monotonic() + wall_s
    outcomes: list[Outcome] = []
    deaths = 0
    while len(outcomes) < count and deaths <= MAX_DEATHS and time.monotonic() < deadline:
        last = _run_some(prepare, outcomes, count, deadline, stall_s)
        if last is not None:
            outcomes.append(last)
            deaths += 1
    left_out = Outcome("unsupported", text="there was no time left for it")
    return outcomes[:count] + [left_out] * (count - len(outcomes))


def _run_some(
    prepare: Callable[[], Job], outcomes: list[Outcome], count: int, deadline: float, stall_s: float
) -> Outcome | None:
    """Run jobs from the first without an outcome; return the outcome of the one that lost the process, if any."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(prepare, range(len(outcomes), count), writer)
    os.close(writer)
    try:
        stalled = False
        for line in _lines(reader, deadline, stall_s):
            stalled = line is None
            if line is not None:
                outcomes.append(Outcome(*json.loads(line)))
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if len(outcomes) >= count or time.monotonic() > deadline:
        return None
    if stalled:
        return Outcome("timeout", "timeout", "does not end in time")
    return Outcome("raise", "process ended", "ends the process", "process ended")


def _child(prepare: Callable[[], Job], jobs: range, writer: int) -> None:
    """Run the jobs and send a line each; never returns."""
    try:
        try:
            job = prepare()
        except Exception as error:  # noqa: BLE001 (why a patch cannot be installed is told for each job)
            job = functools.partial(_refuse, f"not installed: {error}")
        for index in jobs:
            _send(writer, json.dumps(job(index)).encode() + b"\n")
    finally:
        os._exit(0)


def _refuse(reason: str, index: int) -> Outcome:
    return Outcome("unsupported", text=reason)


def _send(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]


def _lines(reader: int, deadline: float, stall_s: float) -> Iterator[bytes | None]:
    """Yield lines until the far side closes; None ends the stream when it was silent for too long."""
    buffer = b""
    while True:
        wait_s = min(stall_s, deadline - time.monotonic())
        ready = select.select([reader], [], [], max(0.0, wait_s))[0]
        if not ready:
            yield None
            return
        data = os.read(reader, READ_BYTES)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        yield from lines


def heard_from(work: Callable[[Callable[[Any], None]], None], wall_s: float) -> list[Any]:
    """Do `work(tell)` in a fork, which is ended after `wall_s`, and return what it told until then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            work(lambda message: _send(writer, json.dumps(message).encode() + b"\n"))
        finally:
            os._exit(0)  # Also where the test asks for the end of its process.
    os.close(writer)
    try:
        return [json.loads(one) for one in _lines(reader, time.monotonic() + wall_s, wall_s) if one]
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def run_apart(work: Callable[[], None]) -> None:
    """Do `work` in a fork; where that does not come to its end, come to the same end."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(APART_DONE)
        except BaseException:  # noqa: BLE001 (the tool reads it in the output)
            os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGPROF:
            faulthandler.unregister(number)  # The stack is the child's, which has written it.
        with contextlib.suppress(OSError):  # SIGKILL needs no handler taken away.
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    elif os.WEXITSTATUS(status) != APART_DONE:
        os._exit(os.WEXITSTATUS(status))
