"""Measures `tracemend fix` on bugs planted in real projects, judged by tests that it never saw.

For each bug the project is copied, the bug planted, and part of the tests cut out; the engine mends the failing tests
that are left, and its top patch is applied to a full copy where the whole suite of the sound project decides.

    python tests/bench/seeded_bugs.py --projects toolz --kind hand --log results.jsonl
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bugs import SEEDED_DIR, Bug, load_bugs
from bench.plain_pytest import run_plain_pytest
from bench.projects import PROJECTS, Checkout, Project, fetch, project_named, test_files
from bench.protocol import Limits, Session, apply_offers, default_command, edited_files, fix, same_program
from bench.results import Judgement, ResultLog, Verdict, describe, print_tables, verdict
from bench.withhold import Split, cut_tests, split_tests

SUITE_TIMEOUT_S = 120.0


def main() -> None:
    arguments = _parse_arguments()
    kinds = ("hand", "mutant") if arguments.kind == "all" else (arguments.kind,)
    limits = Limits(arguments.max_time, 2 * arguments.max_time, arguments.jobs)
    log = ResultLog(arguments.log)
    ran: list[Verdict] = []
    for name in arguments.projects:
        checkout = fetch(project_named(name))
        bugs = load_bugs(name, checkout.root, kinds, arguments.bugs)[: arguments.limit]
        if arguments.check:
            check_bugs(checkout, bugs, arguments.seed)
            continue
        passing = _passing(checkout) if any(bug.key not in log.verdicts for bug in bugs) else frozenset()
        for bug in bugs:
            if bug.key not in log.verdicts:
                log.add(measure(checkout, bug, passing, limits, arguments))
                print(describe(log.verdicts[bug.key]), flush=True)
            ran.append(log.verdicts[bug.key])
    if not arguments.check:
        print_tables(ran)
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(found) for found in ran], indent=1) + "\n", encoding="utf-8"
        )


def measure(
    checkout: Checkout, bug: Bug, passing: frozenset[str], limits: Limits, arguments: argparse.Namespace
) -> Verdict:
    """Plant `bug`, let the engine mend it, and judge its top patch."""
    with _planted(checkout, bug) as (root, failing):
        split = _withhold(checkout.project, root, failing & passing, f"{arguments.seed}:{bug.key}")
        assert split.visible_failing, f"{bug.key} fails no visible test"
        named = split.visible_failing if arguments.select == "failing" else ()
        session = fix(root, named, checkout.python, limits, arguments.tracemend)
    judgement = _judge(checkout, bug, split, passing, session)
    tested = bool(split.withheld_failing)
    return verdict(bug.key, bug.project, bug.family, session, judgement, tested=tested)


def check_bugs(checkout: Checkout, bugs: Sequence[Bug], seed: int) -> None:
    """Print for each bug what it fails and what of that would be withheld; the engine takes no part."""
    passing = _passing(checkout)
    for bug in bugs:
        with _planted(checkout, bug) as (root, failing):
            split = _withhold(checkout.project, root, failing & passing, f"{seed}:{bug.key}")
        counts = f"{len(split.visible_failing):3} visible, {len(split.withheld_failing):3} withheld"
        usable = "" if split.visible_failing else "  UNUSABLE"
        print(f"{bug.key:48} {counts}{usable}", flush=True)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", default=[project.name for project in PROJECTS])
    parser.add_argument("--kind", choices=("hand", "mutant", "all"), default="all")
    parser.add_argument("--limit", type=int, help="bugs of each project")
    parser.add_argument("--bugs", type=Path, default=SEEDED_DIR, help="folder of the bugs, see freeze.py")
    parser.add_argument("--max-time", type=float, default=60, help="seconds for one failure")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--select", choices=("failing", "all"), default="failing", help="tests to name")
    parser.add_argument("--seed", type=int, default=1, help="of the split into visible and withheld tests")
    parser.add_argument("--log", type=Path, help="JSONL file to resume from and append to")
    parser.add_argument("--json", type=Path, help="file for the verdicts of this run")
    parser.add_argument("--check", action="store_true", help="only show which tests each bug fails")
    parser.add_argument(
        "--tracemend", nargs="+", default=default_command(), metavar="WORD", help="the command to run"
    )
    return parser.parse_args()


def _passing(checkout: Checkout) -> frozenset[str]:
    """Return the tests that the sound project passes."""
    result = run_plain_pytest(checkout.root, checkout.python, timeout_s=SUITE_TIMEOUT_S)
    assert result.finished and result.passed, f"the suite of {checkout.project.name} does not run"
    return frozenset(result.passed)


@contextmanager
def _planted(checkout: Checkout, bug: Bug) -> Iterator[tuple[Path, frozenset[str]]]:
    """Yield a temporary copy of the project with the bug, and the tests that fail there."""
    with _copy(checkout, bug) as root:
        result = run_plain_pytest(root, checkout.python, timeout_s=SUITE_TIMEOUT_S)
        yield root, frozenset(result.failed)


@contextmanager
def _copy(checkout: Checkout, bug: Bug) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        root = Path(shutil.copytree(checkout.root, Path(scratch) / checkout.project.name))
        bug.plant(root)
        yield root


def _withhold(project: Project, root: Path, failing: frozenset[str], seed: str) -> Split:
    """Cut the withheld tests out of the copy `root`."""
    texts = {path: (root / path).read_text(encoding="utf-8") for path in test_files(project, root)}
    split = split_tests(failing, texts, seed=seed)
    for path, text in texts.items():
        (root / path).write_text(cut_tests(path, text, split.withheld), encoding="utf-8")
    return split


def _judge(
    checkout: Checkout, bug: Bug, split: Split, passing: frozenset[str], session: Session
) -> Judgement:
    """Apply the engine's offers to a full copy of the buggy project and ask the whole suite."""
    edited = edited_files(session.offers)
    if not edited or not edited.isdisjoint(test_files(checkout.project, checkout.root)):
        return Judgement()  # An edited test is never a repair of a planted bug.
    with _copy(checkout, bug) as root:
        applied = apply_offers(root, session.offers, lambda: _passed(checkout, root))
        passed = _passed(checkout, root)
        if not set(split.visible_failing) <= passed:
            return Judgement()
        texts = [(tree / bug.path).read_text(encoding="utf-8") for tree in (root, checkout.root)]
    equal = same_program(*texts)
    return Judgement(tuple(applied), mended=True, equal=equal, correct=equal or passing <= passed)


def _passed(checkout: Checkout, root: Path) -> set[str]:
    return run_plain_pytest(root, checkout.python, timeout_s=SUITE_TIMEOUT_S).passed


if __name__ == "__main__":
    main()
