"""How many tests an edit of one function runs again, and whether one was left out that it affects.

Each edit changes the body of one function of a real project, chosen by a seeded generator: an early return, an
operator, a constant, a condition, a statement left out. What the impact of the live project selects is compared with a
run of *all* tests over the edited text. A test is affected if its verdict or its behaviour differs from that on the
unchanged code, or if it entered the edited function in a run of the whole suite; one that is affected and was not
selected is missed.

    python tests/bench/live_impact.py
    python tests/bench/live_impact.py --projects toolz sqlparse --edits 40 --json impact.json
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.projects import Checkout, fetch, project_named, source_files

from tracemend.repair.live.impact import Change
from tracemend.repair.live.project import LiveProject
from tracemend.repair.runner.client import Runner, limits_for
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Project, RunnerSettings

PROJECTS = (
    "boltons",
    "cachetools",
    "humanize",
    "jinja2",
    "more-itertools",
    "semver",
    "sqlparse",
    "toolz",
    "xmltodict",
)
SETTLE_S = 600.0
RUN_S = 40.0
SEED = 20


@dataclass(frozen=True)
class Edit:
    """One function with another body."""

    path: str
    function: str
    line: int
    kind: str
    text: str


@dataclass
class Figures:
    """What was seen in one project."""

    project: str
    tests: int = 0
    edits: int = 0
    discarded: int = 0  # A run of all tests did not come to its end, or nothing changed.
    selected: list[int] = field(default_factory=list)
    affected: list[int] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    settle_s: float = 0.0

    @property
    def skipped(self) -> float:
        """The share of tests that were not run again."""
        return 1 - sum(self.selected) / max(1, self.tests * self.edits)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", nargs="*", default=PROJECTS)
    parser.add_argument("--edits", type=int, default=40, help="edits of each project")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    arguments = parser.parse_args()
    found = []
    for name in arguments.projects:
        found.append(measure(fetch(project_named(name)), arguments.edits))
        print_row(found[-1])
    edits, missed = sum(one.edits for one in found), sum(len(one.missed) for one in found)
    mean = statistics.mean(one.skipped for one in found)
    print(f"{edits} edits, {missed} missed; mean share of tests skipped {mean:.1%}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")


def measure(checkout: Checkout, count: int) -> Figures:
    """Measure `count` edits of one project."""
    figures = Figures(checkout.project.name)
    project = Project(checkout.root, checkout.python)
    live = LiveProject(project, RunnerSettings(), cache_dir=None, listener=lambda event: None, niceness=0)
    began = time.monotonic()
    live.start()
    try:
        settle(live)
        figures.settle_s = time.monotonic() - began
        with Runner.start(project) as runner:
            tests = [one.test for one in runner.collection.tests]
            figures.tests = len(tests)
            baseline = runner.spectra(tests, lines=False)
            stable = stable_tests(runner, tests, baseline.result)
            for edit in edits(checkout, count):
                compare(live, runner, edit, baseline, stable, figures)
    finally:
        live.close()
    return figures


def settle(live: LiveProject) -> None:
    """Wait until all footprints are measured that can be."""
    idle = threading.Event()
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline and not idle.wait(0.5):
        model = live._model
        waiting = live._chores._tests_to_measure()
        if model.board.results and not model.board.stale() and not waiting and live._active is None:
            return
    raise TimeoutError("the footprints were not measured in time")


def stable_tests(runner: Runner, tests: list[str], baseline: RunResult) -> set[str]:
    """Return the tests that behave alike in a second run of the same code."""
    again = runner.run(tests)
    return {test for test in tests if again.tests[test].behaviour == baseline.tests[test].behaviour}


def compare(live, runner, edit, baseline, stable, figures) -> None:
    """Apply one edit, compare what is selected with what it affects, and take it back."""
    model = live._model
    before = model.texts.text(edit.path)
    change = model.texts.update(edit.path, edit.text)
    selected = selected_by(model, change)
    model.texts.update(edit.path, before)
    tests = list(baseline.result.tests)
    full = runner.run(tests, sources={edit.path: edit.text}, limits=limits_for(baseline.result), wall_s=RUN_S)
    if full.ended != "finished" or not change.blocks:
        figures.discarded += 1
        return
    entered = {test for test, functions in baseline.functions.items() if (edit.path, edit.line) in functions}
    changed = {test for test in stable if full.tests[test].behaviour != baseline.result.tests[test].behaviour}
    affected = entered | changed
    figures.edits += 1
    figures.selected.append(len(selected & set(tests)))
    figures.affected.append(len(affected))
    for test in sorted(affected - selected):
        why = "behaves otherwise" if test in changed else "entered it"
        figures.missed.append(f"{edit.path}::{edit.function} ({edit.kind}): {test} {why}")


def selected_by(model, change: Change) -> set[str]:
    """Return the tests that the change makes stale, with those of their files that need their neighbours."""
    with model.impact_lock:
        found = model.impact.affected(change, model.texts.modules, model.texts.facts)
    files = {test.split("::")[0] for test in found if model.board.history(test).needs_others}
    return found | {test for test in model.board.results if test.split("::")[0] in files}


def edits(checkout: Checkout, count: int) -> Iterator[Edit]:
    """Yield `count` edits, each of another function as long as there are any."""
    generator = random.Random(f"{SEED} {checkout.project.name}")
    places = []
    for path in source_files(checkout):
        text = (checkout.root / path).read_text("utf-8")
        places += [(path, text, node, name) for node, name in functions_of(ast.parse(text), "")]
    generator.shuffle(places)
    made = 0
    while made < count and places:
        for path, text, node, name in places:
            found = changed_text(text, node, generator)
            if found is not None:
                kind, new_text = found
                line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                yield Edit(path, name, line, kind, new_text)
                made += 1
            if made == count:
                return


def functions_of(node: ast.AST, prefix: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Yield all functions with their qualified names."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield child, prefix + child.name
            yield from functions_of(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from functions_of(child, f"{prefix}{child.name}.")
        else:
            yield from functions_of(child, prefix)


def changed_text(text: str, function: ast.FunctionDef, generator: random.Random) -> tuple[str, str] | None:
    """Return a kind of change and the text with it, None for a function that offers nothing to change."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body or body[0].lineno == function.lineno or not text.isascii():
        return None
    choices = list(_choices(text, body))
    if not choices:
        return None
    kind, start, end, replacement = generator.choice(choices)
    new_text = text[:start] + replacement + text[end:]
    try:
        ast.parse(new_text)
    except SyntaxError:
        return None
    return kind, new_text


