"""Where the lines of a run stand in what the editor shows now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types

from tracemend.repair.runner.results import Frame, TestResult

from .documents import Document
from .files import page_of
from .findings import RepairState
from .session import FolderView, Snapshot
from .views.line_map import line_map
from .views.outline import outline_of


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file as it stands now; `page` is the open document, or what the disk holds."""

    page: Document
    line: int

    @property
    def range(self) -> types.Range:
        """The code on that line."""
        return self.page.line_range(self.line)

    @property
    def location(self) -> types.Location:
        """The place as LSP names it."""
        return types.Location(self.page.uri, self.range)


def place_now(
    snapshot: Snapshot, folder: FolderView, texts: Mapping[str, str], path: str, line: int
) -> Place | None:
    """Return where `line` of the project's file at `path` stands, None where it was changed or removed since.

    `texts` are the files as they were run; of a file that is not among them the line is taken as it is.
    """
    page = page_of(snapshot, folder.root / path)
    if page is None:
        return None
    line_now = line_map(texts[path], page.text).new_line(line) if path in texts else line
    return Place(page, line_now) if line_now is not None and 1 <= line_now <= len(page.parts) else None


def test_place(snapshot: Snapshot, folder: FolderView, test: str) -> Place | None:
    """Return the line of a test's `def`, the first line of its file where that is not found."""
    page = page_of(snapshot, folder.root / test.partition("::")[0])
    if page is None:
        return None
    definition = outline_of(page.text).test_named(test)
    return Place(page, definition.line if definition is not None else 1)


def failing_frame(result: TestResult) -> Frame | None:
    """Return the frame of the test itself: the innermost in its file, else the innermost of the project."""
    if result.failure is None:
        return None
    own = [one for one in result.failure.frames if one.in_project]
    in_test_file = [one for one in own if one.path == result.test.partition("::")[0]]
    return next(iter((in_test_file or own)[-1:]), None)


def raising_frame(result: TestResult) -> Frame | None:
    """Return the project's frame that raised, or that called what raised, if that is not the test's own file."""
    own = [one for one in (result.failure.frames if result.failure else ()) if one.in_project]
    if not own or own[-1].path == result.test.partition("::")[0]:
        return None
    return own[-1]


def failing_place(snapshot: Snapshot, folder: FolderView, state: RepairState) -> Place | None:
    """Return the line at which a test fails: of the test's own frame if it is still there, else its `def`."""
    frame = failing_frame(state.result)
    place = place_now(snapshot, folder, state.texts, frame.path, frame.line) if frame is not None else None
    return place or test_place(snapshot, folder, state.test)
