"""The interpreter is asked without running anything but its standard library."""

import subprocess
import sys
from pathlib import Path

import pytest

from tracemend.analysis.symbols import introspect
from tracemend.analysis.symbols.environment import EnvironmentUnknown, probe_environment
from tracemend.analysis.symbols.introspect import stdlib_names

MARK = "import pathlib; pathlib.Path({mark!r}).touch()\n"


@pytest.fixture
def virtual_environment(tmp_path):
    """A virtual environment in which whatever can run code at start leaves a mark."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    (site,) = home.glob("lib/python3*/site-packages")
    mark = tmp_path / "ran"
    for name in ("x.pth", "sitecustomize.py", "usercustomize.py", "json.py"):
        (site / name).write_text(MARK.format(mark=str(mark)))
    (tmp_path / "more").mkdir()
    (site / "y.pth").write_text(f"# a comment\n\n{tmp_path / 'more'}\n{tmp_path / 'missing'}\n")
    return home / "bin" / "python", site, mark


def test_no_code_of_the_environment_is_run(virtual_environment):
    python, _, mark = virtual_environment
    environment = probe_environment(python)
    assert "os" in stdlib_names(environment)
    assert not mark.exists()


def test_path_files_add_existing_directories_after_their_site(virtual_environment, tmp_path):
    python, site, _ = virtual_environment
    environment = probe_environment(python)
    assert environment.paths[-2:] == (str(site), str(tmp_path / "more"))
    assert environment.path_files.opaque == ("x.pth",)


def test_path_files_are_read_anew(virtual_environment):
    python, site, _ = virtual_environment
    probe_environment(python)
    (site / "x.pth").unlink()
    assert probe_environment(python).path_files.opaque == ()


def test_pythonpath_counts(virtual_environment, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert probe_environment(virtual_environment[0]).paths[0] == str(tmp_path)


@pytest.mark.parametrize(
    "script", [None, "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho nonsense\n", "#!/bin/sh\nsleep 5\n"]
)
def test_an_interpreter_that_does_not_answer_is_named(tmp_path, script):
    python = tmp_path / "python"
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    with pytest.raises(EnvironmentUnknown, match="python"):
        probe_environment(python, timeout_s=0.5)


def test_a_module_that_brings_the_interpreter_down_costs_only_itself(tmp_path, monkeypatch):
    (tmp_path / "deadly.py").write_text("import os; os._exit(3)")
    (tmp_path / "harmless.py").write_text("x = 1")
    question = introspect._QUESTION.replace(
        "while pending:", f"sys.path.append({str(tmp_path)!r})\nwhile pending:"
    )
    monkeypatch.setattr(introspect, "_QUESTION", question)
    found = dict(introspect._ask(sys.executable, frozenset({"deadly", "harmless", "json", "antigravity"})))
    assert "x" in found["harmless"].names
    assert "dumps" in found["json"].names
    assert not {"deadly", "antigravity"} & found.keys()


def test_what_the_interpreter_said_is_kept_on_disk(virtual_environment, tmp_path, monkeypatch):
    environment = probe_environment(virtual_environment[0])
    first = stdlib_names(environment, tmp_path / "cache")
    introspect._stdlib_names.cache_clear()
    monkeypatch.setattr(introspect, "_ask", lambda python, modules: pytest.fail("asked again"))
    assert stdlib_names(environment, tmp_path / "cache") == first


def test_a_damaged_file_of_names_is_made_anew(virtual_environment, tmp_path):
    environment = probe_environment(virtual_environment[0])
    stdlib_names(environment, tmp_path / "cache")
    introspect._stdlib_names.cache_clear()
    for one in Path(tmp_path / "cache").iterdir():
        one.write_bytes(b"\xc1")
    assert "os" in stdlib_names(environment, tmp_path / "cache")
