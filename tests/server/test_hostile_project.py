"""A clone that wants its code run, or its tests let out: what only reads starts nothing of it, and what runs asks first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from project_fixture import project_files
from typer.testing import CliRunner, Result

from tracemend.repair.runner.environment import Choice, EnvironmentProblem, find_interpreter
from tracemend.repair.runner.sandbox import probe
from tracemend.server.cli.app import app
from tracemend.server.cli.project import runner_settings
from tracemend.server.config import load_config
from tracemend.server.consent import loosening_notice

SHOP = """
    #- shop.py
    import arms


    def total(prices: list[int]) -> int:
        return sum(prices).real


    arms.Sword().blde
    #- test_shop.py
    from shop import total

    def test_total() -> None:
        assert total([1]) == 1
"""
VERSION = "{}.{}".format(*sys.version_info)
READERS = {
    "complete": ["complete", "shop.py:5:24", "--names"],
    "members": ["members", "shop.py:5:23"],
    "symbols": ["symbols", "shop.py:5:12"],
    "doctor": ["doctor"],
}
LOOSENING = 'sandbox = "off"\nnetwork = "open"\nallow-paths = ["../outside"]\n'


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all tests keep what the interpreter that stands in says of its library, which takes seconds to ask."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    """A project in a checkout, as the working directory of a user who has an empty profile and activated nothing."""
    root = tmp_path / "clone"
    for path, text in {**project_files(SHOP), "pyproject.toml": "", ".git/HEAD": ""}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    for variable in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    return root


def mark(root: Path) -> Path:
    """What the project's code writes when it is run: a file outside of it."""
    return root.parent / "outside" / "it-was-run"


def fake_interpreter(root: Path) -> str:
    """A program in the place of an interpreter, which claims to be a recent Python with pytest."""
    return program(root / ".venv" / "bin" / "python", f"touch {mark(root)}")


def real_environment(root: Path) -> str:
    """An environment that is what it seems, in which all that can run code at the start does."""
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(os.path.realpath(sys.executable))
    base = Path(os.path.realpath(sys.executable)).parent
    (root / ".venv" / "pyvenv.cfg").write_text(f"home = {base}\nversion = {VERSION}.0\n")
    fill(root / ".venv" / "lib" / f"python{VERSION}" / "site-packages", root)
    return str(python)


def environment_with_its_own_library(root: Path) -> str:
    """The link leads to a real interpreter, which would take its standard library from the project."""
    python = real_environment(root)
    library = root / "base" / "lib" / f"python{VERSION}"
    for name in ("os.py", "encodings/__init__.py", "site.py"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text(f"open({str(mark(root))!r}, 'w')\n")
    (root / "base" / "bin").mkdir()
    (root / ".venv" / "pyvenv.cfg").write_text(f"home = {root / 'base' / 'bin'}\nversion = {VERSION}.0\n")
    return python


def named_in_pyproject(root: Path) -> str:
    """The project names a program of its own as interpreter."""
    fill(root / "tools" / "lib" / f"python{VERSION}" / "site-packages", root)
    named = program(root / "tools" / "bin" / "python3", f"touch {mark(root)}")
    (root / "pyproject.toml").write_text('[tool.tracemend]\npython = "tools/bin/python3"\n')
    return named


def named_by_pdm(root: Path) -> str:
    """A file of PDM names a program that lies beside the environment which it should name."""
    fill(root / "elsewhere" / "lib" / f"python{VERSION}" / "site-packages", root)
    named = program(root / "elsewhere" / "bin" / "python", f"touch {mark(root)}")
    (root / ".pdm-python").write_text(named)
    return named


def program(path: Path, command: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
    return str(path)


def fill(site: Path, root: Path) -> None:
    """Install a module, a pytest that is never asked, and code for the interpreter's start."""
    starter = f"import pathlib; pathlib.Path({str(mark(root))!r}).touch()\n"
    files = {
        "arms.py": "class Sword:\n    def __init__(self) -> None:\n        self.blade = 1\n",
        "evil.pth": starter,
        "sitecustomize.py": starter,
        "pytest-9.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: pytest\nVersion: 9.1\n",
    }
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)


TRAPS = (
    fake_interpreter,
    real_environment,
    environment_with_its_own_library,
    named_in_pyproject,
    named_by_pdm,
)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda one: one.__name__)
def test_check_knows_the_packages_of_a_clone_and_starts_nothing_of_it(
    clone: Path, trap: Callable[[Path], str]
) -> None:
    trap(clone)
    result = invoke("check", "shop.py", "--json", "-")
    assert not mark(clone).exists()
    if trap is fake_interpreter:
        assert result.exit_code == 2 and "does not say which Python it is" in result.stderr
    else:
        found = json.loads(result.stdout)["findings"]
        assert [(one["line"], one["suggestions"]) for one in found] == [(8, ["blade"])]


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("trap", "exit_code"), [(fake_interpreter, 2), (real_environment, 0)], ids=["fake", "real"]
)
def test_what_only_reads_starts_nothing_of_a_clone(
    clone: Path, trap: Callable[[Path], str], exit_code: int, command: list[str]
) -> None:
    trap(clone)
    assert invoke(*command).exit_code == exit_code
    assert not mark(clone).exists()


def test_git_runs_nothing_that_the_checkout_configures(clone: Path) -> None:
    """An archive, unlike a clone, brings a configuration of git along."""
    (clone / ".git" / "HEAD").unlink()
    (clone / ".gitattributes").write_text("*.py diff=evil\n")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "."],
    ):
        subprocess.run(["git", *arguments], check=True, capture_output=True)
    monitor = program(clone / "monitor", f"touch {mark(clone)}")
    for key in ("core.fsmonitor", "diff.evil.textconv", "diff.evil.command", "diff.external"):
        subprocess.run(["git", "config", key, monitor], check=True)
    (clone / "shop.py").write_text("x = 'text'.uper()\n")
    assert invoke("check", "--diff", "--python", sys.executable).exit_code == 1
    assert not mark(clone).exists()


