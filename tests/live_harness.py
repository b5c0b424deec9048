"""A live project under test: what it told, waiting for what it will tell, and editing its files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from project_fixture import project_files

from tracemend.repair.live.events import LiveEvent, RunDone, RunStarted, TestDone
from tracemend.repair.live.project import LiveProject
from tracemend.repair.runner.settings import Project, RunnerSettings

Found = TypeVar("Found", bound=LiveEvent)

WAIT_S = 120.0


class Live:
    """A `LiveProject` with a memory. Use it as a context manager, which starts and closes it."""

    def __init__(
        self, project: Project, *, cache_dir: Path | None = None, settings: RunnerSettings | None = None
    ) -> None:
        self.events: list[LiveEvent] = []
        self._news = threading.Condition()
        self.root = project.root
        self.project = LiveProject(
            project, settings or RunnerSettings(), cache_dir=cache_dir, listener=self._hear
        )

    def __enter__(self) -> Self:
        self.project.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.project.close()

    def wait(self, kind: type[Found], holds: Callable[[Found], bool] = lambda event: True) -> Found:
        """Wait for an event, which may have come already."""
        with self._news:
            found: list[Found] = []

            def has_come() -> bool:
                found[:] = [one for one in self.events if isinstance(one, kind) and holds(one)]
                return bool(found)

            assert self._news.wait_for(has_come, WAIT_S), f"no {kind.__name__} among {self.events}"
            return found[0]

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds()`, which is asked again at each event and now and then."""
        with self._news:
            for _ in range(int(WAIT_S / 0.05)):
                if holds():
                    return
                self._news.wait(0.05)
        raise AssertionError(f"it does not come to hold; events: {self.events[-20:]}")

    def edit(self, path: str, before: str, after: str, *, save: bool = True) -> None:
        """Replace a text that occurs once in a file."""
        text = (self.root / path).read_text("utf-8")
        assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {path}"
        self.write(path, text.replace(before, after), save=save)

    def write(self, path: str, text: str | None, *, save: bool = True) -> None:
        """Give a file a new text, or none."""
        if save and text is None:
            (self.root / path).unlink()
        elif save and text is not None:
            (self.root / path).write_text(text, "utf-8")
        self.project.update(path, text)

    def run(self) -> dict[str, str]:
        """Run what is impacted and return the outcomes of what ran."""
        return self.outcomes_of(self.project.run_impacted())

    def outcomes_of(self, number: int) -> dict[str, str]:
        """Wait for the end of a run, and return the outcomes of what ran."""
        self.wait(RunDone, lambda one: one.number >= number)
        done = [one for one in self.events if isinstance(one, TestDone) and one.number >= number]
        return {one.result.test: one.result.outcome for one in done}

    def settle(self) -> None:
        """Wait until every test has a fresh result whose footprint was measured alone."""
        model = self.project._model
        self.wait_until(
            lambda: (
                bool(model.board.results)
                and not model.board.stale()
                and all(model.is_alone(test) for test in model.board.results)
                and self.project._active is None
            )
        )

    def started(self) -> list[RunStarted]:
        """Return the runs so far."""
        return [one for one in self.events if isinstance(one, RunStarted)]

    def _hear(self, event: LiveEvent) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()


def restore_files(root: Path, snippet: str) -> None:
    """Write the files of `snippet` again."""
    for path, text in project_files(snippet).items():
        (root / path).write_text(text, encoding="utf-8")
