"""The baseline: which tests are red on the code as it stands, and which of them can be believed.

A test that is red in the run of everything, but green alone or in a fresh process, is flaky or suffers from another
test; mending code for it would be guessing, so it is set apart with the reason (infinitest #405: green tests shown
red make people leave). The fresh process is a *second opinion* that the search need not wait for: most failures are
real, many are mended sooner than a pytest starts, and the answer is only needed before something is said.

A test that ran out of time may only be slow, for the first run watches each line. Whether it is, is the same kind of
question, asked with time enough: waiting for that before each search would cost those most whose loop is endless.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracemend.repair.runner.client import Runner, limits_for
from tracemend.repair.runner.results import RunResult, Spectra, TestResult
from tracemend.repair.runner.settings import Limits

FreshRun = Callable[[Sequence[str], Mapping[str, Limits]], RunResult]

FRESH_IS_GREEN = "it failed, and then passed in a fresh process, with the same code"

MAX_RECHECKED_ALONE = 200
PATIENCE = 4.0
UNWATCHED_CPU_S = 30.0  # What all tests that ran out of time get together when nothing watches them.
MIN_UNWATCHED_CPU_S = 10.0


@dataclass(frozen=True)
class Baseline:
    """Verdicts, spectra and limits before any change."""

    results: Mapping[str, TestResult]
    failing: tuple[
        TestResult, ...
    ]  # Red every time in this process; the results are those of the test run alone.
    flaky: Mapping[str, str]  # Test -> a sentence that says how its verdicts differ.
    passing: tuple[str, ...]
    spectra: Spectra
    limits: Mapping[str, Limits]
    opinion: SecondOpinion
    unhurried: SecondOpinion  # On those alone that ran out of time: which of them only needed more.


class SecondOpinion:
    """Which of the failing tests are green in a fresh process: asked once, in the background or when needed.

    What `ask` raises is raised by `green`.
    """

    def __init__(self, ask: Callable[[], frozenset[str]]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._green: frozenset[str] | None = None

    def green(self) -> frozenset[str]:
        """Return the tests that are green in a fresh process; wait for the answer, or ask now."""
        with self._lock:
            if self._green is None:
                self._green = self._ask()
            return self._green

    @property
    def known_green(self) -> frozenset[str]:
        """What is known without waiting."""
        return self._green or frozenset()


def establish_baseline(
    runner: Runner, tests: Sequence[str], fresh_run: FreshRun, *, wall_s: float | None = None
) -> Baseline:
    """Run `tests` with line spectra, then the red ones again alone; `fresh_run` is what the second opinion asks.

    `wall_s` bounds the run of everything; tests that it leaves out have no result.
    """
    spectra = runner.spectra(tests, wall_s=wall_s)
    results = dict(spectra.result.tests)
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
        if alone.green and results[test].outcome == "timeout":  # It was the watching that took so long.
            results[test] = alone
            limits |= limits_for(run)
        elif alone.green:
            flaky[test] = "it fails after the other tests but passes when it runs alone"
        else:
            failing.append(alone)

    def green_in_a_fresh_process(asked: Sequence[str], allowed: Mapping[str, Limits]) -> frozenset[str]:
        if cancelled or not asked:
            return frozenset()
        again = fresh_run(asked, allowed)
        return frozenset(test for test, one in again.tests.items() if one.green)

    passing = tuple(
        test for test, result in results.items() if result.outcome in ("passed", "xfailed", "xpassed")
    )
    names = [one.test for one in failing]
    late = [test for test in names if results[test].outcome == "timeout"]
    opinion = SecondOpinion(lambda: green_in_a_fresh_process(names, patient(limits)))
    unhurried = SecondOpinion(lambda: green_in_a_fresh_process(late, _unwatched(late)))
    return Baseline(results, tuple(failing), flaky, passing, spectra, limits, opinion, unhurried)


def patient(limits: Mapping[str, Limits]) -> dict[str, Limits]:
    """Allow a process that imports and warms up everything for the first time more than a fork gets."""
    return {test: Limits(PATIENCE * one.wall_s, PATIENCE * one.cpu_s) for test, one in limits.items()}


def _unwatched(tests: Sequence[str]) -> dict[str, Limits]:
    """Allow each test a share of `UNWATCHED_CPU_S`, and twice as long on the clock."""
    cpu_s = max(MIN_UNWATCHED_CPU_S, UNWATCHED_CPU_S / max(len(tests), 1))
    return dict.fromkeys(tests, Limits(2.0 * cpu_s, cpu_s))
