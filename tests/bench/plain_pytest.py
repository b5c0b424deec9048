"""Plain pytest as the oracle: run tests of a checkout in a fresh process and return each verdict.

Nothing of tracemend takes part, so a benchmark judged here does not trust the tool that it measures.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PLUGIN_DIR = Path(__file__).resolve().parent / "plugin"
MEMORY_BYTES = 4 << 30


@dataclass(frozen=True)
class SuiteResult:
    """What one pytest run said; `finished` is false where it crashed or ran out of time."""

    finished: bool
    outcomes: Mapping[str, str] = field(default_factory=dict)
    collection_errors: tuple[str, ...] = ()
    functions: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    fork_seconds: tuple[float, ...] = ()
    tests_cpu_s: float = 0.0  # Start and collection left out.

    @property
    def passed(self) -> set[str]:
        return {test for test, outcome in self.outcomes.items() if outcome == "passed"}

    @property
    def failed(self) -> set[str]:
        return {test for test, outcome in self.outcomes.items() if outcome == "failed"}


def run_plain_pytest(
    root: Path,
    python: Path,
    *,
    timeout_s: float,
    tests: Sequence[str] = (),
    test_timeout_cpu_s: float | None = None,
    profile: bool = False,
    forks: int = 0,
    launcher: Sequence[str] = (),
) -> SuiteResult:
    """Run `tests` (all of the project's where empty) under `root` and return their verdicts.

    A test that uses more than `test_timeout_cpu_s` fails; a run that takes longer than `timeout_s` says nothing.
    With `profile` the functions that each test enters are recorded. With `forks` no test is run, but that many times
    the process that has collected them is forked and ends at once. `launcher` stands between the interpreter and
    `-m pytest`, as in `python -m coverage run -m pytest`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        verdicts = Path(scratch) / "verdicts.json"
        arguments = Path(scratch) / "tests.txt"
        arguments.write_text("\n".join(tests), encoding="utf-8")
        command = [
            str(python),
            *launcher,
            "-m",
            "pytest",
            "-q",
            "--tb=no",
            "-p",
            "no:cacheprovider",
            "-p",
            "bench_verdicts",
        ]
        command += [f"--basetemp={scratch}/basetemp", f"@{arguments}"]
        environment = _environment(verdicts) | {
            "BENCH_PROFILE": str(root) if profile else "",
            "BENCH_TEST_TIMEOUT": f"{test_timeout_cpu_s or 0:g}",
            "BENCH_FORKS": str(forks),
        }
        run_bounded(command, cwd=root, environment=environment, timeout_s=timeout_s)
        if not verdicts.exists():
            return SuiteResult(finished=False)
        told = json.loads(verdicts.read_text(encoding="utf-8"))
    functions = {
        test: tuple((path, line) for path, line in places) for test, places in told["functions"].items()
    }
    return SuiteResult(
        True,
        told["outcomes"],
        tuple(told["collection_errors"]),
        functions,
        tuple(told["fork_seconds"]),
        told["tests_cpu_s"],
    )


def run_bounded(
    command: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str] | None:
    """Run `command` in its own process group and end the whole group at the limit; None means out of time."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _environment(verdicts: Path) -> dict[str, str]:
    """The variables of every run: a fixed hash seed, no stray plug-ins or bytecode, and what the plug-in needs."""
    return dict(os.environ) | {
        "BENCH_VERDICTS": str(verdicts),
        "BENCH_MEMORY": str(MEMORY_BYTES),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(PLUGIN_DIR),
    }
