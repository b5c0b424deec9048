"""The frontier and the search, on a fake runner that computes verdicts from the patched text."""

import math
import textwrap
import threading
import time

import pytest

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.baseline import SecondOpinion
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.site import Proposal
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import Failure, Frame, RunResult, Spectra, TestResult
from tracemend.repair.search import patience
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.floors import COUNTED, Floors
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.naturalness import TokenModel, surcharge
from tracemend.repair.search.pairing import Base, Pairing
from tracemend.repair.search.search import Search, Task

TEXT = textwrap.dedent("""\
    def f(x):
        a = 1
        b = 2
        return a + b
""")
MODULE = parse_module("m.py", TEXT)


def suspect(line, score=1.0):
    return Suspect("m.py", line, score, "f")


def candidate(old, new, cost, line, score=1.0):
    start = TEXT.index(old)
    proposal = Proposal((TextEdit(start, start + len(old), new),), f"{old} -> {new}", cost, "test")
    return Candidate(((suspect(line, score), MODULE, proposal),), cost)


class FakeSource:
    """Yields given candidates and remembers whether it was asked."""

    def __init__(self, *candidates, floor=0.0):
        self.given, self._floor, self.asked = candidates, floor, False

    def floor(self):
        return self._floor

    def candidates(self):
        self.asked = True
        return list(self.given)


def frontier(*candidates):
    places = {one.suspect.line: one.suspect for one in candidates}
    return Frontier(
        list(places.values()),
        lambda place: [FakeSource(*(one for one in candidates if one.suspect.line == place.line))],
    )


def drain(front):
    notes = []
    while (one := front.pop()) is not None:
        notes.append(one.patch.origin.note)
    return notes


def test_cheap_edits_at_suspicious_places_come_first():
    front = frontier(
        candidate("a = 1", "a = 2", 1.0, 2),
        candidate("a = 1", "a = 3", 4.0, 2),
        candidate("b = 2", "b = 3", 1.0, 3, score=0.5),
    )
    assert drain(front) == ["a = 1 -> a = 2", "b = 2 -> b = 3", "a = 1 -> a = 3"]


def test_the_same_resulting_text_is_tried_once():
    front = frontier(candidate("a = 1", "a = 2", 1.0, 2), candidate("= 1", "= 2", 2.0, 2))
    assert drain(front) == ["a = 1 -> a = 2"]


def test_an_operator_is_asked_only_when_its_turn_comes():
    cheap = FakeSource(candidate("a = 1", "a = 2", 1.0, 2))
    dear = FakeSource(candidate("a = 1", "a = 3", 4.0, 2), floor=3.5)
    front = Frontier([suspect(2)], lambda place: [cheap, dear])
    assert front.pop().cost == 1.0
    assert (cheap.asked, dear.asked) == (True, False)
    assert front.pop().cost == 4.0


def test_unnatural_text_is_tried_later():
    one, other = candidate("a = 1", "a = 2", 1.0, 2), candidate("b = 2", "b = 3", 1.5, 3)
    front = Frontier(
        [suspect(2), suspect(3)],
        lambda place: [FakeSource(one if place.line == 2 else other)],
        lambda found: 0.8 if found.suspect.line == 2 else 0.0,
    )
    assert drain(front) == ["b = 2 -> b = 3", "a = 1 -> a = 2"]


def test_a_place_without_effect_loses_credit():
    dull = [candidate("a = 1", f"a = {n}", 1.0 + n / 100, 2) for n in range(2, 30)]
    front = frontier(*dull, candidate("b = 2", "b = 3", 1.9, 3))
    seen = []
    while (one := front.pop()) is not None:
        seen.append(one.suspect.line)
        front.learn(one, "same")
    assert seen.index(3) == 8  # After eight tries the dull place is dearer than 1.9.


def test_floors_are_those_counted_until_the_search_sees_something_cheaper():
    floors = Floors()
    counted, cost = next(iter(COUNTED.items()))
    assert [floors.floor(counted), floors.floor("new")] == [cost, 0.0]  # Of a new one nothing is known.
    for _ in range(4):
        floors.note("new", ())
        floors.note(counted, (cost + 1.0, cost - 0.1))
    assert [floors.floor(counted), floors.floor("new")] == [cost - 0.1, 1.0]


