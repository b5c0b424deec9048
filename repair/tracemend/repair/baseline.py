"""The baseline: which tests are red on the code as it stands, and which of them can be believed.

A test that is red in the run of everything, but green alone or in a fresh process, is flaky or suffers from another
test; mending code for it would be guessing, so it is set apart with the reason (infinitest #405: green tests shown
red make people leave).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracemend.repair.runner.client import Runner, limits_for
from tracemend.repair.runner.results import RunResult, Spectra, TestResult
from tracemend.repair.runner.settings import Limits

FreshRun = Callable[[Sequence[str], Mapping[str, Limits]], RunResult]

MAX_RECHECKED_ALONE = 200
PATIENCE = 4.0


@dataclass(frozen=True)
class Baseline:
    """Verdicts, spectra and limits before any change."""

    results: Mapping[str, TestResult]
    failing: tuple[TestResult, ...]  # Red every time; the results are those of the test run alone.
    flaky: Mapping[str, str]  # Test -> a sentence that says how its verdicts differ.
    passing: tuple[str, ...]
    spectra: Spectra
    limits: Mapping[str, Limits]


def establish_baseline(runner: Runner, tests: Sequence[str], fresh_run: FreshRun) -> Baseline:
    """Run `tests` with line spectra, then the red ones again alone and in a fresh process."""
    spectra = runner.spectra(tests)
    results = dict(spectra.result.tests)
    passing = tuple(
        test for test, result in results.items() if result.outcome in ("passed", "xfailed", "xpassed")
    )
    red = [test for test, result in results.items() if not result.green]
    limits = limits_for(spectra.result)
    failing: list[TestResult] = []
    flaky: dict[str, str] = {}
    cancelled = spectra.result.ended == "cancelled"
    for test in red:
        if cancelled or len(failing) >= MAX_RECHECKED_ALONE:
            failing.append(results[test])
            continue
        run = runner.run([test], limits=limits)
        cancelled = run.ended == "cancelled"
        alone = run.tests.get(test, results[test])
        if alone.green:
            flaky[test] = "it fails after the other tests but passes when it runs alone"
        else:
            failing.append(alone)
    if failing and not cancelled:
        again = fresh_run([one.test for one in failing], patient(limits))
        for result in list(failing):
            second = again.tests.get(result.test)
            if second is not None and second.green:
                failing.remove(result)
                flaky[result.test] = "it failed, and then passed in a fresh process, with the same code"
    return Baseline(results, tuple(failing), flaky, passing, spectra, limits)


def patient(limits: Mapping[str, Limits]) -> dict[str, Limits]:
    """Allow a process that imports and warms up everything for the first time more than a fork gets."""
    return {test: Limits(PATIENCE * one.wall_s, PATIENCE * one.cpu_s) for test, one in limits.items()}
