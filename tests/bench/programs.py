"""Small broken programs with two sets of tests: those that the engine sees, and those that judge its patch.

The corpus is read as such programs; QuixBugs and HumanEvalFix are measured by `tracemend bench`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.plain_pytest import SuiteResult, run_plain_pytest
from bench.protocol import Limits, Session, apply_offers, default_command, edited_files, fix, same_program
from bench.results import Judgement, ResultLog, Verdict, describe, print_tables, verdict

TEST_TIMEOUT_CPU_S = 3.0
SUITE_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Program:
    """A broken program as files (path to text).

    `visible` is the project that the engine is given. `hidden` is written over it to judge a patch, `fixed` to see
    what the reference solution passes; the keys of `fixed` are the files that were broken.
    """

    key: str
    group: str
    family: str
    visible: Mapping[str, str]
    hidden: Mapping[str, str]
    fixed: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every benchmark of small programs has."""
    parser.add_argument("--limit", type=int, help="programs to run")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="programs to run")
    parser.add_argument("--max-time", type=float, default=60, help="seconds for one failure")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--select", choices=("failing", "all"), default="failing", help="tests to name")
    parser.add_argument("--log", type=Path, help="JSONL file to resume from and append to")
    parser.add_argument("--json", type=Path, help="file for the verdicts of this run")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="interpreter with pytest")
    parser.add_argument(
        "--check", action="store_true", help="only see that visible tests fail and the fix passes all"
    )
    parser.add_argument(
        "--tracemend", nargs="+", default=default_command(), metavar="WORD", help="the command to run"
    )


def run_programs(programs: Iterable[Program], arguments: argparse.Namespace) -> None:
    """Measure or check each program that `arguments` choose, and print the tables."""
    named = (program for program in programs if not arguments.only or program.name in arguments.only)
    chosen = itertools.islice(named, arguments.limit)
    if arguments.check:
        for program in chosen:
            print(f"{program.key:40} {check_program(program, arguments.python) or 'usable'}", flush=True)
        return
    limits = Limits(arguments.max_time, 2 * arguments.max_time, arguments.jobs)
    log = ResultLog(arguments.log)
    ran: list[Verdict] = []
    for program in chosen:
        if program.key not in log.verdicts:
            found = measure_program(
                program,
                arguments.python,
                limits,
                arguments.tracemend,
                name_failing=arguments.select == "failing",
            )
            log.add(found)
            print(describe(log.verdicts[program.key]), flush=True)
        ran.append(log.verdicts[program.key])
    print_tables(ran)
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(found) for found in ran], indent=1) + "\n", encoding="utf-8"
        )


def measure_program(
    program: Program, python: Path, limits: Limits, command: Sequence[str], *, name_failing: bool = True
) -> Verdict:
    """Let the engine mend the visible failures of `program`, and judge its top patch by the hidden tests.

    With `name_failing` the failing tests stand on the command line, otherwise the engine has to find them.
    """
    failing = sorted(_run(program, python, [program.visible]).failed)
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        _write(Path(scratch), program.visible)
        session = fix(Path(scratch), failing if name_failing else (), python, limits, command)
    judgement = _judge(program, python, failing, session)
    return verdict(
        program.key, program.group, program.family, session, judgement, tested=bool(program.hidden)
    )


def check_program(program: Program, python: Path) -> str:
    """Say what makes `program` useless as a benchmark, or nothing."""
    if not _run(program, python, [program.visible]).failed:
        return "no visible test fails"
    reference = _run(program, python, [program.visible, program.hidden, program.fixed])
    if not reference.passed or reference.failed or reference.collection_errors:
        return f"the reference solution fails {len(reference.failed)} tests"
    return ""


def _judge(program: Program, python: Path, failing: Sequence[str], session: Session) -> Judgement:
    """Apply the offers to the visible project, run its tests, then lay the hidden tests over it and run those."""
    if not session.offers or not edited_files(session.offers) <= set(program.fixed):
        return Judgement()
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        root = Path(scratch)
        _write(root, program.visible)
        applied = apply_offers(root, session.offers, lambda: _suite(root, python).passed)
        seen = _suite(root, python)
        if not set(failing) <= seen.passed or seen.failed:
            return Judgement()
        equal = all(
            same_program((root / path).read_text(encoding="utf-8"), text)
            for path, text in program.fixed.items()
        )
        _write(root, program.hidden)
        reference = _run(program, python, [program.visible, program.hidden, program.fixed])
        correct = equal or reference.passed <= _suite(root, python).passed
    return Judgement(tuple(applied), mended=True, equal=equal, correct=correct)


def _run(program: Program, python: Path, layers: Sequence[Mapping[str, str]]) -> SuiteResult:
    """Run all tests of a project that is made of `layers`, later ones over earlier ones."""
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        for layer in layers:
            _write(Path(scratch), layer)
        return _suite(Path(scratch), python)


def _suite(root: Path, python: Path) -> SuiteResult:
    return run_plain_pytest(root, python, timeout_s=SUITE_TIMEOUT_S, test_timeout_cpu_s=TEST_TIMEOUT_CPU_S)


def _write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
