"""`tracemend fix`: find failing tests, search and prove patches, show them, and write them where asked to.

The engine works in a thread of its own, so that Ctrl-C is answered at once: the first one asks the engine to stop and
shows what was found so far, the second one leaves immediately.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Protocol, TypeVar

import typer

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.events import Collected, Event
from tracemend.repair.explain.report import render_report
from tracemend.repair.explain.result import report_to_json
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.settings import SandboxMode

from .apply import Plan, Refused, plan_writes, write_plan
from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, EXIT_PROBLEM, reported, say
from .output import print_hint, print_plan, print_report
from .progress import watcher_for
from .project import Setting, find_setting
from .terminal import progress_console, result_console

Value = TypeVar("Value")
Listener = Callable[[Event], None]

STDOUT = "-"
POLL_S = 0.1  # How often the main thread looks whether the engine is done.
GRACE_S = 5.0  # How long a cancelled engine may take to hand over what it found.


class Engine(Protocol):
    """What this command asks of the engine."""

    def fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        """Mend what fails, telling `listener`, until done or `cancel` is set."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go besides the terminal."""

    json_to: str | None = None
    patch: Path | None = None
    report: Path | None = None

    def check(self) -> None:
        """Raise `EnvironmentProblem` for a file that cannot be written, before any time is spent."""
        files = [self.patch, self.report, None if self.json_to in (None, STDOUT) else Path(str(self.json_to))]
        for path in filter(None, files):
            if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
                raise EnvironmentProblem(
                    f"{path} cannot be written.",
                    "Name a file in a directory that exists and is yours to write to.",
                )


@dataclass(frozen=True, slots=True)
class Run:
    """What came of running the engine. `tests` is the number collected, None if it did not come to that."""

    report: FixReport
    stopped: bool
    tests: int | None


@reported
def fix(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH_OR_NODEID", help="Tests to mend; by default all that pytest finds."),
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The project's interpreter: a path, a name, or a version.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the best patch that can be trusted.")] = False,
    max_time: Annotated[
        float | None, typer.Option(min=0.1, metavar="S", show_default="60", help="Seconds for each failure.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0.1, metavar="S", help="Seconds for all failures together.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", show_default="2", help="Work done at the same time.")
    ] = None,
    max_patches: Annotated[
        int | None, typer.Option(min=1, metavar="K", show_default="3", help="Patches shown for each failure.")
    ] = None,
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the result as JSON; - is stdout.")
    ] = None,
    patch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what --apply would write, as one diff.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write an HTML page about the run.")
    ] = None,
    sandbox: Annotated[
        SandboxMode | None,
        typer.Option(show_default="auto", help="Require the sandbox, use what there is, or none."),
    ] = None,
) -> int:
    """Find failing tests and mend them.

    Exit code 0: nothing fails or everything is mended. 1: failures remain. 2: nothing could be done.
    """
    outputs = Outputs(json_to, patch, report)
    outputs.check()
    setting = find_setting(names or [], python=python, sandbox=sandbox)
    options = options_for(setting, max_time, budget, jobs, max_patches)
    run = run_engine(lambda: load_engine(setting, options))
    if run.tests == 0 and not run.report.failures and not run.stopped:
        raise EnvironmentProblem(
            f"pytest finds no tests in {', '.join(setting.root.selection) or setting.root.path}.",
            "Name the tests' directory, or set testpaths in pytest's configuration.",
        )
    exit_code = present(run.report, outputs, apply=apply)
    failures = run.report.failures
    if failures and run.tests == 0 and all(one.status == "error" for one in failures):
        return EXIT_PROBLEM
    return EXIT_FAILURES_REMAIN if run.stopped else exit_code