def _choices(text: str, body: list[ast.stmt]) -> Iterator[tuple[str, int, int, str]]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def span(node: ast.AST) -> tuple[int, int]:
        first = starts[node.lineno - 1] + node.col_offset
        return first, starts[node.end_lineno - 1] + node.end_col_offset

    first = body[0]
    start, _ = span(first)
    if not any(isinstance(node, ast.Yield | ast.YieldFrom) for one in body for node in ast.walk(one)):
        yield "early return", start, start, "return None\n" + " " * first.col_offset
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue  # That would be an edit of another function.
        if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
            yield "left out", *span(statement), "pass"
        for node in _own_nodes(statement):
            if isinstance(node, ast.If | ast.While):
                yield "condition", *span(node.test), f"not ({text[slice(*span(node.test))]})"
            elif isinstance(node, ast.Constant) and type(node.value) is int:
                yield "constant", *span(node), str(node.value + 1)
            elif isinstance(node, ast.Return) and node.value is not None:
                yield "result", *span(node.value), "None"


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, without those of functions inside it, and of f-strings."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.JoinedStr
        waiting += [one for one in ast.iter_child_nodes(node) if not isinstance(one, inner)]


def print_row(figures: Figures) -> None:
    """Print one line of the table."""
    print(
        f"{figures.project:16} {figures.tests:5} tests {figures.edits:4} edits  skipped {figures.skipped:6.1%}"
        f"  selected {statistics.mean(figures.selected or [0]):6.1f}  affected"
        f" {statistics.mean(figures.affected or [0]):6.1f}  missed {len(figures.missed)}"
        f"  discarded {figures.discarded}  settled in {figures.settle_s:.0f} s",
        flush=True,
    )
    for one in figures.missed[:12]:
        print(f"    missed: {one}")


if __name__ == "__main__":
    main()
