"""Warm runners that fit the texts of the moment.

A runner has imported the project as it stood when it was launched; what was told later is patched in for each run
(exactly, see `runner/payload/patching.py`, or by importing anew). Each patch that cannot be swapped in makes runs
slower, so a new runner is then warmed in the background and takes the old one's place once it is ready. A file that was
deleted, or that is not Python, cannot be patched in: then runs wait for the new runner.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from tracemend.repair.live.impact import file_of, is_prose
from tracemend.repair.live.texts import ProjectTexts
from tracemend.repair.runner.client import Progress, Runner
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.settings import Project, RunnerSettings

MAX_PATCHED_FILES = 8
MAX_DEATHS_PER_MINUTE = 4


class Closed(Exception):
    """The live project is being closed."""


class TooManyDeaths(RunnerError):
    """Runners die as fast as they are started."""


@dataclass(frozen=True, slots=True)
class Zygote:
    """A warm runner, and the number of the last update that it has seen."""

    runner: Runner
    sequence: int


class Zygotes:
    """The current runner, and perhaps the next one. Only the thread that runs tests calls `ready` and `take_over`."""

    def __init__(
        self, project: Project, settings: RunnerSettings, texts: ProjectTexts, on_ready: Callable[[], None]
    ) -> None:
        self._project = project
        self._settings = settings
        self._texts = texts
        self._on_ready = on_ready
        self._current: Zygote | None = None
        self._lock = threading.Lock()
        self._next: Zygote | RunnerError | None = None
        self._warming: threading.Thread | None = None
        self._closed = threading.Event()
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS_PER_MINUTE)

    @property
    def current(self) -> Zygote | None:
        """The runner that runs go to."""
        return self._current

    def ready(self) -> tuple[Zygote, dict[str, str], bool]:
        """Return a runner, what has to be patched into it, and whether it is a new one. Raises `RunnerError`."""
        is_new = self.take_over()
        sources = self.sources_for(self._current) if self._current else None
        while self._current is None or sources is None:
            self._replace(self._start())
            is_new = True
            sources = self.sources_for(self._current) if self._current else None
        return self._current, sources, is_new

    def sources_for(self, zygote: Zygote) -> dict[str, str] | None:
        """Return what has to be patched into `zygote`; None where that would not do, as for a text with doctests."""
        prose = {path for path in self._texts.changed_since(zygote.sequence) if is_prose(path)}
        if prose and not prose.isdisjoint(file_of(one.test) for one in zygote.runner.collection.tests):
            return None
        return self._texts.sources_since(zygote.sequence)

    def warm_next(self) -> None:
        """Have a runner that needs no patches warmed in the background, unless one is there or on its way."""
        with self._lock:
            current = self._next if isinstance(self._next, Zygote) else self._current
            is_good = current is not None and not self._texts.changed_since(current.sequence)
            if is_good or self._warming is not None or self._closed.is_set():
                return
            self._warming = threading.Thread(target=self._warm, name="live-warm", daemon=True)
            self._warming.start()

    @property
    def is_worn(self) -> bool:
        """True when so much has to be patched in that a new runner pays."""
        current = self._current
        return current is not None and len(self._texts.changed_since(current.sequence)) > MAX_PATCHED_FILES

    def take_over(self) -> bool:
        """Put the runner that was warmed in the background in place of the current one, if it is the better one.

        It is not where a run could not wait for it and started another one since, nor where a file has gone since, which
        nothing patched into it would undo, nor where it met an edit half done, so that it could not collect a file which
        the current one could: what it collected is no longer true then.
        """
        with self._lock:
            found, self._next = self._next, None
        if not isinstance(found, Zygote):
            return False
        if self._is_older(found) or self.sources_for(found) is None:
            found.runner.close()
            return False
        if self._texts.changed_since(found.sequence) and self._collects_less(found):
            found.runner.close()
            self.warm_next()
            return False
        self._replace(found)
        return True

    def _is_older(self, found: Zygote) -> bool:
        return self._current is not None and found.sequence < self._current.sequence

    def _collects_less(self, found: Zygote) -> bool:
        errors = {error.path for error in found.runner.collection.errors}
        known = {error.path for error in self._current.runner.collection.errors} if self._current else set()
        return not errors <= known

    def discard(self) -> None:
        """Do without the current runner: it died. Raises `TooManyDeaths` where they all do."""
        self._deaths.append(time.monotonic())
        self._replace(None)
        if len(self._deaths) == MAX_DEATHS_PER_MINUTE and self._deaths[-1] - self._deaths[0] < 60:
            self._deaths.clear()
            raise TooManyDeaths(
                f"the process that runs the tests died {MAX_DEATHS_PER_MINUTE} times within a minute; "
                "run `tracemend doctor`, then run the tests again"
            )

    def cancel(self) -> None:
        """End what the current runner is doing."""
        current = self._current
        if current is not None:
            current.runner.cancel()

    def close(self) -> None:
        """End all runners, those on their way too."""
        self._closed.set()
        warming = self._warming
        if warming is not None:
            warming.join()
        with self._lock:
            found, self._next = self._next, None
        if isinstance(found, Zygote):
            found.runner.close()
        self._replace(None)

    def _replace(self, zygote: Zygote | None) -> None:
        old, self._current = self._current, zygote
        if old is not None:
            old.runner.close()

    def _warm(self) -> None:
        found: Zygote | RunnerError | None
        try:
            found = self._start()
        except RunnerError as error:
            found = error  # The old runner shows what is wrong, when it imports the project for the next run.
        except Closed:
            found = None
        with self._lock:
            self._next, self._warming = found, None
        if not self._closed.is_set():
            self._on_ready()

    def _start(self) -> Zygote:
        sequence = self._texts.sequence
        settings = replace(self._settings, files={**self._settings.files, **self._texts.unsaved()})
        runner = Runner.start(self._project, settings, on_progress=self._give_up_when_closed)
        return Zygote(runner, sequence)

    def _give_up_when_closed(self, progress: Progress) -> None:
        if self._closed.is_set() and progress.stage == "starting":
            raise Closed
