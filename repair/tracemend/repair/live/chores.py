"""What a live project does while nobody waits: small pieces of work, each of which can be broken off.

In this order: lines of failing tests are recorded, for suspects; the second process of the runner is started; files
that tests touch are parsed; the footprints of tests that ran together are measured apart; what is known is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracemend.repair.live.events import Localized
from tracemend.repair.live.model import Model, has_run
from tracemend.repair.live.zygotes import Zygotes
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.settings import Limits

BATCH = 24
MOST_FAILING = 16
COSTLY_S, COSTLY_FACTOR = 0.3, 3.0
GENEROUS = Limits(60.0, 60.0)


class Chores:
    """Finds the next piece of work and does it."""

    def __init__(
        self, model: Model, zygotes: Zygotes, save: Callable[[], None], is_broken_off: Callable[[], bool]
    ) -> None:
        self._model = model
        self._zygotes = zygotes
        self._save = save
        self._is_broken_off = is_broken_off
        self._given_up: set[str] = set()  # Tests that could not be measured apart.
        self._parsed_at = -1
        self.lines: dict[
            str, tuple[int, dict[str, frozenset[int]]]
        ] = {}  # Of failing tests, and when recorded.

    def start_anew(self) -> None:
        """A new runner has taken over: what could not be measured may be now."""
        self._given_up.clear()

    def step(self) -> bool:
        """Do one piece of work; return whether there was any."""
        for chore in (self._record_lines, self._warm_imports, self._parse, self._measure_apart):
            if chore():
                return True
        if self._model.is_dirty:
            self._model.is_dirty = False
            self._save()
            return True
        return False

    def _record_lines(self) -> bool:
        zygote = self._zygotes.current
        failing = list(self._tests_without_lines())[:MOST_FAILING]
        if zygote is None or not failing:
            return False
        sequence = self._model.texts.sequence
        sources = self._zygotes.sources_for(zygote)
        if sources is None:
            return False
        limits = dict.fromkeys(failing, GENEROUS)
        spectra = zygote.runner.spectra(
            failing, apart=True, sources=sources, limits=limits, is_given_up=self._is_broken_off
        )
        for test in failing:
            if spectra.result.ended != "cancelled" or test in spectra.lines:
                self.lines[test] = (sequence, dict(spectra.lines.get(test, {})))
        self._model.tell(Localized(tuple(test for test in failing if test in self.lines)))
        return True

    def _tests_without_lines(self) -> Iterator[str]:
        for test, live in list(self._model.board.results.items()):
            if live.fresh and live.result.outcome in ("failed", "error"):
                recorded = self.lines.get(test)
                if recorded is None or recorded[0] < self._model.changed_for(test):
                    yield test
            else:
                self.lines.pop(test, None)

    def _measure_apart(self) -> bool:
        zygote = self._zygotes.current
        tests = self._tests_to_measure()
        if zygote is None or not tests:
            return False
        sequence = self._model.texts.sequence
        sources = self._zygotes.sources_for(zygote)
        if sources is None:
            return False
        spectra = zygote.runner.spectra(
            tests,
            lines=False,
            apart=True,
            sources=sources,
            limits=dict.fromkeys(tests, GENEROUS),
            is_given_up=self._is_broken_off,
        )
        self._model.record(spectra, sequence, alone=True)
        for test, result in spectra.result.tests.items():
            if has_run(spectra, test):
                self._compare(result)
        if spectra.result.ended != "cancelled":
            self._given_up.update(test for test in tests if test not in spectra.result.tests)
            self._given_up.update(test for test in tests if not self._model.is_alone(test))
        return True

    def _tests_to_measure(self) -> list[str]:
        board, found = self._model.board, []
        for test, live in list(board.results.items()):
            history = board.history(test)
            if (
                live.fresh
                and not (history.needs_others or history.costly_alone)
                and test not in self._given_up
                and not self._model.is_alone(test)
            ):
                found.append(test)
                if len(found) == BATCH:
                    break
        return found

    def _compare(self, result: TestResult) -> None:
        known = self._model.board.results.get(result.test)
        if known is None or not self._model.board.note_alone(result):
            return
        together_s = known.result.seconds
        if result.seconds > together_s + COSTLY_S and result.seconds > COSTLY_FACTOR * together_s:
            self._model.board.history(result.test).costly_alone = True

    def _warm_imports(self) -> bool:
        zygote = self._zygotes.current
        if zygote is None or zygote.runner.has_warm_imports:
            return False
        try:
            zygote.runner.warm_imports()
        except RunnerError:
            return False  # The first patch that needs it says why.
        return True

    def _parse(self) -> bool:
        """Parse what a change at module level would have to look at."""
        if self._parsed_at == self._model.texts.sequence:
            return False
        waiting, seen = self._model.touched_files(), set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            if self._is_broken_off():
                return True
            facts = self._model.texts.facts(path)
            if facts is not None:
                waiting |= self._model.texts.modules.imported_by(path, facts.imports)
        self._parsed_at = self._model.texts.sequence
        return True
