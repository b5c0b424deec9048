"""Runs the tests of corpus programs and says which passed.

    python tests/corpus/run_programs.py [--report FILE] [SLUG ...]

Every variant (`buggy` and `fixed`) of every program gets a scratch folder of its own, as the repair engine
would see it: the program's files with the tests beside them. pytest is loaded once and each variant runs in a
forked child, which keeps the modules of two programs apart, as many at once as there are cores; a pytest process for
each variant would make the integrity check several times slower.

A buggy program may loop for ever. Each test may use CPU_LIMIT_S seconds of processor time (a count which, unlike
the clock, does not depend on how busy the machine is). WALL_LIMIT_S ends a child that waits for ever.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import pytest

CORPUS = Path(__file__).resolve().parent
VARIANTS = ("buggy", "fixed")
RESULT = "outcomes.json"
CPU_LIMIT_S = 0.25
WALL_LIMIT_S = 600

_PYTEST_FLAGS = ["-q", "-c", os.devnull, "-p", "no:cacheprovider", "--assert=plain", "--tb=no"]

Outcomes = dict[str, bool]
"""Test id (`test_visible.py::test_name`) to whether it passed; empty when the child crashed."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the tests of corpus programs.")
    parser.add_argument("slugs", nargs="*", help="programs to run (default: all)")
    parser.add_argument("--report", type=Path, help="write all outcomes to this JSON file")
    arguments = parser.parse_args()
    slugs = arguments.slugs or program_slugs()
    _load_pytest()
    report = run_programs(slugs)
    if arguments.report:
        arguments.report.write_text(json.dumps(report))
    else:
        print_report(report)
    return 0


def program_slugs() -> list[str]:
    """All programs of the corpus, in alphabetical order."""
    return sorted(path.parent.name for path in CORPUS.glob("*/bug.toml"))


def lay_out(slug: str, variant: str, folder: Path) -> None:
    """Copy one variant of a program, with both its test files, into a folder."""
    program = CORPUS / slug
    shutil.copytree(program / variant, folder, dirs_exist_ok=True)
    for test_file in ("test_visible.py", "test_hidden.py"):
        shutil.copy(program / test_file, folder / test_file)


def run_programs(slugs: Sequence[str]) -> dict[str, dict[str, Outcomes]]:
    """Run all variants of the programs, each in a child process."""
    report: dict[str, dict[str, Outcomes]] = {slug: {} for slug in slugs}
    waiting = [(slug, variant) for slug in reversed(slugs) for variant in VARIANTS]
    running: dict[int, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory(prefix="corpus-") as name:
        while waiting or running:
            while waiting and len(running) < len(os.sched_getaffinity(0)):
                slug, variant = waiting.pop()
                running[_start(slug, variant, Path(name, slug, variant))] = (slug, variant)
            child, _ = os.wait()
            slug, variant = running.pop(child)
            result = Path(name, slug, variant, RESULT)
            report[slug][variant] = json.loads(result.read_text()) if result.exists() else {}
            shutil.rmtree(result.parent)
    return report


def _start(slug: str, variant: str, folder: Path) -> int:
    """Start the visible and hidden tests of one variant in a child process and return its id."""
    lay_out(slug, variant, folder)
    child = os.fork()
    if child == 0:
        _run_tests_and_exit(folder)
    return child


def print_report(report: dict[str, dict[str, Outcomes]]) -> None:
    for slug, variants in report.items():
        for variant, outcomes in variants.items():
            failed = [test for test, passed in outcomes.items() if not passed]
            print(f"{slug:24} {variant}: {len(outcomes)} tests, failed: {', '.join(failed) or 'none'}")


class _Recorder:
    """A pytest plug-in that notes outcomes and ends a test whose processor time is used up."""

    def __init__(self) -> None:
        self.outcomes: Outcomes = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.outcomes[report.nodeid] = self.outcomes.get(report.nodeid, True) and report.passed

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


class _ProcessorTimeUsedUp(BaseException):
    """Not an Exception, so that no `except Exception` of a program under test can swallow it."""


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise _ProcessorTimeUsedUp(f"more than {CPU_LIMIT_S} s")


def _load_pytest() -> None:
    """Make pytest load its plug-ins before the forks, by running no test at all."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as name, contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*_PYTEST_FLAGS, "--rootdir", name, name])
    gc.collect()
    gc.freeze()


def _run_tests_and_exit(folder: Path) -> None:
    """The child's whole life; it ends without running the exit handlers of its parent."""
    signal.alarm(WALL_LIMIT_S)
    signal.signal(signal.SIGPROF, _give_up)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    recorder = _Recorder()
    try:
        pytest.main(
            [*_PYTEST_FLAGS, "--rootdir", str(folder), "test_visible.py", "test_hidden.py"],
            plugins=[recorder],
        )
        (folder / RESULT).write_text(json.dumps(recorder.outcomes))
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