def options_for(
    setting: Setting,
    max_time_s: float | None,
    budget_s: float | None,
    jobs: int | None,
    max_patches: int | None,
) -> FixOptions:
    """Return the engine's options: the command line, else the configuration, else the default."""
    config, defaults = setting.config, FixOptions()
    return FixOptions(
        _first(max_time_s, config.max_time_s, defaults.max_time_s),
        budget_s if budget_s is not None else config.budget_s,
        _first(jobs, config.jobs, defaults.jobs),
        _first(max_patches, config.max_patches, defaults.max_patches),
        config.exclude,
    )


def load_engine(setting: Setting, options: FixOptions) -> Engine:
    """Import and make the engine. It is imported here, for it takes longer than `--help` should."""
    from tracemend.repair.engine import Engine as RepairEngine

    return RepairEngine(setting.project, setting.runner, options)


def run_engine(make_engine: Callable[[], Engine]) -> Run:
    """Run the engine under a watcher. Raises what the engine raised."""
    cancel = threading.Event()
    outcome: list[FixReport | BaseException] = []
    collected: list[Collected] = []

    def listen(event: Event) -> None:
        if isinstance(event, Collected):
            collected.append(event)
        watcher(event)

    def work() -> None:
        try:
            outcome.append(make_engine().fix(listen, cancel))
        except BaseException as error:  # noqa: BLE001 - carried over to the main thread, and raised there.
            outcome.append(error)

    worker = threading.Thread(target=work, name="engine", daemon=True)
    with watcher_for(progress_console()) as watcher, _cancelled_by_signals(cancel):
        worker.start()
        while worker.is_alive() and not cancel.is_set():
            worker.join(POLL_S)
        worker.join(GRACE_S if cancel.is_set() else None)
    if not outcome:
        raise KeyboardInterrupt
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    if cancel.is_set():
        say("Stopped; this is what was found so far.")
    return Run(outcome[0], cancel.is_set(), collected[0].tests if collected else None)


def present(report: FixReport, outputs: Outputs, *, apply: bool) -> int:
    """Show and write the results; return the exit code."""
    plan = plan_writes(report)
    written = apply and _write(plan)
    result = report_to_json(report)
    if outputs.json_to == STDOUT:
        json.dump(result, sys.stdout, indent=2)
        sys.stdout.write("\n")
        console = progress_console()
    else:
        console = result_console()
        print_report(console, report)
    if apply:
        print_plan(console, plan, written=written)
    else:
        print_hint(console, plan)
    if outputs.json_to not in (None, STDOUT):
        Path(str(outputs.json_to)).write_text(json.dumps(result, indent=2) + "\n", "ascii")
    if outputs.patch:
        outputs.patch.write_bytes(plan.diff)
    if outputs.report:
        page = render_report(result, _sources(report))
        outputs.report.write_text(page, "utf-8", "backslashreplace")
    complete = report.mended and not (apply and (plan.without_patch or plan.refused))
    return EXIT_OK if complete else EXIT_FAILURES_REMAIN


def _write(plan: Plan) -> bool:
    """Write the plan's files; say whether that was possible."""
    try:
        write_plan(plan)
    except Refused as refusal:
        plan.refuse_all(str(refusal))
        return False
    return True


def _sources(report: FixReport) -> dict[str, str]:
    """Return the texts, before any change, of the files that the report shows lines of."""
    changed = {
        change.path: change.old
        for failure in report.failures
        for ranked in failure.patches
        for change in ranked.patch.changes
    }
    suspected = {
        suspect.path
        for failure in report.failures
        for suspect in (
            *failure.suspects,
            *(one for ranked in failure.patches for one in ranked.evidence.suspects),
        )
    }
    texts = dict(changed)
    for path in suspected - changed.keys():
        with suppress(OSError, UndecodableSource):  # A page without that excerpt is still a page.
            texts[path] = decode_source((report.project.root / path).read_bytes()).text
    return texts


@contextmanager
def _cancelled_by_signals(cancel: threading.Event) -> Iterator[None]:
    """Let the first signal to end set `cancel`, and the second one end the command."""

    def handle(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(*values: Value | None) -> Value:
    """Return the first value that was said."""
    return next(value for value in values if value is not None)
