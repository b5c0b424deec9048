"""Adds the attempts of one run up to its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tracemend.repair.runner.attempt import Attempt
from tracemend.repair.runner.decoding import Spectrum
from tracemend.repair.runner.results import Ended, Failure, Outcome, Route, RunResult, TestResult


class Tally:
    """What is known of a run so far, and what is left to do.

    `on_result` hears each result as it comes, how many tests have one now, and of how many.
    """

    def __init__(
        self,
        tests: Sequence[str] | None,
        *,
        fail_fast: bool,
        on_result: Callable[[TestResult, int, int], None],
    ) -> None:
        self.pending = None if tests is None else list(dict.fromkeys(tests))
        self.spectra: dict[str, Spectrum] = {}
        self.ended: Ended = "finished"
        self._results: dict[str, TestResult] = {}
        self._total = len(self.pending or ())
        self._fail_fast = fail_fast
        self._on_result = on_result
        self._route: Route = "none"
        self._problem = ""
        self._cpu_s = 0.0
        self._loaded: set[str] = set()
        self._done = False

    @property
    def open(self) -> bool:
        """True while there are tests to run (None: whatever is collected) and nothing has ended the run."""
        return self.pending != [] and self.ended == "finished" and not (self.pending is None and self._done)

    def note(self, result: TestResult) -> None:
        """Take in one result as it comes."""
        self._results[result.test] = result
        self._on_result(result, len(self._results), self._total)

    def add(self, found: Attempt) -> None:
        """Take in a whole attempt and decide what is left to run."""
        self._cpu_s += found.cpu_s
        self.spectra.update(found.spectra)
        self._results.update(found.results)
        self._loaded.update(found.loaded)
        self._done = found.how == "done"
        if found.route in ("swap", "reload", "fresh"):
            self._route = found.route  # type: ignore[assignment]
        if found.how in ("timeout", "crashed") and found.current is not None:
            self.note(_broken_test(found))
        elif not self._done:
            self.ended, self._problem = ended_of(found), found.problem
        if self.pending is None and found.collected is not None:
            self.pending = list(found.collected)
        self._strike_off()

    def result(self, sources: Mapping[str, str], seconds: float) -> RunResult:
        """Return the whole."""
        unused = sorted(set(sources) - self._loaded)
        imported = not any(one.failure and one.failure.phase == "setup" for one in self._results.values())
        if unused and imported and self._done and not self._problem:
            self._problem = f"these tests never load {', '.join(unused)}"
        return RunResult(self._results, self.ended, self._route, seconds, self._cpu_s, self._problem)

    def _strike_off(self) -> None:
        left = [test for test in self.pending or () if test not in self._results]
        if self._fail_fast and any(not one.green for one in self._results.values()):
            self.ended = "stopped" if left and self.ended == "finished" else self.ended
            left = []
        elif self._done and left:
            self.ended, self._problem = "crashed", "the run ended without running all of its tests"
        if self.pending is not None:
            self.pending = left


def _broken_test(found: Attempt) -> TestResult:
    """Return the result of the test in which a run hung or died."""
    assert found.current is not None, "a test was running"
    outcome: Outcome = "timeout" if found.how == "timeout" else "crashed"
    exception = "TimeLimit" if outcome == "timeout" else "ProcessDied"
    return TestResult(found.current, outcome, failure=Failure("call", exception, found.problem, found.frames))


def ended_of(found: Attempt) -> Ended:
    """Return how a run ends that ends with this attempt."""
    if found.how in ("timeout", "out of time"):
        return "timeout"
    return "cancelled" if found.how == "cancelled" else "crashed"
