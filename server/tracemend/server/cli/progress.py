"""Watching the engine work: a live view on a terminal, a few plain lines anywhere else.

Both are listeners for `tracemend.repair.events` and write to stderr alone. The engine calls them from several threads.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tracemend.repair import events
from tracemend.repair.events import Event
from tracemend.repair.explain.messages import short_message
from tracemend.repair.runner.results import Containment

from .terminal import STATUS_STYLES, count, printable, shortened

REFRESH_PER_SECOND = 8


class Watcher(AbstractContextManager["Watcher"]):
    """A listener that may hold the terminal while the engine works."""

    @abstractmethod
    def __call__(self, event: Event) -> None:
        """Take note of an event."""


def watcher_for(console: Console) -> Watcher:
    """Return the watcher that suits where `console` (of stderr) writes to."""
    return (
        LiveWatcher(console)
        if console.is_terminal and not console.is_dumb_terminal
        else PlainWatcher(console)
    )


class PlainWatcher(Watcher):
    """One line for each thing that is worth keeping in the log of a build."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""

    def __call__(self, event: Event) -> None:
        """Print the line of `event`, if it has one."""
        line = milestone(event)
        if line:
            self._console.print(Text(line), soft_wrap=True)


def milestone(event: Event) -> str:
    """Return the line that keeps `event`, "" for the many that only matter while they last."""
    match event:
        case events.Started(python, pytest, containment):
            return f"Python {python}, pytest {pytest}, sandbox {sandbox_phrase(containment)}"
        case events.Collected(tests, errors):
            trouble = f"; {count(errors, 'file')} could not be collected" if errors else ""
            return f"{count(tests, 'test')} collected{trouble}"
        case events.BaselineDone(passed, failed, seconds):
            return f"{passed} passed, {failed} failed in {seconds:.1f} s"
        case events.FailureStarted(test, index, total):
            return printable(f"[{index}/{total}] {test}")
        case events.FailureDone(test, status):
            return printable(f"{status}: {test}")
        case events.Note(text):
            return printable(f"note: {short_message(text)}")
    return ""


def sandbox_phrase(containment: Containment) -> str:
    """Return the containment in a few words."""
    if containment.level == "none":
        return "off"
    network = {"none": "no network", "loopback": "loopback only", "open": "open network"}[containment.network]
    return f"{containment.level} ({containment.filesystem} file system, {network})"


@dataclass(slots=True)
class Work:
    """The state of one failure under repair, as shown in its row."""

    test: str
    index: int
    total: int
    started: float
    doing: str = "localizing"
    suspect: str = ""
    candidates: int = 0
    per_second: float = 0.0
    plausible: int = 0


class LiveWatcher(Watcher):
    """A small display that shows each failure under repair, and what is being tried for it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._working: dict[str, Work] = {}
        self._done = 0
        self._total = 0
        self._phase = "starting the project's interpreter"
        self._spinner = Spinner("dots")
        self._live = Live(
            console=console,
            get_renderable=self.view,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Update the display; what lasts is printed above it."""
        with self._lock:
            self._note(event)
        if isinstance(event, events.Started | events.BaselineDone | events.Note):
            self._console.print(Text(milestone(event), style="dim"))
        elif isinstance(event, events.FailureDone):
            self._console.print(Text(milestone(event), style=STATUS_STYLES[event.status]))

    def _note(self, event: Event) -> None:
        match event:
            case events.Started():
                self._phase = "collecting tests"
            case events.Collected(tests):
                self._phase = f"running {count(tests, 'test')}"
            case events.BaselineDone():
                self._phase = "comparing what passing and failing tests execute"
            case events.FailureStarted(test, index, total):
                self._total = total
                self._working[test] = Work(test, index, total, time.monotonic())
            case events.FailureDone(test):
                self._phase = "proving that the patches hold together"
                self._done += 1
                self._working.pop(test, None)
            case (
                events.Localized(test)
                | events.Tried(test)
                | events.Consulting(test)
                | events.Plausible(test)
                | events.Judging(test)
            ):
                work = self._working.get(test)
                if work is not None:
                    _note_work(work, event)

    def view(self) -> RenderableType:
        """Return what the display shows now."""
        with self._lock:
            if not self._working:
                self._spinner.update(text=Text(self._phase))
                return self._spinner
            table = Table.grid(padding=(0, 2))
            for work in self._working.values():
                _add_rows(table, work)
            bar = ProgressBar(total=max(self._total, 1), completed=self._done, width=30)
            legend = Text(
                f"{self._done} of {count(self._total, 'failure')} done   Ctrl-C keeps what was found", "dim"
            )
            foot = Table.grid(padding=(0, 2))
            foot.add_row(bar, legend)
            return Group(table, foot)


def _note_work(work: Work, event: Event) -> None:
    match event:
        case events.Localized(_, suspects) if suspects:
            path, line, score = suspects[0]
            work.suspect = f"{path}:{line} ({score:.2f})"
            work.doing = "searching"
        case events.Tried(_, candidates, per_second, note, path, line):
            work.candidates, work.per_second = candidates, per_second
            work.doing = f"{path}:{line} {note}"
        case events.Consulting(_, what, requests, tokens, cost):
            spent = f", {cost:.4f} spent" if cost else ""
            work.doing = f"{what}: {count(requests, 'request')}, {tokens} tokens{spent}"
        case events.Plausible(_, note):
            work.plausible += 1
            work.doing = f"green: {note}"
        case events.Judging(_, what):
            work.doing = f"judging: {what}"


def _add_rows(table: Table, work: Work) -> None:
    seconds = time.monotonic() - work.started
    found = f", {count(work.plausible, 'plausible patch', 'plausible patches')}" if work.plausible else ""
    speed = f"{work.candidates} tried, {work.per_second:.0f}/s{found}, {seconds:.0f} s"
    title = Text(shortened(f"[{work.index}/{work.total}] {work.test}", 60), style="bold")
    table.add_row(title, Text(speed, style="cyan"))
    if work.suspect:
        table.add_row(Text(f"  suspect {printable(work.suspect)}", style="yellow"), Text(""))
    table.add_row(Text(f"  {shortened(work.doing, 70)}", style="dim"), Text(""))
