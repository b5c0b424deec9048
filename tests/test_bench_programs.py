"""Tests of the benchmark protocol: what it reads from `tracemend fix`, and how it judges patches by hidden tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from bench.programs import Program, check_program, measure_program
from bench.protocol import Limits, Offer, apply_offers
from bench.results import Verdict

PROGRAM = Program(
    key="demo/total",
    group="demo",
    family="demo",
    visible={
        "total.py": "def total(xs):\n    return sum(xs) + 1\n",
        "test_visible.py": "from total import total\n\ndef test_two():\n    assert total([1, 1]) == 2\n",
    },
    hidden={"test_hidden.py": "from total import total\n\ndef test_none():\n    assert total([]) == 0\n"},
    fixed={"total.py": "def total(xs):\n    return sum(xs)\n"},
)
ENGINE = """\
import json, sys
assert "test_visible.py::test_two" in sys.argv, sys.argv
print({answer!r})
"""


def diff_to(line: str) -> str:
    return (
        "--- a/total.py\n+++ b/total.py\n@@ -1,2 +1,2 @@\n"
        f" def total(xs):\n-    return sum(xs) + 1\n+    {line}\n"
    )


def answer(diff: str) -> str:
    patch = {"rank": 1, "confidence": "high", "diff": diff, "origin": "fake"}
    test = "test_visible.py::test_two"
    failure = {"test": test, "tests": [test], "status": "mended", "patches": [patch], "candidates": 7}
    return json.dumps({"version": 1, "failures": [failure]})


def measure(tmp_path: Path, said: str) -> Verdict:
    engine = tmp_path / "engine.py"
    engine.write_text(ENGINE.format(answer=said), encoding="utf-8")
    return measure_program(PROGRAM, Path(sys.executable), Limits(5, 10), [sys.executable, str(engine)])


JUDGED = {
    "the original": ("return sum(xs)", True, True, True),
    "another way to write it": ("return sum(list(xs))", True, False, True),
    "fits the visible test alone": ("return 2", True, False, False),
    "mends nothing": ("return sum(xs) + 2", False, False, False),
}


@pytest.mark.parametrize(("line", "mended", "equal", "correct"), JUDGED.values(), ids=JUDGED)
def test_hidden_tests_judge(tmp_path: Path, line: str, mended: bool, equal: bool, correct: bool) -> None:
    found = measure(tmp_path, answer(diff_to(line)))
    assert (found.mended, found.equal, found.correct) == (mended, equal, correct)
    assert found.confidence == ("high" if mended else "")


def test_a_patch_of_the_test_is_no_repair(tmp_path: Path) -> None:
    diff = diff_to("return sum(xs)").replace("total.py", "test_visible.py")
    assert not measure(tmp_path, answer(diff)).mended


def test_an_offer_for_what_passes_already_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "total.py").write_text(PROGRAM.visible["total.py"], encoding="utf-8")
    offers = [
        Offer((test,), diff_to(line), "high", "fake") for test, line in (("a", "return 1"), ("b", "return 2"))
    ]
    assert apply_offers(tmp_path, offers, lambda: {"a", "b"}) == offers[:1]
    assert (tmp_path / "total.py").read_text(encoding="utf-8").endswith("return 1\n")


def test_a_tool_that_breaks_is_reported(tmp_path: Path) -> None:
    found = measure(tmp_path, "Traceback")
    assert "no JSON" in found.problem and not found.mended


def test_a_useful_program_fails_visibly_and_its_reference_passes() -> None:
    python = Path(sys.executable)
    assert check_program(PROGRAM, python) == ""
    sound = Program("x", "x", "x", {**PROGRAM.visible, **PROGRAM.fixed}, PROGRAM.hidden, PROGRAM.fixed)
    assert check_program(sound, python) == "no visible test fails"
