"""From the save to the first failing result, warm, less the test's own time.

The same edits of the same project, in turn, by three ways: the live project (what the editor and `tracemend watch` do),
`pytest --testmon` and plain `pytest -x`, each of the latter two as a process of its own that is killed at its first
failure. An edit makes one function return early or compute something else, so that a test fails; edits that fail
nothing are left out. The small project is one module with ten tests.

    python tests/bench/live_latency.py
    python tests/bench/live_latency.py --projects sqlparse --edits 20 --json latency.json
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.live_impact import Edit, edits, settle
from bench.projects import PIP, Checkout, fetch, make_once, project_named
from bench.projects import Project as BenchProject

from tracemend.repair.live.events import LiveEvent, RunDone, TestDone
from tracemend.repair.live.project import LiveProject
from tracemend.repair.runner.settings import Project, RunnerSettings

TESTMON = "pytest-testmon==2.2.0"
WAIT_S = 120.0
SMALL = """
def number_{n}(value):
    total = value
    for one in range({n}):
        total = total + one
    return total
"""
SMALL_TEST = """
def test_{n}():
    assert number_{n}(1) == {expected}
"""


@dataclass
class Figures:
    """Seconds from the save to the first failing result, less that test's own time, edit by edit."""

    project: str
    tests: int = 0
    live_s: list[float] = field(default_factory=list)
    live_cpu_s: list[float] = field(default_factory=list)
    testmon_s: list[float] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)
    without_failure: int = 0


class Follower:
    """Waits for what a live project tells."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._events: list[tuple[float, LiveEvent]] = []

    def __call__(self, event: LiveEvent) -> None:
        with self._news:
            self._events.append((time.perf_counter(), event))
            self._news.notify_all()

    def first_failure(self, number: int) -> tuple[float, TestDone] | None:
        """Wait for the end of run `number` and return when its first red result came, with it."""

        def is_over() -> bool:
            return any(isinstance(one, RunDone) and one.number >= number for _, one in self._events)

        with self._news:
            assert self._news.wait_for(is_over, WAIT_S), "the run does not end"
            red = [
                (at, one)
                for at, one in self._events
                if isinstance(one, TestDone) and one.number == number and not one.result.green
            ]
            return red[0] if red else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", default=("small", "more-itertools"))
    parser.add_argument("--edits", type=int, default=20, help="failing edits of each project")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--live-only", action="store_true", help="leave the two others out")
    arguments = parser.parse_args()
    found = []
    for name in arguments.projects:
        with tempfile.TemporaryDirectory() as scratch:
            checkout = copy_of(name, Path(scratch) / "project")
            found.append(measure(name, checkout, arguments.edits, others=not arguments.live_only))
        print_rows(found[-1])
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")


def copy_of(name: str, folder: Path) -> Checkout:
    """Return a project that may be edited."""
    if name != "small":
        original = fetch(project_named(name))
        shutil.copytree(original.root, folder)
        return Checkout(original.project, folder, original.python)
    python = fetch(project_named("toolz")).python  # Any environment with pytest.
    folder.mkdir(parents=True)
    code = "".join(SMALL.format(n=n) for n in range(2, 12))
    names = ", ".join(f"number_{n}" for n in range(2, 12))
    tests = "".join(SMALL_TEST.format(n=n, expected=1 + n * (n - 1) // 2) for n in range(2, 12))
    (folder / "numbers_of.py").write_text(code)
    (folder / "test_numbers.py").write_text(f"from numbers_of import {names}\n{tests}")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return Checkout(BenchProject("small", "1", ("numbers_of.py",), ("test_numbers.py",)), folder, python)


def measure(name: str, checkout: Checkout, count: int, *, others: bool) -> Figures:
    """Make edits until `count` of them failed a test."""
    figures = Figures(name)
    follower = Follower()
    project = Project(checkout.root, checkout.python)
    live = LiveProject(project, RunnerSettings(), cache_dir=None, listener=follower, niceness=0)
    python = python_with_testmon(checkout) if others else checkout.python
    live.start()
    try:
        settle(live)
        figures.tests = len(live.state().results)
        if others:
            run_pytest(python, checkout.root, ["--testmon"])
        for edit in edits(checkout, count * 6):
            if len(figures.live_s) >= count:
                break
            measure_edit(live, follower, edit, checkout, python, figures, others=others)
    finally:
        live.close()
    return figures


def measure_edit(
    live: LiveProject,
    follower: Follower,
    edit: Edit,
    checkout: Checkout,
    python: Path,
    figures: Figures,
    *,
    others: bool,
) -> None:
    """Save one edit, let each way find the failure, and take it back."""
    file = checkout.root / edit.path
    before = file.read_text("utf-8")
    file.write_text(edit.text, "utf-8")
    saved, cpu = time.perf_counter(), time.process_time()
    live.update(edit.path, edit.text)
    found = follower.first_failure(live.run_impacted())
    if found is None or found[1].result.outcome == "timeout":
        figures.without_failure += 1
    else:
        figures.live_s.append(found[0] - saved - found[1].result.seconds)
        figures.live_cpu_s.append(time.process_time() - cpu)
        if others:
            own_s = found[1].result.seconds
            figures.testmon_s.append(run_pytest(python, checkout.root, ["--testmon", "-x"]) - own_s)
            figures.plain_s.append(run_pytest(python, checkout.root, ["-x", "-p", "no:testmon"]) - own_s)
    file.write_text(before, "utf-8")
    live.update(edit.path, before)
    follower.first_failure(live.run_impacted())
    if others and found is not None:
        run_pytest(python, checkout.root, ["--testmon"])
    settle(live)


def python_with_testmon(checkout: Checkout) -> Path:
    """Return an interpreter with what the project's tests need, and testmon."""
    environment = checkout.python.parent.parent
    target = environment.with_name(f"{environment.name}-testmon")

    def make() -> None:
        shutil.copytree(environment, target, symlinks=True)
        subprocess.run((*PIP, "--python", str(target), "install", TESTMON), check=True, timeout=300)

    make_once(target, make)
    return target / "bin" / "python"


def run_pytest(python: Path, root: Path, arguments: Sequence[str]) -> float:
    """Run pytest and return how long it took."""
    began = time.perf_counter()
    command = [str(python), "-m", "pytest", "-q", "--no-header", "--tb=line", *arguments]
    subprocess.run(command, cwd=root, capture_output=True, timeout=WAIT_S, check=False)
    return time.perf_counter() - began


def print_rows(figures: Figures) -> None:
    """Print a line for each way."""
    print(f"{figures.project}: {figures.tests} tests, {len(figures.live_s)} failing edits")
    for name, seconds in (
        ("live", figures.live_s),
        ("pytest --testmon -x", figures.testmon_s),
        ("pytest -x", figures.plain_s),
    ):
        if seconds:
            p95 = sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]
            print(f"    {name:20} p50 {statistics.median(seconds):6.3f} s   p95 {p95:6.3f} s", flush=True)


if __name__ == "__main__":
    main()
