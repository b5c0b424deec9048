"""The results of all tests, and which of them still hold.

A result holds ("fresh") while nothing that may affect it has changed since the run that it comes from began; runs and
changes are numbered alike, by the sequence of updates, so that what changed during a run is never lost. All methods may be
called from any thread, and none takes long.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Concatenate, ParamSpec, TypeVar

from tracemend.repair.live.impact import file_of
from tracemend.repair.live.state import LiveResult, LiveState, Phase
from tracemend.repair.runner.results import Collection as Collected
from tracemend.repair.runner.results import CollectionError, TestResult

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

CHANGED_ON_EQUAL_CODE = "it passed and failed on the same code"
NEEDS_OTHERS = "it passes after the other tests but fails when it runs alone"
SPOILT_BY_OTHERS = "it fails after the other tests but passes when it runs alone"


def _locked(
    method: Callable[Concatenate[Board, Arguments], Result],
) -> Callable[Concatenate[Board, Arguments], Result]:
    """Let one thread at a time into the methods of a board."""

    @functools.wraps(method)
    def locked(self: Board, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with self.lock:
            return method(self, *args, **kwargs)

    return locked  # type: ignore[return-value]  # mypy sees the wrapper, not the method it becomes.


@dataclass(slots=True)
class History:
    """What experience with a test says about when and how to run it."""

    kills: int = 0  # How often it turned red.
    agrees_alone: bool = False  # It has had the same verdict alone and among others.
    needs_others: bool = False  # Red alone and green among the others: run it with its file.
    costly_alone: bool = False  # Its fixtures take long and are shared with others.

    @property
    def can_run_alone(self) -> bool:
        """True where experience says that a process of its own does the test no harm."""
        return self.agrees_alone and not (self.needs_others or self.costly_alone)


class Board:
    """What is known of every test."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.results: dict[str, LiveResult] = {}
        self.histories: dict[str, History] = {}
        self.ignored: set[str] = set()
        self.errors: dict[str, CollectionError] = {}
        self.collected: Collected | None = None
        self.phase: Phase = "starting"
        self.message = ""
        self.run = 0
        self.running: set[str] = set()
        self._stale_at: dict[str, int] = {}  # The sequence number of the last change that affects a test.
        self._ran_alone: dict[str, bool] = {}
        self._state: LiveState | None = None

    @_locked
    def state(self) -> LiveState:
        """Return all of it as one immutable value; the same one until something changes."""
        if self._state is None:
            collected = self.collected
            self._state = LiveState(
                self.phase,
                self.message,
                MappingProxyType(dict(self.results)),
                collected.tests if collected else (),
                tuple(self.errors.values()),
                frozenset(self.running),
                self.run,
                collected.containment if collected else None,
                collected.python if collected else "",
            )
        return self._state

    @_locked
    def mark_stale(self, tests: Iterable[str], sequence: int) -> list[str]:
        """Note that change number `sequence` affects `tests`; return those whose result held until now."""
        changed = []
        for test in tests:
            self._stale_at[test] = max(sequence, self._stale_at.get(test, 0))
            known = self.results.get(test)
            if known is not None and known.fresh:
                self.results[test] = replace(known, fresh=False)
                changed.append(test)
        self._state = None
        return sorted(changed)

    @_locked
    def put(self, result: TestResult, *, run: int, sequence: int, alone: bool) -> LiveResult:
        """Take in the result of a run that began when `sequence` was the number of the last change."""
        test = result.test
        before, history = self.results.get(test), self.history(test)
        if not result.green and (before is None or before.result.green):
            history.kills += 1
        flaky = before.flaky if before else ""
        if before is not None and before.fresh and before.result.green != result.green:
            flaky = self._explain_change(before, alone)
        fresh = self._stale_at.get(test, 0) <= sequence
        found = LiveResult(result, fresh, run, flaky, test in self.ignored)
        self.results[test] = found
        self._ran_alone[test] = alone
        self.running.discard(test)
        self.errors.pop(file_of(test), None)
        self._state = None
        return found

    @_locked
    def note_alone(self, result: TestResult) -> bool:
        """Compare what a test does alone with its result among others; return whether they agree."""
        known = self.results.get(result.test)
        if known is None or known.result.green == result.green:
            self.history(result.test).agrees_alone = True
            return True
        if known.result.green:
            self.history(result.test).needs_others = True
        reason = NEEDS_OTHERS if known.result.green else SPOILT_BY_OTHERS
        self.results[result.test] = replace(known, flaky=known.flaky or reason)
        self._state = None
        return False

    def history(self, test: str) -> History:
        """Return what experience says of `test`."""
        return self.histories.setdefault(test, History())

    @_locked
    def changed_for(self, test: str) -> int:
        """Return the sequence number of the last change that affects `test`."""
        return self._stale_at.get(test, 0)

    @_locked
    def stale(self) -> set[str]:
        """Return the tests whose result does not hold, with the collected ones that have none."""
        found = {test for test, one in self.results.items() if not one.fresh}
        if self.collected is not None:
            found |= {one.test for one in self.collected.tests if one.test not in self.results}
        return found

    @_locked
    def ordered(self, tests: Collection[str]) -> list[str]:
        """Return `tests` in the order in which they tell most soonest: red ones, those that often are, quick ones."""

        def key(test: str) -> tuple[bool, int, float]:
            known = self.results.get(test)
            red = known is not None and not known.result.green
            return not red, -self.history(test).kills, known.result.seconds if known else 0.0

        return sorted(tests, key=key)  # Stable, so that what is alike stays in the order of collection.

    @_locked
    def collect(self, collected: Collected) -> None:
        """Take over what a new runner collected."""
        self.collected = collected
        self._state = None

    @_locked
    def start_run(self, number: int, tests: Iterable[str]) -> None:
        """Run `number` begins; what an earlier one left undone is no longer running."""
        self.run = number
        self.running = set(tests)
        self._state = None

    @_locked
    def drop(self, tests: Iterable[str]) -> None:
        """Forget tests that are no more."""
        for test in tests:
            for table in (self.results, self.histories, self._stale_at, self._ran_alone):
                table.pop(test, None)
            self.running.discard(test)
        self._state = None

    @_locked
    def ignore(self, test: str, wanted: bool) -> None:
        """Show, or no longer show, a test as one to be ignored."""
        (self.ignored.add if wanted else self.ignored.discard)(test)
        if test in self.results:
            self.results[test] = replace(self.results[test], ignored=wanted)
        self._state = None

    @_locked
    def set_phase(self, phase: Phase, message: str = "") -> bool:
        """Set the phase; return whether that is news."""
        news = (self.phase, self.message) != (phase, message)
        self.phase, self.message = phase, message
        self._state = None
        return news

    @_locked
    def set_errors(self, errors: Mapping[str, CollectionError]) -> bool:
        """Set which files cannot be collected; return whether that is news."""
        news = self.errors != dict(errors)
        self.errors = dict(errors)
        self._state = None
        return news

    def _explain_change(self, before: LiveResult, alone: bool) -> str:
        """Say how one test could have two verdicts while nothing that it executes changed."""
        if self._ran_alone.get(before.result.test, alone) == alone:
            return CHANGED_ON_EQUAL_CODE
        return NEEDS_OTHERS if before.result.green == alone else SPOILT_BY_OTHERS
