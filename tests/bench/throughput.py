"""Measures the warm runner: candidates a second, the cost of spectra, and whether its verdicts are pytest's.

A candidate is a mutant of a benchmark project together with a test that the function's frozen mutant fails; as in a
search many candidates in a row are tried on one test. Each tenth also goes to a fresh `python -m pytest`. The floor is
a fork of a process that has collected the same tests and ends at once. Times are medians of wall time, so run it on a
quiet machine; the ratio of CPU times, which counts every process of the runner, stands a busy one. What spectra cost
is told in CPU time of the tests alone.

    python tests/bench/throughput.py --projects toolz sqlparse
    python tests/bench/throughput.py --candidates 60 --no-spectra
    python tests/bench/throughput.py --identity
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bugs import SEEDED_DIR
from bench.plain_pytest import run_bounded, run_plain_pytest
from bench.plant import is_other_program, plants
from bench.projects import PIP, PROJECTS, Checkout, fetch, project_named

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.payload.processes import descendants
from tracemend.repair.runner.settings import Project, RunnerSettings

ResultT = TypeVar("ResultT")

DEFAULT_PROJECTS = ("boltons", "jinja2", "sqlparse", "tabulate", "toolz")
COVERAGE = "coverage==7.10.7"
TIMEOUT_S = 120.0
FORKS = 100
FAILING_TESTS = 4
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
ROUNDS = 3
# The runner tells more outcomes apart than the plug-in behind plain pytest does.
COARSE = {
    "error": "failed",
    "xfailed": "skipped",
    "xpassed": "passed",
    "timeout": "failed",
    "crashed": "failed",
}


@dataclass(frozen=True)
class Candidate:
    """A changed file, and the test that decides about it."""

    path: str
    text: str
    test: str


@dataclass(frozen=True)
class Measured:
    """One candidate's verdict, and what it took."""

    verdict: bool
    wall_s: float
    cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", help="by default five for speed, all for identity")
    parser.add_argument("--identity", action="store_true", help="compare all verdicts of all suites instead")
    parser.add_argument(
        "--candidates", type=int, default=60, help="for the warm runner; a tenth of it run fresh"
    )
    parser.add_argument("--no-spectra", action="store_true", help="leave out what spectra cost")
    arguments = parser.parse_args()
    if arguments.identity:
        names = arguments.projects or [project.name for project in PROJECTS]
        sys.exit(sum(_compare_verdicts(fetch(project_named(name))) for name in names) > 0)
    columns = ("fresh ms", "warm ms", "floor ms", "fresh/warm", "warm/floor", "fresh/warm CPU")
    print(f"{'project':16} {' '.join(f'{column:>10}' for column in columns)} differ")
    for name in arguments.projects or DEFAULT_PROJECTS:
        _measure_candidates(fetch(project_named(name)), arguments.candidates)
    if arguments.no_spectra:
        return
    print(
        f"\n{'project':16} {'tests':>6} {'run s':>7} {'functions':>10} {'lines':>7} {'coverage contexts':>18}"
    )
    for name in arguments.projects or DEFAULT_PROJECTS:
        _measure_spectra(fetch(project_named(name)))


def _measure_candidates(checkout: Checkout, count: int) -> None:
    """Print a row: milliseconds for a candidate in a fresh process, in the warm runner, and of the floor.

    Fresh processes and floors are measured in between, so that the load of the machine is the same for all.
    """
    candidates = _candidates(checkout, count)
    warm: list[Measured] = []
    fresh: list[Measured] = []
    differ = 0
    with _runner(checkout) as (_, runner), _copy(checkout) as root:
        forks = list(_fork_times(checkout))
        for index, candidate in enumerate(candidates):
            warm.append(_measured(partial(_warm_verdict, runner, candidate)))
            if index % 10 == 5:
                fresh.append(_measured(partial(_fresh_verdict, checkout, root, candidate)))
                differ += fresh[-1].verdict != warm[-1].verdict
        forks += _fork_times(checkout)
    fresh_ms, warm_ms = _median_ms([one.wall_s for one in fresh]), _median_ms([one.wall_s for one in warm])
    floor_ms = _median_ms(forks)
    cpu_ratio = statistics.median(one.cpu_s for one in fresh) / statistics.mean(one.cpu_s for one in warm)
    numbers = (fresh_ms, warm_ms, floor_ms, fresh_ms / warm_ms, warm_ms / floor_ms, cpu_ratio)
    row = " ".join(f"{number:10.2f}" for number in numbers)
    print(f"{checkout.project.name:16} {row} {differ} of {len(fresh)}", flush=True)


def _fork_times(checkout: Checkout) -> Sequence[float]:
    return run_plain_pytest(checkout.root, checkout.python, timeout_s=TIMEOUT_S, forks=FORKS).fork_seconds


