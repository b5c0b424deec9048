"""Attempts, what is kept of them, and the figures that are made of that."""

from __future__ import annotations

import json
import math
import sys
import threading
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_server import Fail, OpenAIServer, Traits
from typer.testing import CliRunner

from tracemend.repair import engine
from tracemend.repair.benchmarks import plan as plan_module
from tracemend.repair.benchmarks import solving
from tracemend.repair.benchmarks.plan import CANCELLED, Plan, carry_out
from tracemend.repair.benchmarks.plot import plot
from tracemend.repair.benchmarks.results import ResultLog, TaskResult, read_results
from tracemend.repair.benchmarks.scores import pass_at_k, scores
from tracemend.repair.benchmarks.solving import Bench
from tracemend.repair.benchmarks.tasks import BadTask, BenchTask
from tracemend.repair.explain.evidence import Evidence, FailurePoint
from tracemend.repair.journal.journal import no_record
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.models.errors import ServerFault
from tracemend.repair.models.protocol import Answer, Usage
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.reports import FailureReport, FixOptions, FixReport, RankedPatch
from tracemend.repair.runner.results import Containment
from tracemend.repair.runner.settings import Project, RunnerSettings
from tracemend.server.cli.app import app

TO_MEND = BenchTask("mend", "g", "solution.py", "x = 1\n", {}, {})
TO_WRITE = BenchTask("write", "g", "solution.py", "", {}, {}, prompt="Write f.", entry_point="f")


class Writer:
    """A model that writes another program each time, or fails."""

    def __init__(self, fails: bool = False) -> None:
        self.asked = 0
        self.fails = fails

    def chat(self, messages, **options) -> Answer:
        if self.fails:
            raise ServerFault("The endpoint fell over.")
        self.asked += 1
        text = f"```python\ndef f(): return {self.asked}\n```"
        return Answer(text, "stop", Usage(10, 5, 0.5), "m", 0.1)


