"""What the threads of a live project share: texts, footprints, results, and who is told of changes.

The lock of the footprints orders two things: a change is compared with all footprints, and what a run recorded is
compared with all changes that came while it ran. Whichever comes second sees the other, so no change is lost.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from tracemend.repair.live import events
from tracemend.repair.live.board import Board
from tracemend.repair.live.events import LiveEvent
from tracemend.repair.live.fingerprints import MODULE_LEVEL, Fingerprints
from tracemend.repair.live.impact import Change, Footprint, Impact, file_of, footprint_of, is_test_file
from tracemend.repair.live.state import Phase
from tracemend.repair.live.store import environment_of
from tracemend.repair.live.texts import ProjectTexts, read_text
from tracemend.repair.runner.results import Collection, CollectionError, Frame, Spectra
from tracemend.repair.runner.settings import Project

KEPT_CHANGES = 500
ENVIRONMENT = "site-packages"  # Stands among the project's files for what is installed.


class Model:
    """Everything that is known of the project and its tests."""

    def __init__(self, project: Project, listener: Callable[[LiveEvent], None]) -> None:
        self.project = project
        self.texts = ProjectTexts(project.root)
        self.board = Board()
        self.impact = Impact()
        self.impact_lock = threading.Lock()
        self.is_dirty = False  # Something is known that is not saved yet.
        self._environment = environment_of(project)
        self._listener = listener
        self._telling = threading.Lock()
        self.restored_blocks: dict[str, dict[str, str]] = {}  # Of files not parsed since.
        self._changes: deque[tuple[int, Change]] = deque(maxlen=KEPT_CHANGES)
        self.broken: frozenset[str] = frozenset()  # Files that do not parse.
        self._restructured: dict[str, int] = {}  # Test files -> when their tests may last have become others.

    def tell(self, event: LiveEvent) -> None:
        """Tell the listener, one event after the other."""
        with self._telling:
            self._listener(event)

    def set_phase(self, phase: Phase, message: str = "") -> None:
        """Set the phase, and tell of it if it is another one."""
        if self.board.set_phase(phase, message):
            self.tell(events.PhaseChanged(phase, message))

    def update(self, path: str, text: str | None) -> None:
        """Take over what a file holds now, or all files of a folder, and mark the results that this makes stale."""
        if not path.endswith(".py"):
            for one in self.texts.below(path):
                self._update_file(one, read_text(self.texts.root / one) if one.endswith(".py") else None)
        self._update_file(path, text)

    def update_environment(self) -> None:
        """Mark all results stale where something was installed since this was last asked."""
        before, self._environment = self._environment, environment_of(self.project)
        if before != self._environment:
            self.apply(self.texts.note(ENVIRONMENT))

    def _update_file(self, path: str, text: str | None) -> None:
        before = self.texts.sequence
        change = self.texts.update(path, text)
        if self.texts.sequence != before:
            self.apply(change)

    def apply(self, change: Change) -> None:
        """Mark the results that `change` makes stale."""
        sequence = self.texts.sequence
        if change.is_python and (MODULE_LEVEL in change.blocks or change.changes_kinds):
            self._restructured[change.path] = sequence
        with self.impact_lock:
            self._changes.append((sequence, change))
            affected = self.impact.affected(change, self.texts.modules, self.texts.facts)
            stale = self.board.mark_stale(affected, sequence)
        self.is_dirty = True
        if stale:
            self.tell(events.Stale(tuple(stale)))

    def record(self, spectra: Spectra, sequence: int, *, alone: bool) -> None:
        """Take in what tests executed in a run that began when `sequence` was the number of the last change."""
        facts = self._facts_for(spectra, sequence)
        with self.impact_lock:
            for test, functions in spectra.functions.items():
                if not has_run(spectra, test):
                    self.impact.put(test, Footprint(frozenset(), alone=False))
                    continue
                known = all(path in facts or not path.endswith(".py") for path, _ in functions)
                footprint = footprint_of(
                    functions, facts, alone=alone and known, processes=test in spectra.processes
                )
                self.impact.put(test, footprint)
            later = [(at, change) for at, change in self._changes if at > sequence]
            for at, change in later:
                affected = self.impact.affected(change, self.texts.modules, self.texts.facts)
                self.board.mark_stale(affected & spectra.functions.keys(), at)
        self.is_dirty = True

    def collected(self, collection: Collection, sequence: int) -> None:
        """Take over what a runner collected that was launched at change `sequence`; tests unknown to it are no more."""
        edited = set(
            self.restructured_since(sequence)
        )  # While the runner warmed up: it does not know their tests.
        collection = self._without(edited, collection)
        here = {one.test for one in collection.tests}
        broken = {error.path for error in collection.errors}
        gone = [
            test
            for test in self.board.results
            if test not in here and not any(is_within(file_of(test), path) for path in broken | edited)
        ]
        with self.impact_lock:
            self.impact.collected = frozenset(self._blocks_at(collection.executed))
            self.impact.sees_generators_called = _sees_generators_called(collection.python)
            self.impact.drop(gone)
        self.board.drop(gone)
        self.board.collect(collection)
        not_parsed = {path: error for path, error in self.board.errors.items() if path in self.broken}
        self.set_errors({**{error.path: error for error in collection.errors}, **not_parsed})
        self.tell(events.Warmed(collection))

    def set_errors(self, errors: Mapping[str, CollectionError]) -> None:
        """Set which files cannot be collected, and tell of it if they are others.

        A file that cannot be for the sake of one that does not parse is not worth a word of its own.
        """
        errors = {path: one for path, one in errors.items() if path in self.broken or not self._is_told(one)}
        if self.board.set_errors(errors):
            self.tell(events.CollectionChanged(tuple(errors.values())))

    def blocked_tests(self) -> set[str]:
        """Return the tests that reach a file which does not parse, and tell of such files.

        Running them would only say the same once for each test. A Python newer than this one may read more: then the
        tests themselves have to say it.
        """
        problems = dict(self._syntax_problems()) if self._reads_like_the_project() else {}
        errors = {path: one for path, one in self.board.errors.items() if path not in self.broken}
        self.broken = frozenset(problems)
        self.set_errors({**errors, **problems})
        if not problems:
            return set()
        with self.impact_lock:
            return self.impact.reaching(problems.keys(), self.texts.modules, self.texts.facts)

    def restructured_since(self, sequence: int) -> list[str]:
        """Return the test files whose tests may have become others after `sequence`."""
        with_tests = {file_of(test) for test in self.board.results}
        return [
            path
            for path, at in list(self._restructured.items())
            if at > sequence
            and (path in with_tests or is_test_file(path))
            and self.texts.text(path) is not None
        ]

    def changed_for(self, test: str) -> int:
        """Return the sequence number of the last change that affects `test`."""
        return self.board.changed_for(test)

    def is_alone(self, test: str) -> bool:
        """Say whether the footprint of `test` was measured alone."""
        with self.impact_lock:
            return self.impact.is_alone(test)

    def touched_files(self) -> set[str]:
        """Return the files that tests touch."""
        with self.impact_lock:
            return self.impact.files()

    def footprint(self, test: str) -> Footprint | None:
        """Return what `test` executed last."""
        with self.impact_lock:
            return self.impact.footprint(test)

    def _without(self, edited: set[str], collection: Collection) -> Collection:
        """Return `collection` with what was known before of the tests in the `edited` files."""
        if not edited or self.board.collected is None:
            return collection
        known = [one for one in self.board.collected.tests if file_of(one.test) in edited]
        others = [one for one in collection.tests if file_of(one.test) not in edited]
        return replace(collection, tests=(*others, *known))

    def _syntax_problems(self) -> Iterator[tuple[str, CollectionError]]:
        """Yield the files that tests touch, changed in this session, that do not parse."""
        touched = self.touched_files()
        for path in self.texts.changed_since(0):
            facts = self.texts.facts(path) if path in touched or is_test_file(path) else None
            if facts is not None and facts.problem is not None:
                frame = Frame(path, facts.problem.line, "<module>", True)
                yield path, CollectionError(path, "SyntaxError", facts.problem.message, (frame,))

    def _is_told(self, error: CollectionError) -> bool:
        """Say whether a file cannot be collected for the sake of another one that is told of already."""
        return bool(error.frames) and error.frames[-1].path in self.broken

    def _reads_like_the_project(self) -> bool:
        collected = self.board.collected
        version = collected.python.split(".")[:2] if collected else []
        return not version or tuple(map(int, version)) <= sys.version_info[:2]

    def _facts_for(self, spectra: Spectra, sequence: int) -> dict[str, Fingerprints | None]:
        """Return the fingerprints of what was executed, but for files that have changed since."""
        paths = {path for functions in spectra.functions.values() for path, _ in functions}
        return {
            path: self.texts.facts(path)
            for path in paths
            if self.texts.changed_at(path) <= sequence and self.texts.text(path) is not None
        }

    def _blocks_at(self, places: Iterable[tuple[str, int]]) -> Iterable[tuple[str, str]]:
        for path, line in places:
            facts = self.texts.facts(path)
            for name in facts.blocks_at(line) if facts else (MODULE_LEVEL,):
                yield path, name


def _sees_generators_called(python: str) -> bool:
    """Say whether calling a generator function is recorded; `sys.monitoring` sees only that it begins to run."""
    return tuple(int(part) for part in python.split(".")[:2]) < (3, 12)


def has_run(spectra: Spectra, test: str) -> bool:
    """Say whether `test` came to execute anything, rather than being red because it could not be collected."""
    result = spectra.result.tests.get(test)
    return result is None or result.green or bool(spectra.functions.get(test))


def is_within(path: str, folder: str) -> bool:
    """Say whether `path` is `folder` or stands in it."""
    return path == folder or path.startswith(f"{folder}/") or folder in ("", ".")
