"""The engine on small projects, for real: every verdict below comes from running."""

import subprocess
import sys
import threading

import pytest
from project_fixture import make_project

from tracemend.repair.crew import Cancelled
from tracemend.repair.engine import Engine, _without_symptoms
from tracemend.repair.events import FailureStarted
from tracemend.repair.explain.evidence import Evidence, FailurePoint
from tracemend.repair.explain.no_fix import no_fix_reason
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.patch import Origin, Patch
from tracemend.repair.reports import FailureReport, FixOptions, RankedPatch
from tracemend.repair.runner.settings import Limits, RunnerSettings
from tracemend.repair.search.search import SearchOutcome

SHOP = """
    #- shop.py
    RATE = 2

    def reduced(price, count):
        if count > 10:
            return price - 1
        return price

    def gross(price):
        return price * RATE

    def first_word(text):
        return text.split()[0]
    #- test_shop.py
    import pytest
    from shop import reduced, gross, first_word

    @pytest.mark.parametrize("count, price", [(9, 5), (10, 4), (11, 4), (1, 5)])
    def test_reduced(count, price):
        assert reduced(5, count) == price

    def test_gross():
        assert gross(3) == 9
        assert gross(1) == 3

    def test_first_word():
        assert first_word("a b") == "a"
"""


def fix(project, *, events=None, cancel=None, max_time_s=30.0, budget_s=None, **settings):
    options = FixOptions(max_time_s=max_time_s, budget_s=budget_s, jobs=1)
    engine = Engine(project, RunnerSettings(**settings), options)
    return engine.fix((events if events is not None else []).append, cancel or threading.Event())


def only(report):
    (failure,) = report.failures
    return failure


