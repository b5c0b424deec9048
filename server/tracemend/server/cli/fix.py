"""`tracemend fix`: find failing tests, search and prove patches, show them, and write them where asked to.

`running` runs the engine, `apply` writes patches, `output` shows results; here is the order of things, and what the
exit code says.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.explain.report import render_report
from tracemend.repair.explain.result import report_to_json
from tracemend.repair.keeping import Keeping, keeping
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.names import (
    DEFAULT_STRATEGY,
    MODEL_TIME_S,
    NO_STRATEGY,
    STRATEGY_NAMES,
)
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.settings import SandboxMode
from tracemend.server.model_settings import consent_notice, model_settings

from .apply import Plan, Refused, plan_writes, write_plan
from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, EXIT_PROBLEM, reported, say
from .output import print_hint, print_plan, print_report
from .outputs import STDOUT, check_writable
from .project import Setting, find_setting, no_tests
from .running import Run, advising, load_engine, run_engine
from .terminal import progress_console, result_console

Value = TypeVar("Value")

NO_JOURNAL = "off"
MOST_JOBS = 4  # By default: each holds the project's imports in memory, and more add little to a search.


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go besides the terminal."""

    json_to: str | None = None
    patch: Path | None = None
    report: Path | None = None

    def check(self) -> None:
        """Raise `EnvironmentProblem` for a file that cannot be written, before any time is spent."""
        check_writable(self.json_to, self.patch, self.report)


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
        int | None,
        typer.Option(
            min=1, metavar="N", show_default="the cores, at most 4", help="Runners at work at the same time."
        ),
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
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|off", show_default="the user's state directory", help="Where the journal is kept."
        ),
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory/--no-memory", help="Learn from repairs that were proven here.")
    ] = True,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model to ask where templates do not suffice.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The OpenAI-compatible endpoint that serves it.")
    ] = None,
    strategy: Annotated[
        str, typer.Option(metavar="NAME", help=f"How models are asked: {', '.join(STRATEGY_NAMES)}.")
    ] = DEFAULT_STRATEGY,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", show_default="200000", help="Tokens of the whole run.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, metavar="X", show_default="1", help="Money for the whole run.")
    ] = None,
) -> int:
    """Find failing tests and mend them.

    Exit code 0: nothing fails or everything is mended. 1: failures remain. 2: nothing could be done.
    """
    outputs = Outputs(json_to, patch, report)
    outputs.check()
    setting = find_setting(names or [], python=python, sandbox=sandbox)
    endpoint = endpoint_for(setting, base_url, model, strategy, max_tokens, max_cost)
    options = options_for(setting, max_time, budget, jobs, max_patches, with_model=endpoint is not None)
    with keeping_for(setting, journal, memory) as kept, advising(endpoint, strategy, kept) as advisors:
        run = run_engine(lambda: load_engine(setting, options, kept, advisors))
    if run.tests == 0 and not run.report.failures and not run.stopped:
        raise no_tests(setting)
    plan = present(run, outputs, apply=apply)
    return exit_code_for(run, plan if apply or outputs.patch else None)


def keeping_for(setting: Setting, journal: str | None, memory: bool) -> AbstractContextManager[Keeping]:
    """Return what keeps journal and memory; `journal` is a directory, "off", or None for what the settings say."""
    named = journal not in (None, NO_JOURNAL)
    return keeping(
        setting.root.path,
        journal=named or (journal is None and setting.config.keep_journal),
        memory=memory and setting.config.use_memory,
        warn=say,
        folder=Path(str(journal)) if named else None,
    )


def endpoint_for(
    setting: Setting,
    base_url: str | None,
    model: str | None,
    strategy: str,
    max_tokens: int | None,
    max_cost: float | None,
) -> ModelSettings | None:
    """Return the endpoint to ask, None where no model is wanted or configured. Raises `EnvironmentProblem`."""
    if strategy not in STRATEGY_NAMES:
        raise EnvironmentProblem(
            f"There is no strategy {strategy!r}.", f"Name one of {', '.join(STRATEGY_NAMES)}."
        )
    if strategy == NO_STRATEGY:
        return None
    settings = model_settings(setting.config, base_url=base_url, model=model)
    if settings is None:
        if notice := consent_notice(setting.config):
            say(notice)
        return None
    return replace(
        settings,
        max_tokens=_first(max_tokens, settings.max_tokens),
        max_cost=_first(max_cost, settings.max_cost),
    )


def exit_code_for(run: Run, written: Plan | None) -> int:
    """Return the exit code; `written` is what was to be written, be it to a patch file, None where nothing was.

    A proven patch of low confidence mends a failure, but is not written: whoever only looks has an answer for each
    failure, whoever wants it written has one failure left.
    """
    failures = run.report.failures
    if failures and run.tests == 0 and all(one.status == "error" for one in failures):
        return EXIT_PROBLEM
    left_out = written is not None and (written.without_patch or written.refused)
    return EXIT_FAILURES_REMAIN if run.stopped or left_out or not run.report.mended else EXIT_OK


def options_for(
    setting: Setting,
    max_time_s: float | None,
    budget_s: float | None,
    jobs: int | None,
    max_patches: int | None,
    *,
    with_model: bool = False,
) -> FixOptions:
    """Return the engine's options: the command line, else the configuration, else the default."""
    config, defaults = setting.config, FixOptions()
    return FixOptions(
        _first(max_time_s, config.max_time_s, MODEL_TIME_S if with_model else defaults.max_time_s),
        budget_s if budget_s is not None else config.budget_s,
        _first(jobs, config.jobs, min(usable_cores(), MOST_JOBS)),
        _first(max_patches, config.max_patches, defaults.max_patches),
        config.exclude,
    )


def usable_cores() -> int:
    """Return the number of cores that this process may use, which in a container can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def present(run: Run, outputs: Outputs, *, apply: bool) -> Plan:
    """Write the patches where asked to, then show and write the results; return what was planned."""
    report = run.report
    plan = plan_writes(report)
    written = apply and _write(plan)
    result = report_to_json(report)
    to_stdout = outputs.json_to == STDOUT
    console = progress_console() if to_stdout else result_console()
    if to_stdout:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        print_report(console, report, stopped=run.stopped)
    if apply:
        print_plan(console, plan, written=written)
    else:
        print_hint(console, report, plan)
    if outputs.json_to and not to_stdout:
        Path(outputs.json_to).write_text(json.dumps(result, indent=2) + "\n", "ascii")
    if outputs.patch:
        outputs.patch.write_bytes(plan.diff)
    if outputs.report:
        page = render_report(result, _sources(report))
        outputs.report.write_text(page, "utf-8", "backslashreplace")
    return plan


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


def _first(*values: Value | None) -> Value:
    """Return the first value that was said."""
    return next(value for value in values if value is not None)
