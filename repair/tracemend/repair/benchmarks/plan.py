"""A whole run: which attempts there are, in which order, and what stops them.

Each task is attempted with every strategy before the next one begins, and all strategies start from the same draft. What is
in the log is not done again. A model that cannot be asked any more ends the run, for going on would measure templates
under the name of a strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracemend.repair.models.errors import ModelError
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.guidance import FindsGuidance, unguided
from tracemend.repair.propose.strategies.names import NO_STRATEGY
from tracemend.repair.propose.strategies.protocol import Asks

from .drafting import draft
from .results import ResultLog, TaskResult
from .solving import Bench, attempt
from .tasks import DRAFT_TEMPERATURE, BadTask, BenchTask

CANCELLED = "the run was cancelled"


@dataclass(frozen=True)
class Plan:
    """What is to be attempted. `drafts` are programs to begin with, by task; else a model writes them."""

    tasks: Sequence[BenchTask]
    strategies: Sequence[str] = (NO_STRATEGY,)
    drafts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    samples: int = 1
    temperature: float = DRAFT_TEMPERATURE

    def check(self, *, with_model: bool) -> None:
        """Raise `BadTask` where there is nothing to begin with."""
        if not self.tasks:
            raise BadTask("There is no task among these.")
        bare = [one.id for one in self.tasks if not one.program and one.id not in self.drafts]
        if bare and not with_model:
            raise BadTask(f"{len(bare)} tasks, {bare[0]} first, ask for a program and there is none to mend.")

    def attempts(self) -> Iterator[tuple[BenchTask, str, int]]:
        """Yield (task, strategy, sample). Templates do the same each time, so that once is enough for them."""
        for task in self.tasks:
            for strategy in self.strategies:
                for sample in range(self._samples(task, strategy)):
                    yield task, strategy, sample

    def _samples(self, task: BenchTask, strategy: str) -> int:
        if task.id in self.drafts:
            return len(self.drafts[task.id])
        return 1 if task.program and strategy == NO_STRATEGY else self.samples


def carry_out(
    plan: Plan,
    bench: Bench,
    endpoint: Asks | None,
    model: str,
    log: ResultLog,
    tell: Callable[[TaskResult], None],
    *,
    has_fast_model: bool = False,
    guidance: FindsGuidance = unguided,
) -> str:
    """Make all attempts that are not in `log`; return what stopped them, as a phrase, "" at the end.

    `model` is the strong one, which writes drafts; with a fast one beside it strategies ask as they do in `fix`, and under the
    same `guidance`.
    """
    for task, strategy, sample in plan.attempts():
        if (task.id, strategy, sample) in log.done:
            continue
        asked = strategy != NO_STRATEGY
        advisors = (
            Advisors(endpoint, strategy, guidance, has_fast_model=has_fast_model)
            if asked and endpoint is not None
            else None
        )
        try:
            drafted = _drafted(plan, bench, endpoint, task, sample, log)
        except ModelError as problem:
            return str(problem)
        begun = task.program or drafted.program
        result = attempt(bench, task, begun, strategy=strategy, sample=sample, advisors=advisors)
        if bench.cancel.is_set():
            return CANCELLED
        if advisors is not None and advisors.problem:
            return advisors.problem
        result = replace(
            result,
            model=model if asked or drafted.draft else "",
            draft=drafted.draft,
            draft_tokens=drafted.draft_tokens,
            draft_cost=drafted.draft_cost,
            tokens=result.tokens + drafted.draft_tokens,
            cost=result.cost + drafted.draft_cost,
        )
        log.add(result)
        tell(result)
    return ""


def _drafted(
    plan: Plan, bench: Bench, endpoint: Asks | None, task: BenchTask, sample: int, log: ResultLog
) -> TaskResult:
    """Return what an attempt begins with: a given draft, the one of another strategy, or a new one."""
    if task.program:
        return TaskResult(task.id, task.group, "", sample)
    if task.id in plan.drafts:
        return TaskResult(task.id, task.group, "", sample, program=plan.drafts[task.id][sample])
    earlier = log.draft_of(task.id, sample)
    if earlier is not None:
        return replace(earlier, program=earlier.draft)
    assert endpoint is not None, "`Plan.check` has seen that there is something to begin with"
    program, answer = draft(endpoint, task, sample, cancel=bench.cancel, temperature=plan.temperature)
    usage = answer.usage
    return TaskResult(
        *(task.id, task.group, "", sample),
        program=program,
        draft=program,
        draft_tokens=usage.tokens,
        draft_cost=usage.cost,
    )
