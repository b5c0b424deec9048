"""HumanEval (Chen et al., "Evaluating Large Language Models Trained on Code", 2021) and HumanEvalFix (Muennighoff et al.,
"OctoPack", ICLR 2024): one JSON object a line, a `check(candidate)` function that judges.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from .jsonl import read_objects, text_of
from .tasks import HIDDEN_TESTS, MODULE, VISIBLE_TESTS, BenchTask, Visible, header_of, tests_of_check

_PROMPT = re.compile(r"^[ \t]*>>> ", re.MULTILINE)


def read_humaneval(file: Path, visible: Visible) -> Iterator[BenchTask]:
    """Yield the tasks of a HumanEval file: a function is to be written; docstring examples are what is visible."""
    for where, problem in read_objects(file):
        prompt, entry = text_of(problem, "prompt", where), text_of(problem, "entry_point", where)
        full = tests_of_check(text_of(problem, "test", where), entry, MODULE)
        yield BenchTask(
            id=text_of(problem, "task_id", where),
            group="humaneval",
            module=MODULE,
            program="",
            visible=_tests(full if visible == "tests" else docstring_tests(prompt, entry)),
            hidden={HIDDEN_TESTS: full},
            prompt=f"Complete this Python function.\n\n```python\n{prompt.rstrip()}\n```\n",
            preamble=prompt,
            entry_point=entry,
        )


def read_humanevalfix(file: Path, visible: Visible) -> Iterator[BenchTask]:
    """Yield the tasks of a HumanEvalPack file: a function with a planted bug is to be mended."""
    for where, problem in read_objects(file):
        declaration, entry = text_of(problem, "declaration", where), text_of(problem, "entry_point", where)
        full = tests_of_check(text_of(problem, "test", where), entry, MODULE)
        examples = tests_of_check(str(problem.get("example_test") or ""), entry, MODULE)
        yield BenchTask(
            id=text_of(problem, "task_id", where),
            group=str(problem.get("bug_type") or "humanevalfix"),
            module=MODULE,
            program=declaration + text_of(problem, "buggy_solution", where),
            visible=_tests(full if visible == "tests" else examples),
            hidden={HIDDEN_TESTS: full},
            entry_point=entry,
        )


def docstring_tests(prompt: str, entry_point: str) -> str:
    """Make tests of the `>>>` examples in the docstring of the function; "" for none that can be read."""
    assertions = []
    for one in _examples(_docstring(prompt, entry_point)):
        pair = f"assert ({one.source.strip()}) == ({one.want.strip()})"
        if _is_assertion(pair):
            assertions.append(pair)
    tests = [f"def test_{number}():\n    {pair}\n" for number, pair in enumerate(assertions, 1)]
    return "\n\n".join([header_of(MODULE, entry_point), *tests]) if tests else ""


def _examples(docstring: str) -> Iterator[doctest.Example]:
    """Yield the examples that say what comes out; each is read by itself, for published docstrings break some."""
    starts = [match.start() for match in _PROMPT.finditer(docstring)]
    for start, end in pairwise([*starts, len(docstring)]):
        try:
            found = doctest.DocTestParser().get_examples(docstring[start:end])
        except ValueError:  # Inconsistent indentation, as of a string with a line break in it.
            continue
        yield from (one for one in found if one.want)


def _docstring(prompt: str, entry_point: str) -> str:
    try:
        tree = ast.parse(prompt)
    except SyntaxError:
        return ""
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry_point)
    return next((ast.get_docstring(node) or "" for node in functions), "")


def _is_assertion(text: str) -> bool:
    """Tell whether the first side has a value, which `print` has not, and the second one is a literal."""
    try:
        (node,) = ast.parse(text).body
        comparison: Any = node.test if isinstance(node, ast.Assert) else None
        ast.literal_eval(comparison.comparators[0])
        return not ast.unparse(comparison.left).startswith("print(")
    except (SyntaxError, ValueError, AttributeError):
        return False


def _tests(text: str) -> dict[str, str]:
    return {VISIBLE_TESTS: text} if text else {}
