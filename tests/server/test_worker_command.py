"""Our own processes run no code of the directory that they are started in, which an editor makes a repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tracemend.server import model_servers
from tracemend.server.worker_command import worker_command

HOSTILE = "import pathlib; pathlib.Path(__file__).with_name('ran').touch()"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("json", "logging", "queue", "vllm", "calendar"):
        (tmp_path / f"{name}.py").write_text(HOSTILE, "utf-8")
    return tmp_path


@pytest.mark.parametrize("module", ["completion_worker", "search_worker", "static_worker"])
def test_a_worker_imports_nothing_from_where_it_is_started(module: str, repository: Path) -> None:
    done = subprocess.run(
        worker_command(module), input=b"", cwd=repository, capture_output=True, timeout=60, check=False
    )
    assert not (repository / "ran").exists(), done.stderr.decode()


def test_looking_for_an_engine_imports_nothing_from_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    model_servers._probed(sys.executable)
    assert not (repository / "ran").exists()


def test_an_engine_imports_nothing_from_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    server = model_servers.ModelServer("played", "m", 1, (sys.executable, "-m", "calendar"), "")
    with model_servers.running(server) as process:
        process.wait(60)
    assert not (repository / "ran").exists()
