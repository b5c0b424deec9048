"""What is remembered, what it counts for, and what becomes of it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sample_report import CONTAINMENT

from tracemend.repair.explain.evidence import Evidence, FailurePoint
from tracemend.repair.memory.shapes import excerpt_of, structure_of
from tracemend.repair.memory.signature import Signature
from tracemend.repair.memory.store import Memory
from tracemend.repair.memory.transfer import exported_lines, imported
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.reports import Confidence, FailureReport, FixReport, RankedPatch
from tracemend.repair.runner.settings import Project

OLD = "def size(items):\n    return len(items) - 1\n"
NEW = "def size(items):\n    return len(items)\n"
ERROR = Signature.of("AssertionError", "assert 3 == 4")


def report(
    old: str = OLD,
    new: str = NEW,
    *,
    operator: str = "arithmetic",
    confidence: Confidence = "high",
    exception: str = "AssertionError",
) -> FixReport:
    """Return the report of a run that proved one patch, and failed to mend another test."""
    patch = Patch((FileChange("shop.py", old, new),), Origin("templates", operator, "drops `- 1`", ()))
    point = FailurePoint("t.py::test_a", exception, "assert 2 == 3")
    ranked = RankedPatch(1, confidence, patch, {}, Evidence(point), "")
    failures = (
        FailureReport("t.py::test_a", "mended", ("t.py::test_a",), (ranked,)),
        FailureReport("t.py::test_b", "unmended", exception="KeyError", message="'x'", reason="Nothing."),
    )
    return FixReport(Project(Path("/p"), Path("python")), CONTAINMENT, failures)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "project", tmp_path / "memory")


def only(memory: Memory):
    (one,) = memory.repairs()
    return one


def test_a_proven_repair_is_remembered_and_a_failure_stands_apart(memory: Memory) -> None:
    memory.job = "20261120-1"
    memory.remember(report())
    one = only(memory)
    assert (one.signature, one.operator, one.before, one.after) == (ERROR, "arithmetic", OLD, NEW)
    assert (one.confidence, one.fate, one.weight, one.job) == ("high", "offered", 0.5, "20261120-1")
    assert memory.failures() == ((Signature("KeyError", "'...'"), "t.py::test_b", 1),)


def test_what_was_not_sure_and_nobody_took_counts_for_nothing(memory: Memory) -> None:
    memory.remember(report(confidence="low"))
    assert only(memory).weight == 0
    assert memory.examples(ERROR, 5) == () and memory.priors() == {}


def test_the_tree_tells_what_was_accepted_and_what_taken_back(memory: Memory) -> None:
    memory.remember(report(confidence="low"))
    fates = []
    for text in (OLD, NEW + "\n# more\n", "def other(): ...\n", OLD):
        memory.review(lambda path, text=text: text if path == "shop.py" else None)
        fates.append((only(memory).fate, only(memory).weight))
    assert fates == [("offered", 0), ("accepted", 1), ("accepted", 1), ("reverted", 0)]


@pytest.mark.parametrize("swapped", [False, True])
def test_an_edit_at_the_end_is_accepted_when_it_is_made_and_not_before(memory: Memory, swapped: bool) -> None:
    old, new = "def f():\n    a()\n", "def f():\n    a()\n    b()\n"
    if swapped:
        old, new = new, old
    memory.remember(report(old, new))
    fates = []
    for text in (old, new, old):
        memory.review(lambda path, text=text: f"import x\n\n{text}")
        fates.append(only(memory).fate)
    assert fates == ["offered", "accepted", "reverted"]


def test_finding_a_repair_again_does_not_undo_that_it_was_taken_back(memory: Memory) -> None:
    memory.remember(report())
    memory.review(lambda path: NEW)
    memory.review(lambda path: OLD)
    memory.remember(report())
    assert (only(memory).fate, only(memory).weight) == ("reverted", 0)


def test_priors_favour_what_has_mended_here_by_one_bit_at_most(memory: Memory) -> None:
    memory.remember(report())
    first = memory.priors()["arithmetic"]
    for number in range(40):
        memory.remember(report(new=NEW + f"# {number}\n", operator="arithmetic + guard"))
    assert -1.0 <= memory.priors()["arithmetic"] < first < 0
    assert set(memory.priors()) == {"arithmetic", "guard"}


def test_examples_are_alike_sure_first_and_one_of_each_shape(memory: Memory) -> None:
    memory.remember(report())
    memory.remember(report(OLD.replace("items", "rows"), NEW.replace("items", "rows")))
    memory.remember(report(new="def size(items):\n    return max(len(items), 1)\n"))
    memory.remember(report(new=OLD + "# other\n", exception="KeyError"))
    found = memory.examples(ERROR, 5)
    assert len(found) == 2 and len({one.structure for one in found}) == 2
    assert memory.examples(ERROR, 1) == found[:1]
    assert memory.examples(Signature("OSError"), 5) == ()


def test_a_secret_in_the_code_is_not_remembered(memory: Memory) -> None:
    key = "AKIA" + "Q3EXAMPLEKEY7WXY"
    old, new = (f"def key():\n    return '{key}'[{end}]\n" for end in ("0", ":4"))
    memory.remember(report(old, new, confidence="low"))
    assert key not in only(memory).before
    memory.review(lambda path: new)
    assert only(memory).fate == "accepted"


def test_what_is_imported_stays_foreign_shifts_no_price_and_ranks_last(
    tmp_path: Path, memory: Memory
) -> None:
    memory.remember(report())
    lines = list(exported_lines(memory.repairs()))
    other = Memory.open(tmp_path / "other", tmp_path / "memory")
    repairs, bad = imported([*lines, "{}", "not json", "[]"])
    assert bad == 3
    assert other.add_foreign(repairs) == 1 and other.add_foreign(repairs) == 0
    assert only(other).foreign and other.priors() == {}
    assert [one.foreign for one in other.examples(ERROR, 5)] == [True]
    other.review(lambda path: OLD)
    assert only(other).fate == "offered"


def test_what_was_proven_here_does_not_come_back_by_import(memory: Memory) -> None:
    """An export is scrubbed of more than a memory, and is the same repair all the same."""
    memory.remember(report(OLD.replace("\n", "  # ann@example.org\n", 1), NEW))
    repairs, _ = imported(exported_lines(memory.repairs()))
    assert "ann@" not in repairs[0].before and "ann@" in only(memory).before
    assert memory.add_foreign(repairs) == 0 and not only(memory).foreign


def test_an_import_cannot_vouch_for_itself(memory: Memory) -> None:
    memory.remember(report())
    memory.add_foreign((replace(only(memory), fate="accepted", operator="evil", foreign=False),))
    assert set(memory.priors()) == {"arithmetic"}


def test_half_a_character_is_neither_imported_nor_an_error(memory: Memory) -> None:
    memory.remember(report())
    (line,) = exported_lines(memory.repairs())
    repairs, bad = imported([line.replace('"note": "', '"note": "\\ud800')])
    assert (repairs, bad) == ((), 1)
    assert memory.add_foreign((replace(only(memory), note="\ud800"),)) == 0
    assert len(memory.repairs()) == 1


def test_forgetting(memory: Memory) -> None:
    memory.remember(report())
    memory.remember(report(new=NEW + "# two\n"))
    assert memory.forget((1, 77)) == 1
    assert memory.forget() == 1
    assert memory.repairs() == () and memory.failures() == ()


def test_a_damaged_database_is_put_aside_with_a_sentence(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path, tmp_path)
    memory.remember(report())
    memory.close()
    (path,) = tmp_path.glob("*.sqlite3")
    path.write_bytes(b"not a database at all" * 100)
    again = Memory.open(tmp_path, tmp_path)
    assert "put aside" in again.problem and again.repairs() == ()
    again.remember(report())
    assert len(Memory.open(tmp_path, tmp_path).repairs()) == 1


def test_another_format_is_no_crash(tmp_path: Path) -> None:
    Memory.open(tmp_path, tmp_path).close()
    (path,) = tmp_path.glob("*.sqlite3")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 77")
    assert "put aside" in Memory.open(tmp_path, tmp_path).problem


def test_without_a_disk_it_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Memory.open(tmp_path, tmp_path / "file")
    assert "nothing is remembered" in memory.problem
    memory.remember(report())
    assert len(memory.repairs()) == 1


def test_processes_write_at_the_same_time(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]\n"
        "from test_memory import report, NEW; from tracemend.repair.memory.store import Memory\n"
        "memory = Memory.open(Path('/p'), Path(sys.argv[1]))\n"
        "for number in range(10):\n"
        "    memory.remember(report(new=NEW + f'# {number}\\n'))\n"
    )
    here = Path(__file__).parent
    arguments = [sys.executable, "-c", script, str(tmp_path), str(here), str(here.parents[1])]
    workers = [subprocess.Popen(arguments) for _ in range(2)]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    memory = Memory.open(Path("/p"), tmp_path)
    assert len(memory.repairs()) == 10
    assert memory.failures()[0][2] == 20


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("list index out of range", "list index out of range"),
        ("assert 17 == 4.5e3\n + where", "assert 0 == 0"),
        ("'Cart' object has no attribute 'x'", "'...' object has no attribute '...'"),
        ("<A at 0x7f00aa> in /tmp/x/y.py", "<A at 0x> in /..."),
    ],
)
def test_signatures_leave_out_what_differs_from_case_to_case(message: str, shape: str) -> None:
    assert Signature.of("E", message).shape == shape


def test_the_shape_of_an_edit_does_not_know_names() -> None:
    assert structure_of("if a < b: pass", "if a <= b: pass") == "-Lt +LtE"
    assert structure_of("x = y < z", "x = y <= z") == "-Lt +LtE"
    assert structure_of("f(a)", "f(b)") == "names and values"
    assert structure_of("if (", "if") == ""


def test_an_excerpt_is_the_function_or_the_lines_around() -> None:
    inside = excerpt_of(FileChange("a.py", f"import os\n\n{OLD}\nX = 1\n", f"import os\n\n{NEW}\nX = 1\n"))
    assert (inside.function, inside.before, inside.after) == ("size", OLD, NEW)
    outside = excerpt_of(FileChange("a.py", "A = 1\nB = 2\n", "A = 1\nB = 3\n"))
    assert (outside.function, outside.after) == ("", "A = 1\nB = 3\n")
    both = excerpt_of(FileChange("a.py", f"A = 1\n{OLD}", f"A = 2\n{NEW}"))
    assert both.function == "" and "A = 2" in both.after and "len(items)\n" in both.after
