"""`tracemend check`: what certainly is wrong with names, members, imports and calls, without running anything.

`static` finds the project, `checked_files` the files, `check_output` prints; here is the order of things.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.runner.environment import EnvironmentProblem

from .check_output import (
    CheckReport,
    PlacedFinding,
    place_finding,
    print_text,
    to_github,
    to_json,
    to_sarif,
)
from .checked_files import ChangedLines, changed_lines, python_files
from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, reported, say
from .outputs import STDOUT, check_writable
from .static import EngineName, StaticSetting, find_static_setting, shown_path
from .terminal import progress_console, result_console

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer

PYTHON_SUFFIXES = frozenset({".py", ".pyi", ".pyw", ""})  # A script may have none.


@dataclass(frozen=True, slots=True)
class Source:
    """A file to check: its path, its text, and the lines that count (None for all)."""

    path: Path
    text: str
    changed: ChangedLines | None = None
    is_unsaved: bool = False


@reported
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files and directories; by default the working directory."),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(
            metavar="P", help="The interpreter whose packages the imports find: a path, name or version."
        ),
    ] = None,
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the findings as JSON; - is stdout.")
    ] = None,
    sarif_to: Annotated[
        str | None, typer.Option("--sarif", metavar="FILE|-", help="Write them as SARIF 2.1.0.")
    ] = None,
    github: Annotated[
        bool, typer.Option("--github", help="Print GitHub workflow commands instead of text.")
    ] = False,
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Check the text on standard input, as the file --filename.")
    ] = False,
    filename: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the text of --stdin belongs; it need not exist."),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(metavar="[REF]", help="Report changed lines alone: against REF, or HEAD."),
    ] = None,
    engine: Annotated[
        EngineName,
        typer.Option(help="Ask this engine about members that we cannot infer: slower, finds more."),
    ] = "none",
) -> int:
    """Report names, members, imports and arguments that certainly do not exist.

    Exit code 0: nothing is certainly wrong. 1: there are findings. 2: it could not be checked.
    """
    paths = [Path(os.path.abspath(one)) for one in names or []]
    if from_stdin and (paths or diff is not None):
        raise EnvironmentProblem(
            "--stdin checks one text.", "Leave PATH and --diff away, name the file with --filename."
        )
    if filename is not None and not from_stdin:
        raise EnvironmentProblem("--filename belongs to --stdin.", "Name files to check as they are.")
    check_writable(json_to, sarif_to)
    started = time.perf_counter()
    if from_stdin:
        setting, sources = _text_from_stdin(filename, python)
    else:
        setting, sources = _text_of_files(paths or [Path.cwd()], diff, python)
    with closing(setting.reviewer(engine)) as reviewer:
        report = review_all(reviewer, sources, started)
    present(report, json_to, sarif_to, github=github)
    return EXIT_FAILURES_REMAIN if report.findings else EXIT_OK


def review_all(reviewer: Reviewer, sources: Sequence[Source], started: float) -> CheckReport:
    """Review each source and return everything that was found."""
    findings: list[PlacedFinding] = []
    silent: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    files = lines = 0
    for source in _with_progress(sources):
        if source.is_unsaved:
            reviewer.update(source.path, source.text)
        review = reviewer.review(source.path, source.text)
        index = LineIndex(source.text)
        files += 1
        lines += len(source.text.splitlines())
        silent.update(review.silent)
        judged.update(review.judged)
        placed = [place_finding(shown_path(source.path), index, one) for one in review.findings]
        findings += [
            one for one in placed if source.changed is None or source.changed.touch(one.line, one.end_line)
        ]
    return CheckReport(files, lines, tuple(findings), silent, judged, time.perf_counter() - started)


def present(report: CheckReport, json_to: str | None, sarif_to: str | None, *, github: bool) -> None:
    """Write and print the report in the forms asked for."""
    if json_to is not None:
        _write(json_to, to_json(report))
    if sarif_to is not None:
        _write(sarif_to, to_sarif(report))
    if STDOUT in (json_to, sarif_to):
        return
    if github:
        sys.stdout.write(to_github(report))
    else:
        print_text(result_console(), report)


def _text_from_stdin(filename: Path | None, python: str | None) -> tuple[StaticSetting, list[Source]]:
    path = Path(os.path.abspath(filename or "stdin.py"))
    setting = find_static_setting([_existing(path)], python)
    return setting, [Source(path, _stdin_text(), is_unsaved=True)]


def _text_of_files(
    paths: Sequence[Path], diff: str | None, python: str | None
) -> tuple[StaticSetting, list[Source]]:
    setting = find_static_setting(paths, python)
    return setting, list(_sources(paths, None if diff is None else changed_lines(setting.root, diff)))


def _sources(paths: Sequence[Path], changed: Mapping[Path, ChangedLines] | None) -> Iterator[Source]:
    """Yield the files to check, those of `changed` alone; one that cannot be decoded is told of and passed over."""
    for path in python_files(paths):
        lines = None
        if changed is not None and (lines := changed.get(path.resolve())) is None:
            continue
        if path.suffix not in PYTHON_SUFFIXES:
            say(f"{shown_path(path)} is left out: it is no Python file")
            continue
        try:
            yield Source(path, decode_source(path.read_bytes()).text, lines)
        except (OSError, UndecodableSource) as error:
            say(f"{shown_path(path)} is left out: {error}")


def _with_progress(sources: Sequence[Source]) -> Iterable[Source]:
    console = progress_console()
    if not console.is_terminal or len(sources) < 2:
        return sources
    return track(sources, "Checking", console=console, transient=True)


def _existing(path: Path) -> Path:
    """Return `path`, or the nearest directory above it that exists."""
    return next(one for one in (path, *path.parents) if one.exists())


def _stdin_text() -> str:
    try:
        return decode_source(sys.stdin.buffer.read()).text
    except UndecodableSource as error:
        raise EnvironmentProblem(
            f"The text on standard input is no Python source: {error}.", "Send it as UTF-8."
        ) from error


def _write(target: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if target == STDOUT:
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, "utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"{target} cannot be written: {error.strerror}.", "Name another file."
        ) from error
