"""Failing tests as diagnostics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types
from scene import Scene, step, trace_of

from tracemend.repair.runner.results import CollectionError, Failure, Frame, TestResult
from tracemend.repair.runner.traces import FailureFrame
from tracemend.server.features.diagnostics import all_diagnostics

TEST = "test_shop.py::test_total"


def check_diagnostics(scene: Scene) -> None:
    """Compare all diagnostics with the comments; a diagnostic's kind is its severity."""
    found = {
        uri: [(one.range, one.severity.name.lower(), one.message) for one in diagnostics if one.severity]
        for uri, diagnostics in all_diagnostics(scene.snapshot).items()
    }
    scene.check(found)


def test_a_failure_stands_on_its_assertion_and_on_the_suspect(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def total(xs):
            return sum(xs) + 1
        #   ^^^^^^^^^^^^^^^^^^ information: Suspected of the failure of test_total (score 1.00: executed by failing tests)
        #- test_shop.py
        from shop import total
        def test_total():
            xs = [1, 2]
            assert total(xs) == 3
        #   ^^^^^^^^^^^^^^^^^^^^^ error: test_total fails: AssertionError: assert 4 == 3
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 4 == 3", at="assert total")
    scene.suspects(TEST, ("shop.py", "return sum", 1.0))
    check_diagnostics(scene)


def test_the_two_point_to_each_other(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def total(xs):
            return sum(xs) + 1
        #- test_shop.py
        def test_total():
            assert total([1, 2]) == 3
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 4 == 3", at="assert total")
    scene.suspects(TEST, ("shop.py", "return sum", 1.0))
    found = all_diagnostics(scene.snapshot)
    (failure,), (suspect,) = found[scene.uri("test_shop.py")], found[scene.uri("shop.py")]
    assert [one.location.uri for one in failure.related_information or ()] == [scene.uri("shop.py")]
    assert [one.location.uri for one in suspect.related_information or ()] == [scene.uri("test_shop.py")]
    assert suspect.data == failure.data == {"root": str(scene.root), "tests": [TEST]}


def test_values_of_the_failing_line_are_in_the_message(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        def test_total():
            xs = [1, 2]
            assert sum(xs) == 4
        #   ^^^^^^^^^^^^^^^^^^^ error: with xs = [1, 2]
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 3 == 4", at="assert sum")
    frame = FailureFrame("test_shop.py", scene.line("test_shop.py", "assert sum"), "f", {"xs": "[1, 2]"})
    scene.knows(TEST, trace=trace_of(TEST, step("test_shop.py", 1, "call"), error="E", failure=(frame,)))
    check_diagnostics(scene)


def test_an_exception_warns_where_it_was_raised(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def price(name, prices):
            return prices[name]
        #   ^^^^^^^^^^^^^^^^^^^ warning: Suspected of the failure of test_total
        #- test_shop.py
        def test_total():
            price("cat", {})
        #   ^^^^^^^^^^^^^^^^ error: test_total fails: KeyError: 'cat'
    """)  # fmt: skip
    scene.fails(TEST, "KeyError", "'cat'", at="price(", via="prices[name]")
    scene.suspects(TEST, ("shop.py", "prices[name]", 1.0))
    check_diagnostics(scene)


def test_failures_at_one_line_are_one_diagnostic(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        @pytest.mark.parametrize("n", range(3))
        def test_total(n):
            assert n > 5
        #   ^^^^^^^^^^^^ error: test_total[0] (and 2 other tests) fails: AssertionError: assert 0 > 5
    """)  # fmt: skip
    for n in range(3):
        scene.fails(f"{TEST}[{n}]", "AssertionError", f"assert {n} > 5", at="assert n")
    check_diagnostics(scene)


@pytest.mark.parametrize(
    ("change", "expected_line"),
    [
        (lambda text: "# A comment above.\n" + text, 3),
        (lambda text: text.replace("return sum", "\n    return sum"), 3),
        (lambda text: text.replace("+ 1", "+ 0"), None),
    ],
    ids=["moved", "moved inside", "touched"],
)
def test_a_suspect_follows_its_line_and_goes_with_it(tmp_path, change, expected_line) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def total(xs):
            return sum(xs) + 1
        #- test_shop.py
        def test_total():
            assert total([1, 2]) == 3
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 4 == 3", at="assert total")
    scene.suspects(TEST, ("shop.py", "return sum", 1.0))
    scene.edit("shop.py", change)
    lines = [
        one.range.start.line + 1 for one in all_diagnostics(scene.snapshot).get(scene.uri("shop.py"), [])
    ]
    assert lines == ([expected_line] if expected_line else [])


@pytest.mark.parametrize("field", [{"fresh": False}, {"ignored": True}], ids=["stale", "ignored"])
def test_nothing_is_said_about_a_verdict_that_does_not_count(tmp_path: Path, field: dict[str, bool]) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        def test_total():
            assert 0
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 0", at="assert 0")
    scene.results[TEST] = replace(scene.results[TEST], **field)
    assert not any(all_diagnostics(scene.snapshot).values())


def test_a_file_that_cannot_be_collected_says_why_at_its_place(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        import shop
        import pen
        # <- error: raises ModuleNotFoundError: No module named 'pen'
    """)  # fmt: skip
    frame = Frame("test_shop.py", 2, "<module>", True)
    scene.errors = (
        CollectionError("test_shop.py", "ModuleNotFoundError", "No module named 'pen'", (frame,)),
    )
    check_diagnostics(scene)


def test_a_flaky_test_gets_a_hint_at_its_name(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        def test_total():
        # <- hint: test_total is flaky: it passed and failed on equal code.
            assert 1
    """)  # fmt: skip
    scene.passes(TEST)
    scene.results[TEST] = replace(scene.results[TEST], flaky="it passed and failed on equal code.")
    check_diagnostics(scene)


def test_a_test_that_fails_outside_its_file_is_marked_at_its_name(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        def test_total(missing):
        # <- error: test_total fails in its setup: fixture 'missing' not found
            assert 1
    """)  # fmt: skip
    scene.add(TestResult(TEST, "error", failure=Failure("setup", "fixture 'missing' not found", "")))
    check_diagnostics(scene)


def test_clients_without_related_information_get_none(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def total(): pass
        #- test_shop.py
        def test_total():
            assert total()
    """, replace(Scene(tmp_path, "").client, related_information=False))  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert None", at="assert total")
    scene.suspects(TEST, ("shop.py", "def total", 1.0))
    found = [one for diagnostics in all_diagnostics(scene.snapshot).values() for one in diagnostics]
    assert len(found) == 2 and not any(one.related_information for one in found)
    assert {one.severity for one in found} == {
        types.DiagnosticSeverity.Error,
        types.DiagnosticSeverity.Information,
    }
