"""Real bugs: fixes from the histories of real projects, taken back, with the tests that came with them.

A *fix* is a commit that changes a few lines of one source file and adds to tests. Its tests are run on its own tree, and
on its tree with the source file of its parent: those that fail only there are what the engine gets. Nothing is chosen by
hand, so that small features are among them, which nobody could mend from the test alone. A first patch is *the same* as
the maintainers' if both give the same syntax tree; every other one is printed, to be judged by reading.

    git clone https://github.com/mahmoud/boltons
    python tests/bench/history.py boltons/.git --limit 10 --python VENV/bin/python --json history.json
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

MAX_LINES = 4  # Added, and removed.
TEST_S = 200.0
SLACK_S = 240.0  # For what is not searching: the baseline, and the proof.
SHOWN_TESTS = 6
HALVES = ("first", "second")
# The words by which studies tell fixes from other commits (Ray et al., FSE 2014), as far as they are not about tests.
_FIX_WORDS = re.compile(
    r"\b(fix|bug|error|issue|mistake|incorrect|fault|defect|flaw|wrong|crash|handle)", re.IGNORECASE
)
_TEST_FILE = re.compile(r"(^|/)tests?(/|_)|(^|/)test_")


@dataclass(frozen=True)
class Fix:
    """A commit that mends something."""

    commit: str
    date: str
    subject: str
    source: str
    tests: tuple[str, ...]


@dataclass
class Outcome:
    """What became of one bug."""

    project: str
    fix: Fix
    failing: list[str] = field(default_factory=list)
    status: str = ""  # "same", "other", "unmended", "error"
    confidence: str = ""
    diffs: list[str] = field(default_factory=list)
    seconds: float = 0.0
    problem: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, help="git directories")
    parser.add_argument(
        "--python", default=sys.executable, help="an interpreter with pytest and what is needed"
    )
    parser.add_argument("--tracemend", default=str(Path(sys.executable).with_name("tracemend")))
    parser.add_argument("--since", default="2019-01-01")
    parser.add_argument("--limit", type=int, default=10, help="bugs of each repository, the latest first")
    parser.add_argument("--half", choices=HALVES, help="of the commits")
    parser.add_argument(
        "--said", action="store_true", help="only commits whose subject says that something was wrong"
    )
    parser.add_argument("--max-time", type=float, default=60.0)
    parser.add_argument("--json", type=Path, help="write all outcomes to this file")
    arguments = parser.parse_args()
    found: list[Outcome] = []
    for repository in arguments.repositories:
        for outcome in islice(outcomes(repository, arguments), arguments.limit):
            found.append(outcome)
            tell(outcome)
            if arguments.json:
                text = json.dumps([asdict(one) for one in found], indent=1)
                arguments.json.write_text(text, encoding="utf-8")
    sum_up(found)


def outcomes(repository: Path, arguments: argparse.Namespace) -> Iterator[Outcome]:
    """Yield what becomes of every fix that can be reproduced here."""
    for fix in fixes(repository, arguments.since):
        if not in_half(fix, arguments.half) or (arguments.said and not _FIX_WORDS.search(fix.subject)):
            continue
        with tempfile.TemporaryDirectory(prefix="tracemend-history-") as folder:
            root = Path(folder).resolve()
            if not check_out(repository, fix.commit, root) or not (root / fix.source).is_file():
                continue
            fixed = (root / fix.source).read_text("utf-8", "replace")
            failing = reproduce(repository, fix, root, arguments.python)
            if failing:
                yield mended(root, fix, fixed, failing, arguments, project_of(repository))


def fixes(repository: Path, since: str) -> Iterator[Fix]:
    """Yield the commits that look like fixes, the latest first, each subject once."""
    log = git(repository, "log", "--all", "--no-merges", f"--since={since}", "--numstat",
              "--format=%x00%H%x01%ad%x01%s", "--date=short")  # fmt: skip
    seen = set()
    for block in log.split("\0")[1:]:
        head, _, rest = block.partition("\n")
        commit, date, subject = head.split("\1", 2)
        changed = [line.split("\t") for line in rest.splitlines() if line.count("\t") == 2]
        python = [
            (add, gone, path) for add, gone, path in changed if path.endswith(".py") and "=>" not in path
        ]
        sources = [one for one in python if not _TEST_FILE.search(one[2])]
        tests = tuple(path for add, _, path in python if _TEST_FILE.search(path) and add not in ("0", "-"))
        if len(sources) == 1 and tests and subject not in seen and is_small(sources[0]):
            seen.add(subject)
            yield Fix(commit, date, subject, sources[0][2], tests)


def in_half(fix: Fix, half: str | None) -> bool:
    """Say whether a fix belongs to the `half` asked for: one to develop on, one to report. Commit hashes cast the lot."""
    return half is None or int(fix.commit[-1], 16) % 2 == HALVES.index(half)


def is_small(change: Sequence[str]) -> bool:
    """Say whether few lines came and went."""
    return all(one.isdigit() and int(one) <= MAX_LINES for one in change[:2])


def check_out(repository: Path, commit: str, root: Path) -> bool:
    """Lay the tree of `commit` out in `root`."""
    archive = subprocess.run(
        ["git", "--git-dir", str(repository), "archive", commit], capture_output=True, check=False
    )
    if archive.returncode != 0:
        return False
    return subprocess.run(["tar", "x", "-C", str(root)], input=archive.stdout, check=False).returncode == 0


def reproduce(repository: Path, fix: Fix, root: Path, python: str) -> list[str]:
    """Take the fix back; return the tests that fail for it, none where that cannot be seen here."""
    tests = [one for one in fix.tests if (root / one).is_file() and not one.endswith("conftest.py")]
    good = failures(root, tests, python) if tests else None
    before = git(repository, "show", f"{fix.commit}~1:{fix.source}")
    if good is None or not before:
        return []
    (root / fix.source).write_text(before, encoding="utf-8")
    bad = failures(root, tests, python)
    return sorted(bad - good) if bad is not None else []


def failures(root: Path, tests: Sequence[str], python: str) -> set[str] | None:
    """Return which of `tests` fail, None where they cannot be run."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rf", *tests]
    try:
        run = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=TEST_S,
            check=False,
            env=surroundings(root),
        )
    except subprocess.TimeoutExpired:
        return None
    if run.returncode not in (0, 1):
        return None
    lines = [line for line in run.stdout.splitlines() if line.startswith("FAILED ")]
    return {line.removeprefix("FAILED ").split(" - ")[0] for line in lines}


