"""Figures of a benchmark run, by strategy."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from .results import TaskResult


@dataclass(frozen=True, slots=True)
class Score:
    """What one strategy came to. Rates are None where there is nothing that they could be a rate of."""

    strategy: str
    tasks: int
    attempts: int
    pass_before: float  # pass@1 of the programs as they were.
    pass_at: Mapping[int, float] = field(default_factory=dict)  # k -> pass@k in the end.
    repair_rate: float | None = None  # Of attempts that began wrong, the share that ended right.
    right_to_wrong: int = 0  # Attempts that began right and ended wrong.
    shown: int = 0  # Attempts with a patch,
    shown_wrong: int = 0  # with one that the judging tests refute,
    high: int = 0  # with one of high confidence,
    high_wrong: int = 0  # and with one such that they refute.
    problems: int = 0
    tokens: int = 0
    cost: float = 0.0
    median_s: float = 0.0


def pass_at_k(samples: int, right: int, k: int) -> float:
    """Return the unbiased estimate that of `k` samples at least one is right (Chen et al. 2021, section 2.1).

    It is `1 - C(n - c, k) / C(n, k)`, written as a product that neither overflows nor loses digits.
    """
    if samples - right < k:
        return 1.0
    return 1.0 - prod(1.0 - k / number for number in range(samples - right + 1, samples + 1))


def scores(results: Iterable[TaskResult], ks: Sequence[int] = (1,)) -> list[Score]:
    """Return one score for each strategy, in the order in which they first occur."""
    by_strategy: dict[str, list[TaskResult]] = {}
    for one in results:
        by_strategy.setdefault(one.strategy, []).append(one)
    return [_score(strategy, found, ks) for strategy, found in by_strategy.items()]


def _score(strategy: str, results: Sequence[TaskResult], ks: Sequence[int]) -> Score:
    by_task: dict[str, list[TaskResult]] = {}
    for one in results:
        by_task.setdefault(one.task, []).append(one)
    fewest = min(len(found) for found in by_task.values())
    wrong_before = [one for one in results if not one.before]
    shown = [one for one in results if one.patched]
    high = [one for one in shown if one.confidence == "high"]
    return Score(
        strategy=strategy,
        tasks=len(by_task),
        attempts=len(results),
        pass_before=statistics.fmean(_share(found, "before", 1) for found in by_task.values()),
        pass_at={
            k: statistics.fmean(_share(found, "after", k) for found in by_task.values())
            for k in ks
            if k <= fewest  # Of fewer samples there is no unbiased estimate.
        },
        repair_rate=sum(one.after for one in wrong_before) / len(wrong_before) if wrong_before else None,
        right_to_wrong=sum(one.before and not one.after for one in results),
        shown=len(shown),
        shown_wrong=sum(not one.after for one in shown),
        high=len(high),
        high_wrong=sum(not one.after for one in high),
        problems=sum(bool(one.problem) for one in results),
        tokens=sum(one.tokens for one in results),
        cost=sum(one.cost for one in results),
        median_s=statistics.median(one.seconds for one in results),
    )


def _share(found: Sequence[TaskResult], field_name: str, k: int) -> float:
    return pass_at_k(len(found), sum(bool(getattr(one, field_name)) for one in found), k)
