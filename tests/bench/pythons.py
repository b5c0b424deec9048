"""Runs the runner's tests with projects in every Python that it promises to serve and that this machine has.

tracemend itself stays in the Python that runs this script. Environments are kept beside those of the benchmarks. The
oldest Python gets the oldest pytest too.

    python tests/bench/pythons.py
    python tests/bench/pythons.py --versions 3.9 3.13 -- -k spectra
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.projects import PIP_TIMEOUT_S, cache_dir, make_once

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
OLDEST_PYTEST, NEWEST_PYTEST = "pytest==7.0.1", "pytest>=8.4"
TESTS = ("test_runner.py", "test_runner_holding.py", "test_runner_patching.py", "test_runner_spectra.py")
TESTS_TIMEOUT_S = 900
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--versions", nargs="*", default=VERSIONS)
    parser.add_argument("pytest_arguments", nargs="*", help="after --, passed on to pytest")
    arguments = parser.parse_args()
    failed = False
    for version in arguments.versions:
        base = find_python(version)
        if base is None:
            print(f"Python {version:4}  is not on this machine", flush=True)
            continue
        for requirement in [OLDEST_PYTEST, NEWEST_PYTEST] if version == VERSIONS[0] else [NEWEST_PYTEST]:
            python = python_with(base, version, requirement)
            passed = _run_tests(python, arguments.pytest_arguments, version)
            failed = failed or not passed
    sys.exit(failed)


def find_python(version: str) -> Path | None:
    """Return an interpreter of `version` that starts: a pyenv's shim on PATH may name one that does not."""
    for candidate in _candidates(version):
        code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run(
            (candidate, "-c", code), capture_output=True, text=True, timeout=60, check=False
        )
        if done.stdout.strip() == version:
            return candidate
    return None


def python_with(base: Path, version: str, requirement: str) -> Path:
    """Return the interpreter of an environment that holds `requirement`; made the first time."""
    environment = cache_dir() / "pythons" / f"{version}-{requirement}"
    make_once(environment, lambda: _make_environment(base, environment, requirement))
    return environment / "bin" / "python"


def _candidates(version: str) -> Iterator[Path]:
    found = shutil.which(f"python{version}")
    if found is not None:
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)


def _make_environment(base: Path, target: Path, requirement: str) -> None:
    """Install with the pip that comes with `base`: newer ones no longer serve old Pythons."""
    subprocess.run((base, "-m", "venv", target), timeout=PIP_TIMEOUT_S, check=True)
    pip = (target / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    subprocess.run((*pip, "install", requirement), timeout=PIP_TIMEOUT_S, check=True)


def _run_tests(python: Path, pytest_arguments: list[str], version: str) -> bool:
    """Run the runner's tests with projects run by `python`, print how it went and return whether all passed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", *pytest_arguments]
        + [str(ROOT / "tests" / "repair" / name) for name in TESTS],
        env={**os.environ, "TRACEMEND_TEST_PYTHON": str(python)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TESTS_TIMEOUT_S,
        check=False,
    )
    pytest_version = subprocess.run(
        (python, "-c", "import pytest; print(pytest.__version__)"),
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    lines = done.stdout.strip().splitlines() or ["no output"]
    shown = (
        lines[-1:]
        if done.returncode == 0
        else [line for line in lines if line.startswith("FAILED")] + lines[-1:]
    )
    print(f"Python {version:4}  pytest {pytest_version:7}  " + "\n    ".join(shown), flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