def _measure_spectra(checkout: Checkout) -> None:
    """Print a row: the suite's time in the warm runner, and that of each kind of tracing as a multiple.

    coverage.py's time is a multiple of the same in plain pytest. All kinds take turns, so that the load is the same.
    """
    _require_coverage(checkout)
    cpu_s: dict[str, list[float]] = {}
    with _runner(checkout) as (root, runner):
        tests = [one.test for one in runner.collection.tests]
        runner.run(tests)
        kinds: dict[str, Callable[[], float]] = {
            "plain": lambda: runner.run(tests).cpu_s,
            "functions": lambda: runner.spectra(tests, lines=False).result.cpu_s,
            "lines": lambda: runner.spectra(tests, lines=True).result.cpu_s,
            "pytest": partial(_tests_cpu_s, root, checkout.python, ()),
            "coverage": partial(_tests_cpu_s, root, checkout.python, _coverage_launcher(root)),
        }
        for _ in range(ROUNDS):
            for kind, measure in kinds.items():
                cpu_s.setdefault(kind, []).append(measure())
    best = {kind: min(found) for kind, found in cpu_s.items()}
    functions, lines = best["functions"] / best["plain"], best["lines"] / best["plain"]
    ratios = f"{functions:10.2f} {lines:7.2f} {best['coverage'] / best['pytest']:18.2f}"
    print(f"{checkout.project.name:16} {len(tests):6} {best['plain']:7.2f} {ratios}", flush=True)


def _tests_cpu_s(root: Path, python: Path, launcher: Sequence[str]) -> float:
    return run_plain_pytest(root, python, timeout_s=TIMEOUT_S, launcher=launcher).tests_cpu_s


def _coverage_launcher(root: Path) -> Sequence[str]:
    """Have coverage.py tell as spectra do which test executes which lines of the project."""
    rcfile = root / "bench-coverage.ini"
    rcfile.write_text("[run]\nsource = .\ndynamic_context = test_function\n", encoding="utf-8")
    return "-m", "coverage", "run", f"--rcfile={rcfile}"


def _compare_verdicts(checkout: Checkout) -> int:
    """Print the tests on which the runner and plain pytest disagree, and return how many they are."""
    plain = run_plain_pytest(checkout.root, checkout.python, timeout_s=TIMEOUT_S).outcomes
    with _runner(checkout) as (_, runner):
        result = runner.run([one.test for one in runner.collection.tests])
    warm = {test: COARSE.get(one.outcome, one.outcome) for test, one in result.tests.items()}
    differing = sorted(test for test in plain.keys() | warm.keys() if plain.get(test) != warm.get(test))
    print(
        f"{checkout.project.name:16} {len(plain):5} tests, {len(differing)} differ ({result.ended})",
        flush=True,
    )
    for test in differing[:10]:
        print(f"    {test}: pytest {plain.get(test)}, runner {warm.get(test)}")
    return len(differing) + (result.ended != "finished")


def _candidates(checkout: Checkout, count: int) -> list[Candidate]:
    """Return mutants of a few of the functions that have frozen mutants, those on one test in a row."""
    rng = random.Random(f"throughput:{checkout.project.name}")
    manifest = json.loads((SEEDED_DIR / checkout.project.name / "mutants.json").read_text(encoding="utf-8"))
    found: list[Candidate] = []
    for entry in rng.sample(manifest["mutants"], FAILING_TESTS):
        text = (checkout.root / entry["path"]).read_text(encoding="utf-8")
        mutants = [mutant for mutant in plants(text) if mutant.function == entry["function"]]
        for mutant in rng.sample(mutants, min(len(mutants), count // FAILING_TESTS)):
            if is_other_program(text, mutant.apply(text)):
                found.append(Candidate(entry["path"], mutant.apply(text), entry["failing"][0]))
    return found


def _warm_verdict(runner: Runner, candidate: Candidate) -> bool:
    return runner.run([candidate.test], sources={candidate.path: candidate.text}, fail_fast=True).green


def _fresh_verdict(checkout: Checkout, root: Path, candidate: Candidate) -> bool:
    """Write the candidate into a copy and start pytest, as a script around pytest would do."""
    original = (checkout.root / candidate.path).read_text(encoding="utf-8")
    (root / candidate.path).write_text(candidate.text, encoding="utf-8")
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", candidate.test]
    done = run_bounded([str(checkout.python), "-B", "-m", "pytest", *options], cwd=root, timeout_s=TIMEOUT_S)
    (root / candidate.path).write_text(original, encoding="utf-8")
    return done is not None and done.returncode == 0


@contextmanager
def _runner(checkout: Checkout) -> Iterator[tuple[Path, Runner]]:
    """Yield a warm runner over a copy of the project."""
    with _copy(checkout) as root:
        runner = Runner.start(Project(root.resolve(), checkout.python), RunnerSettings())
        try:
            yield root, runner
        finally:
            runner.close()


@contextmanager
def _copy(checkout: Checkout) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        yield Path(shutil.copytree(checkout.root, Path(scratch) / checkout.project.name))


def _require_coverage(checkout: Checkout) -> None:
    """Install coverage.py into the project's environment, once."""
    probe = (str(checkout.python), "-c", "import coverage")
    if subprocess.run(probe, capture_output=True, timeout=60, check=False).returncode != 0:
        environment = str(checkout.python.parents[1])
        subprocess.run((*PIP, "--python", environment, "install", COVERAGE), timeout=300, check=True)


def _measured(work: Callable[[], bool]) -> Measured:
    cpu_s = _cpu_seconds()
    verdict, wall_s = _timed(work)
    return Measured(verdict, wall_s, _cpu_seconds() - cpu_s)


def _cpu_seconds() -> float:
    """Return the CPU time of this process and all below it, those that have ended included, from Linux' /proc."""
    return sum(_ticks_of(process) for process in [os.getpid(), *descendants(os.getpid())]) / CLOCK_TICKS


def _ticks_of(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(field) for field in fields[11:15])  # utime, stime, and those of children waited for.


def _timed(work: Callable[[], ResultT]) -> tuple[ResultT, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _median_ms(seconds: Sequence[float]) -> float:
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main()
