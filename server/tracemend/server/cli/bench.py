"""`tracemend bench`: how much of a benchmark is written and mended, by templates alone or with a model."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from tracemend.repair.benchmarks.formats import Format, read_tasks
from tracemend.repair.benchmarks.plot import plot
from tracemend.repair.benchmarks.results import ResultLog, TaskResult
from tracemend.repair.benchmarks.scores import Score, scores
from tracemend.repair.benchmarks.tasks import DRAFT_TEMPERATURE, BadTask, BenchTask, Visible
from tracemend.repair.journal.journal import no_record
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.guidance import FindsGuidance, GuidanceOfEndpoint, unguided
from tracemend.repair.propose.strategies.names import DEFAULT_STRATEGY, NO_STRATEGY, STRATEGY_NAMES
from tracemend.repair.records import to_json
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.environment import EnvironmentProblem, find_interpreter
from tracemend.repair.runner.settings import SandboxMode
from tracemend.server.config import load_config
from tracemend.server.model_settings import model_settings

from .errors import EXIT_FAILURES_REMAIN, EXIT_OK, reported, say
from .outputs import STDOUT, check_writable
from .project import runner_settings
from .running import cancelled_by_signals
from .terminal import printable, progress_console, result_console

if TYPE_CHECKING:
    from tracemend.repair.propose.strategies.protocol import Asks

_NEXT_STEP = "Give files as docs/bench.md says; programs to begin with come from --base-url or --drafts."
BENCH_TIME_S = 20.0


@reported
def bench(
    suite: Annotated[
        list[Path], typer.Argument(metavar="SUITE...", help="Files of tasks; for quixbugs a checkout.")
    ],
    wanted: Annotated[Format, typer.Option("--format", help="What they are.")],
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="An OpenAI-compatible endpoint; without one, templates alone."),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model to ask there.")] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=f"Once for each to compare: {', '.join(STRATEGY_NAMES)}."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts at each task with a model.")] = 1,
    temperature: Annotated[float, typer.Option(min=0, metavar="T", help="Of drafts.")] = DRAFT_TEMPERATURE,
    drafts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl", help="Programs to begin with: task_id and completion or solution."
        ),
    ] = None,
    visible: Annotated[
        Visible, typer.Option(help="What may be seen: the tasks' examples, or the judging tests, too.")
    ] = "examples",
    log: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="Where each result is kept at once.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what --log holds already.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="Tasks to take, by id.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Take the first tasks only.")] = None,
    max_time: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="Seconds for each failure.")
    ] = BENCH_TIME_S,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Tokens of the whole run.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, metavar="X", help="Money for the whole run.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="Runners at work on one failure.")] = 1,
    python: Annotated[str | None, typer.Option(metavar="P", help="An interpreter with pytest.")] = None,
    sandbox: Annotated[SandboxMode | None, typer.Option(show_default="auto", help="As for `fix`.")] = None,
    json_to: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="Scores as JSON.")] = None,
    picture: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.svg", help="Scores as a picture.")
    ] = None,
) -> int:
    """Measure on a benchmark that you supply how much is written and mended, and how much of it is wrong.

    Exit code 0: all attempts were made. 1: it was stopped; --resume goes on. 2: nothing could be done.
    """
    from tracemend.repair.benchmarks.drafting import read_drafts
    from tracemend.repair.benchmarks.plan import Plan, carry_out
    from tracemend.repair.benchmarks.solving import Bench

    check_writable(log, json_to, picture)
    config = load_config(Path.cwd())
    endpoint = _endpoint(model_settings(config, base_url=base_url, model=model), max_tokens, max_cost)
    interpreter = find_interpreter(Path.cwd(), config.choice(python)).path
    try:
        tasks = chosen_tasks(read_tasks(suite, wanted, visible), only or [], limit)
        results = _log(log, resume)
        drafted = read_drafts(drafts, {one.id: one for one in tasks}) if drafts else {}
        plan = Plan(tasks, _strategies(strategy or [], endpoint), drafted, samples, temperature)
        plan.check(with_model=endpoint is not None)
    except BadTask as problem:
        raise EnvironmentProblem(str(problem), _NEXT_STEP) from problem
    cancel = threading.Event()
    attempts = Bench(
        interpreter,
        runner_settings(config, sandbox),
        FixOptions(max_time_s=max_time, jobs=jobs),
        no_record,
        cancel,
    )
    with _asking(endpoint) as (asked, guidance), cancelled_by_signals(cancel):
        stopped = carry_out(
            plan,
            attempts,
            asked,
            endpoint.model if endpoint else "",
            results,
            _tell,
            has_fast_model=endpoint is not None and endpoint.has_fast_model,
            guidance=guidance,
        )
    keys = [(task.id, strategy_, sample) for task, strategy_, sample in plan.attempts()]
    made = [results.done[key] for key in keys if key in results.done]
    present(made, samples, json_to, picture, f"{wanted}: {len(tasks)} tasks, {visible} visible")
    if stopped:
        left = f"{len(keys) - len(made)} of {len(keys)} attempts are left; --resume goes on with them"
        say(f"Stopped: {stopped.removesuffix('.')}. {left}.")
    return EXIT_FAILURES_REMAIN if stopped else EXIT_OK


def chosen_tasks(tasks: Iterable[BenchTask], only: Sequence[str], limit: int | None) -> list[BenchTask]:
    """Return the tasks named, or the first ones. Raises `EnvironmentProblem` for a name that is none."""
    found = [one for one in tasks if not only or one.id in only]
    unknown = sorted(set(only) - {one.id for one in found})
    if unknown:
        raise EnvironmentProblem(f"There is no task {', '.join(unknown)}.", "Name tasks as the files do.")
    return found[:limit]


def present(
    results: Sequence[TaskResult], samples: int, json_to: str | None, picture: Path | None, title: str
) -> None:
    """Show the scores as a table, and write them where asked to."""
    found = scores(results, sorted({1, 10, 100, samples} & set(range(1, samples + 1))))
    text = json.dumps({"title": title, "scores": to_json(found)}, indent=2) + "\n"
    if json_to == STDOUT:
        sys.stdout.write(text)
    elif found:
        result_console().print(title, score_table(found), sep="\n")
    if json_to not in (None, STDOUT):
        Path(str(json_to)).write_text(text, "ascii")
    if picture is not None:
        picture.write_text(plot(found, title), "utf-8")


def score_table(found: Sequence[Score]) -> Table:
    """Return one column for each strategy: there are fewer of them than figures."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for one in found:
        table.add_column(one.strategy, justify="right")
    ks = sorted({k for one in found for k in one.pass_at})
    rows: list[tuple[str, Callable[[Score], str]]] = [
        ("attempts", lambda one: str(one.attempts)),
        ("right before, pass@1", lambda one: _percent(one.pass_before)),
        *((f"right in the end, pass@{k}", partial(_pass_at, k)) for k in ks),
        ("repaired of those wrong", lambda one: _percent(one.repair_rate)),
        ("right, then wrong", lambda one: str(one.right_to_wrong)),
        ("patches refuted", lambda one: f"{one.shown_wrong} of {one.shown}"),
        ("  of high confidence", lambda one: f"{one.high_wrong} of {one.high}"),
        ("without a verdict", lambda one: str(one.problems)),
        ("tokens", lambda one: str(one.tokens)),
        ("cost", lambda one: f"{one.cost:.2f}"),
        ("seconds, median", lambda one: f"{one.median_s:.1f}"),
    ]
    for name, figure in rows:
        table.add_row(name, *(figure(one) for one in found))
    return table