def test_doctor_reads_what_it_does_not_start(clone: Path) -> None:
    python = real_environment(clone)
    result = invoke("doctor")
    assert "pytest-9.1" not in result.stdout and "9.1, no plug-ins" in result.stdout
    assert f"--python {python}" in result.stdout and "tracemend fix" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize("command", ["fix", "trace", "watch"])
@pytest.mark.parametrize(
    "trap", [fake_interpreter, environment_with_its_own_library, named_in_pyproject, named_by_pdm]
)
def test_what_runs_tests_starts_no_interpreter_of_the_projects_own(
    clone: Path, trap: Callable[[Path], str], command: str
) -> None:
    python = trap(clone)
    result = invoke(command, "test_shop.py")
    assert result.exit_code == 2 and not mark(clone).exists()
    assert f"--python {python}" in result.stderr and "trusted-projects" in result.stderr


def test_what_runs_tests_reads_an_environment_before_it_starts_it_inside_the_walls(clone: Path) -> None:
    real_environment(clone)
    found = find_interpreter(clone)
    assert found.pytest == "9.1" and not mark(clone).exists()


def test_what_an_environment_runs_at_its_start_runs_inside_the_walls(clone: Path) -> None:
    """It runs, for tests may need it, and Python looks as if it had been started like any other."""
    if probe(Path(sys.executable)).level not in ("full", "strong"):
        pytest.skip("nothing holds a run in on this machine")
    real_environment(clone)
    site = clone / ".venv" / "lib" / f"python{VERSION}" / "site-packages"
    (site / "more.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    (clone / "test_start.py").write_text(
        "import sys\n\n\n"
        "def test_start():\n"
        "    assert 'sitecustomize' in sys.modules and sys.flags.no_site == 0\n"
        "    assert sys.prefix.endswith('.venv') and sys.executable.startswith(sys.prefix)\n"
    )
    result = invoke("trace", "test_start.py")
    assert result.exit_code == 0, result.stderr
    assert not mark(clone).exists()


def test_packages_of_the_system_are_left_to_the_run(clone: Path) -> None:
    real_environment(clone)
    site = clone / ".venv" / "lib" / f"python{VERSION}" / "site-packages"
    (site / "pytest-9.1.dist-info" / "METADATA").unlink()
    with pytest.raises(EnvironmentProblem, match="has no pytest"):
        find_interpreter(clone)
    with (clone / ".venv" / "pyvenv.cfg").open("a") as file:
        file.write("include-system-site-packages = true\n")
    assert find_interpreter(clone).path == clone / ".venv" / "bin" / "python"


@pytest.mark.parametrize(
    "choice", [Choice("{python}"), Choice(consented=True)], ids=["named by the user", "trusted project"]
)
def test_it_is_started_once_the_user_agrees(clone: Path, choice: Choice) -> None:
    python = fake_interpreter(clone)
    agreed = Choice(python if choice.python else None, consented=choice.consented)
    with pytest.raises(EnvironmentProblem, match="not a working Python interpreter"):
        find_interpreter(clone, agreed)
    assert mark(clone).exists()


def test_an_active_environment_is_the_users_wherever_it_lies(clone: Path) -> None:
    fake_interpreter(clone)
    with pytest.raises(EnvironmentProblem, match="not a working Python interpreter"):
        find_interpreter(clone, environ={"VIRTUAL_ENV": str(clone / ".venv")})


def test_a_project_does_not_let_its_own_tests_out(clone: Path) -> None:
    (clone / "pyproject.toml").write_text(f"[tool.tracemend]\n{LOOSENING}")
    config = load_config(clone)
    held = runner_settings(config)
    assert (held.sandbox, held.network, held.extra_writable) == ("auto", "loopback", ())
    notice = loosening_notice(config) or ""
    for part in ('sandbox = "off"', 'network = "open"', "allow-paths", "trusted-projects", "config.toml"):
        assert part in notice
    assert "\n" not in notice


def test_what_the_user_says_of_the_sandbox_needs_no_word_about_it(clone: Path) -> None:
    (clone / "pyproject.toml").write_text('[tool.tracemend]\nsandbox = "off"\n')
    assert loosening_notice(load_config(clone), "off") is None


@pytest.mark.parametrize("listed", ["{clone}", "{parent}"])
def test_a_project_that_the_user_lists_decides(clone: Path, listed: str) -> None:
    (clone / "pyproject.toml").write_text(f"[tool.tracemend]\n{LOOSENING}")
    profile = clone.parent / "config" / "tracemend"
    profile.mkdir(parents=True)
    named = listed.format(clone=clone, parent=clone.parent)
    (profile / "config.toml").write_text(f"trusted-projects = [{json.dumps(named)}]\n")
    config = load_config(clone)
    held = runner_settings(config)
    assert (held.sandbox, held.network, len(held.extra_writable)) == ("off", "open", 1)
    assert loosening_notice(config) is None


def test_a_project_may_tighten(clone: Path) -> None:
    (clone / "pyproject.toml").write_text('[tool.tracemend]\nsandbox = "require"\nnetwork = "none"\n')
    held = runner_settings(load_config(clone))
    assert (held.sandbox, held.network) == ("require", "none")


def test_a_project_does_not_list_itself(clone: Path) -> None:
    (clone / "pyproject.toml").write_text('[tool.tracemend]\ntrusted-projects = ["/"]\n')
    with pytest.raises(EnvironmentProblem, match="a project does not decide about trust"):
        load_config(clone)
