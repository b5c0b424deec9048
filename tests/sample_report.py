"""A report as the engine makes them, for tests of what is done with reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
)
from tracemend.repair.explain.text import explain
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.reports import Confidence, FailureReport, FixReport, RankedPatch
from tracemend.repair.runner.results import Containment
from tracemend.repair.runner.settings import Project

SHOP = """\
def subtotal(lines):
    total = 0
    for price, amount in lines[1:]:
        total += price * amount
    return total


def shipping(total):
    if total > 50:
        return 0
    return 5
"""

CONTAINMENT = Containment("full", "overlay", "loopback", "namespace", True)


def make_patch(path: str, old: str, before: str, after: str, note: str) -> Patch:
    """The patch that replaces the one `before` in `old` by `after`."""
    assert old.count(before) == 1, f"{before!r} must stand in the text once"
    line = old[: old.index(before)].count("\n") + 1
    change = FileChange(path, old, old.replace(before, after))
    return Patch((change,), Origin("templates", "comparator", note, ((path, line),)))


def make_ranked(
    patch: Patch, evidence: Evidence, confidence: Confidence = "high", rank: int = 1
) -> RankedPatch:
    """The patch as a ranked one whose explanation is made from `evidence`."""
    return RankedPatch(rank, confidence, patch, {"impacted": 3}, evidence, explain(evidence))


def make_evidence(test: str, patch: Patch) -> Evidence:
    """A full record for `patch`."""
    (path, line), *_ = patch.origin.lines
    before, after = patch.changes[0].old.split("\n")[line - 1], patch.changes[0].new.split("\n")[line - 1]
    return Evidence(
        FailurePoint(
            test, "AssertionError", "assert 12 == 20", "assert subtotal(lines) == 20", "tests/test_shop.py", 5,
            values=(NamedValue("lines", "[(4, 2), (6, 2)]"), NamedValue("expected", "20")),
        ),
        note=patch.origin.note,
        operators=("comparator",),
        changes=(Change(path, line, before.strip(), after.strip()),),
        suspects=(Suspect(path, line, 0.91, before.strip(), "subtotal", "executed by the failing test alone"),),
        divergence=Divergence(path, line, "total", "12", "20", before.strip(), "subtotal"),
        reruns=(Rerun("target", 1), Rerun("impacted", 3), Rerun("whole", 41, 0, 0.8, True)),
        reverted_fails=True,
        falsification=Falsification(64),
        diagnostics=DiagnosticsDelta(),
        containment=CONTAINMENT,
    )  # fmt: skip


def sample_report(root: Path) -> FixReport:
    """A mended failure, one with a choice of two patches, an unmended and a flaky one."""
    first = make_patch("shop.py", SHOP, "lines[1:]", "lines", "leaves out the slice `[1:]`")
    second = make_patch("shop.py", SHOP, "> 50", ">= 50", "compares with `>=` instead of `>`")
    third = make_patch("shop.py", SHOP, "return 5", "return 0", "returns `0` instead of `5`")
    slice_evidence = make_evidence("tests/test_shop.py::test_subtotal", first)
    choice = Alternative(2, third.origin.note, "shipping(49)", "5", "0")
    boundary_evidence = replace(
        make_evidence("tests/test_shop.py::TestShipping::test_free[50]", second),
        divergence=None,
        alternatives=(choice,),
    )
    other_evidence = replace(
        make_evidence("tests/test_shop.py::TestShipping::test_free[50]", third), doubts=("it drops a case",)
    )
    suspects = (
        Suspect("shop.py", 9, 0.82, "if total > 50:", "shipping", "on the failing path"),
        Suspect("shop.py", 11, 0.4, "return 5", "shipping"),
        Suspect("shop.py", 2, 0.05, "total = 0", "subtotal"),
    )
    failures = (
        FailureReport(
            "tests/test_shop.py::test_subtotal", "mended",
            ("tests/test_shop.py::test_subtotal", "tests/test_shop.py::test_invoice"),
            (make_ranked(first, slice_evidence),), "", 1.4, 212, (Suspect("shop.py", 3, 0.91, why="top"),),
        ),
        FailureReport(
            "tests/test_shop.py::TestShipping::test_free[50]", "mended",
            ("tests/test_shop.py::TestShipping::test_free[50]",),
            (make_ranked(second, boundary_evidence), make_ranked(third, other_evidence, "low", 2)), "", 3.1, 540, suspects,
        ),
        FailureReport(
            "tests/test_shop.py::test_currency", "unmended", ("tests/test_shop.py::test_currency",), (),
            "No trustworthy fix: 4,210 candidates left the test red.", 60.0, 4210, suspects[1:],
        ),
        FailureReport(
            "tests/test_shop.py::test_clock", "flaky", ("tests/test_shop.py::test_clock",),
            reason="Not mended, because the verdict is not the code's: it passes when it runs alone.",
        ),
    )  # fmt: skip
    return FixReport(
        Project(root, Path("python")), CONTAINMENT, failures, 65.2, ("Plug-in xdist was kept out.",)
    )
