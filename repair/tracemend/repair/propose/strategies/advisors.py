"""What a job has of models: the endpoint, what may be asked of it, and whether it still answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from tracemend.repair.models.protocol import Usage
from tracemend.repair.propose.strategies.protocol import Asks

DEFAULT_STRATEGY = "auto"
TOKENS_PER_FAILURE = 24_000  # Worst-case estimates included, which are about twice what is really used.


@dataclass
class Advisors:
    """Models as a job uses them, shared by all of its failures. Safe to use from several threads.

    `problem` says why no model is asked any more; an endpoint that is down is not asked again for each failure.
    """

    endpoint: Asks
    strategy: str = DEFAULT_STRATEGY
    tokens_per_failure: int = TOKENS_PER_FAILURE
    problem: str = ""
    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self, usage: Usage) -> None:
        """Count one answer."""
        with self.lock:
            self.requests += 1
            self.usage += usage
