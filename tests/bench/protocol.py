"""One repair session as a user would start it: `tracemend fix` as a subprocess, its JSON read back, its patch applied.

Every benchmark uses this module, and this module knows nothing of tracemend but its command line, so the benchmarks
measure what a user gets. The engine is given a copy without the withheld tests; judging happens in other copies.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.plain_pytest import run_bounded

CONTRACT_VERSION = 1
GRACE_S = 60


@dataclass(frozen=True)
class Limits:
    """What one session may use: seconds for a failure, seconds for all failures, and parallel jobs."""

    max_time_s: float = 60
    budget_s: float = 120
    jobs: int = 2


@dataclass(frozen=True)
class Offer:
    """The top patch for one failure, which stands for `tests`."""

    tests: tuple[str, ...]
    diff: str
    confidence: str
    origin: str
    doubts: tuple[str, ...] = ()  # Why confidence is not high.


@dataclass(frozen=True)
class Session:
    """What `tracemend fix` answered. `problem` says what went wrong with the tool itself, and is empty otherwise."""

    offers: tuple[Offer, ...]
    seconds: float
    cpu_seconds: float
    candidates: int
    problem: str = ""


def default_command() -> tuple[str, ...]:
    """Return the installed `tracemend` that stands beside this interpreter."""
    return (str(Path(sys.executable).with_name("tracemend")),)


def fix(root: Path, tests: Sequence[str], python: Path, limits: Limits, command: Sequence[str]) -> Session:
    """Let tracemend mend `tests` in the tree `root`, which it must leave as it is."""
    options = ["--python", str(python), "--json", "-", "--jobs", str(limits.jobs)]
    options += ["--max-time", f"{limits.max_time_s:g}", "--budget", f"{limits.budget_s:g}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = run_bounded([*command, "fix", *tests, *options], cwd=root, timeout_s=limits.budget_s + GRACE_S)
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done is None:
        return _failed_session(seconds, cpu_seconds, f"no answer in {limits.budget_s + GRACE_S:g} s")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        words = f"exit {done.returncode}, no JSON: {(done.stderr or done.stdout).strip()[-400:]}"
        return _failed_session(seconds, cpu_seconds, words)
    return _read_report(report, done.returncode, seconds, cpu_seconds)


def apply_offers(root: Path, offers: Sequence[Offer], passing: Callable[[], set[str]]) -> list[Offer]:
    """Apply offers as a user would: one after the other, leaving out those whose tests pass by then.

    One bug may have been reported as several failures, whose patches need not fit together. `passing` runs the tests
    of `root` and is asked only where there are several offers. Returns what was applied.
    """
    applied: list[Offer] = []
    for offer in offers:
        superfluous = bool(applied) and set(offer.tests) <= passing()
        if not superfluous and apply_diff(root, offer.diff):
            applied.append(offer)
    return applied


def apply_diff(root: Path, diff: str) -> bool:
    """Apply a unified diff with `git apply`, and tell whether it fitted."""
    done = subprocess.run(
        ("git", "apply", "--whitespace=nowarn", "-C1", "-"),
        input=diff.encode(),
        cwd=root,
        env=dict(os.environ) | {"GIT_CEILING_DIRECTORIES": str(root.resolve().parent)},
        capture_output=True,
        timeout=30,
        check=False,
    )
    return done.returncode == 0


def edited_files(offers: Sequence[Offer]) -> set[str]:
    """Return the paths that the offered diffs write to."""
    lines = (line for offer in offers for line in offer.diff.splitlines())
    return {line[6:] for line in lines if line.startswith("+++ b/")}


def same_program(first: str, second: str) -> bool:
    """Tell whether two modules have the same syntax tree; layout and comments do not count."""
    try:
        return ast.dump(ast.parse(first)) == ast.dump(ast.parse(second))
    except SyntaxError:
        return False


def _read_report(report: dict[str, Any], exit_code: int, seconds: float, cpu_seconds: float) -> Session:
    """Take the top patch of every mended failure."""
    if report.get("version") != CONTRACT_VERSION or exit_code not in (0, 1):
        return _failed_session(seconds, cpu_seconds, f"exit {exit_code}, version {report.get('version')}")
    offers = []
    for failure in report["failures"]:
        if failure["status"] == "mended" and failure["patches"]:  # Without patches those of others mend it.
            top = failure["patches"][0]
            tests = tuple(failure["tests"] or [failure["test"]])
            doubts = tuple(top.get("verdict", {}).get("doubts", ()))
            offers.append(Offer(tests, top["diff"], top["confidence"], str(top["origin"]), doubts))
    candidates = sum(int(failure["candidates"]) for failure in report["failures"])
    return Session(tuple(offers), seconds, cpu_seconds, candidates)


def _failed_session(seconds: float, cpu_seconds: float, problem: str) -> Session:
    return Session((), seconds, cpu_seconds, 0, problem)
