"""Measures the warm runner: candidates a second, the cost of spectra, and whether its verdicts are pytest's.

A candidate is a mutant of a benchmark project together with a test that the function's frozen mutant fails; the same candidates
go to a fresh `python -m pytest` each, and to one warm `Runner`. The floor is a fork of a process that has collected the
same tests and ends at once. Its times are wall time and medians, so run it on a quiet machine. What spectra cost is
told in CPU time of the tests alone.

    python tests/bench/throughput.py --projects toolz sqlparse
    python tests/bench/throughput.py --identity
"""

from __future__ import annotations

import argparse
import json
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
from tracemend.repair.runner.settings import Project, RunnerSettings

ResultT = TypeVar("ResultT")

DEFAULT_PROJECTS = ("boltons", "jinja2", "sqlparse", "tabulate", "toolz")
COVERAGE = "coverage==7.10.7"
TIMEOUT_S = 120.0
FORKS = 200
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", help="by default five for speed, all for identity")
    parser.add_argument("--identity", action="store_true", help="compare all verdicts of all suites instead")
    parser.add_argument(
        "--candidates", type=int, default=60, help="for the warm runner; a tenth of it run fresh"
    )
    arguments = parser.parse_args()
    if arguments.identity:
        names = arguments.projects or [project.name for project in PROJECTS]
        sys.exit(sum(_compare_verdicts(fetch(project_named(name))) for name in names) > 0)
    print(
        f"{'project':16} {'fresh ms':>9} {'warm ms':>8} {'floor ms':>9} {'fresh/warm':>11} {'warm/floor':>11} differ"
    )
    for name in arguments.projects or DEFAULT_PROJECTS:
        _measure_candidates(fetch(project_named(name)), arguments.candidates)
    print(
        f"\n{'project':16} {'tests':>6} {'run s':>7} {'functions':>10} {'lines':>7} {'coverage contexts':>18}"
    )
    for name in arguments.projects or DEFAULT_PROJECTS:
        _measure_spectra(fetch(project_named(name)))


def _measure_candidates(checkout: Checkout, count: int) -> None:
    """Print a row: milliseconds for a candidate in a fresh process, in the warm runner, and of the floor."""
    candidates = _candidates(checkout, count)
    with _runner(checkout) as (_, runner):
        warm = [_timed(partial(_warm_verdict, runner, candidate)) for candidate in candidates]
    few = candidates[:: max(1, len(candidates) // max(1, count // 10))]
    with _copy(checkout) as root:
        fresh = [_timed(partial(_fresh_verdict, checkout, root, candidate)) for candidate in few]
    forks = run_plain_pytest(checkout.root, checkout.python, timeout_s=TIMEOUT_S, forks=FORKS).fork_seconds
    warm_verdicts = dict(zip(candidates, (verdict for verdict, _ in warm), strict=True))
    differ = sum(
        verdict != warm_verdicts[candidate] for candidate, (verdict, _) in zip(few, fresh, strict=True)
    )
    fresh_ms, warm_ms = _median_ms([s for _, s in fresh]), _median_ms([s for _, s in warm])
    floor_ms = _median_ms(forks)
    numbers = f"{fresh_ms:9.1f} {warm_ms:8.1f} {floor_ms:9.2f} {fresh_ms / warm_ms:11.1f} {warm_ms / floor_ms:11.1f}"
    print(f"{checkout.project.name:16} {numbers} {differ} of {len(few)}", flush=True)


def _measure_spectra(checkout: Checkout) -> None:
    """Print a row: the suite's time in the warm runner, and that of each kind of tracing as a multiple."""
    with _runner(checkout) as (_, runner):
        tests = [one.test for one in runner.collection.tests]
        runner.run(tests)
        plain_s = min(runner.run(tests).cpu_s for _ in range(ROUNDS))
        functions_s = min(runner.spectra(tests, lines=False).result.cpu_s for _ in range(ROUNDS))
        lines_s = min(runner.spectra(tests, lines=True).result.cpu_s for _ in range(ROUNDS))
    _require_coverage(checkout)
    with _copy(checkout) as root:
        command = [str(checkout.python), "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider"]
        rcfile = root / "bench-coverage.ini"
        rcfile.write_text("[run]\nsource = .\ndynamic_context = test_function\n", encoding="utf-8")
        covered = [str(checkout.python), "-m", "coverage", "run", f"--rcfile={rcfile}", *command[1:]]
        _, pytest_s = _timed(lambda: run_bounded(command, cwd=root, timeout_s=TIMEOUT_S))
        _, coverage_s = _timed(lambda: run_bounded(covered, cwd=root, timeout_s=TIMEOUT_S))
    ratios = f"{functions_s / plain_s:10.2f} {lines_s / plain_s:7.2f} {coverage_s / pytest_s:18.2f}"
    print(f"{checkout.project.name:16} {len(tests):6} {plain_s:7.2f} {ratios}", flush=True)


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
    """Return mutants of the functions that have frozen mutants, each with a test that can tell."""
    rng = random.Random(f"throughput:{checkout.project.name}")
    manifest = json.loads((SEEDED_DIR / checkout.project.name / "mutants.json").read_text(encoding="utf-8"))
    found: list[Candidate] = []
    for entry in manifest["mutants"]:
        text = (checkout.root / entry["path"]).read_text(encoding="utf-8")
        mutants = [mutant for mutant in plants(text) if mutant.function == entry["function"]]
        for mutant in rng.sample(mutants, min(len(mutants), count // len(manifest["mutants"]))):
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


def _timed(work: Callable[[], ResultT]) -> tuple[ResultT, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _median_ms(seconds: Sequence[float]) -> float:
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main()
