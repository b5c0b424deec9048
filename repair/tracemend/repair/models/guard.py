"""The stream guard: an answer is read as it streams in, and cut at the first name that certainly is invented.

What stands before the cut is fine, so the answer is taken up again from there (`resuming`): under a grammar that allows
the legal names only where the endpoint takes one, else by sampling again, else by asking for the rest with the legal
names. That takes one request for each invented name, and what was generated behind it (mode T3 in the survey of
monitor-guided decoding; the monitors are those of Agrawal et al., arXiv 2306.10763).

Where the model insists on a wrong name, and where no request is left (`guard_mending`), a legal one takes its place, if there
is one that suggests itself and what follows it still holds. Else the answer ends before the name, with
`finish="violation"`, for the caller to drop or to use so far.

No text is resumed inside a name: a cut is in front of a whole name and behind its dot. Stop texts that lie across a cut
are looked for here, because the endpoint sees only one side of them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracemend.analysis.decoding.machine import Guide, Violation

from .endpoint import Endpoint
from .errors import BadAnswer, Cancelled, ModelError
from .guard_mending import LikeliestName, RequestAllowance, Substitutes
from .protocol import Answer, Finish, Message, ModelRole, Usage
from .reading import Reading
from .resuming import Completing, Prefilling, Reprompting, Resuming, legal_only

GuideFactory = Callable[[], Guide]

RETRY_TEMPERATURE = 0.6  # At 0 the same name would come again.


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How often an answer is taken up again: at one place, and in all."""

    retries_at_place: int = 2
    retries: int = 12


@dataclass(frozen=True, slots=True)
class Mending:
    """What an answer has beside asking again: which names are likely, and requests that it shares with other answers.

    Without an allowance only `GuardLimits` bound how often is asked again.
    """

    likeliest: LikeliestName | None = None
    allowance: RequestAllowance | None = None


