from types import SimpleNamespace

from tracemend.repair.ground import Ground
from tracemend.repair.runner.results import RunResult, TestResult


def results(**outcomes):
    return {test: TestResult(test, outcome) for test, outcome in outcomes.items()}


def regressions(before, after, again):
    """Ask for the regressions of a patch with which the tests end as in `after`, and `again` without it."""
    ground = Ground.__new__(Ground)
    passing = tuple(test for test, one in before.items() if one.outcome == "passed")
    ground.baseline = SimpleNamespace(results=before, passing=passing)
    ground.run_fresh = lambda tests, sources, **_: RunResult(
        {test: again[test] for test in tests if test in again}, "finished"
    )
    return ground.regressions(RunResult(after, "finished"), {})


def test_a_test_that_turns_red_is_a_regression_unless_it_does_without_the_patch_too():
    before = results(a="passed", b="passed")
    after = results(a="failed", b="failed")
    assert regressions(before, after, results(a="passed", b="failed")) == ["a"]


def test_a_test_that_can_no_longer_be_collected_or_is_skipped_is_a_regression():
    before = results(a="passed", b="passed", c="passed", d="skipped")
    after = results(b="skipped", c="passed", d="skipped")
    assert regressions(before, after, before) == ["a", "b"]
    assert (
        regressions(before, after, results(b="skipped")) == []
    )  # A name or a condition that comes and goes.
