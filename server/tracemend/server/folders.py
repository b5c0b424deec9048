"""One workspace folder: its project, its settings, and the live tests in it.

Everything slow happens in the folder's `Lane`, strictly in order, so that the run that follows a save sees the text that
was saved, and the event loop waits for nothing: not for an interpreter that is asked about itself, not for the
fingerprints of a changed file. What comes back, comes back through `Link.on_loop`.

A folder whose tests cannot be run (no pytest, bad settings, no trust) is still a folder: it has a `problem`, a sentence
for the user, and everything that needs no running works.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from tracemend.repair.live.events import LiveEvent
from tracemend.repair.runner.environment import Choice, EnvironmentProblem, find_interpreter, find_root
from tracemend.repair.runner.settings import Project, RunnerSettings

from .cli.project import runner_settings
from .config import Config, EditorSettings, load_config, with_editor_settings
from .consent import loosening_notice
from .jobs import Lane
from .link import Link
from .session import FolderView, RepairService
from .trust import first_run_notice, is_trusted

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject

logger = logging.getLogger(__name__)

NOT_TRUSTED = "The workspace is not trusted, so nothing of it is run."
NICENESS = 5


@dataclass(frozen=True, slots=True)
class _Setup:
    """What a live project is made from; another set-up needs another live project."""

    choice: Choice
    pytest_args: tuple[str, ...]
    runner: RunnerSettings
    trusted: bool


class Folder:
    """The state of one folder. Owned by the event loop, but for what runs in the lane."""

    def __init__(
        self,
        uri: str,
        name: str,
        path: Path,
        link: Link,
        on_event: Callable[[Folder, LiveEvent], None],
        texts: Callable[[Folder], Mapping[str, str]],
    ) -> None:
        self.uri = uri
        self.name = name
        self._link = link
        self._on_event = on_event
        self._texts = texts
        self._lane = Lane(f"folder {name}")
        self._selection: tuple[str, ...] = ()
        self.root = self._find_root(path)
        self.project: Project | None = None
        self.live: LiveProject | None = None
        self.problem = ""
        self.configured = False
        self.trusted = True
        self.settings = Config()
        self.editor = EditorSettings({})
        self._file_settings: Config | None = None
        self._setup: _Setup | None = None
        self._closed = False

    def view(self, repairs: RepairService | None) -> FolderView:
        """Return the folder as it is now."""
        live = self.live
        return FolderView(
            self.uri,
            self.name,
            self.root,
            self.settings,
            self.trusted,
            self.project if live is not None else None,
            live.state() if live is not None else None,
            repairs.states(self.root) if repairs is not None else {},
            self.problem,
            self.configured,
        )

    def relative(self, path: Path) -> str | None:
        """Return `path` relative to the root with slashes, None if it lies elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None

    def configure(self, editor: EditorSettings, trusted_by_client: bool | None) -> str:
        """Read the settings anew and start, restart or stop what runs accordingly.

        Return what is wrong with the project's own settings, a sentence, if anything is. Nothing runs before they are
        right: what they were meant to say may well have been how to hold the tests in.
        """
        self.editor = editor
        self.configured = True
        self.trusted = is_trusted(trusted_by_client, editor.trusted)
        problem = ""
        try:
            said_so = trusted_by_client is True or editor.trusted is True
            self._file_settings = load_config(self.root, trusted=said_so)
        except EnvironmentProblem as error:
            problem = str(error)
        self.settings = with_editor_settings(self._file_settings or Config(), editor, trusted=self.trusted)
        if not self.trusted:
            self._stop(NOT_TRUSTED)
        elif self._file_settings is None:
            self._stop(problem)
        else:
            self._start()
        return problem

    def restart(self) -> None:
        """Start anew, as if the folder had just been opened."""
        if self.trusted and self._file_settings is not None:
            self._setup = None
            self._start()

    def retry(self) -> None:
        """Look again for what was missing, because something in the project has changed."""
        if self.problem:
            self.restart()

    def update(self, read: Callable[[], Mapping[str, str | None]]) -> None:
        """Tell the live project the texts of files by relative path, None for one that is gone.

        They are read, or joined from their lines, in the lane.
        """

        def tell(live: LiveProject) -> None:
            for path, text in read().items():
                live.update(path, text)

        self._with_live(tell)

    def run_impacted(self) -> None:
        """Run the tests that the changes so far have touched."""
        self._with_live(lambda live: live.run_impacted())

    def close(self) -> None:
        """Stop all processes soon; `join` waits until they have stopped."""
        self._closed = True
        self._stop("")
        self._lane.close()

    def join(self, timeout_s: float) -> bool:
        """Wait until everything has stopped, and return whether it has."""
        return self._lane.join(timeout_s)

    def _find_root(self, path: Path) -> Path:
        try:
            root = find_root([str(path)], cwd=path)
        except EnvironmentProblem:
            return path
        self._selection = root.selection
        return root.path

    def _start(self) -> None:
        """Start what the settings ask for, unless it is what runs already."""
        config = self.settings
        setup = _Setup(config.choice(), config.pytest_args, runner_settings(config), self.trusted)
        if setup == self._setup:
            return
        self._stop("")
        self._setup = setup
        self._lane.call(lambda: self._find_project(setup))

    def _stop(self, problem: str) -> None:
        """End the live project. The closing is not queued: what the lane does now may be waiting for it."""
        live, self.live, self.project, self._setup = self.live, None, None, None
        self.problem = problem
        if live is not None:
            live.cancel()
            self._lane.call(live.close)

    def _find_project(self, setup: _Setup) -> None:
        """Find the interpreter and make the live project; in the lane, as is the import, which takes its time."""
        from tracemend.repair.live.project import LiveProject

        self._tell_what_does_not_count()
        try:
            interpreter = find_interpreter(self.root, setup.choice)
            project = Project(self.root, interpreter.path, self._selection, setup.pytest_args)
            self._tell_what_runs(project, setup.runner)
        except EnvironmentProblem as error:
            problem = str(error)
            self._link.on_loop(lambda: self._fail(setup, problem))
            return
        live = LiveProject(
            project,
            setup.runner,
            cache_dir=user_cache_path("tracemend"),
            listener=lambda event: self._link.on_loop(lambda: self._on_event(self, event)),
            niceness=NICENESS,
        )
        self._link.on_loop(lambda: self._take(setup, project, live))

    def _tell_what_does_not_count(self) -> None:
        notice = loosening_notice(self.settings, self.editor.values.get("sandbox"))
        if notice is not None:
            self._link.show_message(notice, "warning")

    def _tell_what_runs(self, project: Project, runner: RunnerSettings) -> None:
        notice = first_run_notice(project, runner)
        if notice is not None:
            self._link.show_message(notice)
            self._link.log_message(notice)

    def _take(self, setup: _Setup, project: Project, live: LiveProject) -> None:
        """Begin with a live project that was made for `setup`, unless the settings have moved on."""
        if setup is not self._setup or self._closed:
            self._lane.call(live.close)
            return
        self.live, self.project, self.problem = live, project, ""
        self._lane.call(live.start)
        texts = self._texts(self)
        if texts:
            self.update(lambda: texts)
            if self.settings.run_on != "request":
                self.run_impacted()

    def _fail(self, setup: _Setup, problem: str) -> None:
        if setup is self._setup:
            self.problem = problem
            self._link.show_message(problem, "warning")

    def _with_live(self, action: Callable[[LiveProject], Any]) -> None:
        """Carry out `action` in the lane, if there is a live project now and it is still the one then."""
        live = self.live
        if live is not None:
            self._lane.call(lambda: action(live) if self.live is live else None)