@dataclass(frozen=True, slots=True)
class GuardedAnswer(Answer):
    """An answer with what the guard did to it. `usage` and `seconds` are those of all requests together."""

    violations: tuple[Violation, ...] = ()
    requests: int = 1
    discarded_tokens: int = 0
    replaced: tuple[
        tuple[str, str], ...
    ] = ()  # Names that were mended here: what was written, what stands now.


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to generate; the same for all requests of one answer, except that retries are warmer."""

    max_tokens: int
    temperature: float = 0.2
    stop: Sequence[str] = ()
    seed: int | None = None
    role: ModelRole = "strong"
    cancel: threading.Event | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    opening: Mapping[str, object] = field(default_factory=dict)  # Sent beside `extra` with the first request.
    until: float = math.inf  # On the monotonic clock; all requests together are not waited for any longer.


def guarded_completion(
    endpoint: Endpoint,
    guide_factory: GuideFactory,
    prompt: str,
    *,
    suffix: str | None = None,
    max_tokens: int,
    temperature: float = 0.2,
    stop: Sequence[str] = (),
    seed: int | None = None,
    role: ModelRole = "strong",
    cancel: threading.Event | None = None,
    extra: Mapping[str, object] | None = None,
    opening: Mapping[str, object] | None = None,
    limits: GuardLimits = GuardLimits(),
    mending: Mending = Mending(),
) -> GuardedAnswer:
    """Return what continues `prompt`, without names that the guide forbids. Raises `ModelError`.

    `opening` are fields of the first request alone, such as the grammar of a name that the prompt ends in.
    """
    sampling = Sampling(max_tokens, temperature, stop, seed, role, cancel, extra or {}, opening or {})
    return _Guarded(endpoint, guide_factory(), Completing(prompt, suffix), sampling, limits, mending).answer()


def guarded_chat(
    endpoint: Endpoint,
    guide_factory: GuideFactory,
    messages: Sequence[Message],
    *,
    max_tokens: int,
    temperature: float = 0.2,
    stop: Sequence[str] = (),
    seed: int | None = None,
    role: ModelRole = "strong",
    cancel: threading.Event | None = None,
    extra: Mapping[str, object] | None = None,
    limits: GuardLimits = GuardLimits(),
    mending: Mending = Mending(),
    within_s: float = math.inf,
) -> GuardedAnswer:
    """Return the next turn of a conversation, without names that the guide forbids in its code. Raises `ModelError`.

    The guide should be a fenced one, for an answer in Markdown.
    """
    until = time.monotonic() + within_s
    sampling = Sampling(max_tokens, temperature, stop, seed, role, cancel, extra or {}, until=until)
    prefill = endpoint.capabilities(role=role, cancel=cancel).prefill
    resuming = Reprompting(messages) if prefill == "none" else Prefilling(messages, prefill)
    answer = _Guarded(endpoint, guide_factory(), resuming, sampling, limits, mending).answer()
    if not answer.text:
        raise BadAnswer(
            f"{answer.model} answered with nothing that holds. Ask again, or choose another model."
        )
    return answer


class _Guarded:
    """One guarded answer in the making."""

    def __init__(
        self,
        endpoint: Endpoint,
        guide: Guide,
        resuming: Resuming,
        sampling: Sampling,
        limits: GuardLimits,
        mending: Mending,
    ) -> None:
        self._endpoint = endpoint
        self._reading = Reading(guide, self._substitute, sampling.stop)
        self._substitutes = Substitutes(mending.likeliest)
        self._allowance = mending.allowance
        self._resuming = resuming
        self._sampling = sampling
        self._limits = limits
        self._violations: list[Violation] = []
        self._answers: list[Answer] = []
        self._kept_tokens = 0.0
        self._discarded_tokens = 0.0
        self._tries_at_place = 0

    def answer(self) -> GuardedAnswer:
        """Ask until the answer ends without a violation, or nothing helps."""
        so_far = ""
        while True:
            try:
                answer = self._ask(so_far)
            except Cancelled:
                raise
            except ModelError:
                if not self._answers:
                    raise
                return self._result(so_far, "violation")  # What is fine so far is worth more than nothing.
            reading = self._reading
            if answer.finish == "stop":
                reading.end()
            self._count(answer)
            if reading.violation is None:
                return self._result(reading.text, answer.finish)
            if not self._may_retry(reading.violation, so_far):
                return self._result(reading.text[: reading.violation.start], "violation")
            so_far = reading.text[: reading.violation.start]

    def _ask(self, so_far: str) -> Answer:
        """Make one request, for the whole answer or for the rest of it."""
        sampling, wrong = self._sampling, self._violations[-1] if self._violations else None
        options: dict[str, Any] = {
            "max_tokens": max(sampling.max_tokens - round(self._kept_tokens), 1),
            "temperature": sampling.temperature,
            "stop": sampling.stop,
            "seed": sampling.seed,
            "role": sampling.role,
            "cancel": sampling.cancel,
            "extra": sampling.extra,
        }
        if sampling.until < math.inf:
            options["within_s"] = sampling.until - time.monotonic()
        if wrong is not None:
            options |= self._steering(wrong)
        elif sampling.opening:
            options["extra"] = {**sampling.extra, **sampling.opening}
        return self._resuming.ask(
            self._endpoint, so_far, wrong, self._reading.begin, self._reading.take, options
        )

    def _substitute(self, wrong: Violation, so_far: str) -> str | None:
        """Return the name to go on with instead of an invented one, without a request; None to ask again, or to end.

        The model is asked again where it was not wrong before, as long as there are requests.
        """
        is_first_time = not self._violations or wrong.start > self._violations[-1].start
        return None if is_first_time and self._may_ask else self._substitutes.instead_of(wrong, so_far)

    @property
    def _may_ask(self) -> bool:
        """Whether a request beyond the one under way may be made."""
        is_last = not self._limits.retries_at_place or len(self._answers) >= self._limits.retries
        return not is_last and (self._allowance is None or self._allowance.is_left)

    def _steering(self, wrong: Violation) -> dict[str, Any]:
        """Return what makes another name likely to come at the cut: a grammar if possible, else chance."""
        sampling = self._sampling
        if self._resuming.continues:
            found = self._endpoint.capabilities(role=sampling.role, cancel=sampling.cancel)
            fields = legal_only(wrong, found)
            if fields is not None:
                return {"extra": {**sampling.extra, **fields}}
        seed = None if sampling.seed is None else sampling.seed + len(self._answers)
        return {"temperature": max(sampling.temperature, RETRY_TEMPERATURE), "seed": seed}

    def _may_retry(self, violation: Violation, so_far: str) -> bool:
        """Note the violation, and say whether the answer may be taken up again in front of it."""
        is_same_place = bool(self._violations) and violation.start <= len(so_far)
        self._tries_at_place = self._tries_at_place + 1 if is_same_place else 1
        self._violations.append(violation)
        is_within_limits = (
            self._tries_at_place <= self._limits.retries_at_place
            and len(self._answers) <= self._limits.retries
        )
        return is_within_limits and (self._allowance is None or self._allowance.spend())

    def _count(self, answer: Answer) -> None:
        """Note what a request took, and how much of it was generated in vain."""
        reading, tokens = self._reading, answer.usage.completion_tokens
        self._answers.append(answer)
        wrong = reading.violation
        in_vain = len(reading.text) - wrong.start if wrong is not None else 0
        share = min(in_vain / reading.received, 1.0) if reading.received else 0.0
        self._discarded_tokens += tokens * share
        self._kept_tokens += tokens * (1 - share)

    def _result(self, text: str, finish: Finish) -> GuardedAnswer:
        if self._allowance is not None:
            self._allowance.earn(text.count("\n") + 1)
        return GuardedAnswer(
            text,
            finish,
            sum((one.usage for one in self._answers), Usage()),
            self._answers[-1].model,
            sum(one.seconds for one in self._answers),
            tuple(self._violations),
            len(self._answers),
            round(self._discarded_tokens),
            tuple(self._reading.replaced),
        )
