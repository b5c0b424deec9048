"""Measures `tracemend fix` on the Python programs of QuixBugs, which were not used to choose its operators.

QuixBugs (Lin, Koppel, Chen and Solar-Lezama, SPLASH 2017 companion) is forty one-line bugs in classic algorithms. Nothing is
downloaded: give a checkout of github.com/jkoppel/QuixBugs. Of each program's tests a share is visible to the engine and all of
them judge; `--visible 1` shows every test, which is the protocol of most published figures.

    python tests/bench/quixbugs.py --quixbugs ~/QuixBugs --log quixbugs.jsonl
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.programs import Program, add_common_options, fails_visibly, run_programs

HELPERS = ("conftest.py", "python_testcases/load_testdata.py", "python_testcases/node.py")
MAX_SPLITS = 50  # Tried in turn until a visible test fails.


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quixbugs", type=Path, required=True, metavar="DIR", help="a checkout of QuixBugs")
    parser.add_argument("--visible", type=float, default=0.6, help="share of the tests that the engine sees")
    add_common_options(parser)
    arguments = parser.parse_args()
    run_programs(read_quixbugs(arguments.quixbugs, arguments.visible, arguments.python), arguments)


def read_quixbugs(root: Path, visible_share: float, python: Path) -> Iterator[Program]:
    """Yield each program that has tests, with a share of them visible of which at least one fails."""
    for test in sorted((root / "python_testcases").glob("test_*.py")):
        name = test.stem.removeprefix("test_")
        splits = (_program(root, name, visible_share, attempt) for attempt in range(MAX_SPLITS))
        yield next(program for program in splits if visible_share >= 1 or fails_visibly(program, python))


def _program(root: Path, name: str, visible_share: float, attempt: int) -> Program:
    """Return one program in the layout of the repository, but without the correct programs."""
    module = f"python_programs/{name}.py"
    helpers = {path: (root / path).read_text(encoding="utf-8") for path in HELPERS}
    buggy = (root / module).read_text(encoding="utf-8")
    fixed = {module: (root / f"correct_{module}").read_text(encoding="utf-8")}
    hidden = _tests(root, name)
    seed = f"{name}:{attempt}"
    visible = {path: _keep_share(seed, path, text, visible_share) for path, text in hidden.items()}
    return Program(
        f"quixbugs/{name}", "quixbugs", "quixbugs", helpers | {module: buggy} | visible, hidden, fixed
    )


def _tests(root: Path, name: str) -> dict[str, str]:
    """Return the test file of a program, and its table of cases where it has one."""
    paths = [f"python_testcases/test_{name}.py", f"json_testcases/{name}.json"]
    return {path: (root / path).read_text(encoding="utf-8") for path in paths if (root / path).exists()}


def _keep_share(seed: str, path: str, text: str, share: float) -> str:
    """Return `text` with a share of its cases: lines of a table, or test functions."""
    if path.endswith(".json"):
        lines = [line for line in text.splitlines() if line.strip()]
        return "\n".join(_share_of(seed, lines, share)) + "\n"
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    kept = _share_of(seed, [node.name for node in functions], share)
    lines = text.splitlines(keepends=True)
    for node in reversed(functions):
        if node.name not in kept:
            assert node.end_lineno is not None, "nodes come from a parser"
            lines[node.lineno - 1 : node.end_lineno] = ["\n"]
    return "".join(lines)


def _share_of(seed: str, cases: list[str], share: float) -> list[str]:
    """Return a share of `cases`, at least one, chosen by a hash and in their old order."""
    ranked = sorted(cases, key=lambda case: hashlib.sha256(f"{seed}\0{case}".encode()).digest())
    kept = set(ranked[: max(1, round(share * len(cases)))])
    return [case for case in cases if case in kept]


if __name__ == "__main__":
    main()
