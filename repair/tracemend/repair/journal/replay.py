"""Running a recorded candidate again, in the sandbox, to see whether it still does what the journal says.

The texts that the candidate starts from are laid over the project as it is now; all else is the tree of today, and a
difference may be its doing. Where a secret was masked in the journal and the tree holds the text of that time, the tree's
is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Project, RunnerSettings

from .spans import text_digest
from .story import GREEN_EFFECTS, Edit, JobStory, Tried


class CannotReplay(Exception):
    """The journal does not hold what it takes; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a candidate did then and does now: to the tests that it was proven on, or to the one that it was made for."""

    tests: tuple[str, ...]
    was_green: bool
    outcome: str  # pytest's word for the first that is not green, or how the run ended.
    green: bool

    @property
    def same(self) -> bool:
        """True when the journal's verdict holds."""
        return self.green == self.was_green


def replay(story: JobStory, tried: Tried, settings: RunnerSettings) -> Replay:
    """Run the tests of `tried` with it in place. Raises `CannotReplay` and `RunnerError`."""
    root = Path(story.root)
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for edit in tried.edits:
        old = _text_before(story, edit, root)
        before[edit.path], after[edit.path] = old, old[: edit.start] + edit.text + old[edit.end :]
    tests = tuple((tried.judged or {}).get("mended", ())) if tried.stands else (tried.test,)
    project = Project(root, _interpreter(story), tests, story.pytest_args)
    files = {path: text.encode("utf-8", "surrogatepass") for path, text in before.items()}
    with Runner.start(project, replace(settings, files=files)) as runner:
        run = runner.run(tests, sources=after)
    red = [one.outcome for one in run.tests.values() if not one.green or one.outcome == "skipped"]
    complete = run.tests.keys() >= set(tests)
    ended = "passed" if complete else f"without a verdict ({run.problem or run.ended})"
    return Replay(tests, tried.effect in GREEN_EFFECTS, (*red, ended)[0], complete and not red)


def _text_before(story: JobStory, edit: Edit, root: Path) -> str:
    if edit.file not in story.files or story.is_masked(edit):
        try:
            text = decode_source((root / edit.path).read_bytes()).text
        except (OSError, UndecodableSource):
            text = ""
        if text_digest(text) == edit.file:
            return text
    if edit.file not in story.files:
        raise CannotReplay(
            f"The journal does not hold the text of {edit.path}, and the tree holds another one."
        )
    return story.files[edit.file][1]


def _interpreter(story: JobStory) -> Path:
    python = Path(story.python)
    if not story.python or not python.exists():
        raise CannotReplay(
            f"The interpreter of that job, {story.python or 'unknown'}, is not there any more."
        )
    return python
