"""One attempt at a task: a scratch project, the engine on what may be seen, and a verdict by the tests that judge.

Everything runs in the sandbox of the runner, drafts of models above all. The judging tests are laid over a second scratch
folder, so that neither the engine nor a model ever has them in reach.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tracemend.repair.crew import Cancelled, Crew
from tracemend.repair.engine import Engine
from tracemend.repair.models.protocol import Recorder
from tracemend.repair.patch import merge_patches
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings

from .results import TaskResult
from .tasks import BenchTask

JUDGING_LIMITS = Limits(wall_s=10.0, cpu_s=5.0)  # Of one judging test.


@dataclass(frozen=True)
class Bench:
    """How attempts are made: by which interpreter, how contained, for how long."""

    python: Path
    settings: RunnerSettings
    options: FixOptions
    record: Recorder
    cancel: threading.Event


def attempt(
    bench: Bench, task: BenchTask, program: str, *, strategy: str, sample: int, advisors: Advisors | None
) -> TaskResult:
    """Mend `program` by what is visible of `task`, and judge it before and after."""
    started = time.monotonic()
    result = TaskResult(task.id, task.group, strategy, sample, program=program)
    before = passes(bench, task, program)
    result = replace(result, before=before, after=before)
    if task.visible:
        try:
            report = _mended(bench, task, program, advisors)
        except RunnerError as problem:
            return replace(result, problem=str(problem), seconds=time.monotonic() - started)
        result = _with_patches(bench, task, program, result, report)
    if advisors is not None:
        usage = advisors.usage
        result = replace(result, requests=advisors.requests, tokens=usage.tokens, cost=usage.cost)
    return replace(result, seconds=round(time.monotonic() - started, 2))


def passes(bench: Bench, task: BenchTask, program: str) -> bool:
    """Tell whether `program` passes all judging tests of `task`. One that cannot be run, or is called off, does not."""
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        root = _written(Path(scratch), task, program, task.hidden)
        settings = replace(bench.settings, default_limits=JUDGING_LIMITS)
        try:
            with Crew(Project(root, bench.python), settings, bench.cancel) as crew:
                runner = crew.start()
                tests = [one.test for one in runner.collection.tests]
                run = runner.run(tests, fail_fast=True)
                return bool(tests) and run.green and not runner.collection.errors
        except (RunnerError, Cancelled):
            return False


def _mended(bench: Bench, task: BenchTask, program: str, advisors: Advisors | None) -> FixReport:
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        root = _written(Path(scratch), task, program, task.visible)
        engine = Engine(
            Project(root, bench.python), bench.settings, bench.options, record=bench.record, advisors=advisors
        )
        return engine.fix(lambda event: None, bench.cancel)


def _with_patches(
    bench: Bench, task: BenchTask, program: str, result: TaskResult, report: FixReport
) -> TaskResult:
    """Apply the best patch of each failure, sure or not, and judge what that makes."""
    best = [one.patches[0] for one in report.failures if one.patches]
    merged = merge_patches([one.patch for one in best])
    candidates = sum(one.candidates for one in report.failures)
    if not best or merged is None or task.module not in merged.sources:
        return replace(result, candidates=candidates)
    mended = merged.sources[task.module]
    sure = all(one.confidence == "high" for one in best)
    return replace(
        result,
        candidates=candidates,
        patched=True,
        confidence="high" if sure else "low",
        after=passes(bench, task, mended),
        program=mended,
    )


def _written(root: Path, task: BenchTask, program: str, tests: Mapping[str, str]) -> Path:
    """Write a project and return its resolved root; its own configuration keeps others' from being found above."""
    files = {"pytest.ini": "[pytest]\n", **task.helpers, task.module: program, **tests}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8", "surrogatepass")
    return root.resolve()
