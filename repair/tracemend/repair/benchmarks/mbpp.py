"""MBPP (Austin et al., "Program Synthesis with Large Language Models", 2021): a sentence and three assertions a task."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .jsonl import read_objects
from .tasks import (
    HIDDEN_TESTS,
    MODULE,
    VISIBLE_TESTS,
    BadTask,
    BenchTask,
    Visible,
    header_of,
    tests_of_assertions,
)

WRAPPERS = frozenset({"isclose"})  # Functions of the test's own imports around the call.


def read_mbpp(file: Path, visible: Visible) -> Iterator[BenchTask]:
    """Yield the tasks of an MBPP file, of the full set or the sanitized one: the first assertion is the example."""
    for where, problem in read_objects(file):
        tests = [str(one) for one in problem.get("test_list") or ()]
        if not tests:
            raise BadTask(f"{where}: there is no test_list.")
        entry = _entry_point(tests[0], where)
        setup = _setup(problem)
        header = f"{header_of(MODULE, entry)}{setup}\n"
        judging = [*tests, *(str(one) for one in problem.get("challenge_test_list") or ())]
        seen = tests_of_assertions(header, judging if visible == "tests" else tests[:1])
        sentence = problem.get("text") or problem.get("prompt") or ""
        yield BenchTask(
            id=f"mbpp/{str(problem.get('task_id', where)).removeprefix('mbpp/')}",
            group="mbpp",
            module=MODULE,
            program="",
            visible={VISIBLE_TESTS: seen},
            hidden={HIDDEN_TESTS: tests_of_assertions(header, judging)},
            prompt=f"{sentence}\nYour function must pass this test:\n\n```python\n{tests[0]}\n```\n",
            entry_point=entry,
        )


def _setup(problem: dict[str, Any]) -> str:
    imports = problem.get("test_imports") or ()
    return "\n".join([*(str(one) for one in imports), str(problem.get("test_setup_code") or "")]).strip()


def _entry_point(assertion: str, where: str) -> str:
    """Return the function that an assertion calls: the outermost plain name that is no builtin, if there is one.

    The published file has tasks whose function is called `sum`, as the builtin is.
    """
    try:
        tree = ast.parse(assertion)
    except SyntaxError as error:
        raise BadTask(f"{where}: the first assertion does not parse.") from error
    names = [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    called = [name for name in names if name not in WRAPPERS]
    if not called:
        raise BadTask(f"{where}: the first assertion calls no function.")
    return next((name for name in called if name not in vars(builtins)), called[0])
