"""One real job: what its journal tells, what is made of it, and that its verdicts can be had again."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from project_fixture import make_project
from typer.testing import CliRunner

from tracemend.repair.engine import Engine
from tracemend.repair.journal.journal import Journal
from tracemend.repair.journal.projections import Format, project_jobs
from tracemend.repair.journal.replay import CannotReplay, replay
from tracemend.repair.journal.story import JobStory, read_story
from tracemend.repair.memory.store import Memory
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.settings import RunnerSettings
from tracemend.server.cli.app import app

KEY = "AKIA" + "Q3EXAMPLEKEY7WXY"
SHOP = f"""
    #- pyproject.toml
    [project]
    name = "shop"
    license = "MIT"
    #- shop.py
    # Asks anna@example.org, with {KEY}.
    def reduced(price, count):
        if count > 10:
            return price - 1
        return price
    #- test_shop.py
    import pytest
    from shop import reduced

    @pytest.mark.parametrize("count, price", [(9, 5), (10, 4), (11, 4)])
    def test_reduced(count, price):
        assert reduced(5, count) == price
"""


class Job:
    """A project that was mended once, with what was kept of it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.state = folder / "state"
        project = make_project(self.root, SHOP)
        self.memory = Memory.open(project.root, self.state / "tracemend" / "memory")
        with Journal.open(project.root, self.state / "tracemend" / "journal") as journal:
            engine = Engine(
                project,
                RunnerSettings(),
                FixOptions(jobs=1, max_patches=1),
                record=journal.record,
                memory=self.memory,
            )
            self.report: FixReport = engine.fix(lambda event: None, threading.Event())
        self.story: JobStory = read_story(journal.path)

    def best(self):
        return max(self.story.candidates(), key=lambda one: one.confidence == "high")

    def rows(self, wanted: Format):
        return list(project_jobs([self.story], wanted))


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return Job(tmp_path_factory.mktemp("job"))


def test_the_journal_tells_what_the_report_says(job: Job) -> None:
    (failure,) = job.report.failures
    told = job.story.failures[failure.test]
    assert (told.status, told.tests, told.exception) == ("mended", failure.tests, "AssertionError")
    assert told.patches[0]["diff"] == failure.patches[0].patch.diff.replace(KEY, "<key>***************")
    assert len(told.tried) == failure.candidates
    assert job.story.finished and job.story.lost == 0 and told.suspects
    ranked = failure.patches[0]
    (best,) = (one for one in told.tried if one.id == ranked.patch.key)
    assert best.stands and best.confidence == ranked.confidence == "high"
    assert {"same", "changed", "plausible"} >= {one.effect for one in told.tried} - {"regressed", "refused"}


def test_the_journal_holds_no_key_and_its_diffs_still_fit(job: Job) -> None:
    assert KEY not in job.story.path.read_text()
    masked = [line for line in job.story.diff(job.best()).splitlines() if "Asks" in line]
    assert masked == [" # Asks anna@example.org, with <key>***************."]


def test_a_replay_runs_the_candidate_and_shows_when_a_verdict_does_not_hold(job: Job) -> None:
    wrong = next(one for one in job.story.candidates() if one.effect == "same")
    again = replay(job.story, replace(wrong, effect="plausible"), RunnerSettings())
    assert (again.was_green, again.green, again.outcome, again.same) == (True, False, "failed", False)


def test_a_replay_without_interpreter_says_so(job: Job) -> None:
    with pytest.raises(CannotReplay):
        replay(replace(job.story, python="/nowhere/python"), job.best(), RunnerSettings())


def test_sft_rows_are_conversations_that_end_in_a_proven_repair(job: Job) -> None:
    (row,) = job.rows("sft")
    assert [one["role"] for one in row["messages"]] == ["system", "user", "assistant"]
    assert "count >= 10" in row["messages"][-1]["content"]
    assert row["verdict"][0]["stands"] and row["verdict"][0]["confidence"] == "high"
    assert row["licence"] == "The code is the project's, which declares: MIT."
    assert row["lineage"]["job"] == job.story.id


def test_preference_rows_set_it_beside_what_certainly_does_not_hold(job: Job) -> None:
    rows = job.rows("preference")
    assert rows
    for row in rows:
        assert "count >= 10" in row["chosen"] and row["rejected"] != row["chosen"]
        good, bad = row["verdict"]
        assert good["stands"] and not bad["stands"]


def test_a_trajectory_is_in_order_and_rewards_what_stands(job: Job) -> None:
    (row,) = job.rows("trajectory")
    assert [turn["reward"] for turn in row["turns"]].count(1.0) >= 1
    assert len(row["turns"]) + row["left_out"] == len(job.story.candidates())


