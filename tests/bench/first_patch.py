"""Measures how much CPU time passes until `tracemend fix` has its first patch on the programs of `tests/corpus`.

python tests/bench/first_patch.py --python PROJECT_PYTHON

CPU time is that of the command with everything it started, from its first instruction on: the imports of tracemend, the
start of pytest, the baseline. *Plausible* is the moment at which the first patch has turned the failing test green and
left every impacted test green; *proven* is the end, when the best of them also hold in a fresh process, are compared
and explained. The physical floor beside them is one plain pytest of the same project.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.corpus import CORPUS_DIR, read_corpus
from bench.programs import Program

from tracemend.repair.events import Event, Plausible
from tracemend.repair.runner.environment import Choice, find_interpreter, find_root

PROGRAM_WALL_S = 150.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="interpreter with pytest, the projects' own")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--names", nargs="*", help="only these programs")
    parser.add_argument("--plausible-only", action="store_true", help="end each search at its first patch")
    parser.add_argument("--one", type=Path, help="measure the project in this directory, print JSON")
    arguments = parser.parse_args()
    if arguments.one:
        options = (arguments.python, arguments.jobs, arguments.plausible_only)
        print(json.dumps(measure_here(arguments.one, *options)))
        return
    programs = [one for one in read_corpus(CORPUS_DIR) if not arguments.names or one.name in arguments.names]
    rows = []
    for program in programs[: arguments.limit]:
        rows.append(measure(program, arguments.python, arguments.jobs, arguments.plausible_only))
        print(f"{program.name:24} {describe(rows[-1])}", flush=True)
    print_summary(rows)


def measure(program: Program, python: str, jobs: int, plausible_only: bool) -> dict[str, float]:
    """Return the CPU seconds of one program: "pytest", "plausible" and "proven", without those it never reached."""
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as scratch:
        for path, text in program.visible.items():
            target = Path(scratch, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        before = _children_cpu_s()
        subprocess.run(
            [python, "-m", "pytest", "-q"],
            check=False,
            cwd=scratch,
            capture_output=True,
            timeout=PROGRAM_WALL_S,
        )
        pytest_s = _children_cpu_s() - before
        command = [sys.executable, __file__, "--one", scratch, "--python", python, "--jobs", str(jobs)]
        command += ["--plausible-only"] * plausible_only
        told = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_WALL_S, check=True)
    return {"pytest": pytest_s, **json.loads(told.stdout.splitlines()[-1])}


def measure_here(folder: Path, python: str, jobs: int, plausible_only: bool) -> dict[str, float]:
    """Mend the project in `folder` within this process and note the CPU time at each stage."""
    from tracemend.repair.engine import Engine
    from tracemend.repair.reports import FixOptions
    from tracemend.repair.runner.settings import Project, RunnerSettings

    found: dict[str, float] = {}
    cancel = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Plausible) and "plausible" not in found:
            found["plausible"] = tree_cpu_s(os.getpid())
            if plausible_only:
                cancel.set()

    root = find_root([str(folder)], cwd=folder)
    project = Project(root.path, find_interpreter(root.path, Choice(python)).path)
    report = Engine(project, RunnerSettings(), FixOptions(jobs=jobs)).fix(listen, cancel)
    if not plausible_only and any(one.patches for one in report.failures):
        own = resource.getrusage(resource.RUSAGE_SELF)
        found["proven"] = own.ru_utime + own.ru_stime + _children_cpu_s()
    return found


def tree_cpu_s(pid: int) -> float:
    """Return the CPU seconds of process `pid` and all its living and reaped descendants (proc(5), fields 14 to 17)."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        parents[int(entry.name)] = int(fields[1])
        ticks[int(entry.name)] = sum(int(one) for one in fields[11:15])
    return sum(count for one, count in ticks.items() if _descends(one, pid, parents)) / TICKS_PER_S


def describe(row: dict[str, float]) -> str:
    return "  ".join(f"{name} {row[name]:6.2f}" if name in row else f"{name}      -" for name in STAGES)


def print_summary(rows: Sequence[dict[str, float]]) -> None:
    """Print the quantiles of each stage, in CPU seconds and as multiples of a plain pytest."""
    print("\n| CPU seconds to | programs | p50 | p90 | p50 / plain pytest |\n|---|---|---|---|---|")
    for name in STAGES:
        reached = [row for row in rows if name in row]
        if len(reached) < 2:
            continue
        values = [row[name] for row in reached]
        ratio = statistics.median(row[name] / row["pytest"] for row in reached)
        p90 = statistics.quantiles(values, n=10)[-1]
        print(f"| {name} | {len(values)} | {statistics.median(values):.2f} | {p90:.2f} | {ratio:.1f} |")


STAGES = ("pytest", "plausible", "proven")


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid > 1 and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
