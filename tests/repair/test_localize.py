import subprocess
import textwrap

import pytest

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.localize.changes import changed_lines
from tracemend.repair.localize.dataflow import backward_slice
from tracemend.repair.localize.grouping import group_failures
from tracemend.repair.localize.spectrum import ochiai
from tracemend.repair.localize.suspects import rank_suspects
from tracemend.repair.runner.results import Failure, Frame, RunResult, Spectra, TestResult


@pytest.mark.parametrize(
    "failing_executed, passing_executed, failing, expected",
    [(1, 0, 1, 1.0), (1, 3, 1, 0.5), (0, 5, 2, 0.0), (2, 2, 4, 0.5)],
)
def test_ochiai(failing_executed, passing_executed, failing, expected):
    assert ochiai(failing_executed, passing_executed, failing) == pytest.approx(expected)


SHOP = textwrap.dedent("""\
    RATE = 2

    def net(price, count=1):
        total = price * count
        return total

    def gross(price):
        value = net(price)
        value = value * RATE
        return value

    def unrelated(price):
        return -price
""")


def spectra(lines, functions):
    return Spectra(
        RunResult({}, "finished"),
        {test: {"shop.py": frozenset(found)} for test, found in lines.items()},
        {test: frozenset(("shop.py", line) for line in found) for test, found in functions.items()},
    )


def red(test, *frames, exception="AssertionError"):
    return TestResult(test, "failed", failure=Failure("call", exception, "", tuple(frames)))


def rank(failing, passing, found, changed=None):
    module = parse_module("shop.py", SHOP)
    modules = {
        "shop.py": module,
        "test_shop.py": parse_module("test_shop.py", "def test_a():\n    assert gross(1)\n"),
    }
    return rank_suspects(failing, passing, found, modules.get, {"test_shop.py"}, changed)


def test_what_only_failing_tests_execute_comes_first():
    found = spectra({"a": {8, 9, 10, 4, 5}, "b": {4, 5}}, {"a": {7, 3}, "b": {3}})
    ranked = rank([red("a")], ["b"], found)
    assert {one.line for one in ranked[:3]} == {8, 9, 10}
    assert ranked[0].score == 1.0


def test_what_only_puts_a_failure_into_words_is_hardly_suspicious():
    text = "class Sum:\n    def __repr__(self):\n        return 'sum'\n\n    def add(self, n):\n        return n\n"
    lines = {test: {"sums.py": frozenset(found)} for test, found in {"a": {3, 6}, "b": {6}}.items()}
    functions = {
        test: frozenset(("sums.py", line) for line in found)
        for test, found in {"a": {2, 5}, "b": {5}}.items()
    }
    found = Spectra(RunResult({}, "finished"), lines, functions)
    modules = {"sums.py": parse_module("sums.py", text)}
    assert rank_suspects([red("a")], ["b"], found, modules.get, set())[0].line == 6


def test_the_raising_line_beats_its_neighbours():
    found = spectra({"a": {8, 9, 10}}, {"a": {7}})
    crash = red("a", Frame("test_shop.py", 2, "test_a", True), Frame("shop.py", 9, "gross", True))
    assert rank([crash], [], found)[0].line == 9


def test_test_files_and_foreign_files_are_never_suspects():
    found = Spectra(
        RunResult({}, "finished"),
        {"a": {"test_shop.py": frozenset({2}), "/lib/os.py": frozenset({3}), "shop.py": frozenset({13})}},
        {"a": frozenset()},
    )
    assert {one.path for one in rank([red("a")], [], found)} == {"shop.py"}


def test_recently_changed_lines_are_raised():
    found = spectra({"a": {8, 9, 10}}, {"a": {7}})
    ranked = rank([red("a")], [], found, changed={("shop.py", 10): 1.0})
    assert (ranked[0].line, "changed last" in ranked[0].reasons) == (10, True)


def test_heads_and_constants_that_suspects_use_are_suspects_too():
    found = spectra({"a": {8, 9, 10, 4, 5}}, {"a": {7, 3}})
    lines = [one.line for one in rank([red("a")], [], found)]
    assert {1, 3, 7} <= set(lines)  # RATE = 2, def net, def gross
    assert 12 not in lines


def test_a_slice_follows_names_backwards():
    module = parse_module("shop.py", SHOP)
    (gross,) = [one for one in module.functions if one.qualname == "gross"]
    assert backward_slice(module, gross, 10) == {10: 0, 8: 1, 9: 1}


def test_tests_that_share_the_guilty_function_form_a_group():
    found = spectra(
        {"a": {4}, "b": {4, 8}, "c": {13}, "ok": {8}}, {"a": {3}, "b": {3, 7}, "c": {12}, "ok": {7}}
    )
    groups = group_failures([red("a"), red("b"), red("c")], ["ok"], found, {"shop.py"})
    assert [[one.test for one in group] for group in groups] == [["a", "b"], ["c"]]


def test_tests_without_a_suspect_are_grouped_by_how_they_fail():
    locale, network = (
        Failure("setup", "locale.Error", "unsupported"),
        Failure("call", "OSError", "unreachable"),
    )
    failing = [
        TestResult(test, "error", failure=one)
        for test, one in {"a": locale, "b": network, "c": locale}.items()
    ]
    groups = group_failures(failing, [], Spectra(RunResult({}, "finished")), {"shop.py"})
    assert [[one.test for one in group] for group in groups] == [["a", "c"], ["b"]]


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_git_tells_what_changed_last(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = 2\nz = 3\n")
    assert changed_lines(tmp_path) == {}
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "a.py").write_text("x = 1\ny = 20\nz = 3\n")
    assert changed_lines(tmp_path) == {("a.py", 2): 1.0}
    git(tmp_path, "commit", "-qam", "two")
    assert changed_lines(tmp_path) == {("a.py", 2): 0.5}


def test_git_hooks_of_the_repository_are_not_run(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    script = tmp_path / "monitor.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    script.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(script))
    git(tmp_path, "config", "diff.external", str(script))
    (tmp_path / "a.py").write_text("x = 2\n")
    assert changed_lines(tmp_path) == {("a.py", 1): 1.0}
    assert not (tmp_path / "ran").exists()


SEARCH = textwrap.dedent("""\
    def halve(low, high, fits):
        steps = []
        while low < high:
            middle = (low + high) // 2
            steps.append(middle)
            if fits(middle):
                high = middle
            else:
                low = middle
        return low
""")


def test_where_a_hanging_test_was_stopped_counts_less_than_what_could_end_its_loop():
    modules = {"search.py": parse_module("search.py", SEARCH)}
    stopped = Failure("call", "TimeLimit", "", (Frame("search.py", 5, "halve", True),))
    ran = Spectra(
        RunResult({}, "finished"),
        {"t::hangs": {"search.py": frozenset(range(2, 10))}},
        {"t::hangs": frozenset({("search.py", 1)})},
    )
    suspects = rank_suspects([TestResult("t::hangs", "timeout", failure=stopped)], [], ran, modules.get, ())
    assert [one.line for one in suspects[:3]] == [7, 9, 3]
    assert "could end the loop" in suspects[0].reasons
