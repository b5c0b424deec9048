"""`tracemend watch`: run in a terminal, at each save, the tests that the change may affect.

The main thread waits for two kinds of news, files that changed and what the live project tells, and sleeps in between.
Saves that come together, as those of a branch that is checked out, make one run.
"""

from __future__ import annotations

import queue
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from platformdirs import user_cache_path
from rich.console import Console
from rich.text import Text
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tracemend.repair.explain.messages import short_message
from tracemend.repair.live.events import LiveEvent, Problem, RunDone, TestDone, Warned
from tracemend.repair.live.project import LiveProject
from tracemend.repair.live.state import LiveResult, LiveState
from tracemend.repair.live.texts import is_configuration, is_foreign, read_text
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.settings import SandboxMode

from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, reported
from .project import find_setting, no_tests
from .terminal import count, printable, result_console

TOGETHER_S = 0.03  # Saves within this time are one.
MOST_SHOWN = 20
_WRITING = frozenset({"modified", "created", "deleted", "moved", "closed"})


@reported
def watch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH_OR_NODEID", help="Tests to watch; by default all that pytest finds."),
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The project's interpreter: a path, a name, or a version.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Run what is out of date, show what fails, and end.")
    ] = False,
    sandbox: Annotated[
        SandboxMode | None,
        typer.Option(show_default="auto", help="Require the sandbox, use what there is, or none."),
    ] = None,
) -> int:
    """Run the tests that a change may affect whenever a file is saved; Ctrl-C ends it.

    Exit code 0: nothing fails. 1: something does. 2: the tests could not be run.
    """
    setting = find_setting(names or [], python=python, sandbox=sandbox)
    news: queue.SimpleQueue[LiveEvent | Path] = queue.SimpleQueue()
    live = LiveProject(
        setting.project, setting.runner, cache_dir=user_cache_path("tracemend"), listener=news.put, niceness=0
    )
    screen = Screen(result_console(), live)
    with _ended_by_sigterm(), _closing(live):
        if once:
            code = _run_once(live, news, screen)
            if not live.state().tests and not live.state().errors:
                raise no_tests(setting)
            return code
        with _observed(setting.project.root, news):
            return _follow(live, news, screen, setting.project.root)


@dataclass(slots=True)
class Screen:
    """Shows runs: one line each, and what fails."""

    console: Console
    live: LiveProject
    tests: int = 0
    begun: bool = False  # A run was shown; from then on one that had nothing to run is not.
    shown: frozenset[tuple[str, str]] = frozenset()  # The failures of the last run, by test and behaviour.

    def show_run(self, done: RunDone) -> None:
        """Show one run; failures only where they are others than before."""
        state = self.live.state()
        failing = sorted(state.failing, key=lambda one: one.result.test)
        if not state.tests and not state.errors:
            self.console.print("pytest finds no tests here.", style="yellow")
        elif self.tests or state.errors or not self.begun:
            self.console.print(self._summary(done, state, len(failing)), soft_wrap=True)
        self.tests, self.begun = 0, True
        for error in state.errors:
            self.console.print(
                f"{printable(error.path)}: {error.exception}: {printable(error.message)}", soft_wrap=True
            )
        failures = frozenset((one.result.test, one.result.behaviour) for one in failing)
        if failures != self.shown:
            for one in failing[:MOST_SHOWN]:
                self._show_failure(one)
            if len(failing) > MOST_SHOWN:
                self.console.print(f"... and {count(len(failing) - MOST_SHOWN, 'more failure')}")
        self.shown = failures

    def _summary(self, done: RunDone, state: LiveState, failing: int) -> Text:
        parts = [f"{count(self.tests, 'test')} in {done.seconds:.2f} s of {len(state.results)}"]
        line = Text(f"{time.strftime('%H:%M:%S')}  ", style="dim")
        line.append(parts[0], style="not dim")
        line.append("  ")
        text, style = (f"{failing} failing", "red") if failing else ("all pass", "green")
        if state.errors:
            text, style = f"{text}, {count(len(state.errors), 'file')} not collected", "red"
        return line.append(text, style=f"bold not dim {style}")

    def _show_failure(self, live: LiveResult) -> None:
        result, failure = live.result, live.result.failure
        flaky = f"  ({live.flaky})" if live.flaky else ""
        self.console.print(
            Text.assemble(("FAILED ", "red"), printable(result.test), (flaky, "yellow")), soft_wrap=True
        )
        if failure is not None:
            message = short_message(f"{failure.exception}: {failure.message}")
            frame = next((one for one in reversed(failure.frames) if one.in_project), None)
            place = f"  ({frame.path}:{frame.line})" if frame else ""
            self.console.print(f"    {printable(message)}{printable(place)}", soft_wrap=True)
        suspect = next(iter(self.live.suspects(result.test)), None)
        if suspect is not None:
            where = f"{suspect.path}:{suspect.line}" + (f" in {suspect.function}" if suspect.function else "")
            self.console.print(Text(f"    suspected: {printable(where)}", style="cyan"), soft_wrap=True)


