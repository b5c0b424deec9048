"""`tracemend show`: the jobs of a project, the story of one, one candidate with its verdict, and that verdict again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tracemend.repair.journal.reading import NoSuchJournal, find_journal, find_journals
from tracemend.repair.journal.replay import CannotReplay, replay
from tracemend.repair.journal.story import FailureStory, JobStory, Tried, read_story
from tracemend.repair.records import to_json
from tracemend.repair.runner.environment import EnvironmentProblem, find_root
from tracemend.repair.runner.settings import SandboxMode

from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, reported
from .outputs import STDOUT, check_writable
from .project import Setting, find_setting
from .show_output import print_candidate, print_jobs, print_story
from .terminal import printable, result_console

LISTED = 20
MIN_CANDIDATE_PREFIX = 4


@reported
def show(
    job: Annotated[
        str | None, typer.Argument(metavar="JOB|last", help="A job by the beginning of its name.")
    ] = None,
    candidate: Annotated[
        str | None, typer.Argument(metavar="CANDIDATE", help="One of its candidates, likewise.")
    ] = None,
    replay_it: Annotated[
        bool, typer.Option("--replay", help="Run the candidate again, and compare the verdicts.")
    ] = False,
    journal: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the journals are, if not in their usual place.")
    ] = None,
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="For --replay; as for `tracemend fix`.")
    ] = None,
    sandbox: Annotated[
        SandboxMode | None, typer.Option(show_default="auto", help="For --replay; as for `tracemend fix`.")
    ] = None,
) -> int:
    """Show what past jobs of this project tried and decided.

    Exit code 0: shown; with --replay, the verdict is the same. 1: it is not. 2: there is nothing such.
    """
    check_writable(json_to)
    root = find_root([], cwd=Path.cwd()).path
    if job is None:
        stories = [read_story(path) for path in find_journals(root, journal)[:LISTED]]
        _present(json_to, [summary_of(one) for one in stories], lambda console: print_jobs(console, stories))
        return EXIT_OK
    try:
        story = read_story(find_journal(job, root, journal))
    except NoSuchJournal as problem:
        raise EnvironmentProblem(str(problem), "Run `tracemend show` for a list.") from problem
    if candidate is None:
        _present(json_to, story_to_json(story), lambda console: print_story(console, story))
        return EXIT_OK
    tried = chosen_candidate(story, candidate)
    if replay_it:
        return _replay(story, tried, find_setting([], python=python, sandbox=sandbox))
    _present(json_to, tried_to_json(story, tried), lambda console: print_candidate(console, story, tried))
    return EXIT_OK


def chosen_candidate(story: JobStory, name: str) -> Tried:
    """Return the candidate whose id begins with `name`. Raises `EnvironmentProblem`.

    One text may have been tried for several failures; the one that came farthest is meant.
    """
    found = [one for one in story.candidates() if one.id.startswith(name)]
    ids = sorted({one.id for one in found})
    if len(ids) != 1 or len(name) < MIN_CANDIDATE_PREFIX:
        problem = f"{len(ids)} candidates of job {story.id} begin with {name!r}."
        raise EnvironmentProblem(problem, f"Run `tracemend show {story.id} --json -` for all of them.")
    return max(found, key=lambda one: (bool(one.shown), one.stands, one.judged is not None))


def summary_of(story: JobStory) -> dict[str, Any]:
    """Return one job in a few figures."""
    return {
        "id": story.id,
        "started": story.started,
        "seconds": round(story.seconds, 1),
        "finished": story.finished,
        "failures": {test: one.status for test, one in story.failures.items()},
        "candidates": len(story.candidates()),
        "cost": dict(story.cost),
        "journal": str(story.path),
    }


def story_to_json(story: JobStory) -> dict[str, Any]:
    """Return one job with everything but the texts of its candidates, which `show JOB CANDIDATE` gives."""
    return summary_of(story) | {
        "root": story.root,
        "python": story.python,
        "sandbox": story.sandbox,
        "notes": story.notes,
        "lost_lines": story.lost,
        "stories": [_failure_to_json(one) for one in story.failures.values()],
    }


def tried_to_json(story: JobStory, tried: Tried) -> dict[str, Any]:
    """Return one candidate with its diff, its verdict, and the conversation that it came of."""
    conversation = tried.conversation
    return {
        **_tried_summary(tried),
        "job": story.id,
        "test": tried.test,
        "diff": story.diff(tried),
        "judged": tried.judged,
        "shown": tried.shown,
        "conversation": to_json(conversation) if conversation else None,
    }


def _failure_to_json(failure: FailureStory) -> dict[str, Any]:
    return {
        "test": failure.test,
        "status": failure.status,
        "tests": failure.tests,
        "reason": failure.reason,
        "suspects": failure.suspects,
        "patches": failure.patches,
        "candidates": [_tried_summary(one) for one in failure.tried],
        "attempts": to_json(failure.attempts),
        "conversations": to_json(failure.conversations),
    }


def _tried_summary(tried: Tried) -> dict[str, Any]:
    return {
        "candidate": tried.id,
        "effect": tried.effect,
        "author": tried.author,
        "operator": tried.operator,
        "note": tried.note,
        "cost": tried.cost,
        "at_s": tried.at_s,
        "stands": tried.stands,
        "confidence": tried.confidence,
    }


def _present(json_to: str | None, value: Any, show_it: Callable[[Console], None]) -> None:
    text = json.dumps(value, indent=2) + "\n"
    if json_to == STDOUT:
        sys.stdout.write(text)
    elif json_to:
        Path(json_to).write_text(text, "ascii")
    else:
        show_it(result_console())


def _replay(story: JobStory, tried: Tried, setting: Setting) -> int:
    """Run a candidate again, in this project and with its interpreter.

    A journal may come from somebody else, and is not to say which program is started, or where.
    """
    if Path(story.root) != setting.root.path:
        raise EnvironmentProblem(f"Job {story.id} was done in {story.root}.", "Go there to replay it.")
    if Path(story.python) != setting.interpreter.path:
        raise EnvironmentProblem(
            f"Job {story.id} ran {story.python}, and this project's interpreter is {setting.interpreter.path}.",
            "If it is one of yours, name it with --python.",
        )
    try:
        result = replay(story, tried, setting.runner)
    except CannotReplay as problem:
        raise EnvironmentProblem(str(problem), "A candidate is replayed where it was tried.") from problem
    then = "passed" if result.was_green else "did not pass"
    same = "the same" if result.same else "ANOTHER verdict"
    console = result_console()
    told = f"{', '.join(result.tests)}: {then} then, {result.outcome} now, {same}."
    console.print(printable(told), soft_wrap=True)
    return EXIT_OK if result.same else EXIT_FAILURES_REMAIN
