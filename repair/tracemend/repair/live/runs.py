"""One run: which tests, in which order and process, and taking in what comes of it.

A few tests run apart from each other, each in a fork of its own, which also measures their footprints; many share a
process, as pytest does it, and their footprints are measured apart later (`chores`). A test that needs its
neighbours to have run is run with its whole file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tracemend.repair.baseline import patient
from tracemend.repair.live import events
from tracemend.repair.live.impact import file_of
from tracemend.repair.live.model import Model, is_within
from tracemend.repair.live.zygotes import Zygote, Zygotes
from tracemend.repair.runner.attempt import REFUSED
from tracemend.repair.runner.client import limits_for
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import CollectionError, Ended, Failure, RunResult, Spectra, TestResult
from tracemend.repair.runner.settings import Limits

MOST_APART = 24  # More tests than that share a process, because a fork takes milliseconds.
MOST_TRIES = 3
# What a test does for the first time in its process (imports, caches) is not in the time that it took among others.
APART_FLOOR = Limits(wall_s=10.0, cpu_s=4.0)
PATIENT = Limits(wall_s=240.0, cpu_s=60.0)


@dataclass(slots=True)
class Plan:
    """What a run is asked for. `automatic`: everything stale; `wanted`: these tests, whatever holds (None: all)."""

    number: int
    automatic: bool
    wanted: frozenset[str] | None
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: set[str] = field(default_factory=set)

    def take_over(self, older: Plan) -> None:
        """Ask for what `older` was asked for and has not done, too."""
        self.automatic |= older.automatic
        if older.wanted is None:
            self.wanted = None
        elif self.wanted is not None:
            self.wanted |= older.wanted - older.done


class Run:
    """Carries out one plan."""

    def __init__(self, model: Model, zygotes: Zygotes, plan: Plan) -> None:
        self._model = model
        self._zygotes = zygotes
        self._plan = plan
        self._doubted: dict[
            str, TestResult
        ] = {}  # Crashed, or out of the time of tests of which no time is known.
        self._needs_new_runner = False
        self._sequence = 0
        self._alone = False

    def carry_out(self) -> Ended:
        """Run, and tell of it; raises `RunnerError` where nothing can be run."""
        began = time.monotonic()
        zygote, sources = self._ready()
        blocked = self._model.blocked_tests()
        files = self._files_to_collect(zygote) if sources else []
        broken = {error.path for error in zygote.runner.collection.errors} - set(files)
        tests = [
            test
            for test in self._model.board.ordered(self._tests(files))
            if test not in blocked and not any(is_within(file_of(test), path) for path in broken)
        ]
        self._model.board.start_run(self._plan.number, tests)
        self._model.tell(events.RunStarted(self._plan.number, tuple(tests)))
        ended: Ended = "finished"
        try:
            if files:
                ended = self._run_files(zygote, sources, files)
            if ended == "finished":
                ended = self._run_tests([test for test in tests if file_of(test) not in files])
            if ended == "finished" and self._doubted:
                ended = self._run_again()
        finally:
            self._model.board.start_run(self._plan.number, ())
            uncollected = self._model.board.errors.keys() - self._model.broken
            if self._needs_new_runner or self._zygotes.is_worn or uncollected:
                self._zygotes.warm_next()
            self._model.tell(events.RunDone(self._plan.number, ended, time.monotonic() - began))
        return ended

    def _ready(self) -> tuple[Zygote, Mapping[str, str]]:
        sequence = self._model.texts.sequence
        zygote, sources, is_new = self._zygotes.ready()
        if is_new:
            self._model.collected(zygote.runner.collection, zygote.sequence)
        self._sequence = sequence
        return zygote, sources

    def _tests(self, files: Collection[str]) -> list[str]:
        """Return the tests to run, in the order of collection, those in `files` included."""
        board, wanted = self._model.board, self._plan.wanted
        collected = board.state().tests
        known = [one.test for one in collected] or list(board.results)
        listed = set(known)
        known += [test for test in board.results if test not in listed]
        if wanted is None:
            self._plan.wanted = frozenset(known)
            return known
        chosen = set(wanted) | (board.stale() if self._plan.automatic else set())
        with_file = {file_of(test) for test in chosen if board.history(test).needs_others} | set(files)
        return [test for test in known if test in chosen or file_of(test) in with_file]

    def _files_to_collect(self, zygote: Zygote) -> list[str]:
        """Return the test files to be collected anew, from the texts of the moment.

        Those with stale tests, or none yet, whose tests may have become others, or that `zygote` could not collect.
        """
        collection = zygote.runner.collection
        here = {one.test for one in collection.tests}
        stale = self._model.board.stale()
        files = {file_of(test) for test in stale - here}
        known = {file_of(test) for test in self._model.board.results}
        changed = self._model.restructured_since(zygote.sequence)
        files.update(
            path for path in changed if path not in known or any(file_of(test) == path for test in stale)
        )
        files.update(error.path for error in collection.errors if error.path.endswith(".py"))
        return sorted(path for path in files if path not in self._model.broken)

    def _run_files(self, zygote: Zygote, sources: Mapping[str, str], files: Sequence[str]) -> Ended:
        """Run whatever tests there are in `files` now."""
        self._needs_new_runner, self._alone = True, False
        before = {test for test in self._model.board.results if file_of(test) in files}
        spectra = zygote.runner.spectra_of_files(
            files, sources=sources, on_result=self._on_result, is_given_up=self._plan.cancelled.is_set
        )
        self._model.record(spectra, self._sequence, alone=False)
        if spectra.result.ended == "finished":
            gone = before - spectra.result.tests.keys()
            if not any(test in files for test in spectra.result.tests):
                self._model.board.drop(gone)
        return self._checked(spectra)

    def _run_tests(self, tests: Sequence[str]) -> Ended:
        """Run `tests`: those that may need others, or whose fixtures are costly, in one process."""
        histories = self._model.board.history
        if len(tests) > MOST_APART:
            return self._run_together(tests)
        files = {file_of(test) for test in tests if histories(test).needs_others}
        apart = [test for test in tests if histories(test).can_run_alone and file_of(test) not in files]
        ended = self._run_group(apart, alone=True)
        if ended == "finished":
            ended = self._run_together([test for test in tests if test not in apart])
        return ended

    def _run_together(self, tests: Sequence[str]) -> Ended:
        """Run `tests` in one process, the files in the order of their first test, each in its own order."""
        files = list(dict.fromkeys(file_of(test) for test in tests))
        place = {one.test: at for at, one in enumerate(self._model.board.state().tests)}
        ordered = sorted(tests, key=lambda test: (files.index(file_of(test)), place.get(test, len(place))))
        return self._run_group(ordered, alone=False)

    def _run_group(self, tests: Sequence[str], *, alone: bool) -> Ended:
        """Run `tests`; if the runner dies, go on with another one."""
        left = list(tests)
        ended: Ended = "finished"
        for _ in range(MOST_TRIES):
            if not left or self._plan.cancelled.is_set():
                return "cancelled" if left else ended
            zygote, sources = self._ready()
            self._alone = alone
            spectra = zygote.runner.spectra(
                left,
                lines=False,
                apart=alone,
                sources=sources,
                limits=self._limits(left, alone),
                on_result=self._on_result,
                is_given_up=self._plan.cancelled.is_set,
            )
            self._model.record(spectra, self._sequence, alone=alone)
            self._needs_new_runner |= spectra.result.route == "reload"
            ended = self._checked(spectra)
            if ended != "crashed":
                return ended
            left = [test for test in left if test not in spectra.result.tests]
            self._zygotes.discard()
        raise RunnerError("the process that runs the tests died again and again; run `tracemend doctor`")

    def _checked(self, spectra: Spectra) -> Ended:
        result = spectra.result
        if result.ended == "crashed" and result.problem.startswith(REFUSED):
            raise RunnerError(result.problem)
        return result.ended

    def _run_again(self) -> Ended:
        """Run the tests in which the process died once more: something else may have killed it.

        So it is with those that ran out of time the first time ever: while they are watched, or the machine is busy, tests
        that are only slow do. They get the time that a hung one gets when nobody knows better.
        """
        doubted, self._doubted = self._doubted, {}
        zygote, sources = self._ready()
        limits = self._limits(list(doubted), True)
        slow = [test for test, result in doubted.items() if result.outcome == "timeout"]
        limits.update(dict.fromkeys(slow, PATIENT))
        self._alone = True
        spectra = zygote.runner.spectra(
            list(doubted),
            lines=False,
            apart=True,
            sources=sources,
            limits=limits,
            is_given_up=self._plan.cancelled.is_set,
        )
        self._model.record(spectra, self._sequence, alone=True)
        for test, result in doubted.items():
            if test in spectra.result.tests or spectra.result.ended != "cancelled":
                self._take(spectra.result.tests.get(test, result))
        return spectra.result.ended

    def _limits(self, tests: Sequence[str], alone: bool) -> dict[str, Limits]:
        known = {
            test: self._model.board.results[test].result
            for test in tests
            if test in self._model.board.results
        }
        limits = limits_for(RunResult(known, "finished"))
        if not alone:
            return limits
        return {test: at_least(one, APART_FLOOR) for test, one in patient(limits).items()}

    def _on_result(self, result: TestResult) -> None:
        is_unknown = result.test not in self._model.board.results
        if result.outcome == "crashed" or (result.outcome == "timeout" and is_unknown):
            self._doubted[result.test] = result
        else:
            self._take(result)

    def _take(self, result: TestResult) -> None:
        """Take in one result: a verdict, a file that cannot be collected, or a test that is no more."""
        board, failure = self._model.board, result.failure
        if "::" not in result.test:
            error = CollectionError(
                result.test,
                failure.exception if failure else "",
                failure.message if failure else "",
                failure.frames if failure else (),
                failure.text if failure else "",
            )
            self._model.set_errors({**board.errors, result.test: error})
            return
        if failure is not None and _is_gone(failure):
            board.drop([result.test])
            return
        errors = {path: error for path, error in board.errors.items() if path != file_of(result.test)}
        self._model.set_errors(errors)
        self._plan.done.add(result.test)
        live = board.put(result, run=self._plan.number, sequence=self._sequence, alone=self._alone)
        self._model.tell(events.TestDone(self._plan.number, result, live.fresh))


def _is_gone(failure: Failure) -> bool:
    """Tell a test that pytest no longer collects by what the runner says in its place."""
    return failure.exception == "LookupError" and failure.message == "pytest does not collect this test"


def at_least(limits: Limits, floor: Limits) -> Limits:
    """Return `limits`, none of them below `floor`."""
    return Limits(max(limits.wall_s, floor.wall_s), max(limits.cpu_s, floor.cpu_s))
