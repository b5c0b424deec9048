"""Which jobs keep a journal and learn: what the command line and the settings say, and what a disk refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sample_report import SHOP, sample_report
from typer.testing import CliRunner

from tracemend.repair.journal.journal import no_record
from tracemend.repair.keeping import Keeping, keeping
from tracemend.server.cli import fix as fix_module
from tracemend.server.cli.app import app


class FakeEngine:
    def __init__(self, root: Path, kept: Keeping) -> None:
        self.root = root
        self.kept = kept

    def fix(self, listener, cancel):
        self.kept.record("note", {"text": "here"})
        report = sample_report(self.root)
        if self.kept.memory is not None:
            self.kept.memory.remember(report)
        return report


@pytest.fixture
def fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs `tracemend fix` with settings, and what it left in the state directory."""
    (tmp_path / "shop.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(
        fix_module, "load_engine", lambda setting, options, kept, *rest: FakeEngine(setting.root.path, kept)
    )

    def run(*arguments: str, settings: str = "") -> set[str]:
        (tmp_path / "pyproject.toml").write_text(f"[tool.tracemend]\n{settings}\n")
        done = CliRunner().invoke(app, ["fix", "--python", sys.executable, *arguments])
        assert done.exit_code in (0, 1), done.output
        return {path.suffix for path in (tmp_path / "state").rglob("*") if path.is_file()}

    return run


@pytest.mark.parametrize(
    ("arguments", "settings", "left"),
    [
        ((), "", {".jsonl", ".sqlite3"}),
        (("--journal", "off"), "", {".sqlite3"}),
        (("--no-memory",), "", {".jsonl"}),
        ((), "journal = false\nmemory = false", set()),
        (("--memory",), "memory = false", {".jsonl"}),
    ],
)
def test_what_a_job_leaves(fix, arguments: tuple[str, ...], settings: str, left: set[str]) -> None:
    assert fix(*arguments, settings=settings) == left


def test_a_journal_goes_where_it_is_told_to_even_if_the_project_wants_none(fix, tmp_path: Path) -> None:
    assert fix("--journal", "elsewhere", settings="journal = false") == {".sqlite3"}
    (journal,) = (tmp_path / "elsewhere").rglob("*.jsonl")
    assert '"text":"here"' in journal.read_text()
    shown = CliRunner().invoke(app, ["show", "last", "--journal", "elsewhere"])
    assert "here" in shown.output and "did not come to its end" in shown.output


def test_a_disk_that_refuses_stops_no_job(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    with keeping(tmp_path, journal=True, memory=False, warn=said.append, folder=tmp_path / "file") as kept:
        assert kept.record is no_record and kept.memory is None
    (sentence,) = said
    assert sentence.startswith("This job keeps no journal: ")