class Attempts:
    """Stands in for `solving.attempt`, and keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[tuple[str, str, int, str]] = []
        self.problem = ""
        self.bench = Bench(Path(sys.executable), RunnerSettings(), FixOptions(), no_record, threading.Event())
        monkeypatch.setattr(plan_module, "attempt", self)

    def __call__(self, bench, task, program, *, strategy, sample, advisors) -> TaskResult:
        self.begun.append((task.id, strategy, sample, program.strip()))
        if advisors is not None:
            advisors.problem = self.problem
        return TaskResult(task.id, task.group, strategy, sample, program=program, tokens=100)

    def run(self, plan: Plan, log: ResultLog, endpoint: Writer | None = None) -> str:
        return carry_out(plan, self.bench, endpoint, "m", log, lambda result: None)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Attempts:
    return Attempts(monkeypatch)


def test_strategies_start_from_the_same_draft_and_templates_try_once(attempts: Attempts) -> None:
    plan = Plan([TO_MEND, TO_WRITE], ("templates", "simple"), samples=2)
    log = ResultLog(None)
    assert attempts.run(plan, log, Writer()) == ""
    assert attempts.begun == [
        ("mend", "templates", 0, "x = 1"),
        ("mend", "simple", 0, "x = 1"),
        ("mend", "simple", 1, "x = 1"),
        ("write", "templates", 0, "def f(): return 1"),
        ("write", "templates", 1, "def f(): return 2"),
        ("write", "simple", 0, "def f(): return 1"),
        ("write", "simple", 1, "def f(): return 2"),
    ]
    assert {one.tokens for one in log.done.values() if one.task == "write"} == {115}
    assert log.done["mend", "templates", 0].model == "" and log.done["write", "templates", 0].model == "m"


def test_a_run_goes_on_where_it_was_torn(attempts: Attempts, tmp_path: Path) -> None:
    plan = Plan([TO_WRITE], ("templates",), samples=3)
    path = tmp_path / "log.jsonl"
    attempts.run(plan, ResultLog(path), Writer())
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + lines[2][:20])
    attempts.begun.clear()
    attempts.run(plan, ResultLog(path), Writer())
    assert [sample for _, _, sample, _ in attempts.begun] == [2]
    assert len(read_results(path)) == 3


@pytest.mark.parametrize("text", ["{}\n", "{}", "my notes", "one\ntwo"])
def test_a_file_that_holds_no_results_stays_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    with pytest.raises(BadTask, match="log:1"):
        ResultLog(tmp_path / "log")
    assert (tmp_path / "log").read_text() == text


def test_a_model_that_cannot_be_asked_ends_the_run(attempts: Attempts) -> None:
    log = ResultLog(None)
    assert attempts.run(Plan([TO_WRITE], ("simple",)), log, Writer(fails=True)) == "The endpoint fell over."
    attempts.problem = "the budget is spent"
    assert attempts.run(Plan([TO_MEND], ("simple",)), log, Writer()) == "the budget is spent"
    assert log.done == {}


def test_what_was_under_way_when_cancelled_is_not_kept(attempts: Attempts) -> None:
    log = ResultLog(None)
    attempts.bench.cancel.set()
    assert attempts.run(Plan([TO_MEND]), log) == CANCELLED and log.done == {}


def test_judging_is_called_off_too(attempts: Attempts) -> None:
    """It can take longer than anything else: judging tests may hang, one after the other."""
    right = replace(TO_MEND, hidden={"test_hidden.py": "def test_it(): assert True\n"})
    attempts.bench.cancel.set()
    assert not solving.passes(attempts.bench, right, "x = 1\n")


def test_nothing_to_begin_with_is_said() -> None:
    with pytest.raises(BadTask, match="no task"):
        Plan([]).check(with_model=True)
    with pytest.raises(BadTask, match="write first"):
        Plan([TO_WRITE]).check(with_model=False)
    Plan([TO_WRITE], drafts={"write": ["x"]}).check(with_model=False)


@given(st.integers(1, 60), st.data())
def test_pass_at_k_is_the_unbiased_estimate(samples: int, data: st.DataObject) -> None:
    """Chen et al. 2021: 1 - C(n - c, k) / C(n, k)."""
    right = data.draw(st.integers(0, samples))
    k = data.draw(st.integers(1, samples))
    expected = 1 - math.comb(samples - right, k) / math.comb(samples, k)
    assert pass_at_k(samples, right, k) == pytest.approx(expected)


def results() -> list[TaskResult]:
    mended = TaskResult("a", "g", "s", 0, after=True, patched=True, confidence="high", tokens=10, seconds=1)
    refuted = replace(mended, sample=1, after=False, seconds=3)
    broken = replace(mended, task="b", before=True, after=False, confidence="low", seconds=2)
    untouched = replace(broken, sample=1, after=True, patched=False, confidence="")
    return [mended, refuted, broken, untouched, replace(mended, strategy="other")]


def test_scores_tell_repairs_from_harm() -> None:
    first, other = scores(results(), (1, 2, 10))
    assert (first.strategy, first.tasks, first.attempts) == ("s", 2, 4)
    assert (first.pass_before, first.pass_at) == (0.5, {1: 0.5, 2: 1.0})
    assert (first.repair_rate, first.right_to_wrong) == (0.5, 1)
    assert (first.shown, first.shown_wrong, first.high, first.high_wrong) == (3, 2, 2, 1)
    assert (first.tokens, first.median_s) == (40, 2)
    assert other.pass_at == {1: 1.0}


def test_the_picture_has_a_bar_for_each_figure() -> None:
    picture = ElementTree.fromstring(plot(scores(results()), "a < b"))
    bars = [one for one in picture.iter("{http://www.w3.org/2000/svg}rect") if one.get("height") == "14"]
    assert len(bars) == 6
    assert max(float(one.get("width", "")) for one in bars) <= 720


MBPP = {
    "task_id": 1,
    "text": "Write a function that counts what is at least low.",
    "test_list": ["assert count([1, 2, 3], 2) == 2", "assert count([], 2) == 0", "assert count([5], 5) == 1"],
}
WRONG = "def count(xs, low):\n    return len([x for x in xs if x > low])\n"
RIGHT = WRONG.replace("> low", ">= low")


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mbpp.jsonl").write_text(json.dumps(MBPP))
    return tmp_path


def bench(*arguments: object):
    common = ["bench", "mbpp.jsonl", "--format", "mbpp", "--python", sys.executable, "--json", "-"]
    return CliRunner().invoke(app, [*common, *(str(one) for one in arguments)])


class MendsAsTold:
    """Stands in for the engine: its patch makes the program right, whatever it is."""

    def __init__(self, project: Project, *details: object, **more: object) -> None:
        self.project = project

    def fix(self, listener, cancel) -> FixReport:
        assert "test_hidden.py" not in {path.name for path in self.project.root.rglob("*")}
        old = (self.project.root / "solution.py").read_text()
        patch = Patch((FileChange("solution.py", old, RIGHT),), Origin("templates", "comparator", "", ()))
        ranked = RankedPatch(1, "high", patch, {}, Evidence(FailurePoint("t", "AssertionError")), "")
        return FixReport(
            self.project, Containment("full"), (FailureReport("t", "mended", patches=(ranked,)),)
        )


def test_drafts_are_mended_and_judged(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "Engine", MendsAsTold)
    (suite / "drafts.jsonl").write_text(json.dumps({"task_id": 1, "solution": WRONG}))
    arguments = ("--drafts", "drafts.jsonl", "--visible", "tests", "--log", "log.jsonl", "--plot", "p.svg")
    done = bench(*arguments)
    (score,) = json.loads(done.stdout)["scores"]
    assert (score["pass_before"], score["pass_at"], score["repair_rate"]) == (0.0, {"1": 1.0}, 1.0)
    assert (suite / "p.svg").exists() and done.exit_code == 0
    assert "exists" in bench(*arguments).stderr
    again = bench(*arguments, "--resume")
    assert json.loads(again.stdout) == json.loads(done.stdout) and "mended" not in again.stderr


def test_a_model_writes_and_nothing_that_is_right_is_touched(suite: Path) -> None:
    with OpenAIServer(lambda asked: f"```python\n{RIGHT}```") as server:
        done = bench("--base-url", server.base_url, "--model", "scripted", "--log", "log.jsonl")
    (score,) = json.loads(done.stdout)["scores"]
    assert (score["pass_at"], score["right_to_wrong"], score["shown"]) == ({"1": 1.0}, 0, 0)
    (line,) = (suite / "log.jsonl").read_text().splitlines()
    assert json.loads(line)["draft"] == RIGHT and json.loads(line)["tokens"] == score["tokens"] > 0


def test_the_strong_model_writes_and_the_fast_one_has_the_first_try_at_mending(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `fix`. The last question is refused, which ends the run."""
    monkeypatch.setattr(engine, "all_operators", lambda: ())
    for kind in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(suite))
    said = (f"```python\n{WRONG}```", "I am not sure.", Fail(401))
    with OpenAIServer(lambda asked: said[asked.ordinal], Traits(models=("strong", "small"))) as server:
        (suite / "tracemend").mkdir()
        (suite / "tracemend" / "config.toml").write_text(
            f'model-base-url = "{server.base_url}"\nmodel-name = "strong"\nmodel-fast-name = "small"\n'
        )
        remember(server.base_url, "small", Capabilities("small"))  # Else it would be found out first.
        done = bench("--visible", "tests", "--max-time", "60")
    assert [one.body["model"] for one in server.asked] == ["strong", "small", "small"]
    assert done.exit_code == 1 and "Stopped: " in done.stderr and ".. " not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "ask for a program"),
        (("--strategy", "simple"), "asks a model"),
        (("--strategy", "nonsense"), "no strategy"),
        (("--only", "mbpp/7"), "no task mbpp/7"),
        (("--drafts", "missing.jsonl"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(suite: Path, arguments: tuple[str, ...], said: str) -> None:
    done = bench(*arguments)
    assert done.exit_code == 2 and said in done.stderr and "Traceback" not in done.output