@pytest.mark.parametrize("wanted", ["sft", "preference", "trajectory"])
def test_no_row_holds_a_secret_or_a_person(job: Job, wanted: Format) -> None:
    for row in job.rows(wanted):
        text = json.dumps(row)
        assert KEY not in text and "anna@example.org" not in text and str(job.root) not in text
        assert all(command.endswith("--replay") for command in row["replay"])


def test_what_two_jobs_have_alike_comes_once(job: Job) -> None:
    assert len(list(project_jobs([job.story, job.story], "sft"))) == 1


@pytest.fixture
def run(job: Job, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command in the project."""
    monkeypatch.chdir(job.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(job.state))
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def test_show_lists_tells_and_replays(job: Job, run) -> None:
    assert f"{job.story.id}  " in run("show").output
    assert "1 of 1 failure mended" in run("show").output
    assert "shown, high" in run("show", "last").output
    told = run("show", job.story.id[:15], job.best().id[:8], "--json", "-")
    assert json.loads(told.stdout)["stands"]
    again = run("show", "last", job.best().id[:8], "--replay")
    assert (again.exit_code, "the same" in again.output) == (0, True)


@pytest.mark.parametrize(("field", "advice"), [("python", "one of yours"), ("root", "Go there")])
def test_a_journal_does_not_say_what_is_started_or_where(
    job: Job, tmp_path: Path, run, field: str, advice: str
) -> None:
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\ntouch {tmp_path}/ran\nexec {sys.executable} "$@"\n', "utf-8")
    other.chmod(0o755)
    (tmp_path / "pyproject.toml").write_text(f"[tool.tracemend]\npython = '{other}'\n", "utf-8")
    told = {"python": f"{other}", "root": f"{tmp_path}"}
    lines = [json.loads(line) for line in job.story.path.read_text("utf-8").splitlines()]
    changed = [line | ({field: told[field]} if field in line else {}) for line in lines]
    (tmp_path / "theirs.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in changed), "utf-8")
    done = run("show", tmp_path / "theirs.jsonl", job.best().id[:8], "--replay")
    assert done.exit_code == 2 and "tracemend: " in done.stderr and advice in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("arguments", [("nothing",), ("last", "zzzz"), ("last", "")])
def test_what_is_not_there_is_a_sentence(run, arguments: tuple[str, ...]) -> None:
    done = run("show", *arguments)
    assert done.exit_code == 2 and "tracemend: " in done.stderr and "Traceback" not in done.output


def test_the_command_of_a_row_replays_it(job: Job, tmp_path: Path, run) -> None:
    assert run("export", "last", "--format", "sft", "--out", tmp_path / "rows.jsonl").exit_code == 0
    (command,) = json.loads((tmp_path / "rows.jsonl").read_text())["replay"]
    assert run(*command.split()[1:]).exit_code == 0


def test_an_export_without_a_row_says_what_makes_one(job: Job, tmp_path: Path, run) -> None:
    lines = [json.loads(line) for line in job.story.path.read_text("utf-8").splitlines()]
    doubted = [
        one | {"patches": [{**patch, "confidence": "low"} for patch in one["patches"]]}
        if one["kind"] == "outcome"
        else one
        for one in lines
    ]
    (tmp_path / "doubted.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in doubted), "utf-8")
    done = run("export", tmp_path / "doubted.jsonl")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "made no row of the format sft: a repair of high confidence makes one" in done.stderr


def test_a_journal_that_cannot_be_read_is_left_out_of_an_export(job: Job, tmp_path: Path, run) -> None:
    (tmp_path / "torn.jsonl").write_text("{")
    done = run("export", tmp_path / "torn.jsonl", "last")
    assert done.exit_code == 0 and "torn.jsonl is left out" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_the_memory_is_listed_carried_over_and_forgotten(job: Job, tmp_path: Path, run) -> None:
    listed = json.loads(run("memory", "list", "--json", "-").stdout)
    assert [one["fate"] for one in listed["repairs"] if one["confidence"] == "high"] == ["offered"]
    head, *lines = run("memory", "list").stdout.splitlines()
    assert head.split() == ["id", "fate", "trust", "counts", "place", "failure:", "repair"]
    assert any("compares with" in one for one in lines)
    assert run("memory", "export", "--out", tmp_path / "memory.jsonl").exit_code == 0
    assert "1 known already" in run("memory", "import", tmp_path / "memory.jsonl").stderr
    assert "holds no repairs" in run("memory", "import", job.story.path).stderr
    assert "No repair has the number 77" in run("memory", "forget", 77).stderr
    assert run("memory", "forget").exit_code == 2
    assert "1 repair forgotten" in run("memory", "forget", "--all").stderr
