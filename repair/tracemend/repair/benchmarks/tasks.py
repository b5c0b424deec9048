"""One task of a benchmark: a program to mend, or to be written first, with tests to see and tests that judge."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# examples: the engine sees what the task's author shows, and the full tests judge. tests: it sees those, too, as in most
# published figures, so that only plausibility is measured.
Visible = Literal["examples", "tests"]

MODULE = "solution.py"
DRAFT_TEMPERATURE = 0.8  # As in the HumanEval paper where k > 1 counts.
VISIBLE_TESTS, HIDDEN_TESTS = "test_visible.py", "test_hidden.py"


class BadTask(ValueError):
    """A file or one of its tasks is not in the format; the message says where and why."""


@dataclass(frozen=True, slots=True)
class BenchTask:
    """A task. `program` is the file to be mended, "" where it must be written first, for which `prompt` asks."""

    id: str
    group: str  # What the tables are grouped by: the kind of bug, or the suite.
    module: str  # The path of the program.
    program: str
    visible: Mapping[str, str]  # Tests that the engine sees, by path; none where the task shows no examples.
    hidden: Mapping[str, str]  # Tests that judge, by path.
    prompt: str = ""
    preamble: str = ""  # What stands before a written program: imports and helpers of the prompt.
    entry_point: str = ""
    helpers: Mapping[str, str] = field(default_factory=dict)  # Other files that tests or program need.


def tests_of_check(check: str, entry_point: str, module: str) -> str:
    """Turn a `check(candidate)` function into a pytest module: a test for each assertion where they are independent.

    "" for what does not parse, or checks nothing: the examples of one published problem are cut off.
    """
    try:
        body = ast.parse(check).body
    except SyntaxError:
        return ""
    checks = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    if not checks or not checks[0].args.args:
        return ""
    candidate = checks[0].args.args[0].arg
    header = header_of(module, entry_point)
    if candidate != entry_point:
        header += f"\n{candidate} = {entry_point}\n"
    statements = [node for node in checks[0].body if not _is_trivial(node)]
    if not all(isinstance(node, ast.Assert) for node in statements):
        definitions = "\n\n".join(ast.unparse(node) for node in body if not isinstance(node, ast.Expr))
        return f"{header}\n\n{definitions}\n\n\ndef test_all():\n    check({candidate})\n"
    return tests_of_assertions(header, [ast.unparse(node) for node in statements])


def tests_of_assertions(header: str, assertions: list[str]) -> str:
    """Return a pytest module with one test for each assertion; "" for none."""
    indented = ["    " + one.strip().replace("\n", "\n    ") for one in assertions]
    tests = [f"def test_{number}():\n{one}\n" for number, one in enumerate(indented, 1)]
    return "\n\n".join([header, *tests]) if tests else ""


def header_of(module: str, entry_point: str) -> str:
    """Return the imports of a test module; private names come by name alone."""
    name = module.removesuffix(".py").replace("/", ".")
    return f"from {name} import *\nfrom {name} import {entry_point}\n"


def _is_trivial(node: ast.stmt) -> bool:
    """Tell whether a statement checks nothing: `assert True`, or a string."""
    value = node.test if isinstance(node, ast.Assert) else node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant)
