"""The desk: asks within the budget, and makes of each answer a candidate that is checked, run and judged.

One desk serves one failure. Every limit is kept here, so that strategies cannot forget one: the user's cancelling, the
deadline, the tokens of this failure, the caps of the whole job (which the endpoint's meter checks before each call), and
when enough was found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING

from tracemend.analysis.syntax.edits import OverlappingEdits
from tracemend.repair.events import Consulting, Note
from tracemend.repair.ground import Ground
from tracemend.repair.models.errors import Cancelled, ModelError, TimedOut
from tracemend.repair.models.guard import GuardedAnswer, GuardLimits
from tracemend.repair.models.meter import TOKENS_PER_MESSAGE, estimated_tokens
from tracemend.repair.models.protocol import Answer, Message, ModelRole, Usage
from tracemend.repair.propose.answers.blocks import clean_answer, prose_before_code
from tracemend.repair.propose.answers.reading import Unusable, read_answer
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.candidates import model_candidate
from tracemend.repair.propose.strategies.case import failure_text
from tracemend.repair.propose.strategies.checking import StaticCheck
from tracemend.repair.propose.strategies.guidance import UNGUIDED, GuardedChat, Guidance
from tracemend.repair.propose.strategies.pinning import green_versions
from tracemend.repair.propose.strategies.protocol import Attempted, Case, Effect, Enough
from tracemend.repair.propose.strategies.reducing import reduced
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.traces import Trace, TraceError, trace_test
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.search import Plausible, Search, Tested

if TYPE_CHECKING:
    from tracemend.analysis.decoding.machine import Guide

MOST_GUARD_RETRIES = 3  # For one answer; invented names that are left are told like any other mistake.
LEAST_ANSWER_TOKENS, MOST_ANSWER_TOKENS = 400, 2000
MOST_REPEATED = 4000  # Characters of an answer that a later question repeats.
FIRST_WAIT_SHARE = 0.5  # Of the time that is left.
PROBE_TIME_SHARE = 0.25  # Of it, to find out how answers can be guided.
MOST_GREEN_VERSIONS = 6  # Of a patch, whose behaviour is compared with it.
MOST_OF_GROUP = 12  # Other failing tests of the group that are run to see how far a red candidate got.

_VALUES: Mapping[str, float] = {
    "unusable": 0.0, "violation": 0.05, "duplicate": 0.0, "timeout": 0.05, "same": 0.1, "changed": 0.25,
    "progress": 0.4, "refused": 0.4, "regressed": 0.75, "plausible": 1.0,
}  # fmt: skip
_TOLD: Mapping[str, str] = {
    "same": "With your version the test fails just as before.",
    "changed": "With your version the test still fails, in another way.",
    "progress": "With your version the test gets further, and still fails.",
    "timeout": "With your version the test does not end.",
    "refused": "Your version passes, but only because it is written for the values of this test or decides nothing. "
    "Mend the cause.",
    "plausible": "With your version the test passes.",
    "duplicate": "This very version was tried already.",
}
_UNFINISHED: Mapping[str, str] = {
    "cut": "An answer of {model} broke off; what had come of it was used.",
    "length": "An answer of {model} did not end within the tokens it may take, and was stopped there.",
}


def give_up(ground: Ground, advisors: Advisors, error: ModelError) -> None:
    """Note that models can be asked no more, and say why, once."""
    if advisors.problem:
        return
    advisors.problem = str(error)
    ground.listener(Note(f"{error} Going on without a model."))
    asked = "The model was not asked any further" if advisors.requests else "No model was asked"
    ground.notes.append(f"{asked}: {error}")


def warn_once(ground: Ground, advisors: Advisors, told: str) -> None:
    """Tell something about a model that is no reason to give it up, the first time in a job."""
    if told not in advisors.told:
        advisors.told.add(told)
        ground.listener(Note(told))
        ground.notes.append(told)


class ModelDesk:
    """Where strategies work on one failure."""

    def __init__(
        self,
        ground: Ground,
        search: Search,
        case: Case,
        advisors: Advisors,
        check: StaticCheck,
        deadline: float,
    ) -> None:
        self.strategy = ""
        self.conversation = 0
        self.usage = Usage()
        self._ground = ground
        self._search = search
        self._case = case
        self._advisors = advisors
        self._check = check
        self._deadline = deadline
        self._reductions: dict[object, Candidate] = {}  # By the key of the patch that they are a part of.
        self._reserved = 0  # Tokens of this failure, by the worst case of each question.
        self._model = ""

    def begin(self) -> None:
        """Begin a conversation that knows nothing of those before."""
        self.conversation += 1

    def ask(
        self,
        messages: Sequence[Message],
        *,
        role: ModelRole = "strong",
        temperature: float = 0.2,
        max_tokens: int | None = None,
    ) -> str:
        """Return the model's answer. Raises `Enough` where it may not, or cannot, be asked."""
        limit = max_tokens or self._answer_tokens()
        self._stop_if_over(messages, limit)
        self._tell(f"asking for a correction ({self.strategy})")
        try:
            guidance = self._guidance(role)
            if guidance.guarded is not None and self._guide is not None:
                answer: Answer = self._guarded(
                    guidance.guarded, self._guide, messages, role, temperature, limit
                )
            else:
                answer = self._advisors.endpoint.chat(
                    messages,
                    max_tokens=limit,
                    temperature=temperature,
                    role=role,
                    cancel=self._ground.cancel,
                    extra=self._masks if guidance.masks else None,
                    within_s=self._patience_s(),
                )
        except Cancelled as cancelled:
            raise Enough from cancelled
        except TimedOut as late:
            if not self._advisors.requests:  # One that has answered before has only been asked too late.
                give_up(self._ground, self._advisors, late)
            raise Enough from late
        except ModelError as error:
            give_up(self._ground, self._advisors, error)
            raise Enough from error
        self._take(answer)
        return answer.text

    def attempt(self, answer: str) -> Attempted:
        """Read `answer` as an edit, check it, run it."""
        read = read_answer(answer, self._case.shown)
        repeated = clean_answer(answer).strip()[:MOST_REPEATED]
        if isinstance(read, Unusable):
            return self._noted(Attempted("unusable", read.feedback, answer=repeated))
        found = Attempted("unusable", "", answer=repeated, sources=read.sources)
        problems = self._violations(read.sources)
        if problems:
            told = f"Your version cannot work: {'; '.join(problems)}. It was not run."
            return self._noted(replace(found, effect="violation", told=told, value=_VALUES["violation"]))
        candidate = self._candidate(read.sources, self.conversation, prose_before_code(answer))
        return self._noted(self._tried(candidate, found))

    def trace(self, sources: Mapping[str, str]) -> Trace | None:
        """Trace the failing test with `sources` patched in; None where that is not possible."""
        try:
            return trace_test(self._ground.runner, self._case.test, sources=sources)
        except (TraceError, RequestFailed):
            return None

    def _candidate(self, sources: Mapping[str, str], conversation: int, remark: str) -> Candidate:
        return model_candidate(
            self._case.shown,
            sources,
            strategy=self.strategy,
            model=self._model,
            conversation=conversation,
            remark=remark,
        )

    def _tried(self, candidate: Candidate, found: Attempted) -> Attempted:
        """Run a candidate whose text is new; one that is known counts as said once more."""
        try:
            is_new = self._search.frontier.is_new(candidate)
        except OverlappingEdits:
            return replace(found, effect="unusable", told="The edits of the answer overlap.")
        if not is_new:
            return self._echoed(candidate, found)
        tested = self._run(candidate)
        if tested.effect == "plausible":
            self._reduce(candidate)
        return self._told(candidate, tested, found)

    def _run(self, candidate: Candidate) -> Tested:
        with self._search.lock:
            self._search.outcome.tried += 1
            self._search.outcome.written += 1
        tested = self._search.attempt(candidate, self._ground.runner)
        if tested.effect == "cancelled":
            raise Enough
        return tested

    def green_versions(self, found: Plausible) -> list[tuple[Plausible, str]]:
        """Return versions of a model's patch that no test tells from it, each with a note of what differs."""
        one = found.candidate
        stays_green = partial(self._stays_green, self._tests_of(one))
        versions = islice(green_versions(one.patch, stays_green), MOST_GREEN_VERSIONS)
        return [
            (
                replace(found, candidate=self._candidate(sources, one.conversation, ""), echoes=frozenset()),
                note,
            )
            for sources, note in versions
        ]

    def _reduce(self, candidate: Candidate) -> None:
        """Enter what is left of a patch that holds when all that no test asks for is taken away, if that is less."""
        tests = self._tests_of(candidate)
        smaller = reduced(candidate, lambda one: self._stays_green(tests, one.patch.sources))
        if smaller is None:
            return
        self._reductions[candidate.patch.key] = smaller
        if self._search.frontier.is_new(smaller):
            self._run(smaller)
        else:
            self._echo(smaller)

    def _tests_of(self, candidate: Candidate) -> list[str]:
        """Return the tests that speak for a patch: those that it mends, and the passing ones that execute it."""
        key = candidate.patch.key
        found = [one for one in self._search.outcome.plausible if one.candidate.patch.key == key]
        mended = [test for one in found for test in one.mended] or [self._search.task.target.test]
        return [*mended, *self._search.impacted(candidate)]

    def _stays_green(self, tests: Sequence[str], sources: Mapping[str, str]) -> bool:
        """Say whether `tests` pass with `sources`; what there is no time to find out is no."""
        if self.is_over:
            return False
        limits = self._search.task.limits
        run = self._ground.runner.run(tests, sources=sources, limits=limits, fail_fast=True)
        return run.ended == "finished" and all(
            one.green and one.outcome != "skipped" for one in run.tests.values()
        )

    def _echoed(self, candidate: Candidate, found: Attempted) -> Attempted:
        if candidate.patch.key in self._reductions:
            self._echo(self._reductions[candidate.patch.key])
        if self._echo(candidate):
            return replace(found, effect="plausible", told=_TOLD["plausible"], value=1.0)
        return replace(found, effect="duplicate", told=_TOLD["duplicate"])

    def _echo(self, candidate: Candidate) -> bool:
        """Count a text as written once more if it is one that holds; say whether it is."""
        plausible, key = self._search.outcome.plausible, candidate.patch.key
        for at, one in enumerate(plausible):
            if one.candidate.patch.key == key:
                plausible[at] = replace(one, echoes=one.echoes | {self.conversation})
                return True
        return False

    def _told(self, candidate: Candidate, tested: Tested, found: Attempted) -> Attempted:
        effect: Effect = tested.effect  # type: ignore[assignment]
        value = _VALUES[effect] + (0.3 * tested.gain if effect == "progress" else 0.0)
        if effect in ("same", "changed", "progress"):
            value = max(value, 0.2 + 0.6 * self._share_of_group(candidate))
        if effect == "regressed":
            told = f"With your version the test passes, but {tested.broken} fails, which passed before."
            return replace(
                found,
                effect=effect,
                told=told,
                value=value,
                failure=self._failure_of(tested.broken, candidate),
            )
        failure = failure_text(tested.verdict.failure) if tested.verdict is not None else ""
        return replace(found, effect=effect, told=_TOLD[effect], value=value, failure=failure)

    def _share_of_group(self, candidate: Candidate) -> float:
        """Return the share of the group's other failing tests that are green, though the target is red."""
        target = self._search.task.target.test
        others = [one.test for one in self._search.task.group if one.test != target][:MOST_OF_GROUP]
        if not others:
            return 0.0
        run = self._ground.runner.run(
            others, sources=candidate.patch.sources, limits=self._search.task.limits
        )
        return sum(one.green for one in run.tests.values()) / (len(others) + 1)

    def _failure_of(self, test: str, candidate: Candidate) -> str:
        run = self._ground.runner.run(
            [test], sources=candidate.patch.sources, limits=self._search.task.limits
        )
        return failure_text(run.tests[test].failure) if test in run.tests else ""

    def _violations(self, sources: Mapping[str, str]) -> list[str]:
        texts = {one.module.path: one.module.text for one in self._case.shown}
        return [
            one for path, new in sources.items() for one in self._check.violations(path, texts[path], new)
        ]

    @property
    def is_over(self) -> bool:
        """True when the user has called it off, or the time of this failure is spent."""
        return self._ground.cancel.is_set() or time.monotonic() >= self._deadline

    def _guidance(self, role: ModelRole) -> Guidance:
        """Return how the names of the next answer are kept right; where that has to be found out, it is told."""
        if not self._case.whole:
            return UNGUIDED
        left_s = max(0.0, self._deadline - time.monotonic())
        guidance = self._advisors.guidance(role, self._ground.cancel, PROBE_TIME_SHARE * left_s)
        if guidance.told:
            warn_once(self._ground, self._advisors, guidance.told)
            self._ground.record("note", {"what": "guidance", "told": guidance.told})
        return guidance

    def _guarded(
        self,
        chat: GuardedChat,
        guide: Callable[[], Guide],
        messages: Sequence[Message],
        role: ModelRole,
        temperature: float,
        limit: int,
    ) -> GuardedAnswer:
        """Ask under a guide, which may take further requests; each is kept to the tokens of this failure too."""
        worst = (
            _tokens_of(messages) + 2 * limit
        )  # A later one repeats what there is, and names what may follow.
        room = max(0, self._advisors.tokens_per_failure - self._reserved) // worst
        answer = chat(
            guide,
            messages,
            max_tokens=limit,
            temperature=temperature,
            role=role,
            cancel=self._ground.cancel,
            limits=GuardLimits(retries=min(MOST_GUARD_RETRIES, room)),
            within_s=self._patience_s(),
        )
        self._reserved += (answer.requests - 1) * worst
        return answer

    @cached_property
    def _masks(self) -> Mapping[str, object] | None:
        """What guides the engine while it writes functions."""
        return self._check.mask_fields(*self._hole) or None

    @cached_property
    def _guide(self) -> Callable[[], Guide] | None:
        """What tells while functions are written that a name certainly is not there; a new one for each answer."""
        return self._check.guide(*self._hole) if self._case.whole else None

    @property
    def _hole(self) -> tuple[str, str, int]:
        """Where answers are taken to begin: in front of what is shown of the first file (path, text, offset)."""
        module, parts = self._case.shown[0].module, self._case.shown[0].parts
        start = max(0, module.text.find(parts[0].partition("\n")[0])) if parts else 0
        return module.path, module.text, module.text.rfind("\n", 0, start) + 1

    def _answer_tokens(self) -> int:
        """Return what an answer may take: the shown code once more, and some words."""
        code = sum(len(part) for one in self._case.shown for part in one.parts)
        return min(MOST_ANSWER_TOKENS, LEAST_ANSWER_TOKENS + code // 2)

    def _stop_if_over(self, messages: Sequence[Message], max_tokens: int) -> None:
        """Raise `Enough` where this question may not be asked; checked before it is, against its worst case."""
        over = self.is_over or self._advisors.problem
        prompt = _tokens_of(messages)
        if over or self._reserved + prompt + max_tokens > self._advisors.tokens_per_failure:
            raise Enough
        self._reserved += prompt + max_tokens

    def _patience_s(self) -> float:
        """Return how long an answer is waited for: a model that never answered leaves half of the time to templates."""
        left_s = max(0.0, self._deadline - time.monotonic())
        return left_s if self._advisors.requests else FIRST_WAIT_SHARE * left_s

    def _take(self, answer: Answer) -> None:
        if answer.finish in _UNFINISHED:
            told = _UNFINISHED[answer.finish].format(model=answer.model)
            warn_once(self._ground, self._advisors, told)
        self._model = answer.model
        self.usage += answer.usage
        self._advisors.spend(answer.usage, answer.requests if isinstance(answer, GuardedAnswer) else 1)
        self._tell(f"reading the answer of {answer.model}")

    def _tell(self, what: str) -> None:
        advisors = self._advisors
        self._ground.listener(
            Consulting(self._case.test, what, advisors.requests, advisors.usage.tokens, advisors.usage.cost)
        )

    def _noted(self, tried: Attempted) -> Attempted:
        fields = {
            "test": self._case.test,
            "strategy": self.strategy,
            "conversation": self.conversation,
            "effect": tried.effect,
            "told": tried.told,
            "value": round(tried.value, 3),
        }
        self._ground.record("note", {"what": "attempt", **fields})
        return tried


def _tokens_of(messages: Sequence[Message]) -> int:
    return sum(estimated_tokens(one.content) + TOKENS_PER_MESSAGE for one in messages)
