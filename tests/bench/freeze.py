"""Draws the mutation bugs of each project once and freezes them, so that later runs are comparable.

A draw walks the families in turn and takes a random mutant of a random covered function. It is kept if between 1 and 30
tests fail that passed before, nothing stops being collected, and the run ends in time; a function is used at most twice.
Most bugs must fail at least two test functions, because only then can one of them be withheld from the engine.

    python tests/bench/freeze.py [--projects toolz parse] [--count 12] [--seed 1] [--bugs FOLDER]

With `--bugs` the draw goes into a folder of its own, as for a figure on bugs that nobody has developed on.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bugs import SEEDED_DIR, save_mutants
from bench.plain_pytest import SuiteResult, run_plain_pytest
from bench.plant import Mutant, is_other_program, plants
from bench.projects import PROJECTS, Checkout, fetch, project_named, source_files
from bench.withhold import function_of

MAX_FAILING = 30
MAX_DRAWS = 150
MAX_PER_FUNCTION = 2
MAX_SINGLE_KILLER_SHARE = 0.25
RUN_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Baseline:
    """What is known of the sound project: its passing tests, and the tests that enter each function."""

    passing: frozenset[str]
    tests_by_function: Mapping[tuple[str, int], tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", default=[project.name for project in PROJECTS])
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bugs", type=Path, default=SEEDED_DIR, help="folder to write them to")
    arguments = parser.parse_args()
    for name in arguments.projects:
        checkout = fetch(project_named(name))
        kept = list(_freeze(checkout, arguments.count, random.Random(f"{arguments.seed}:{name}")))
        save_mutants(name, checkout.project.version, arguments.seed, kept, arguments.bugs)
        print(f"{name}: {len(kept)} mutants frozen", flush=True)


def _freeze(checkout: Checkout, count: int, rng: random.Random) -> Iterator[tuple[str, Mutant, list[str]]]:
    """Yield up to `count` (path, mutant, failing tests) of one project."""
    baseline = _baseline(checkout)
    texts = {path: (checkout.root / path).read_text(encoding="utf-8") for path in source_files(checkout)}
    singles_left = round(MAX_SINGLE_KILLER_SHARE * count)
    uses = Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(shutil.copytree(checkout.root, Path(scratch) / "project"))
        kept = 0
        for draws, (path, mutant) in enumerate(_draw(texts, baseline, rng)):
            if kept == count or draws == MAX_DRAWS:
                return
            place = (path, mutant.function)
            if uses[place] == MAX_PER_FUNCTION or not is_other_program(
                texts[path], mutant.apply(texts[path])
            ):
                continue
            failing = _killers(checkout, root, baseline, path, mutant, texts[path])
            killers = {function_of(test) for test in failing}
            if not killers or (len(killers) == 1 and singles_left == 0):
                continue
            singles_left -= len(killers) == 1
            uses[place] += 1
            kept += 1
            print(f"  {path}:{mutant.line} {mutant.family}: {len(failing)} tests fail", flush=True)
            yield path, mutant, failing


def _baseline(checkout: Checkout) -> Baseline:
    """Run the sound suite twice, once to see which functions each test enters; only stable tests count."""
    plain = run_plain_pytest(checkout.root, checkout.python, timeout_s=RUN_TIMEOUT_S)
    profiled = run_plain_pytest(checkout.root, checkout.python, timeout_s=3 * RUN_TIMEOUT_S, profile=True)
    assert plain.finished and profiled.finished, f"the suite of {checkout.project.name} does not run"
    entered = defaultdict(list)
    for test, places in profiled.functions.items():
        for place in places:
            entered[place].append(test)
    stable = frozenset(plain.passed & profiled.passed)
    return Baseline(stable, {place: tuple(tests) for place, tests in entered.items()})


def _draw(texts: Mapping[str, str], baseline: Baseline, rng: random.Random) -> Iterator[tuple[str, Mutant]]:
    """Yield covered mutants for ever: families in turn, within a family first a function, then one of its mutants."""
    by_family: dict[str, dict[tuple[str, str], list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for path, text in texts.items():
        for mutant in plants(text):
            if mutant.function == "<module>" or (path, mutant.function_line) in baseline.tests_by_function:
                by_family[mutant.family][path, mutant.function].append(mutant)
    families = sorted(by_family)
    rng.shuffle(families)
    while True:
        for family in families:
            place = rng.choice(sorted(by_family[family]))
            yield place[0], rng.choice(by_family[family][place])


def _killers(
    checkout: Checkout, root: Path, baseline: Baseline, path: str, mutant: Mutant, text: str
) -> list[str]:
    """Return the tests that the mutant fails, or none if it does not make a good bug.

    The tests that enter the function are asked first; only a mutant that these accept costs a whole run.
    """
    covering = baseline.tests_by_function.get((path, mutant.function_line), ())
    (root / path).write_text(mutant.apply(text), encoding="utf-8")
    try:
        first = run_plain_pytest(root, checkout.python, tests=covering, timeout_s=RUN_TIMEOUT_S)
        if not _is_good(first, baseline):
            return []
        whole = run_plain_pytest(root, checkout.python, timeout_s=RUN_TIMEOUT_S) if covering else first
        return sorted(whole.failed & baseline.passing) if _is_good(whole, baseline) else []
    finally:
        (root / path).write_text(text, encoding="utf-8")


def _is_good(result: SuiteResult, baseline: Baseline) -> bool:
    """Tell whether a run ended, collected everything, and failed between 1 and 30 tests."""
    failing = result.failed & baseline.passing
    return result.finished and not result.collection_errors and 1 <= len(failing) <= MAX_FAILING


if __name__ == "__main__":
    main()
