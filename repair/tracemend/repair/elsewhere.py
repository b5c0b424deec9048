"""The tests of the project that nobody named: they have a say in a patch too, within limits.

Who names a test may have an hour of others, so the search does without them. But a patch that breaks some of them is
none, and the neighbours in one file see less of what a function is for than its callers' tests do. So what is proven on
the selection is run once against the rest, those first that speak of the patched modules, as long as `RUN_S` allows.
Lines are recorded on the way, for only a test that executes what the patch wrote is a witness of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import PurePosixPath

from tracemend.analysis.syntax.module import header_end_line, parse_module
from tracemend.repair.crew import Crew
from tracemend.repair.patch import FileChange, Patch
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import RunResult

START_S = 20.0
RUN_S = 20.0
MOST_REPEATED = 20
_RED = ("failed", "error")  # What hangs or dies may do so for the sake of tests that ran before it.


@dataclass(frozen=True, slots=True)
class Say:
    """What the other tests say of a patch: how many passed with it, and which pass without it and fail with it.

    `witnesses` is how many of those that passed execute what the patch wrote.
    """

    passed: int = 0
    witnesses: int = 0
    seconds: float = 0.0
    broken: tuple[str, ...] = ()


class Elsewhere:
    """The tests beyond `selected`. Nothing is started before the first question."""

    def __init__(self, crew: Crew, selected: Collection[str]) -> None:
        self._crew = crew
        self._selected = frozenset(selected)

    def say(self, patch: Patch) -> Say:
        """Run the others over the patched sources; nothing is said where they cannot be run.

        What fails is run without the patch and then with it again: only a test that changes its verdict both times speaks.
        """
        runner, sources = self._runner, patch.sources
        others = self._others(runner, sources) if runner is not None else []
        if runner is None or not others:
            return Say()
        spectra = runner.spectra(others, sources=sources, wall_s=RUN_S)
        found = spectra.result
        passed = [test for test, one in found.tests.items() if one.outcome == "passed"]
        edited = {change.path: _edited_lines(change) for change in patch.changes}
        witnesses = sum(_executes(spectra.lines.get(test, {}), edited) for test in passed)
        without = runner.run(_red(found), wall_s=RUN_S) if _red(found) else found
        lost = [
            test for test in _red(found) if test in without.tests and without.tests[test].outcome == "passed"
        ]
        again = runner.run(lost[:MOST_REPEATED], sources=sources, wall_s=RUN_S) if lost else found
        return Say(len(passed), witnesses, found.seconds, tuple(_red(again)) if lost else ())

    @cached_property
    def _runner(self) -> Runner | None:
        """One that has collected the whole project; None where that takes too long or fails."""
        settings = replace(self._crew.settings, startup_s=min(START_S, self._crew.settings.startup_s))
        with suppress(RunnerError):
            return self._crew.start_apart(replace(self._crew.project, selection=()), settings)
        return None

    def _others(self, runner: Runner, sources: Mapping[str, str]) -> list[str]:
        """Return the tests beyond the selection; first come the files that name a patched module."""
        stems = {PurePosixPath(path).stem for path in sources}
        others = [one for one in runner.collection.tests if one.test not in self._selected]
        texts = {path: self._text(path) for path in {one.path for one in others}}
        near = {path for path, text in texts.items() if any(stem in text for stem in stems)}
        return [one.test for one in sorted(others, key=lambda one: one.path not in near)]

    def _text(self, path: str) -> str:
        with suppress(OSError):
            return (self._crew.project.root / path).read_text("utf-8", "replace")
        return ""


def _red(result: RunResult) -> Sequence[str]:
    return [test for test, one in result.tests.items() if one.outcome in _RED]


def _executes(executed: Mapping[str, frozenset[int]], lines: Mapping[str, frozenset[int]]) -> bool:
    return any(not lines[path].isdisjoint(executed.get(path, ())) for path in lines)


def _edited_lines(change: FileChange) -> frozenset[int]:
    """Return the 1-based lines of the new statements that the change touches: where it only deletes, of what follows."""
    old, new = change.old.split("\n"), change.new.split("\n")
    module = parse_module(change.path, change.new)
    lines: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line in range(start + 1, max(end, start + 1) + 1) if tag != "equal" else ():
            for one in module.statements_at(line):
                lines.update(range(one.lineno, header_end_line(one) + 1))
    return frozenset(lines)
