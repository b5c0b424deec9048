"""`tracemend fix` with an engine that answers at once: exit codes, streams, files and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sample_report import CONTAINMENT, SHOP, sample_report
from typer.testing import CliRunner, Result

from tracemend.repair import events
from tracemend.repair.keeping import Keeping
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.reports import FailureReport, FixOptions, FixReport
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.cli import fix as fix_module
from tracemend.server.cli.app import app
from tracemend.server.cli.project import Setting

Listener = Callable[[events.Event], None]


@dataclass
class FakeEngine:
    """Tells a few events and answers with a report made beforehand."""

    answer: Callable[[threading.Event], FixReport]
    tests: int

    def fix(self, listener: Listener, cancel: threading.Event) -> FixReport:
        listener(events.Started("3.12.1", "9.2.0", CONTAINMENT))
        listener(events.Collected(self.tests))
        listener(events.BaselineDone(40, 3, 0.8))
        listener(events.FailureStarted("tests/test_shop.py::test_free[50]", 1, 3))
        return self.answer(cancel)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a file to mend, as the working directory."""
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "pyproject.toml").write_text("[tool.tracemend]\njobs = 7\nmax-time = 9\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path.resolve()


class Invocation:
    """Runs the command line with a fake engine and keeps what the engine was made with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.setting: Setting | None = None
        self.options: FixOptions | None = None
        self.advisors: Advisors | None = None
        self.tests = 43

    def __call__(
        self, answer: FixReport | BaseException | Callable[..., FixReport], *arguments: str
    ) -> Result:
        def respond(cancel: threading.Event) -> FixReport:
            if isinstance(answer, BaseException):
                raise answer
            return answer if isinstance(answer, FixReport) else answer(cancel)

        def load(
            setting: Setting, options: FixOptions, kept: Keeping, advisors: Advisors | None
        ) -> FakeEngine:
            self.setting, self.options, self.advisors = setting, options, advisors
            return FakeEngine(respond, self.tests)

        self._monkeypatch.setattr(fix_module, "load_engine", load)
        return CliRunner().invoke(app, ["fix", "--python", sys.executable, *arguments])


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invocation:
    return Invocation(monkeypatch)


def mended(root: Path) -> FixReport:
    """The sample report less the failures that remain."""
    report = sample_report(root)
    return replace(report, failures=report.failures[:2])


def test_result_on_stdout_and_progress_on_stderr(shop: Path, invoke: Invocation) -> None:
    done = invoke(sample_report(shop))
    assert done.exit_code == 1
    for said in ("mended  tests/test_shop.py::test_subtotal", "  +    for price, amount in lines:", "No trustworthy",
                 "Things first go wrong", "2 of 4 failures mended, 1 unmended, 1 flaky in 65.2 s."):  # fmt: skip
        assert said in done.stdout
    assert "\x1b" not in done.output
    assert done.stderr.splitlines() == [
        "Python 3.12.1, pytest 9.2.0, sandbox full (overlay file system, loopback only)",
        "43 tests collected",
        "40 passed, 3 failed in 0.8 s",
        "[1/3] tests/test_shop.py::test_free[50]",
    ]
    assert (shop / "shop.py").read_text() == SHOP


@pytest.mark.parametrize(("failures", "exit_code"), [(0, 0), (2, 0), (3, 1), (4, 1)])
def test_exit_code(shop: Path, invoke: Invocation, failures: int, exit_code: int) -> None:
    report = sample_report(shop)
    assert invoke(replace(report, failures=report.failures[:failures])).exit_code == exit_code


def test_project_without_tests_is_a_problem(shop: Path, invoke: Invocation) -> None:
    invoke.tests = 0
    done = invoke(replace(sample_report(shop), failures=()))
    assert done.exit_code == 2
    assert f"pytest finds no tests in {shop}." in done.stderr


def test_nothing_could_be_collected(shop: Path, invoke: Invocation) -> None:
    invoke.tests = 0
    failure = FailureReport("test_a.py", "error", ("test_a.py",), reason="pytest cannot collect this file.")
    done = invoke(replace(sample_report(shop), failures=(failure,)))
    assert done.exit_code == 2
    assert "pytest cannot collect this file." in done.stdout


def test_json_on_stdout_stands_alone(shop: Path, invoke: Invocation) -> None:
    done = invoke(sample_report(shop), "--json", "-")
    assert json.loads(done.stdout)["failures"][0]["patches"][0]["files"] == ["shop.py"]


def test_apply_writes_and_other_outputs_are_files(shop: Path, invoke: Invocation) -> None:
    done = invoke(mended(shop), "--apply", "--json", "r.json", "--patch", "r.diff", "--report", "r.html")
    assert done.exit_code == 0, done.output
    assert "Wrote shop.py." in done.stdout
    assert (shop / "shop.py").read_text() == SHOP.replace("[1:]", "").replace("> 50", ">= 50")
    assert json.loads((shop / "r.json").read_text())["project"] == str(shop)
    assert (shop / "r.diff").read_text().count("\n+    ") == 2
    assert (shop / "r.html").read_text().startswith("<!doctype html>")


def test_apply_with_a_patch_that_cannot_be_trusted_leaves_failures(shop: Path, invoke: Invocation) -> None:
    report = mended(shop)
    doubtful = replace(report.failures[1], patches=report.failures[1].patches[1:])
    done = invoke(replace(report, failures=(report.failures[0], doubtful)), "--apply")
    assert done.exit_code == 1
    assert "1 failure has no patch that can be trusted" in done.stdout
    assert (shop / "shop.py").read_text() == SHOP.replace("[1:]", "")


@pytest.mark.parametrize(("options", "exit_code"), [((), 0), (("--patch", "r.diff"), 1), (("--apply",), 1)])
def test_a_doubtful_patch_mends_for_who_looks_and_not_for_who_wants_it_written(
    shop: Path, invoke: Invocation, options: tuple[str, ...], exit_code: int
) -> None:
    report = mended(shop)
    doubtful = replace(report.failures[1], patches=report.failures[1].patches[1:])
    done = invoke(replace(report, failures=(doubtful,)), *options)
    assert done.exit_code == exit_code
    assert ("writes none of these; they are yours to judge." in done.stdout) == ("--apply" not in options)


def test_apply_refuses_a_file_that_changed_meanwhile(shop: Path, invoke: Invocation) -> None:
    (shop / "shop.py").write_text(f"{SHOP}# edited\n")
    done = invoke(mended(shop), "--apply")
    assert done.exit_code == 1
    assert "was not applied: shop.py has changed since the patch was verified." in done.stdout
    assert (shop / "shop.py").read_text() == f"{SHOP}# edited\n"


def test_options_come_from_the_command_line_then_the_project_then_the_defaults(
    shop: Path, invoke: Invocation
) -> None:
    invoke(mended(shop), "--max-time", "5", "--sandbox", "off", "shop.py")
    assert invoke.options == FixOptions(5.0, None, 7, 3)
    assert invoke.setting is not None
    assert invoke.setting.project.selection == ("shop.py",)
    assert invoke.setting.runner.sandbox == "off"


USAGE = {
    "unknown option": ["--frobnicate"],
    "bad number": ["--jobs", "many"],
    "number out of range": ["--max-time", "-1"],
    "bad mode": ["--sandbox", "maybe"],
    "missing test": ["no/such/test.py"],
    "output in a missing directory": ["--json", "nowhere/r.json"],
    "output onto a directory": ["--report", "."],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_bad_usage_is_told_before_anything_is_run(
    shop: Path, invoke: Invocation, arguments: list[str]
) -> None:
    done = invoke(AssertionError("the engine was made"), *arguments)
    assert done.exit_code == 2
    assert invoke.setting is None
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_problem_is_a_sentence_and_a_next_step(shop: Path, invoke: Invocation) -> None:
    done = invoke(EnvironmentProblem("The moon is full.", "Wait for another one."))
    assert done.exit_code == 2
    assert done.stderr.endswith("tracemend: The moon is full.\nWait for another one.\n")


def test_defect_of_ours_is_one_line_and_a_log(shop: Path, invoke: Invocation) -> None:
    done = invoke(ZeroDivisionError("oh"))
    assert done.exit_code == 2
    assert "inside tracemend (ZeroDivisionError: oh)" in done.stderr
    assert "Traceback" not in done.output
    (log,) = (shop / "state" / "tracemend").glob("*.log")
    assert "in respond" in log.read_text()
    assert str(log) in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_keeps_what_was_found(shop: Path, invoke: Invocation, number: signal.Signals) -> None:
    def answer(cancel: threading.Event) -> FixReport:
        os.kill(os.getpid(), number)
        assert cancel.wait(20), "the engine was not asked to stop"
        return mended(shop)

    before = signal.getsignal(number)
    done = invoke(answer, "--json", "r.json")
    assert done.exit_code == 1
    assert "Stopped; this is what was found so far." in done.stderr
    assert len(json.loads((shop / "r.json").read_text())["failures"]) == 2
    assert signal.getsignal(number) is before


def test_second_signal_leaves_at_once(shop: Path, invoke: Invocation) -> None:
    release = threading.Event()

    def answer(cancel: threading.Event) -> FixReport:
        os.kill(os.getpid(), signal.SIGINT)
        assert cancel.wait(20)
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(20)
        return mended(shop)

    done = invoke(answer)
    release.set()
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("tracemend: Stopped.\n")


def test_control_characters_of_the_project_do_not_reach_the_terminal(shop: Path, invoke: Invocation) -> None:
    report = sample_report(shop)
    hostile = replace(report.failures[2], test="t\x1b]0;owned\x07[red]\u202e", reason="\x9b2J [bold]x[/bold]")
    done = invoke(replace(report, failures=(hostile,)))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.output)
    assert r"t\x1b]0;owned\x07[red]\u202e" in done.stdout
    assert "[bold]x[/bold]" in done.stdout
