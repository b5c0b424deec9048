"""The search for one failure: runners in parallel, the failing test first, the first red test ends a candidate.

A candidate is *plausible* (the field's word) when the target test is green and no impacted passing test is red. The
search does not stop at the first plausible patch: others about as cheap are collected too, because tests are an
imperfect judge and the right patch is often among the first few (`judge`).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tracemend.analysis.syntax.module import Module, header_end_line
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import RunResult, Spectra, TestResult
from tracemend.repair.runner.settings import Limits
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.frontier import Effect, Frontier
from tracemend.repair.search.patience import Patience

# After the first plausible patch the search goes on for as many candidates and seconds as this, whichever takes longer,
EXTENSION_CANDIDATES, EXTENSION_S = 120, 1.5
EXTENSION_CAP_S = 8.0  # but no longer than this,
SLACK_BITS = 3.0  # and not for candidates this much dearer than the first plausible one.
# A patch that mends only a part of a group is likely to treat a symptom: look further for one that mends all of it.
PARTIAL_PATIENCE, PARTIAL_SLACK_BITS = 6.0, 4.5
MAX_PLAUSIBLE = 24
FURTHER_SCORE = 0.2  # Suspiciousness of what only a test executes that a candidate broke.
MAX_WIDENING = 10  # Candidates whose broken tests bring in further suspects.
COUNTING_FLOOR_S = 5.0  # What counting the tests that a patch mends may take after the deadline.
MAX_IMPACTED_IN_SEARCH = 400  # More are left to the final run, the likeliest killers are run here.


class Runs(Protocol):
    """The part of a `Runner` that the search needs."""

    def run(
        self,
        tests: Sequence[str],
        *,
        sources: Mapping[str, str] | None = None,
        limits: Mapping[str, Limits] | None = None,
        fail_fast: bool = False,
        wall_s: float | None = None,
    ) -> RunResult: ...


@dataclass(frozen=True)
class Task:
    """One failure to mend: the target test, the failing tests of its group, and what must stay green."""

    target: TestResult
    group: tuple[TestResult, ...]  # The target included.
    other_failing: tuple[str, ...]  # Failing tests outside the group, for counting what a patch mends.
    passing: tuple[str, ...]
    spectra: Spectra
    limits: Mapping[str, Limits]


@dataclass(frozen=True)
class Plausible:
    """A candidate that turned the target green and broke no impacted test."""

    candidate: Candidate
    mended: tuple[str, ...]  # Failing tests that are green with it, the target first.
    impacted: int  # How many passing tests were re-run, all green.
    witnesses: int  # How many tests, mended and passing, execute what is edited: the strength of the judge.
    seconds: float  # From the start of the search.
    tried: int = 1  # How many candidates of its author had been tried when it was found, itself included.
    echoes: frozenset[int] = frozenset()  # Conversations that wrote the very same text once more.
    loose: str = ""  # Why the tests may not decide about what was written, as a phrase.


@dataclass(frozen=True)
class Tested:
    """What running one candidate showed."""

    effect: Effect | Literal["plausible", "refused", "cancelled"]
    gain: float = 0.0  # How far it got, 0 to 1.
    verdict: TestResult | None = None  # On the target test.
    broken: str = ""  # A passing test that it breaks.
    impacted: int = 0  # How many passing tests were re-run, all green.


@dataclass
class SearchOutcome:
    """What a search found. `ended` says why it stopped: found, exhausted, time, cancelled, moot."""

    plausible: list[Plausible] = field(default_factory=list)
    tried: int = 0
    written: int = 0  # Candidates of models among the tried.
    timeouts: int = 0
    effects: Counter[str] = field(default_factory=Counter)
    regressions: int = 0  # Candidates that mended the target but broke another test.
    refused: int = 0  # Candidates that passed but are no repair by their very shape.
    seconds: float = 0.0
    ended: str = "exhausted"


Progress = Callable[[Candidate, int, float], None]  # (latest candidate, candidates so far, seconds so far)
Trial = Callable[[Candidate, str], None]  # (candidate, what became of it: an `Effect`, refused or plausible)
Helpers = Callable[
    [Callable[[Runs], None]], None
]  # Hands runners, at any time and from any thread, to its argument.


class Search:
    """One search over one frontier. `run` blocks until it ends; `cancel` may be set from any thread.

    `refuses` may turn down a candidate that passes but is no repair by its very shape; the search then goes on.
    `is_moot` may say that there is nothing to be mended after all.
    """

    def __init__(
        self,
        task: Task,
        frontier: Frontier,
        module_of: Callable[[str], Module | None],
        *,
        deadline: float,
        cancel: threading.Event,
        refuses: Callable[[Candidate], bool] | None = None,
        is_moot: Callable[[], bool] | None = None,
        on_progress: Progress | None = None,
        on_plausible: Callable[[Plausible], None] | None = None,
        on_trial: Trial = lambda candidate, effect: None,
    ) -> None:
        self.task = task
        self.frontier = frontier
        self.module_of = module_of
        self.started = time.monotonic()
        self.deadline = deadline
        self.cancel = cancel
        self.refuses = refuses
        self.is_moot = is_moot
        self.on_progress = on_progress
        self.on_plausible = on_plausible
        self.on_trial = on_trial
        self.outcome = SearchOutcome()
        self.kills: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.over = False
        self.threads: list[threading.Thread] = []  # One for each helper.
        self.patience = Patience()
        self.helpers: Helpers | None = None
        self.failures: list[BaseException] = []  # What ended a thread before the end.
        self.broken = threading.Event()  # Set when one of them was not the runner's.
        self.stopped_at = self.started
        self.first_plausible_at: float | None = None
        self.first_plausible_after = 0  # Candidates.
        self.first_priority = 0.0

    def run(self, runner: Runs, helpers: Helpers | None = None) -> SearchOutcome:
        """Spend the budget on `runner`, and on what `helpers` hands over once the search is a long one (`patience`).

        Most searches are over sooner than a second runner would be warm.
        """
        with self.lock:
            self.over = False  # It may go on after another author was asked.
        self.patience, self.helpers = Patience(), helpers
        self._work(runner)
        for thread in self.threads:  # More may join while these end.
            thread.join()
        with self.lock:
            self.over = True
        for thread in self.threads:
            thread.join()
        self.stopped_at = time.monotonic()
        if self.failures and (self.broken.is_set() or len(self.failures) == 1 + len(self.threads)):
            raise self.failures[-1]
        self.outcome.seconds = time.monotonic() - self.started
        return self.outcome

    def go_on_until(self, deadline: float) -> None:
        """Have the next `run` go on where the last one stopped, as if no time had passed in between."""
        self.deadline = deadline
        if self.first_plausible_at is not None:
            self.first_plausible_at += time.monotonic() - self.stopped_at

    def _join(self, helper: Runs) -> None:
        """Let `helper` work too, unless the search is over."""
        with self.lock:
            if self.over:
                return
            thread = threading.Thread(target=self._work, args=(helper,), daemon=True, name="search-helper")
            self.threads.append(thread)
            thread.start()

    def _work(self, runner: Runs) -> None:
        """Try candidates until the search ends. A runner that fails is done without, as long as there is another."""
        try:
            while not self.broken.is_set() and (candidate := self._next()) is not None:
                self.attempt(candidate, runner)
                if self.helpers is not None and self.patience.ends_now():
                    self.helpers(self._join)
        except RunnerError as error:
            self.failures.append(error)
        except BaseException as error:  # noqa: BLE001 - raised by `run`, once no thread is at work any more.
            self.failures.append(error)
            self.broken.set()

    def _next(self) -> Candidate | None:
        with self.lock:
            reason = self._reason_to_stop()
            if reason is not None:
                self.outcome.ended = reason
                return None
            candidate = self.frontier.pop()
            if candidate is not None:
                self.outcome.tried += 1
                tried = self.outcome.tried
        if candidate is not None and self.on_progress is not None:
            self.on_progress(candidate, tried, time.monotonic() - self.started)
        return candidate

    def _reason_to_stop(self) -> str | None:
        now = time.monotonic()
        if self.cancel.is_set():
            return "cancelled"
        if self.is_moot is not None and self.is_moot():
            return "moot"
        if now >= self.deadline:
            return "time"
        if self.first_plausible_at is None:
            return None
        whole = self._mends_whole_group()
        patience = 1.0 if whole else PARTIAL_PATIENCE
        since_s = now - self.first_plausible_at
        enough = (
            since_s > patience * EXTENSION_S
            and self.outcome.tried - self.first_plausible_after > patience * EXTENSION_CANDIDATES
        )
        slack = SLACK_BITS if whole else PARTIAL_SLACK_BITS
        too_dear = self.frontier.last_priority > self.first_priority + slack
        too_many = len(self.outcome.plausible) >= MAX_PLAUSIBLE
        return "found" if too_dear or too_many or enough or since_s > patience * EXTENSION_CAP_S else None

    def _mends_whole_group(self) -> bool:
        return any(self._group_names <= set(one.mended) for one in self.outcome.plausible)

    @property
    def _group_names(self) -> set[str]:
        return {one.test for one in self.task.group}

    def attempt(self, candidate: Candidate, runner: Runs) -> Tested:
        """Run `candidate`, the failing test first, and enter what becomes of it; other authors than ours use it too."""
        tested = self._test(candidate, runner)
        with self.lock:
            if tested.effect == "refused":
                self.outcome.refused += 1
            elif tested.effect == "regressed":
                self.outcome.regressions += 1
                self._complete_with(candidate, tested.broken)
            elif tested.effect != "plausible" and tested.effect != "cancelled":
                self.outcome.effects[tested.effect] += 1
                self.frontier.learn(candidate, tested.effect, tested.gain)
        if tested.effect != "cancelled":
            self.on_trial(candidate, tested.effect)
        if tested.effect == "plausible":
            self._found(candidate, self._mended(candidate.patch.sources, runner), tested.impacted)
        return tested

    def _test(self, candidate: Candidate, runner: Runs) -> Tested:
        target = self.task.target.test
        sources = candidate.patch.sources
        run = runner.run([target], sources=sources, limits=self.task.limits, fail_fast=True)
        self.patience.spend(run.cpu_s)
        verdict = run.tests.get(target)
        if run.ended == "cancelled":
            return Tested("cancelled")
        if verdict is None or not verdict.green or verdict.outcome == "skipped":
            effect, gain = self._effect(run, verdict)
            return Tested(effect, gain, verdict)
        impacted = self.impacted(candidate)
        broken = self._broken(impacted, sources, runner)
        if self.cancel.is_set():
            return Tested("cancelled")  # The run may have been cut short, which is nobody's verdict.
        if broken is not None:
            return Tested("regressed", 1.0, verdict, broken)
        if self.refuses is not None and self.refuses(candidate):
            return Tested("refused", 1.0, verdict)
        return Tested("plausible", 1.0, verdict, impacted=len(impacted))

    def _effect(self, run: RunResult, verdict: TestResult | None) -> tuple[Effect, float]:
        """Say what a red candidate changed about the failure, and how far it got (0 to 1)."""
        before = self.task.target
        if verdict is None or verdict.outcome in ("timeout", "crashed"):
            same = before.outcome in ("timeout", "crashed")
            return ("same" if same else "timeout"), 0.0
        if verdict.behaviour == before.behaviour:
            return "same", 0.0
        gain = _further_in_test(before, verdict)
        return ("progress", gain) if gain > 0 else ("changed", 0.0)

    def impacted(self, candidate: Candidate) -> list[str]:
        """Return the passing tests that execute what `candidate` edits, likely killers first."""
        functions: set[tuple[str, int]] = set()
        files: set[str] = set()
        for suspect, module, _ in candidate.parts:
            function = module.function_at(suspect.line)
            if function is None or suspect.line <= function.node.lineno:
                files.add(suspect.path)
            else:
                functions.add((suspect.path, function.first_line))
        chosen = [
            test
            for test in self.task.passing
            if self.task.spectra.functions.get(test, frozenset()) & functions
            or any(path in files for path, _ in self.task.spectra.functions.get(test, ()))
        ]
        if files and not chosen:
            chosen = list(self.task.passing)
        chosen.sort(key=lambda test: -self.kills[test])
        return chosen[:MAX_IMPACTED_IN_SEARCH]

    def _broken(self, tests: Sequence[str], sources: Mapping[str, str], runner: Runs) -> str | None:
        """Return a passing test that `sources` break, None where all stay green."""
        if not tests:
            return None
        run = runner.run(tests, sources=sources, limits=self.task.limits, fail_fast=True)
        self.patience.spend(run.cpu_s)
        # These passed before: one that is skipped now does not speak for the patch either.
        red = [test for test, result in run.tests.items() if not result.green or result.outcome == "skipped"]
        with self.lock:
            self.kills.update(red)
        if red or run.ended == "finished":
            return red[0] if red else None
        return tests[len(run.tests)] if len(run.tests) < len(tests) else tests[-1]

    def _complete_with(self, candidate: Candidate, broken: str) -> None:
        """Look where a second edit may be missing: in what the broken test executes of the edited files."""
        files = {suspect.path for suspect, _, _ in candidate.parts}
        further: dict[tuple[str, int], Suspect] = {}
        for path in files & self.task.spectra.lines.get(broken, {}).keys():
            module = self.module_of(path)
            for line in self.task.spectra.lines[broken][path] if module else ():
                for statement in module.statements_at(line)[-1:] if module else ():
                    function = module.function_at(statement.lineno) if module else None
                    place = (path, statement.lineno)
                    further[place] = Suspect(*place, FURTHER_SCORE, function.qualname if function else "")
        self.frontier.learn(candidate, "regressed", 1.0, frozenset(further))
        if self.outcome.regressions <= MAX_WIDENING:
            self.frontier.add_suspects(list(further.values()))

    def _mended(self, sources: Mapping[str, str], runner: Runs) -> tuple[str, ...]:
        target = self.task.target.test
        others = [one.test for one in self.task.group if one.test != target] + list(self.task.other_failing)
        if not others:
            return (target,)
        # Thousands of failing tests, or some that hang, must not take more than what is left.
        wall_s = max(COUNTING_FLOOR_S, self.deadline - time.monotonic())
        run = runner.run(others, sources=sources, limits=self.task.limits, wall_s=wall_s)
        green = [
            test
            for test in others
            if test in run.tests and run.tests[test].outcome in ("passed", "xfailed", "xpassed")
        ]
        return (target, *green)

    def _found(self, candidate: Candidate, mended: tuple[str, ...], impacted: int) -> None:
        now = time.monotonic()
        witnesses = self._witnesses(candidate, mended)
        with self.lock:
            tried = self.outcome.written if candidate.conversation else self.outcome.tried
            found = Plausible(candidate, mended, impacted, witnesses, now - self.started, tried)
            if self.first_plausible_at is None:
                self.first_plausible_at = now
                self.first_plausible_after = self.outcome.tried
                self.first_priority = self.frontier.last_priority
            self.outcome.plausible.append(found)
            self.frontier.learn(candidate, "changed")
        if self.on_plausible is not None:
            self.on_plausible(found)

    def _witnesses(self, candidate: Candidate, mended: Sequence[str]) -> int:
        """Count the tests that executed an edited statement before the change."""
        places: dict[str, set[int]] = {}
        for suspect, module, _ in candidate.parts:
            for statement in module.statements_at(suspect.line):
                lines = range(statement.lineno, header_end_line(statement) + 1)
                places.setdefault(suspect.path, set()).update(lines)
        executed = self.task.spectra.lines
        return sum(
            any(not lines.isdisjoint(executed.get(test, {}).get(path, ())) for path, lines in places.items())
            for test in (*mended, *self.task.passing)
        )


def _further_in_test(before: TestResult, after: TestResult) -> float:
    """Say how much further the test got: 0 for no further, up to 1; judged by its own lines in the tracebacks."""
    if before.failure is None or after.failure is None:
        return 0.0
    path = before.test.partition("::")[0]
    lines = [
        next((frame.line for frame in failure.frames if frame.path == path), 0)
        for failure in (before.failure, after.failure)
    ]
    if 0 < lines[0] < lines[1]:
        return min(1.0, 0.5 + 0.1 * (lines[1] - lines[0]))
    return 0.0
