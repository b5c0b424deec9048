"""Measures whether memory helps or harms the embedded engine, and what the journal costs, on programs of `tests/corpus`.

Each program is mended three times: without anything; with a journal; with a journal and the memory of all *other*
programs of the run, as if they were one workspace. Compared are the candidates tried until the best patch was found, which do
not depend on how busy the machine is, whether the hidden tests pass, and the CPU seconds of the engine's own process.

    python tests/bench/memory_priors.py --limit 30 --log memory.jsonl
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.corpus import CORPUS_DIR, read_corpus
from bench.plain_pytest import run_plain_pytest
from bench.programs import Program

from tracemend.repair.engine import Engine
from tracemend.repair.journal.journal import Journal
from tracemend.repair.memory.store import Memory
from tracemend.repair.patch import merge_patches
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.settings import Project, RunnerSettings


@dataclass(frozen=True)
class Run:
    """One program mended once. `found_at` counts candidates until the best patch, 0 where there is none."""

    program: str
    kind: str  # plain, journal, memory
    found_at: int
    tried: int
    confidence: str
    correct: bool
    cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="take each n-th program")
    parser.add_argument("--max-time", type=float, default=30.0)
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    programs = list(
        itertools.islice(itertools.islice(read_corpus(CORPUS_DIR), 0, None, arguments.every), arguments.limit)
    )
    runs: list[Run] = []
    reports: dict[str, FixReport] = {}
    for program in programs:
        for kind in ("plain", "journal"):
            run, reports[program.name] = measure(program, kind, {}, arguments.max_time)
            runs.append(run)
            print(json.dumps(asdict(run)), flush=True)
    for program in programs:
        others = {name: report for name, report in reports.items() if name != program.name}
        run, _ = measure(program, "memory", others, arguments.max_time)
        runs.append(run)
        print(json.dumps(asdict(run)), flush=True)
    if arguments.log:
        arguments.log.write_text("".join(json.dumps(asdict(run)) + "\n" for run in runs), encoding="ascii")
    print_figures(runs)


def measure(
    program: Program, kind: str, others: dict[str, FixReport], max_time_s: float
) -> tuple[Run, FixReport]:
    """Mend one program in this process."""
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        root, state = (Path(scratch) / "project").resolve(), Path(scratch) / "state"
        _write(root, program.visible)
        memory = Memory.open(root, state) if kind == "memory" else None
        for report in others.values():
            assert memory is not None, "only memory learns from others"
            memory.remember(report)
        journal = None if kind == "plain" else Journal.open(root, state)
        keeping = {} if journal is None else {"record": journal.record}
        engine = Engine(
            Project(root, Path(sys.executable)),
            RunnerSettings(),
            FixOptions(max_time_s=max_time_s, jobs=1),
            memory=memory,
            **keeping,
        )
        started = time.process_time()
        report = engine.fix(lambda event: None, threading.Event())
        cpu_s = time.process_time() - started
        return _run(program, kind, report, cpu_s, root), report


def print_figures(runs: Sequence[Run]) -> None:
    """Print what each kind comes to, and how many programs each change of kind made sooner or later."""
    kinds = {
        kind: {run.program: run for run in runs if run.kind == kind}
        for kind in ("plain", "journal", "memory")
    }
    for kind, found in kinds.items():
        mended = [run for run in found.values() if run.found_at]
        print(
            f"{kind:8} mended {len(mended)}/{len(found)}, correct {sum(run.correct for run in mended)}, "
            f"high and wrong {sum(run.confidence == 'high' and not run.correct for run in mended)}, "
            f"found after {statistics.median(run.found_at for run in mended):.0f} candidates (median), "
            f"{sum(run.found_at for run in mended)} in all, "
            f"CPU {1e3 * sum(run.cpu_s for run in found.values()) / sum(run.tried for run in found.values()):.2f} ms"
            " a candidate"
        )
    both = [name for name, run in kinds["journal"].items() if run.found_at and kinds["memory"][name].found_at]
    shifts = [kinds["memory"][name].found_at - kinds["journal"][name].found_at for name in both]
    print(
        f"memory   sooner {sum(one < 0 for one in shifts)}, later {sum(one > 0 for one in shifts)}, same {shifts.count(0)}"
    )


def _run(program: Program, kind: str, report: FixReport, cpu_s: float, root: Path) -> Run:
    best = [failure.patches[0] for failure in report.failures if failure.patches]
    merged = merge_patches([one.patch for one in best]) if best else None
    correct = False
    if merged is not None:
        _write(root, {**merged.sources, **program.hidden})
        suite = run_plain_pytest(root, Path(sys.executable), timeout_s=120, test_timeout_cpu_s=3)
        correct = bool(suite.passed) and not suite.failed
    return Run(
        program.name,
        kind,
        found_at=sum(int(one.verdict["tried"]) for one in best),
        tried=sum(failure.candidates for failure in report.failures),
        confidence="high"
        if best and all(one.confidence == "high" for one in best)
        else "low"
        if best
        else "",
        correct=correct,
        cpu_s=round(cpu_s, 3),
    )


def _write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
