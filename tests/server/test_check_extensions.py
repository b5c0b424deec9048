"""`check` and extension modules: those of the user's environment are asked, those that a project brought along are not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracemend.repair.runner.sandbox import probe
from tracemend.server.cli.app import app

# One of the standard library serves as a package's own: a module in C that is a file of its own in nearly every build.
BINARIES = sorted(Path(sysconfig.get_config_var("DESTSHARED") or "/nowhere").glob("_heapq.*"))
pytestmark = pytest.mark.skipif(
    not BINARIES or probe(Path(sys.executable)).level not in ("full", "strong"),
    reason="needs an extension module, and walls to load it behind",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an environment in it, which holds a package with an extension module."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "use.py").write_text("from fast import _heapq\n_heapq.heappush([], 1)\n_heapq.heappsh([], 1)\n")
    (root / "pyproject.toml").write_text("")
    (root / ".git").mkdir()
    environment = root / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "fast").mkdir()
    (site / "fast" / "__init__.py").write_text("")
    shutil.copy(BINARIES[0], site / "fast")
    monkeypatch.chdir(root)
    for variable in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    return root


def messages(*options: str) -> list[str]:
    """Return what `check` says of the project."""
    done = CliRunner().invoke(app, ["check", "--json", "-", *options])
    return [one["message"] for one in json.loads(done.stdout)["findings"]]


def test_an_extension_module_is_loaded_where_the_user_named_the_environment(project: Path) -> None:
    (found,) = messages("--python", ".venv/bin/python")
    assert "heappsh" in found


def test_an_extension_module_that_came_with_the_project_is_not_loaded(project: Path) -> None:
    assert messages() == []