def _pass_at(k: int, score: Score) -> str:
    return _percent(score.pass_at.get(k))


def _tell(result: TaskResult) -> None:
    words = {(True, True): "right", (False, True): "mended", (True, False): "BROKEN", (False, False): "wrong"}
    ending = result.problem or words[result.before, result.after]
    sure = f" ({result.confidence})" if result.patched else ""
    line = f"{result.task:28} {result.strategy:10} {result.sample:3}  {ending}{sure}, {result.seconds:.1f} s"
    progress_console().print(printable(line), soft_wrap=True)


def _strategies(wanted: Sequence[str], endpoint: ModelSettings | None) -> tuple[str, ...]:
    unknown = [one for one in wanted if one not in STRATEGY_NAMES]
    if unknown:
        raise EnvironmentProblem(
            f"There is no strategy {unknown[0]!r}.", f"Name some of {', '.join(STRATEGY_NAMES)}."
        )
    if endpoint is None and any(one != NO_STRATEGY for one in wanted):
        raise EnvironmentProblem(
            "That strategy asks a model, and there is none.", "Give --base-url and --model."
        )
    default = NO_STRATEGY if endpoint is None else DEFAULT_STRATEGY
    return tuple(dict.fromkeys(wanted)) or (default,)


def _log(path: Path | None, resume: bool) -> ResultLog:
    if path is not None and path.exists() and not resume:
        raise EnvironmentProblem(f"{path} exists.", "Add --resume to go on with it, or name another file.")
    return ResultLog(path)


def _endpoint(
    settings: ModelSettings | None, max_tokens: int | None, max_cost: float | None
) -> ModelSettings | None:
    if settings is None:
        return None
    return replace(
        settings,
        max_tokens=settings.max_tokens if max_tokens is None else max_tokens,
        max_cost=settings.max_cost if max_cost is None else max_cost,
    )


@contextmanager
def _asking(settings: ModelSettings | None) -> Iterator[tuple[Asks | None, FindsGuidance]]:
    """Open the endpoint with one meter for the whole run, so that the caps hold for all of it, and guide it as `fix` does."""
    if settings is None:
        yield None, unguided
        return
    from tracemend.repair.models.endpoint import Endpoint
    from tracemend.repair.models.meter import Meter

    with Endpoint(settings, Meter(settings)) as endpoint:
        yield endpoint, GuidanceOfEndpoint(endpoint) if settings.cassette is None else unguided


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"
