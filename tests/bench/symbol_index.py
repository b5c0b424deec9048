"""How fast the symbol index reads a tree for the first time, and how fast it is back the next day.

    python tests/bench/symbol_index.py [TREE ...] [--python PYTHON]

Without a tree: the standard library and the site-packages of the interpreter that runs this. *Cold* reads and summarizes
every file into an empty cache; *warm* is another process with that cache, which only looks whether the files have
changed; *decoded* also takes every summary out of the cache. CPU seconds are what a busy machine does not change.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tracemend.analysis.symbols.environment import probe_environment
from tracemend.analysis.symbols.index import Index


def main() -> None:
    arguments = _arguments()
    trees = arguments.trees or [Path(sysconfig.get_path(one)) for one in ("stdlib", "purelib")]
    if arguments.phase:
        print(json.dumps(measure(arguments.phase, trees[0], arguments.cache, arguments.python)))
        return
    for tree in trees:
        with tempfile.TemporaryDirectory() as cache:
            lines = count_lines(tree)
            for phase in ("cold", "warm", "decoded"):
                report(tree, lines, phase, in_a_process(phase, tree, cache, arguments.python))


def measure(phase: str, tree: Path, cache: Path, python: Path) -> dict[str, float]:
    """Index `tree` and say what it cost this process."""
    environment = probe_environment(python)
    wall, cpu = time.perf_counter(), time.process_time()
    index = Index(tree, environment, cache=cache)
    files = list(index.workspace_facts())
    if phase == "decoded":
        for path in files:
            index.summary(path)
    index.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "files": len(files),
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "memory_mb": memory,
        "cache_mb": sum(one.stat().st_size for one in cache.iterdir()) / 1e6,
    }


def in_a_process(phase: str, tree: Path, cache: str, python: Path) -> dict[str, float]:
    """Measure in a process of its own, so that nothing but the cache is carried from one phase to the next."""
    command = [
        sys.executable,
        __file__,
        str(tree),
        "--phase",
        phase,
        "--cache",
        cache,
        "--python",
        str(python),
    ]
    answer: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return answer


def report(tree: Path, lines: int, phase: str, measured: dict[str, float]) -> None:
    print(
        f"{phase:8} {tree}: {measured['files']} files, {lines} lines, {measured['wall_s']:.2f} s wall, "
        f"{measured['cpu_s']:.2f} s CPU, {lines / measured['cpu_s']:,.0f} lines per CPU second, "
        f"{500_000 / lines * measured['cpu_s']:.2f} CPU s per 500,000 lines, "
        f"{measured['memory_mb']:.0f} MB memory, {measured['cache_mb']:.1f} MB cache"
    )


def count_lines(tree: Path) -> int:
    """Count the lines of the files that the index reads."""
    index = Index(tree, probe_environment(Path(sys.executable)))
    return sum(one.read_bytes().count(b"\n") for one in index.workspace_files())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="*", type=Path)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--phase", choices=("cold", "warm", "decoded"), help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