def test_pairs_join_what_got_further_with_everything_else():
    base = candidate("a = 1", "a = 2", 1.0, 2)
    pairing = Pairing([Base(base, 1.0)])
    for second in (base, candidate("b = 2", "b = 3", 1.0, 3), candidate("= 1", "= 9", 1.0, 2)):
        pairing.add_single(second, second.cost)
    joined = pairing.next()
    assert joined.patch.changes[0].new == TEXT.replace("a = 1", "a = 2").replace("b = 2", "b = 3")
    assert pairing.next() is None  # Neither with itself nor with what overlaps.


def test_the_second_edit_is_sought_first_where_the_broken_test_points():
    base = Base(candidate("a = 1", "a = 2", 1.0, 2), 1.0, frozenset({("m.py", 4)}))
    pairing = Pairing([base])
    pairing.add_single(candidate("b = 2", "b = 3", 1.0, 3), 1.0)
    pairing.add_single(candidate("a + b", "a - b", 2.0, 4), 2.0)
    assert "a - b" in pairing.next().patch.changes[0].new


class FakeRunner:
    """Runs `target`, which wants f to return `wanted`, and `keeps`, which wants a not to be 7."""

    def __init__(self, wanted, cpu_s=0.0):
        self.wanted = wanted
        self.cpu_s = cpu_s

    def run(self, tests, *, sources=None, limits=None, fail_fast=False, wall_s=None):
        namespace = {}
        exec((sources or {"m.py": TEXT})["m.py"], namespace)  # noqa: S102 - the snippets are ours
        value = namespace["f"](0)
        found = {}
        for test in tests:
            good = (
                value == self.wanted
                if test.startswith("t::target")
                else "a = 7" not in (sources or {}).get("m.py", "")
            )
            failure = (
                None
                if good
                else Failure("call", "AssertionError", str(value), (Frame("t", 1, "target", True),))
            )
            found[test] = TestResult(test, "passed" if good else "failed", failure=failure)
        return RunResult(found, "finished", cpu_s=self.cpu_s)


def search(front, wanted, seconds=20.0, cancel=None, others=(), refuses=None):
    runner = FakeRunner(wanted)
    target = runner.run(["t::target"]).tests["t::target"]
    functions = {test: frozenset({("m.py", 1)}) for test in ("t::target", "t::keeps")}
    task = Task(
        target,
        (target,),
        ("t::target2",),
        ("t::keeps",),
        Spectra(RunResult({}, "finished"), {}, functions),
        {},
    )
    event = cancel or threading.Event()
    deadline = time.monotonic() + seconds
    made = Search(task, front, {"m.py": MODULE}.get, deadline=deadline, cancel=event, refuses=refuses)
    first, *helpers = [*others, runner, runner]
    for helper in helpers:
        made._join(helper)
    return made.run(first)


class DeadRunner:
    """Its processes do not start any more."""

    def run(self, tests, **options):
        raise RunnerError("gone")


def test_the_search_goes_on_without_a_runner_that_fails():
    candidates = [candidate("a = 1", f"a = {n}", 1.0, 2) for n in range(20, 30)]
    outcome = search(frontier(*candidates, candidate("b = 2", "b = 4", 2.5, 3)), 5, others=[DeadRunner()])
    assert [one.candidate.patch.origin.note for one in outcome.plausible] == ["b = 2 -> b = 4"]


def test_what_goes_wrong_in_any_thread_ends_the_search_and_is_raised():
    def refuses(one):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        search(frontier(candidate("b = 2", "b = 4", 1.5, 3)), wanted=5, refuses=refuses)


def test_finds_the_patch_and_counts_what_it_mends():
    outcome = search(
        frontier(candidate("a = 1", "a = 5", 1.0, 2), candidate("b = 2", "b = 4", 1.5, 3)), wanted=5
    )
    (found,) = outcome.plausible
    assert found.candidate.patch.origin.note == "b = 2 -> b = 4"
    assert (found.mended, found.impacted) == (("t::target", "t::target2"), 1)


