"""Measures `tracemend fix` on HumanEvalFix (the Python part of HumanEvalPack, Muennighoff et al., "OctoPack", ICLR 2024).

Nothing is downloaded: give the JSONL file, with the fields declaration, buggy_solution, canonical_solution, test,
entry_point and example_test. With `--oracle examples` the engine sees the docstring's examples alone and the full tests judge;
with `--oracle tests` it sees the full tests, as in the published figures, so that only a patch's plausibility is measured.

    python tests/bench/humanevalfix.py --jsonl humanevalpack.jsonl --oracle examples --log humanevalfix.jsonl
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.programs import Program, add_common_options, run_programs

MODULE = "solution.py"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jsonl", type=Path, required=True, metavar="FILE")
    parser.add_argument("--oracle", choices=("tests", "examples"), default="examples")
    add_common_options(parser)
    arguments = parser.parse_args()
    run_programs(read_humanevalfix(arguments.jsonl, arguments.oracle), arguments)


def read_humanevalfix(file: Path, oracle: str) -> Iterator[Program]:
    """Yield each problem that has the tests asked for."""
    for line in file.read_text(encoding="utf-8").splitlines():
        problem = json.loads(line)
        full = test_module(problem["test"], problem)
        seen = full if oracle == "tests" else test_module(problem.get("example_test") or "", problem)
        buggy = problem["declaration"] + problem["buggy_solution"]
        fixed = problem["declaration"] + problem["canonical_solution"]
        hidden = {} if oracle == "tests" else {"test_hidden.py": full}
        if seen:
            key = problem["task_id"].replace("/", "-").lower()
            visible = {MODULE: buggy, "test_visible.py": seen}
            yield Program(
                f"humanevalfix/{key}", "humanevalfix", problem["bug_type"], visible, hidden, {MODULE: fixed}
            )


def test_module(check: str, problem: Mapping[str, str]) -> str:
    """Turn a `check(candidate)` function into a pytest module: a test for each assertion where they are independent."""
    try:
        body = ast.parse(check).body
    except SyntaxError:  # The examples of one problem are cut off in the published data.
        return ""
    checks = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    if not checks:
        return ""
    header = f"from {Path(MODULE).stem} import *\nfrom {Path(MODULE).stem} import {problem['entry_point']}\n"
    candidate = checks[0].args.args[0].arg
    if candidate != problem["entry_point"]:
        header += f"\n{candidate} = {problem['entry_point']}\n"
    assertions = [node for node in checks[0].body if not _is_trivial(node)]
    if not all(isinstance(node, ast.Assert) for node in assertions):
        return f"{header}\n\n{_without_calls(check)}\n\n\ndef test_all():\n    check({candidate})\n"
    tests = [f"def test_{number}():\n    {ast.unparse(node)}\n" for number, node in enumerate(assertions, 1)]
    return "\n\n".join([header, *tests])


def _is_trivial(node: ast.stmt) -> bool:
    """Tell whether a statement checks nothing: `assert True`, or a string."""
    value = node.test if isinstance(node, ast.Assert) else node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant)


def _without_calls(check: str) -> str:
    """Return the definitions of a test, without the call that starts it."""
    kept = [node for node in ast.parse(check).body if not isinstance(node, ast.Expr)]
    return "\n\n".join(ast.unparse(node) for node in kept)


if __name__ == "__main__":
    main()