def test_each_failure_gets_a_patch_that_git_applies(tmp_path):
    project = make_project(tmp_path, SHOP)
    before = (tmp_path / "shop.py").read_bytes()
    report = fix(project)
    assert {(one.test, one.status) for one in report.failures} == {
        ("test_shop.py::test_reduced[10-4]", "mended"),
        ("test_shop.py::test_gross", "mended"),
    }
    assert report.mended
    assert (tmp_path / "shop.py").read_bytes() == before
    for failure in report.failures:
        diff = failure.patches[0].patch.diff.encode()
        subprocess.run(["git", "apply", "-"], input=diff, cwd=tmp_path, check=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", failure.test],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        subprocess.run(["git", "apply", "-R", "-"], input=diff, cwd=tmp_path, check=True)


def test_a_boundary_is_mended_with_the_evidence_it_rests_on(tmp_path):
    report = fix(
        make_project(
            tmp_path, SHOP.replace("gross(3) == 9", "gross(3) == 6").replace("gross(1) == 3", "gross(1) == 2")
        )
    )
    best = only(report).patches[0]
    assert "+    if count >= 10:" in best.patch.diff
    assert best.confidence == "high"
    assert best.evidence.reverted_fails is True
    assert best.evidence.rerun("whole").fresh_process
    assert best.evidence.failure.exception == "AssertionError"
    assert best.verdict["inputs"] > 0


def test_nothing_failing_is_nothing_to_do(tmp_path):
    report = fix(make_project(tmp_path, "#- test_a.py\ndef test_a(): pass\n"))
    assert (report.failures, report.mended) == ((), True)


def test_what_cannot_be_mended_is_said_with_the_first_suspect(tmp_path):
    snippet = """
        #- essay.py
        def essay(topic):
            return topic
        #- test_essay.py
        from essay import essay
        def test_essay():
            assert essay("x").count("wisdom") == 3
            assert len(essay("y")) == 11977
            assert hash(essay("z")) == hash(essay("w")) + 12
    """
    failure = only(fix(make_project(tmp_path, snippet), max_time_s=5.0))
    assert (failure.status, failure.patches) == ("unmended", ())
    assert "essay.py:" in failure.reason


def test_a_test_that_suffers_from_another_is_not_mended(tmp_path):
    snippet = """
        #- counter.py
        seen = []
        def visit(): seen.append(1); return len(seen)
        #- test_counter.py
        from counter import visit
        def test_first(): assert visit() == 1
        def test_second(): assert visit() == 1
    """
    failure = only(fix(make_project(tmp_path, snippet)))
    assert (failure.test, failure.status) == ("test_counter.py::test_second", "flaky")
    assert "passes when it runs alone" in failure.reason


def test_a_test_that_depends_on_the_process_is_flaky(tmp_path):
    snippet = """
        #- names.py
        def order(): return list({"a", "b", "c", "d", "e", "f", "g"})
        #- test_names.py
        import sys
        from names import order
        def test_order(): assert sys.flags.hash_randomization and hash("a") % 2 == int(len(order()) == 0)
    """
    # Whatever the two hash seeds give, a verdict that differs between them must not lead to a patch.
    report = fix(make_project(tmp_path, snippet), max_time_s=5.0)
    assert all(not one.patches for one in report.failures)


SLOW = """
    #- sums.py
    def add(n):
        total = 0
        for one in range(n):
            total += one
        return total
    #- test_sums.py
    from sums import add
    def test_quick(): assert add(3) == 3
    def test_slow(): assert add(SIZE) > 0
"""


def test_a_test_that_takes_long_only_while_it_is_watched_passes(tmp_path):
    snippet = SLOW.replace("SIZE", "150_000")
    # Neighbours that take no time leave it 0.15 s of CPU alone, of which it needs a tenth.
    watched_too_long = Limits(wall_s=60.0, cpu_s=0.02)
    report = fix(make_project(tmp_path, snippet), max_time_s=8.0, default_limits=watched_too_long)
    assert not report.failures


def test_a_test_that_is_only_slow_does_not_fail(tmp_path):
    """Out of time where each line is watched, and beside its quick neighbours, it passes when it gets its time."""
    snippet = SLOW.replace("SIZE", "12_000_000")
    watched_too_long = Limits(wall_s=60.0, cpu_s=0.1)
    report = fix(make_project(tmp_path, snippet), max_time_s=5.0, default_limits=watched_too_long)
    assert not report.failures
    assert "test_sums.py::test_slow passes, but takes too long to be watched" in " ".join(report.notes)


def test_the_budget_bounds_the_run_of_everything_too(tmp_path):
    snippet = """
        #- test_slow.py
        import pytest, time
        @pytest.mark.parametrize("n", range(40))
        def test_slow(n): time.sleep(1)
    """
    (report,) = fix(make_project(tmp_path, snippet), budget_s=3.0).failures
    assert (report.status, "Not run" in report.reason) == ("error", True)
    assert len(report.tests) > 30


def test_a_file_that_cannot_be_collected_is_an_error_and_hides_nothing(tmp_path):
    (tmp_path / "test_broken.py").write_text("import no_such_module\ndef test_x(): pass\n")
    report = fix(make_project(tmp_path, SHOP))
    statuses = {one.test: one.status for one in report.failures}
    assert statuses["test_broken.py"] == "error"
    assert statuses["test_shop.py::test_reduced[10-4]"] == "mended"
    (broken,) = [one for one in report.failures if one.status == "error"]
    assert "no_such_module" in broken.reason


def test_an_endless_loop_is_mended_within_its_limits(tmp_path):
    snippet = """
        #- count.py
        def digits(n):
            found = 0
            while n >= 0:
                found += 1
                n = n // 10
            return found
        #- test_count.py
        from count import digits
        def test_digits():
            assert digits(7) == 1
            assert digits(1234) == 4
        def test_negative():
            assert digits(-1) == 0
    """
    limits = Limits(wall_s=10.0, cpu_s=1.0)
    failure = only(fix(make_project(tmp_path, snippet), max_time_s=60.0, default_limits=limits))
    assert failure.status == "mended"
    assert "+    while n > 0:" in failure.patches[0].patch.diff
    assert failure.patches[0].verdict["inputs"]  # Compared on what the passing test recorded.


def test_a_test_that_needs_two_patches_is_mended_on_top_of_the_first(tmp_path):
    snippet = """
        #- pair.py
        def low(x):
            return x + 2

        def high(x):
            return x * 3

        def both(x):
            return low(x), high(x)
        #- test_pair.py
        from pair import low, high, both
        def test_low():
            assert low(1) == 2
            assert low(5) == 6
        def test_high():
            assert high(1) == 2
            assert high(5) == 10
        def test_both():
            assert both(7) == (8, 14)
    """
    report = fix(make_project(tmp_path, snippet))
    assert report.mended
    assert {test for one in report.failures for test in one.tests} == {
        "test_pair.py::test_low", "test_pair.py::test_high", "test_pair.py::test_both",
    }  # fmt: skip


def report_of(test, *tests, patched=True):
    patch = RankedPatch(1, "low", Patch((), Origin("", "", "", ())), {}, Evidence(FailurePoint(test, "")), "")
    return FailureReport(
        test, "mended" if patched else "unmended", (test, *tests), (patch,) if patched else ()
    )


def test_what_no_patch_of_others_touches_is_searched_once(tmp_path):
    snippet = """
        #- text.py
        def essay(): return "..."
        def double(n): return n + 2
        #- test_text.py
        from text import double, essay
        def test_essay(): assert len(set(essay())) > 40
        def test_double(): assert (double(5), double(7)) == (10, 14)
    """
    events = []
    report = fix(make_project(tmp_path, snippet), events=events, max_time_s=2.0)
    assert {one.test: one.status for one in report.failures} == {
        "test_text.py::test_essay": "unmended",
        "test_text.py::test_double": "mended",
    }
    assert [one.test for one in events if isinstance(one, FailureStarted)].count(
        "test_text.py::test_essay"
    ) == 1


def test_a_patch_for_a_symptom_gives_way_to_the_one_for_the_cause():
    symptom, cause, other = report_of("a"), report_of("b", "a"), report_of("c")
    unmended = report_of("d", patched=False)
    assert _without_symptoms([symptom, cause, other, unmended]) == [cause, other, unmended]
    assert _without_symptoms([cause, symptom]) == [cause]


def test_cancelling_keeps_what_was_found_and_ends_soon(tmp_path):
    cancel = threading.Event()
    events = []

    class Listener(list):
        def append(self, event):
            events.append(event)
            if type(event).__name__ == "FailureStarted":
                cancel.set()

    report = fix(make_project(tmp_path, SHOP), events=Listener(), cancel=cancel)
    assert all(one.status == "unmended" for one in report.failures)
    assert not any(type(one).__name__ == "Plausible" for one in events)


def test_a_failure_whose_run_was_cancelled_does_not_take_the_others_along(tmp_path, monkeypatch):
    def cancelled(*_):
        raise Cancelled

    monkeypatch.setattr("tracemend.repair.engine.mend", cancelled)
    report = fix(make_project(tmp_path, SHOP))
    assert report.failures and all("was cancelled" in one.reason for one in report.failures)
    assert not any("before the tests were known" in note for note in report.notes)


@pytest.mark.parametrize(
    ("cancelled", "said"),
    [(False, "none survived the final run"), (True, "was stopped before the final run")],
)
def test_a_final_run_that_never_was_is_not_said_to_have_failed(cancelled, said):
    reason = no_fix_reason(SearchOutcome(), [Suspect("shop.py", 3, 1.0, "")], {}, 3, cancelled=cancelled)
    assert said in reason


@pytest.mark.parametrize("settings", [{"force_tier": "limits"}, {"force_spawn": True}, {"sandbox": "off"}])
def test_the_fall_backs_mend_too(tmp_path, settings):
    snippet = """
        #- last.py
        def last(xs):
            return xs[len(xs)]
        #- test_last.py
        from last import last
        def test_last():
            assert last([1, 2]) == 2
            assert last([5]) == 5
    """
    failure = only(fix(make_project(tmp_path, snippet), **settings))
    assert failure.status == "mended"