def _run_once(live: LiveProject, news: queue.SimpleQueue[LiveEvent | Path], screen: Screen) -> int:
    """Wait for the first run to end. Raises `RunnerError` where nothing can be run."""
    live.start()
    while True:
        event = news.get()
        if isinstance(event, Problem):
            raise RunnerError(event.text)
        _note(event, screen)
        if isinstance(event, RunDone) and event.ended == "finished":
            return _exit_code(live)


def _follow(live: LiveProject, news: queue.SimpleQueue[LiveEvent | Path], screen: Screen, root: Path) -> int:
    """Run what is impacted by each save until Ctrl-C."""
    live.start()
    try:
        while True:
            event = news.get()
            if isinstance(event, Path):
                for path in _more_saves(event, news, screen):
                    live.update(
                        path.relative_to(root).as_posix(), read_text(path) if path.suffix == ".py" else None
                    )
                live.run_impacted()
            else:
                _note(event, screen)
    except KeyboardInterrupt:
        return _exit_code(live)


def _more_saves(first: Path, news: queue.SimpleQueue[LiveEvent | Path], screen: Screen) -> set[Path]:
    """Return `first` and what is saved shortly after it."""
    found = {first}
    while True:
        try:
            event = news.get(timeout=TOGETHER_S)
        except queue.Empty:
            return found
        if isinstance(event, Path):
            found.add(event)
        else:
            _note(event, screen)


def _note(event: LiveEvent | Path, screen: Screen) -> None:
    if isinstance(event, TestDone):
        screen.tests += 1
    elif isinstance(event, RunDone) and event.ended != "cancelled":
        screen.show_run(event)
    elif isinstance(event, Problem | Warned):
        screen.console.print(Text(printable(event.text), style="yellow"), soft_wrap=True)


def _exit_code(live: LiveProject) -> int:
    state = live.state()
    return EXIT_FAILURES_REMAIN if state.failing or state.errors else EXIT_OK


class _Handler(FileSystemEventHandler):
    """Passes on which of the project's files changed."""

    def __init__(self, root: Path, news: queue.SimpleQueue[LiveEvent | Path]) -> None:
        self._root = root
        self._news = news

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take note of an event; reading a file is none."""
        if event.is_directory or event.event_type not in _WRITING:
            return
        for name in (event.src_path, event.dest_path):
            path = Path(name if isinstance(name, str) else bytes(name).decode("utf-8", "surrogateescape"))
            if (
                name
                and path.is_relative_to(self._root)
                and is_watched(path.relative_to(self._root), self._root)
            ):
                self._news.put(path)


def is_watched(path: Path, root: Path) -> bool:
    """Say whether a change of `path`, relative to `root`, can be that of a file of the project."""
    name = path.name
    if (name.startswith((".", "#")) and not is_configuration(name)) or name.endswith(
        ("~", ".swp", ".tmp", ".pyc")
    ):
        return False
    folders = path.parts[:-1]
    return not any(is_foreign(root.joinpath(*folders[:at]), one) for at, one in enumerate(folders))


@contextmanager
def _observed(root: Path, news: queue.SimpleQueue[LiveEvent | Path]) -> Iterator[None]:
    observer = Observer()
    observer.schedule(_Handler(root, news), str(root), recursive=True)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


@contextmanager
def _closing(live: LiveProject) -> Iterator[None]:
    try:
        yield
    finally:
        live.close()


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
