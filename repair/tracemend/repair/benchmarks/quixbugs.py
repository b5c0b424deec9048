"""QuixBugs (Lin, Koppel, Chen and Solar-Lezama, SPLASH 2017 companion): a checkout, one broken program a file.

A program is judged by its own pytest file where the checkout has one, else by the lines of its table of cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .tasks import HIDDEN_TESTS, VISIBLE_TESTS, BadTask, BenchTask, Visible, header_of, tests_of_assertions

VISIBLE_SHARE = 0.5  # Of the cases of a table, where not all are shown.
_HELPERS = ("conftest.py", "python_testcases/load_testdata.py", "python_testcases/node.py")


def read_quixbugs(root: Path, visible: Visible) -> Iterator[BenchTask]:
    """Yield the programs of a checkout that have tests."""
    programs = sorted((root / "python_programs").glob("*.py"))
    if not programs:
        raise BadTask(f"{root} holds no python_programs/*.py; give a checkout of QuixBugs.")
    for path in programs:
        table = root / "json_testcases" / f"{path.stem}.json"
        written = root / "python_testcases" / f"test_{path.stem}.py"
        if written.exists():
            yield _with_own_tests(root, path, written, table, visible)
        elif table.exists():
            yield _with_table(root, path, table, visible)


def _with_own_tests(root: Path, path: Path, written: Path, table: Path, visible: Visible) -> BenchTask:
    """Take the tests of the repository; those that read a table see a share of its lines."""
    module = path.relative_to(root).as_posix()
    tests = {written.relative_to(root).as_posix(): _text(written)}
    cases = {table.relative_to(root).as_posix(): _text(table)} if table.exists() else {}
    seen = cases if visible == "tests" else {name: _share(text) for name, text in cases.items()}
    helpers = {name: _text(root / name) for name in _HELPERS if (root / name).exists()}
    return BenchTask(path.stem, "quixbugs", module, _text(path), tests | seen, tests | cases, helpers=helpers)


def _with_table(root: Path, path: Path, table: Path, visible: Visible) -> BenchTask:
    """Make tests of the lines [arguments, result] of a table."""
    module = path.relative_to(root).as_posix()
    header = header_of(module, path.stem)
    lines = [line for line in _text(table).splitlines() if line.strip()]
    shown = lines if visible == "tests" else _share(_text(table)).splitlines()
    full, seen = ([_assertion(path.stem, line, table) for line in some] for some in (lines, shown))
    return BenchTask(
        id=path.stem,
        group="quixbugs",
        module=module,
        program=_text(path),
        visible={VISIBLE_TESTS: tests_of_assertions(header, seen)},
        hidden={HIDDEN_TESTS: tests_of_assertions(header, full)},
        entry_point=path.stem,
    )


def _assertion(function: str, line: str, table: Path) -> str:
    """Return one case as an assertion; some programs are generators, of which the values count."""
    try:
        arguments, expected = json.loads(line)
    except (ValueError, TypeError) as error:
        raise BadTask(f"{table.name}: {line[:60]!r} is no pair of arguments and result.") from error
    given: list[Any] = arguments if isinstance(arguments, list) else [arguments]
    call = f"{function}({', '.join(repr(one) for one in given)})"
    return f"assert {f'list({call})' if isinstance(expected, list) else call} == {expected!r}"


def _share(table: str) -> str:
    """Return a share of the lines of a table, at least one, chosen by a hash and in their order."""
    lines = [line for line in table.splitlines() if line.strip()]
    ranked = sorted(lines, key=lambda line: blake2b(line.encode(), digest_size=8).digest())
    kept = set(ranked[: max(1, round(VISIBLE_SHARE * len(lines)))])
    return "".join(f"{line}\n" for line in lines if line in kept)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadTask(f"{path} cannot be read: {error}.") from error