def test_a_patch_that_breaks_a_passing_test_is_refused():
    outcome = search(frontier(candidate("a = 1", "a = 7", 1.0, 2)), wanted=9)
    assert (outcome.plausible, outcome.regressions) == ([], 1)


def test_pairs_are_tried_when_singles_are_exhausted():
    front = frontier(candidate("a = 1", "a = 10", 1.0, 2), candidate("b = 2", "b = 20", 1.0, 3))
    (found,) = search(front, wanted=30).plausible
    assert found.candidate.patch.origin.operator == "test + test"


def test_a_set_cancel_flag_ends_the_search_before_anything_is_tried():
    event = threading.Event()
    event.set()
    outcome = search(frontier(candidate("a = 1", "a = 5", 1.0, 2)), wanted=9, cancel=event)
    assert (outcome.ended, outcome.tried) == ("cancelled", 0)


def test_natural_text_is_cheaper():
    model = TokenModel(["if i < len(items):\n    items[i] = None\n" * 5])
    module = parse_module("m.py", "if i < n:\n    pass\n")

    def cost(text):
        return surcharge(model, Proposal((TextEdit(7, 8, text),), "", 1.0), module)

    assert cost("len(items)") < cost("zeta(omega)")


def test_a_search_whose_failure_turns_out_to_be_none_ends():
    runner = FakeRunner(9)
    target = runner.run(["t::target"]).tests["t::target"]
    task = Task(target, (target,), (), (), Spectra(RunResult({}, "finished"), {}, {}), {})
    front = frontier(*(candidate("a = 1", f"a = {n}", 1.0, 2) for n in range(20, 30)))
    answers = iter([False, False, True])
    made = Search(
        task,
        front,
        {"m.py": MODULE}.get,
        deadline=time.monotonic() + 20,
        cancel=threading.Event(),
        is_moot=lambda: next(answers),
    )
    outcome = made.run(runner)
    assert (outcome.ended, outcome.tried) == ("moot", 2)


def test_a_search_goes_on_when_it_is_given_more_time():
    """As after a model that was to have the rest of it, and could not be asked."""
    runner = FakeRunner(9)
    target = runner.run(["t::target"]).tests["t::target"]
    task = Task(target, (target,), (), (), Spectra(RunResult({}, "finished"), {}, {}), {})
    front = frontier(candidate("a = 1", "a = 7", 1.0, 2))
    made = Search(task, front, {"m.py": MODULE}.get, deadline=time.monotonic(), cancel=threading.Event())
    assert (made.run(runner).ended, made.outcome.tried, made.over) == ("time", 0, True)
    made.deadline = time.monotonic() + 20
    assert len(made.run(runner).plausible) == 1


@pytest.mark.parametrize(("run_cpu_s", "calls"), [(0.0, 0), (10.0, 1)], ids=["short", "long"])
def test_a_search_calls_for_help_once_and_only_after_much_work(run_cpu_s, calls, monkeypatch):
    """However long it took on the clock, which says more about the machine than about the search."""
    monkeypatch.setattr(patience, "LONG_WALL_S", math.inf)
    runner = FakeRunner(9, run_cpu_s)
    target = runner.run(["t::target"]).tests["t::target"]
    task = Task(target, (target,), (), (), Spectra(RunResult({}, "finished"), {}, {}), {})
    front = frontier(*(candidate("a = 1", f"a = {n}", 1.0, 2) for n in range(20, 30)))
    made = Search(task, front, {"m.py": MODULE}.get, deadline=math.inf, cancel=threading.Event())
    called = []
    made.run(runner, called.append)
    assert (len(called), made.outcome.tried) == (calls, 10)


def test_a_second_opinion_is_asked_once_and_its_failure_is_not_kept():
    answers = iter([RunnerError("gone"), frozenset({"t::flaky"})])

    def ask():
        answer = next(answers)
        if isinstance(answer, RunnerError):
            raise answer
        return answer

    opinion = SecondOpinion(ask)
    with pytest.raises(RunnerError):
        opinion.green()
    assert opinion.known_green == frozenset()
    assert [opinion.green(), opinion.green(), opinion.known_green] == [frozenset({"t::flaky"})] * 3
