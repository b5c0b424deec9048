"""`tracemend export`: past jobs as training data, one JSON line a row."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tracemend.repair.journal.projections import Format, project_jobs
from tracemend.repair.journal.reading import NoSuchJournal, find_journal, find_journals
from tracemend.repair.journal.story import JobStory, read_story
from tracemend.repair.runner.environment import EnvironmentProblem, find_root

from .errors import EXIT_OK, reported, say
from .outputs import STDOUT, check_writable
from .terminal import count

_NEEDED: Mapping[Format, str] = {
    "sft": "a repair of high confidence makes one",
    "preference": "a repair of high confidence makes one, beside a candidate that does not hold",
    "trajectory": "a failure for which something was tried makes one",
}


@reported
def export(
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[JOB|last]...", help="Jobs by the beginning of their names; by default all."),
    ] = None,
    wanted: Annotated[Format, typer.Option("--format", help="What the rows are for.")] = "sft",
    out: Annotated[str, typer.Option(metavar="FILE|-", help="Where the rows go; - is stdout.")] = "-",
    licence: Annotated[
        str, typer.Option(metavar="TEXT", help="A note for all rows, instead of what the project declares.")
    ] = "",
    journal: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the journals are, if not in their usual place.")
    ] = None,
) -> int:
    """Write what was proven, or tried, in past jobs of this project as training data.

    sft: conversations that end in a proven repair.

    preference: a proven repair beside a tempting one that is wrong.

    trajectory: all that was tried for a failure.

    Keys, tokens, addresses and home directories are masked; every row says how to replay it.
    """
    check_writable(out)
    root = find_root([], cwd=Path.cwd()).path
    try:
        paths = [find_journal(name, root, journal) for name in jobs or ()] or find_journals(root, journal)[
            ::-1
        ]
    except NoSuchJournal as problem:
        raise EnvironmentProblem(str(problem), "Run `tracemend show` for a list.") from problem
    lines = (json.dumps(row) + "\n" for row in project_jobs(_stories(paths), wanted, licence))
    if out == STDOUT:
        rows = sum(1 for line in lines if sys.stdout.write(line))
    else:
        with Path(out).open("w", encoding="ascii") as stream:
            rows = sum(1 for line in lines if stream.write(line))
        say(f"{count(rows, 'row')} of {count(len(paths), 'job')} written to {out}.")
    if not rows:
        say(f"{count(len(paths), 'job')} made no row of the format {wanted}: {_NEEDED[wanted]}.")
    return EXIT_OK


def _stories(paths: list[Path]) -> Iterator[JobStory]:
    for path in paths:
        try:
            yield read_story(path)
        except (NoSuchJournal, OSError) as problem:
            say(f"{path.name} is left out: {problem}")
