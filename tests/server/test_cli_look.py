"""`tracemend trace` and `tracemend doctor` on small projects, with the real runner."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tracemend.server.cli.app import app
from tracemend.server.cli.main import main

CODE = "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result + 1\n"
TESTS = "from shop import total\n\n\ndef test_total():\n    assert total([2, 3]) == 5\n\n\ndef test_good():\n    assert total([0]) == 1\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one test that fails and one that passes, as the working directory."""
    (tmp_path / "shop.py").write_text(CODE)
    (tmp_path / "test_shop.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text("[tool.tracemend]\njobs = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--python", sys.executable])


def test_trace_shows_values_line_by_line(shop: Path) -> None:
    done = invoke("trace", "test_shop.py::test_total")
    assert done.exit_code == 1, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "shop.py:1 def total(prices): prices = [2, 3]" in lines
    assert any(line.startswith("shop.py:5 return result + 1 returns 6") for line in lines)
    assert any(line.startswith("test_shop.py:5") and "assert 6 == 5" in line for line in lines)
    assert lines[-1] == "failed test_shop.py::test_total"


def test_trace_of_a_passing_test(shop: Path) -> None:
    done = invoke("trace", "test_shop.py::test_good")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "passed  test_shop.py::test_good")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test_shop.py", "There are 2 tests in test_shop.py; a trace shows one."),
        ("shop.py", "pytest finds no test in shop.py."),
        ("nothing.py", "There is no file or directory 'nothing.py'"),
    ],
)
def test_trace_of_other_than_one_test(shop: Path, name: str, said: str) -> None:
    done = invoke("trace", name)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_doctor_tells_what_it_found(shop: Path) -> None:
    done = invoke("doctor")
    assert done.exit_code == 0, done.output
    found = dict(line.split(None, 2)[1:] for line in done.stdout.splitlines() if not line.startswith(" "))
    assert found["project"] == f"{shop} (it has pyproject.toml)"
    assert found["settings"] == "[tool.tracemend] sets jobs"
    assert found["interpreter"].startswith(sys.executable)
    assert found["pytest"].startswith(f"{version('pytest')}, plug-ins: ")
    assert found["tests"].startswith("2 tests collected")
    assert found.keys() >= {"tracemend", "speed", "tracing", "sandbox"}


SICK = {
    "settings": ({"pyproject.toml": "[tool.tracemend]\njobs = 0\n"}, 2, "jobs takes a whole number"),
    "no tests": ({"test_shop.py": "x = 1\n"}, 2, "-> Name the tests' directory"),
    "syntax error in a test": (
        {"test_bad.py": "def f(:\n"},
        0,
        "-> test_bad.py: test_bad.py does not parse. Line 1: ",
    ),
    "missing package": ({"test_bad.py": "import no_such_package\n"}, 0, "No module named 'no_such_package'"),
    "bad pytest options": ({"pytest.ini": "[pytest]\naddopts = --frobnicate\n"}, 2, "frobnicate"),
}


@pytest.mark.parametrize(("files", "exit_code", "said"), SICK.values(), ids=SICK)
def test_doctor_says_what_is_wrong(shop: Path, files: dict[str, str], exit_code: int, said: str) -> None:
    for path, text in files.items():
        (shop / path).write_text(text)
    done = invoke("doctor")
    assert said in done.stdout
    assert done.exit_code == exit_code


def test_doctor_stops_at_a_missing_interpreter(shop: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--python", "no-such-python"])
    assert done.exit_code == 2
    assert "bad  interpreter There is no interpreter 'no-such-python'" in done.stdout
    assert "sandbox" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--version"], version("tracemend")), (["--help"], "doctor")]
)
def test_entry_point(arguments: list[str], said: str) -> None:
    command = [sys.executable, "-c", "from tracemend.server.cli.main import main; main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert said in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["memory", "list", "--json", "no/such/file"],
        ["memory", "export", "--out", "no/such/file"],
        ["export", "--out", "no/such/file"],
        ["show", "--json", "no/such/file"],
        ["bench", "tasks.jsonl", "--format", "mbpp", "--log", "no/such/file"],
        ["bench", "tasks.jsonl", "--format", "mbpp", "--plot", "no/such/file"],
    ],
)
def test_file_that_cannot_be_written_is_told_before_anything_is_done(
    shop: Path, arguments: list[str]
) -> None:
    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 2
    assert "no/such/file cannot be written." in done.stderr


def test_ctrl_c_shows_no_traceback_before_the_commands_can_answer_it(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[object] = []

    def command() -> None:
        handlers.append(signal.getsignal(signal.SIGINT))

    def read_signatures(_: object) -> Callable[[], None]:
        command()
        return command

    monkeypatch.setattr("typer.main.get_command", read_signatures)
    before = signal.getsignal(signal.SIGINT)
    try:
        main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert handlers == [signal.SIG_DFL, signal.default_int_handler]
