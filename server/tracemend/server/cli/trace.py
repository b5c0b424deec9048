"""`tracemend trace NODEID`: the values of one test's run, block by block, and those at its failure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.explain.messages import short_message
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.settings import SandboxMode
from tracemend.repair.runner.traces import Trace, TraceError, trace_rows, trace_test

from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, reported
from .project import find_setting
from .terminal import STATUS_STYLES, printable, result_console

MAX_PLACE_WIDTH = 40
MAX_SOURCE_WIDTH = 60
SHOWN_CHOICES = 8


@reported
def trace(
    test: Annotated[str, typer.Argument(metavar="NODEID", help="One test, such as tests/test_x.py::test_y.")],
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The project's interpreter: a path, a name, or a version.")
    ] = None,
    sandbox: Annotated[
        SandboxMode | None,
        typer.Option(show_default="auto", help="Require the sandbox, use what there is, or none."),
    ] = None,
) -> int:
    """Print the values of one test's run, block by block.

    Exit code 0: the test passes. 1: it fails. 2: it could not be run.
    """
    setting = find_setting([test], python=python, sandbox=sandbox)
    with Runner.start(setting.project, setting.runner) as runner:
        name = chosen_test(setting.root.selection, [one.test for one in runner.collection.tests])
        try:
            seen = trace_test(runner, name)
        except TraceError as error:
            raise EnvironmentProblem(
                f"{name} could not be traced: {error}.", "Run `tracemend doctor` to see what is missing."
            ) from error
    print_trace(result_console(), seen, setting.root.path)
    return EXIT_OK if seen.outcome in ("passed", "skipped", "xfailed", "xpassed") else EXIT_FAILURES_REMAIN


def chosen_test(selection: Sequence[str], tests: Sequence[str]) -> str:
    """Return the one test that was selected. Raises `EnvironmentProblem` for none or several."""
    if len(tests) == 1:
        return tests[0]
    named = ", ".join(selection) or "the whole project"
    if not tests:
        raise EnvironmentProblem(
            f"pytest finds no test in {named}.", "Run `pytest --collect-only` to see which tests there are."
        )
    more = f" and {len(tests) - SHOWN_CHOICES} more" if len(tests) > SHOWN_CHOICES else ""
    raise EnvironmentProblem(
        f"There are {len(tests)} tests in {named}; a trace shows one.",
        f"Choose one of: {', '.join(tests[:SHOWN_CHOICES])}{more}",
    )


def print_trace(console: Console, seen: Trace, root: Path) -> None:
    """Print one line for each moment: the place, the source line, and what changed there."""
    rows = trace_rows(seen, _texts_of(seen, root))
    place_width = min(max((len(row.place) for row in rows), default=0), MAX_PLACE_WIDTH)
    for row in rows:
        source = ("  " * (row.depth - 1) + row.source.strip())[:MAX_SOURCE_WIDTH]
        line = Text.assemble(
            (printable(row.place).ljust(place_width), "cyan"),
            "  ",
            printable(source).ljust(MAX_SOURCE_WIDTH if row.note else 0),
            "  ",
            (printable(short_message(row.note)), "yellow"),
        )
        line.rstrip()
        console.print(line, soft_wrap=True)
    if seen.truncated:
        console.print("... the run went on; only its first and last moments were kept.", style="dim")
    style = STATUS_STYLES["mended" if seen.outcome == "passed" else "unmended"]
    console.print(Text.assemble((seen.outcome, f"bold {style}"), "  ", printable(seen.test)), soft_wrap=True)


def _texts_of(seen: Trace, root: Path) -> dict[str, str]:
    texts = {}
    for path in {step.path for step in seen.steps} | {frame.path for frame in seen.failure}:
        with suppress(OSError, UndecodableSource):  # Values are worth printing without their line, too.
            texts[path] = decode_source((root / path).read_bytes()).text
    return texts
