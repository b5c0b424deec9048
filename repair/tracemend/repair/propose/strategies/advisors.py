"""What a job has of models: the endpoint, what may be asked of it, and whether it still answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tracemend.repair.models.protocol import ModelSettings, Recorder, Usage
from tracemend.repair.propose.strategies.guidance import FindsGuidance, GuidanceOfEndpoint, unguided
from tracemend.repair.propose.strategies.names import DEFAULT_STRATEGY, NO_STRATEGY
from tracemend.repair.propose.strategies.protocol import Asks

TOKENS_PER_FAILURE = (
    40_000  # By the worst case of each question, which is about three times what is really used.
)


@dataclass
class Advisors:
    """Models as a job uses them, shared by all of its failures. Safe to use from several threads.

    `problem` says why no model is asked any more; an endpoint that is down is not asked again for each failure.
    """

    endpoint: Asks
    strategy: str = DEFAULT_STRATEGY
    guidance: FindsGuidance = unguided
    tokens_per_failure: int = TOKENS_PER_FAILURE
    has_fast_model: bool = False  # One for cheap tries, besides the strong one.
    is_taped: bool = False  # Answers are recorded, or recorded ones are replayed.
    problem: str = ""
    was_looked_for: bool = False
    told: set[str] = field(default_factory=set)  # What was said about models already.
    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self, usage: Usage, requests: int = 1) -> None:
        """Count one answer, and the requests that it took."""
        with self.lock:
            self.requests += requests
            self.usage += usage

    @property
    def bill(self) -> str:
        """What was asked and spent, as a phrase: "3 requests, 2640 tokens"."""
        requests = f"{self.requests} request{'' if self.requests == 1 else 's'}"
        return f"{requests}, {self.usage.tokens} tokens{told_cost(self.usage.cost)}"


def told_cost(cost: float) -> str:
    """Return what to add to a count of tokens: nothing where they cost nothing."""
    return f", {cost:.4f} spent" if cost else ""


@contextmanager
def advisors_for(
    settings: ModelSettings | None, *, strategy: str = DEFAULT_STRATEGY, record: Recorder | None = None
) -> Iterator[Advisors | None]:
    """Open the endpoint of `settings` for one job; None where there is none, or no model is to be asked.

    The client is imported here, and connects with the first question. Right before that it is found out how the names in
    answers can be kept right.
    """
    if settings is None or strategy == NO_STRATEGY:
        yield None
        return
    from tracemend.repair.models.endpoint import Endpoint
    from tracemend.repair.models.meter import Meter

    is_taped = settings.cassette is not None
    with Endpoint(settings, Meter(settings), record=record) as endpoint:
        yield Advisors(
            endpoint,
            strategy,
            # What is on tape must not hang on what an endpoint can do.
            guidance=unguided if is_taped else GuidanceOfEndpoint(endpoint),
            has_fast_model=settings.has_fast_model,
            is_taped=is_taped,
        )