def surroundings(root: Path) -> dict[str, str]:
    """Return the environment in which the tree is found before what is installed."""
    return {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"}


def mended(
    root: Path, fix: Fix, fixed: str, failing: list[str], arguments: argparse.Namespace, project: str
) -> Outcome:
    """Let the engine at one bug, and compare its first patches with the maintainers' text."""
    outcome = Outcome(project, fix, failing)
    report = root / "tracemend-history.json"
    command = [arguments.tracemend, "fix", *failing[:SHOWN_TESTS], "--python", arguments.python,
               "--json", str(report), "--max-time", str(arguments.max_time)]  # fmt: skip
    began = time.monotonic()
    try:
        run = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, env=surroundings(root),
            timeout=SHOWN_TESTS * arguments.max_time + SLACK_S,
        )  # fmt: skip
        found = json.loads(report.read_text("utf-8"))["failures"]
    except (subprocess.TimeoutExpired, OSError) as error:
        outcome.status, outcome.problem = "error", str(error)
        return outcome
    finally:
        outcome.seconds = round(time.monotonic() - began, 1)
        report.unlink(missing_ok=True)
    first = [one["patches"][0] for one in found if one["patches"]]
    outcome.diffs = [one["diff"] for one in first]
    outcome.confidence = ", ".join(one["confidence"] for one in first)
    outcome.problem = "" if found else run.stderr[-300:]
    outcome.status = status_of(root, fix, fixed, outcome.diffs, complete=len(first) == len(found))
    return outcome


def status_of(root: Path, fix: Fix, fixed: str, diffs: Sequence[str], *, complete: bool) -> str:
    """Apply the patches and compare."""
    if not diffs or not complete:
        return "unmended"
    for diff in diffs:
        applied = subprocess.run(["git", "apply", "-"], cwd=root, input=diff, text=True, check=False)
        if applied.returncode != 0:
            return "other"
    return "same" if tree_of((root / fix.source).read_text("utf-8")) == tree_of(fixed) else "other"


def tree_of(text: str) -> str:
    """Return what a text means to Python, as text."""
    return ast.dump(ast.parse(text))


def project_of(repository: Path) -> str:
    """Return the name of a repository, whose git directory may be called anything."""
    return next(part for part in reversed(repository.resolve().parts) if part not in (".git", "repo"))


def git(repository: Path, *arguments: str) -> str:
    """Return what git says."""
    command = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout


def tell(outcome: Outcome) -> None:
    """Print one bug, with the patches that are not the maintainers'."""
    fix = outcome.fix
    print(
        f"{outcome.project:32} {fix.commit[:8]} {outcome.status:9} {outcome.confidence:10}"
        f" {outcome.seconds:6.1f} s  {fix.subject[:60]}",
        flush=True,
    )
    if outcome.status == "other":
        print("\n".join(outcome.diffs))


def sum_up(found: Sequence[Outcome]) -> None:
    """Print the shares."""
    same = sum(one.status == "same" for one in found)
    offered = sum(bool(one.diffs) for one in found)
    high = [one for one in found if "high" in one.confidence]
    print(
        f"{len(found)} bugs: {offered} with a patch, {same} mended as the maintainers did;"
        f" of {len(high)} with high confidence {sum(one.status == 'same' for one in high)}"
    )


if __name__ == "__main__":
    shutil.which("git") or sys.exit("This needs git.")
    main()
