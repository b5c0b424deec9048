"""Running the engine under the eyes of the user, who may stop it.

The engine works in a thread of its own, so that Ctrl-C is answered at once: the first one asks the engine to stop and
hand over what it found, the second one leaves immediately.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from tracemend.repair.events import Collected, Event
from tracemend.repair.keeping import Keeping
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.reports import FixOptions, FixReport

from .errors import say
from .progress import watcher_for
from .project import Setting
from .terminal import progress_console

if TYPE_CHECKING:
    from tracemend.repair.propose.strategies.advisors import Advisors

POLL_S = 0.1  # How often the main thread looks whether the engine is done.
GRACE_S = 5.0  # How long a cancelled engine may take to hand over what it found.

Listener = Callable[[Event], None]


class Engine(Protocol):
    """What this command asks of the engine."""

    def fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        """Mend what fails, telling `listener`, until done or `cancel` is set."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of running the engine. `tests` is the number collected, None if it did not come to that."""

    report: FixReport
    stopped: bool
    tests: int | None


def load_engine(
    setting: Setting, options: FixOptions, kept: Keeping, advisors: Advisors | None = None
) -> Engine:
    """Import and make the engine. It is imported here, for it takes longer than `--help` should."""
    from tracemend.repair.engine import Engine as RepairEngine

    return RepairEngine(
        setting.project, setting.runner, options, record=kept.record, memory=kept.memory, advisors=advisors
    )


@contextmanager
def advising(endpoint: ModelSettings | None, strategy: str, kept: Keeping) -> Iterator[Advisors | None]:
    """Open the endpoint for one run, None where no model is asked; what it says is loaded with the first use."""
    if endpoint is None:
        yield None
        return
    from tracemend.repair.propose.strategies.advisors import advisors_for

    with advisors_for(endpoint, strategy=strategy, record=kept.record) as advisors:
        yield advisors


def run_engine(make_engine: Callable[[], Engine]) -> Run:
    """Run the engine under a watcher. Raises what the engine raised."""
    cancel = threading.Event()
    outcome: list[FixReport | BaseException] = []
    collected: list[Collected] = []

    def listen(event: Event) -> None:
        if isinstance(event, Collected):
            collected.append(event)
        watcher(event)

    def work() -> None:
        try:
            outcome.append(make_engine().fix(listen, cancel))
        except BaseException as error:  # noqa: BLE001 - carried over to the main thread, and raised there.
            outcome.append(error)

    worker = threading.Thread(target=work, name="engine", daemon=True)
    with watcher_for(progress_console()) as watcher, cancelled_by_signals(cancel):
        worker.start()
        _wait(worker, cancel)
    if not outcome:
        raise KeyboardInterrupt
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    if cancel.is_set():
        say("Stopped; this is what was found so far.")
    return Run(outcome[0], cancel.is_set(), collected[0].tests if collected else None)


def _wait(worker: threading.Thread, cancel: threading.Event) -> None:
    """Wait until the worker is done, or for `GRACE_S` after it was asked to stop.

    In short steps, because Python handles a signal only when the main thread runs, and the system may have woken
    another one for it.
    """
    deadline = math.inf
    while worker.is_alive() and time.monotonic() < deadline:
        worker.join(POLL_S)
        if cancel.is_set():
            deadline = min(deadline, time.monotonic() + GRACE_S)


@contextmanager
def cancelled_by_signals(cancel: threading.Event) -> Iterator[None]:
    """Let the first signal to end set `cancel`, and the second one end the command."""

    def handle(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
