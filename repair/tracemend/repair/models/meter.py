"""What a job's questions to models have cost, and the caps that no question may go beyond.

Caps are checked before a question is asked, against the worst that it can cost: all tokens that its prompt can have and
all that it may generate. That much is reserved while it is under way, so that questions asked at the same time cannot
exceed a cap together; when it ends, what it really took is settled. A question that would only fit once others have been
settled waits for them, and one that would not fit even then is refused.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import BudgetSpent, Cancelled
from .protocol import ModelSettings, Usage

TOKENS_PER_MESSAGE = 16  # What chat templates put around a message, and somewhat more.
WAIT_STEP_S = 0.05

_WORDS_AND_REST = re.compile(r"[A-Za-z]+|[ \t]+|[^A-Za-z \t]")


@dataclass(frozen=True, slots=True)
class Totals:
    """What has been settled so far. `seconds` is the time in which at least one request was under way."""

    requests: int
    usage: Usage
    seconds: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """The worst that one request can cost."""

    prompt_tokens: int
    completion_tokens: int
    cost: float

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Meter:
    """Counts what one job spends on models, and refuses what could exceed its caps. Safe to share among threads."""

    def __init__(self, settings: ModelSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way: list[Reservation] = []
        self._usage = Usage()
        self._requests = 0
        self._busy_s = 0.0
        self._busy_since = 0.0

    def reserve(
        self, prompt_tokens: int, max_tokens: int, *, cancel: threading.Event | None = None
    ) -> Reservation:
        """Set the worst case of one request aside. Raises `BudgetSpent`, or `Cancelled` while waiting for others."""
        wanted = Reservation(prompt_tokens, max_tokens, self.cost(prompt_tokens, max_tokens))
        with self._changed:
            while problem := self._beyond(wanted, self._under_way):
                if not self._under_way or self._beyond(wanted, []):
                    raise BudgetSpent(problem)
                if cancel is not None and cancel.is_set():
                    raise Cancelled("Cancelled before the model was asked.")
                self._changed.wait(WAIT_STEP_S)
            if not self._under_way:
                self._busy_since = self._clock()
            self._under_way.append(wanted)
            self._requests += 1
        return wanted

    def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Put what a request really took in the place of what was reserved for it."""
        with self._changed:
            self._under_way.remove(reservation)
            self._usage += usage
            if not self._under_way:
                self._busy_s += self._clock() - self._busy_since
            self._changed.notify_all()

    def spares(self, share: float, requests: int, prompt_tokens: int, completion_tokens: int) -> bool:
        """Say whether so much would take at most `share` of what each cap on requests, tokens and money leaves."""
        settings, cost = self._settings, self.cost(prompt_tokens, completion_tokens)
        with self._changed:
            tokens = self._usage.tokens + sum(one.tokens for one in self._under_way)
            spent = self._usage.cost + sum(one.cost for one in self._under_way)
            return (
                requests <= share * (settings.max_requests - self._requests)
                and prompt_tokens + completion_tokens <= share * (settings.max_tokens - tokens)
                and cost <= share * (settings.max_cost - spent)
            )

    def totals(self) -> Totals:
        """Return what was spent so far, for a live display."""
        with self._changed:
            return Totals(self._requests, self._usage, self._seconds())

    def remaining_s(self) -> float:
        """Return how long requests may still be under way."""
        with self._changed:
            return self._settings.max_seconds - self._seconds()

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what so many tokens cost."""
        return (
            prompt_tokens * self._settings.price_in + completion_tokens * self._settings.price_out
        ) / 1_000_000

    def _seconds(self) -> float:
        return self._busy_s + (self._clock() - self._busy_since if self._under_way else 0.0)

    def _beyond(self, wanted: Reservation, under_way: list[Reservation]) -> str:
        """Say which cap `wanted` could exceed beside what is settled and `under_way`; nothing if none."""
        settings = self._settings
        tokens = self._usage.tokens + sum(one.tokens for one in under_way) + wanted.tokens
        cost = self._usage.cost + sum(one.cost for one in under_way) + wanted.cost
        if self._requests >= settings.max_requests:
            return _spent("model-max-requests", f"{settings.max_requests} requests were made")
        if tokens > settings.max_tokens:
            used = f"{self._usage.tokens} of {settings.max_tokens} tokens are used"
            return _spent("model-max-tokens", f"{used}, and this request could take {wanted.tokens}")
        if cost > settings.max_cost:
            used = f"{self._usage.cost:.4f} of {settings.max_cost:g} are spent"
            return _spent("model-max-cost", f"{used}, and this request could cost {wanted.cost:.4f}")
        if self._seconds() >= settings.max_seconds:
            return _spent("model-max-seconds", f"the model was at work for {settings.max_seconds:g} s")
        return ""


def estimated_tokens(text: str) -> int:
    """Return how many tokens `text` has at most under any usual tokenizer; about twice as many as it really has.

    Words count by two letters, runs of blanks as one; digits, punctuation and the bytes of other scripts each for
    itself, as the least merging of today's vocabularies have them.
    """
    return sum(map(_piece_tokens, _WORDS_AND_REST.findall(text)))


def _piece_tokens(piece: str) -> int:
    if piece.isascii():
        return math.ceil(len(piece) / 2) if piece[0].isalpha() else math.ceil(len(piece) / 16)
    return len(piece.encode("utf-8", "surrogatepass"))


def _spent(key: str, what: str) -> str:
    return f"The model is not asked again: {what}. Raise `{key}` to allow more."
