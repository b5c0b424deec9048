"""Grouping failing tests that are likely to have one cause.

Greedy set cover over functions: the function with the highest Ochiai score over all ungrouped failing tests claims
those that enter it; tests for which no function speaks belong together if they fail alike. A wrong guess costs time only, since a patch is credited with every failing test that it mends,
whatever its group.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tracemend.repair.localize.spectrum import suspiciousness
from tracemend.repair.runner.results import Spectra, TestResult


def group_failures(
    failing: Sequence[TestResult], passing: Collection[str], spectra: Spectra, editable: Collection[str]
) -> list[tuple[TestResult, ...]]:
    """Split `failing` into groups, largest evidence first; `editable` are the paths that may hold the cause."""
    entered = {
        test: {function for function in functions if function[0] in editable}
        for test, functions in spectra.functions.items()
    }
    left = list(failing)
    groups: list[tuple[TestResult, ...]] = []
    while left:
        scores = suspiciousness(entered, [one.test for one in left], passing)
        if not scores:
            groups += _alike(left)
            break
        best = max(scores, key=lambda function: (scores[function], function))
        group = tuple(one for one in left if best in entered.get(one.test, ()))
        groups.append(tuple(sorted(group, key=lambda one: _effort(one, spectra))))
        left = [one for one in left if best not in entered.get(one.test, ())]
    return groups


def _alike(failing: Sequence[TestResult]) -> list[tuple[TestResult, ...]]:
    """Group tests that execute nothing suspicious by how they fail: a missing locale fails fifty tests at once."""
    groups: dict[str, list[TestResult]] = {}
    for one in failing:
        groups.setdefault(one.behaviour, []).append(one)
    return [tuple(group) for group in groups.values()]


def _effort(result: TestResult, spectra: Spectra) -> tuple[bool, int, float]:
    """Order the tests of a group: the quickest and most focused one becomes the target of the search."""
    hangs = result.outcome in ("timeout", "crashed")
    lines = sum(len(found) for found in spectra.lines.get(result.test, {}).values())
    return hangs, lines, result.seconds
