"""The failures that scripted models are asked about: each program of the corpus with its own bug and with planted ones.

A planted bug is a mutant of the reference solution (`plant.py`, which knows nothing of our operators) that a visible test
notices. What a model may answer wrongly is a mutant of it, too: one that passes every visible test and fails a hidden one.
Those in the very function that is broken come first, for they are the ones that are hardest to tell from the solution.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.corpus import CORPUS_DIR, read_corpus
from bench.plant import is_other_program, plants
from bench.programs import Program
from bench.scripted_answers import changed_functions

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Project

MUTANTS_TRIED = 90
WRONG_KEPT = 5
WALL_S = 3.0  # Of a run of all tests of one kind; a mutant that takes longer is not used.
HELD_OUT = re.compile(r"## Held out, second set.*?```\n(?P<names>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class AskedFailure:
    """One broken program: `buggy` is the text of its broken file, `wrong` what the visible tests allow besides."""

    key: str
    buggy: str
    wrong: tuple[str, ...]


def usable_programs() -> list[Program]:
    """Return the programs of the corpus with one broken file, without the second held-out set."""
    held_out = set(HELD_OUT.search((CORPUS_DIR / "README.md").read_text("utf-8"))["names"].split())
    return [one for one in read_corpus(CORPUS_DIR) if one.name not in held_out and len(one.fixed) == 1]


def written(folder: Path, files: Mapping[str, str]) -> Project:
    """Write the files of a program and return the project."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Project(folder.resolve(), Path(sys.executable))


class Judge:
    """The solved project with its hidden tests, warm: what is right, and what is wrong though it passes what is visible."""

    def __init__(self, folder: Path, program: Program) -> None:
        ((self.path, self.fixed),) = program.fixed.items()
        self._program = program
        self._runner = Runner.start(written(folder, {**program.visible, **program.fixed, **program.hidden}))
        tests = [one.test for one in self._runner.collection.tests]
        self._hidden = [one for one in tests if one.partition("::")[0] in program.hidden]
        self._visible = [one for one in tests if one not in self._hidden]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._runner.close()

    def is_right(self, text: str) -> bool:
        """Say whether a text of the broken file passes all tests."""
        return self._passes(self._visible, text) and self._passes(self._hidden, text)

    def failures(self, planted: int, seed: int) -> Iterator[AskedFailure]:
        """Yield the program with its own bug and with so many planted ones; the same ones for the same seed."""
        chance = random.Random(f"{self._program.name} {seed}")
        mutants = [one.apply(self.fixed) for one in plants(self.fixed)]
        chance.shuffle(mutants)
        noticed: list[str] = []
        allowed: list[str] = []
        for text in (one for one in mutants[:MUTANTS_TRIED] if is_other_program(self.fixed, one)):
            if self._fails_cleanly(text):
                noticed.append(text)
            elif self._passes(self._visible, text) and not self._passes(self._hidden, text):
                allowed.append(text)
        for number, buggy in enumerate([self._program.visible[self.path], *noticed[:planted]]):
            name = f"{self._program.name}/{number}" if number else self._program.name
            yield AskedFailure(name, buggy, tuple(self._nearest_first(buggy, allowed)[:WRONG_KEPT]))

    def _nearest_first(self, buggy: str, texts: list[str]) -> list[str]:
        fixed = parse_module("fixed.py", self.fixed)
        broken = {one.qualname for one in changed_functions(buggy, fixed)}

        def is_elsewhere(text: str) -> bool:
            return broken.isdisjoint(
                one.qualname for one in changed_functions(self.fixed, parse_module("wrong.py", text))
            )

        return sorted(texts, key=is_elsewhere)

    def _fails_cleanly(self, text: str) -> bool:
        """Say whether visible tests end and notice `text`, though not all of them."""
        run = self._runner.run(self._visible, sources={self.path: text}, wall_s=WALL_S)
        reds = sum(not one.green for one in run.tests.values())
        return run.ended == "finished" and 0 < reds < len(self._visible)

    def _passes(self, tests: list[str], text: str) -> bool:
        return self._runner.run(tests, sources={self.path: text}, fail_fast=True, wall_s=WALL_S).green
