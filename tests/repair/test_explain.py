"""Evidence in, sentences out: every part of the record adds its sentence, and only its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracemend.repair.explain.evidence import (
    Alternative,
    Change,
    DiagnosticsDelta,
    Divergence,
    Evidence,
    FailurePoint,
    Falsification,
    NamedValue,
    Rerun,
    Suspect,
    evidence_from_json,
    evidence_to_json,
)
from tracemend.repair.explain.gather import from_first_entry
from tracemend.repair.explain.text import explain, failure_sentences
from tracemend.repair.records import BadRecord
from tracemend.repair.runner.results import Containment, Frame
from tracemend.repair.runner.traces import Step, Trace

BARE = Evidence(FailurePoint("tests/test_a.py::test_mean", "ZeroDivisionError"))

FULL = Evidence(
    FailurePoint(
        "tests/test_a.py::test_mean",
        "ZeroDivisionError",
        "division by zero",
        "return total / n",
        "stats.py",
        7,
        (Frame("tests/test_a.py", 4, "test_mean", True), Frame("stats.py", 7, "mean", True)),
        (NamedValue("xs", "[]"), NamedValue("total", "0"), NamedValue("n", "0")),
    ),
    note="compares with `<=` instead of `<`",
    operators=("comparator",),
    changes=(Change("stats.py", 5, "if n < 0:", "if n <= 0:"),),
    suspects=(Suspect("stats.py", 7, 1.0), Suspect("stats.py", 5, 0.71, "if n < 0:", "mean", "on the stack")),
    divergence=Divergence("stats.py", 5, "n < 0", "False", "True", "if n < 0:", "mean"),
    reruns=(Rerun("target", 1), Rerun("impacted", 14), Rerun("whole", 212, 0, 3.4, True)),
    reverted_fails=True,
    falsification=Falsification(120),
    diagnostics=DiagnosticsDelta(),
    containment=Containment("full", "overlay", "loopback", "namespace", True),
)

STORY = """\
tests/test_a.py::test_mean fails with ZeroDivisionError: division by zero. \
It is raised at stats.py:7 by `return total / n`, where `total` = `0` and `n` = `0`.
Things first go wrong in `mean` at stats.py:5 (`if n < 0:`), where `n < 0` is `False`. \
The changed statement is number 2 of 2 suspects, with a score of 0.71 (on the stack).
The patch compares with `<=` instead of `<`. At stats.py:5, `if n < 0:` becomes `if n <= 0:`. \
With that, `n < 0` is `True` there, and the test passes.
Re-run with the patch: the failing test (passed), 14 tests that can see the change (all passed) \
and the whole selection of 212 tests (all passed, in a fresh pytest process). \
Taking the patch away brings the failure back. \
On 120 inputs recorded in tests or derived from those it changes no behaviour that passing tests rely on \
and raises nothing new. The linter reports nothing new. \
All of that ran on a throw-away view of the project and without a network.
Nothing that was tried speaks against it."""


def test_whole_story() -> None:
    assert explain(FULL) == STORY


def test_bare_record_yields_one_sentence() -> None:
    assert explain(BARE) == "tests/test_a.py::test_mean fails with ZeroDivisionError."


def test_values_keep_their_blanks_and_the_test_itself_is_none() -> None:
    values = (NamedValue("self", "T(_testMethodName='test_a')"), NamedValue("line", "'a  b'"))
    point = FailurePoint("t.py::T::test_a", "AssertionError", expression="self.check(line)", values=values)
    assert list(failure_sentences(point))[1] == "At that point `line` = `'a  b'`."


PARTS = {
    "red rerun": ({"reruns": (Rerun("impacted", 3, 1),)}, "4 tests that can see the change (1 failed)."),
    "nothing was run": ({"reruns": (Rerun("impacted", 0),)}, ""),
    "green target without values": ({"reruns": (Rerun("target", 2),)}, "With that, the test passes."),
    "revert kept it green": ({"reverted_fails": False}, "did not bring the failure back"),
    "no inputs": ({"falsification": Falsification(0)}, ""),
    "refuted": (
        {"falsification": Falsification(9, 2, 1, ("mean([0])",))},
        "2 from passing tests now give another result and 1 now raises or hangs, for example `mean([0])`.",
    ),
    "refuted once": (
        {"falsification": Falsification(1, 1, 2)},
        "Of 1 input recorded in tests or derived from those, 1 from passing tests now gives another result and 2 now raise",
    ),
    "linter": ({"diagnostics": DiagnosticsDelta(("F821 undefined name",))}, "new: F821 undefined name."),
    "addition": ({"changes": (Change("a.py", 3, "", "return []"),)}, "At a.py:3, `return []` is added."),
    "removal": ({"changes": (Change("a.py", 3, "n = 0", ""),)}, "At a.py:3, `n = 0` is removed."),
    "open sandbox": ({"containment": Containment("none")}, ""),
    "choice": (
        {"alternatives": (Alternative(2, "adds a guard", "mean([])", "returns 0", "raises KeyError: 1"),)},
        (
            "Patch 2 (adds a guard) mends the failure too, but differs on `mean([])`: "
            "it returns `0` with this patch and raises `KeyError: 1` with that one."
        ),
    ),
    "doubts": ({"doubts": ("few tests", "it deletes code.")}, "low: few tests and it deletes code."),
}


@pytest.mark.parametrize(("parts", "said"), PARTS.values(), ids=PARTS)
def test_each_part_adds_its_own_sentence(parts: dict[str, object], said: str) -> None:
    added = explain(replace(BARE, **parts)).removeprefix(explain(BARE))  # type: ignore[arg-type]
    assert said in added
    assert bool(said) == bool(added)


UNSURE = {
    "no whole run": {"reruns": FULL.reruns[:2]},
    "red whole run": {"reruns": (Rerun("whole", 9, 1),)},
    "no revert": {"reverted_fails": None},
    "no falsification": {"falsification": None},
    "refuted": {"falsification": Falsification(5, 1)},
    "new lint": {"diagnostics": DiagnosticsDelta(("F401",))},
    "doubts": {"doubts": ("it deletes code",)},
}


@pytest.mark.parametrize("parts", UNSURE.values(), ids=UNSURE)
def test_trust_is_not_claimed_when_a_strong_check_is_missing(parts: dict[str, object]) -> None:
    assert "speaks against" not in explain(replace(FULL, **parts))  # type: ignore[arg-type]


def test_long_statements_are_reduced_to_where_they_differ() -> None:
    before = f"call({', '.join(f'argument_{n}' for n in range(20))}, first < last, tail_one, tail_two)"
    after = before.replace("first < last", "first <= last")
    told = explain(replace(BARE, changes=(Change("a.py", 1, before, after),)))
    assert "`... first < last, ...` becomes `... first <= last, ...`" in told


def test_values_of_any_shape_stay_on_one_short_line() -> None:
    failure = replace(FULL.failure, values=(NamedValue("total", "line\n" * 100),), message="a\n\nb")
    first = explain(Evidence(failure)).split("\n")
    assert len(first) == 1
    assert len(first[0]) < 400


MESSAGES = {
    "assert 5 == 10\n +  where 5 = discount(50)": "AssertionError: assert 5 == 10, where 5 = discount(50).",
    "assert [] == [1]\n  \n  Right contains one more item: 1\n  Use -v to get more diff": "assert [] == [1].",
    "ends with a stop.": "AssertionError: ends with a stop.",
}


@pytest.mark.parametrize(("message", "told"), MESSAGES.items())
def test_of_a_message_the_part_that_matters_is_told(message: str, told: str) -> None:
    assert explain(Evidence(FailurePoint("t", "AssertionError", message))).endswith(told)


def test_return_value_is_called_that() -> None:
    told = explain(replace(FULL, divergence=Divergence("a.py", 1, "return", "[]", "[1]")))
    assert "where the return value is `[]`" in told
    assert "With that, the return value is `[1]` there" in told


def test_evidence_survives_json() -> None:
    assert evidence_from_json(evidence_to_json(FULL)) == FULL
    assert evidence_from_json(
        {"failure": {"test": "t", "exception": "E"}, "from a later version": 1}
    ) == Evidence(FailurePoint("t", "E"))


BAD = [
    ([], "Evidence is not an object"),
    ({}, "missing 1 required"),
    ({"failure": {"test": 1, "exception": "E"}}, r"Evidence\.failure\.test is not of type str"),
    (
        {"failure": {"test": "t", "exception": "E"}, "reruns": [{"scope": "all"}]},
        r"reruns\[0\]\.scope is not one",
    ),
    ({"failure": {"test": "t", "exception": "E", "line": True}}, r"line is not of type int"),
]


@pytest.mark.parametrize(("value", "message"), BAD)
def test_bad_record_names_the_field(value: object, message: str) -> None:
    with pytest.raises(BadRecord, match=message):
        evidence_from_json(value)


def test_what_precedes_the_changed_function_is_not_compared() -> None:
    places = [("conftest.py", "folder"), ("test_a.py", "test_a"), ("a.py", "mean"), ("test_a.py", "test_a")]
    steps = tuple(
        Step(path, 1, function, at, 1, 1, 1, "block", {}) for at, (path, function) in enumerate(places)
    )
    trace = Trace("test_a.py::test_a", "failed", steps)
    assert from_first_entry(trace, {("a.py", "mean"), ("a.py", "median")}).steps == steps[2:]
    assert from_first_entry(trace, {("a.py", "median")}).steps == ()
    assert from_first_entry(trace, ()) == trace
