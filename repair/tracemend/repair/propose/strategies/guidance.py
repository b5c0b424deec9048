"""How names are kept right while a model answers: found out before the first question, so that `fix` asks nobody to do so.

Finding out takes a dozen tiny requests, once for an endpoint and a model, which are remembered (`models.capabilities`). It waits
for the first question, so that an endpoint that is not needed hears nothing; it is metered, given up with the job, bounded in
time, and left away where it would take a good part of what the user allows. Where it fails the question is asked as it is: what
is wrong with an endpoint is told by the answer to that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tracemend.repair.models.protocol import Message, ModelRole

if TYPE_CHECKING:
    from tracemend.analysis.decoding.machine import Guide
    from tracemend.repair.models.capabilities import Capabilities, Route
    from tracemend.repair.models.endpoint import Endpoint
    from tracemend.repair.models.guard import GuardedAnswer, GuardLimits

MOST_PROBES = 2  # For one model in one job, where the first one met a fault.

_LOG = logging.getLogger(__name__)


class GuardedChat(Protocol):
    """What is needed of `models.guard.guarded_chat`, with the endpoint it asks."""

    def __call__(
        self,
        guide_factory: Callable[[], Guide],
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        role: ModelRole,
        cancel: threading.Event | None,
        limits: GuardLimits,
        within_s: float,
    ) -> GuardedAnswer: ...


@dataclass(frozen=True, slots=True)
class Guidance:
    """How the names of one answer are kept right. `told` is a sentence where that had to be found out."""

    masks: bool = False  # The engine has our plug-in, which masks invented names.
    guarded: GuardedChat | None = None  # Asks under a guide, where the endpoint allows for that.
    told: str = ""


UNGUIDED = Guidance()


class FindsGuidance(Protocol):
    """Says how the next answer for `role` can be guided. Raises `models.errors.Cancelled` and no other error."""

    def __call__(self, role: ModelRole, cancel: threading.Event | None, within_s: float) -> Guidance: ...


def unguided(role: ModelRole, cancel: threading.Event | None, within_s: float) -> Guidance:
    """Say that nothing guides answers, as where they are on tape: that must not depend on what an endpoint can do."""
    return UNGUIDED


class GuidanceOfEndpoint:
    """Finds out for each model of an endpoint how it is guided. Safe to share among threads and failures."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._known: dict[str, Guidance] = {}
        self._probes: dict[str, int] = {}

    def __call__(self, role: ModelRole, cancel: threading.Event | None, within_s: float) -> Guidance:
        """Return how answers for `role` are guided, with what to tell the first time."""
        model = self._endpoint.settings.model_for(role)
        with self._lock:
            if model in self._known:
                return self._known[model]
            if self._probes.get(model, 0) >= MOST_PROBES:
                return UNGUIDED
            self._probes[model] = self._probes.get(model, 0) + 1
            return self._found_out(model, role, cancel, within_s)

    def _found_out(
        self, model: str, role: ModelRole, cancel: threading.Event | None, within_s: float
    ) -> Guidance:
        from tracemend.repair.models.capabilities import choose_route
        from tracemend.repair.models.errors import Cancelled, ModelError

        before = self._endpoint.meter.totals()
        try:
            found = self._endpoint.capabilities(role=role, cancel=cancel, within_s=within_s)
        except Cancelled:
            raise
        except ModelError as error:
            _LOG.info("How the endpoint could be guided was not found out: %s", error)
            return UNGUIDED
        after = self._endpoint.meter.totals()
        route = choose_route(found, for_chats=True)
        self._known[model] = guidance = _guidance(self._endpoint, found, route)
        requests, tokens = after.requests - before.requests, after.usage.tokens - before.usage.tokens
        if not requests:
            return guidance
        cost = f"{requests} tiny requests and {tokens} tokens, once"
        return replace(guidance, told=f"How to guide {found.model} was found out ({cost}): {route.why}.")


def _guidance(endpoint: Endpoint, found: Capabilities, route: Route) -> Guidance:
    from tracemend.repair.models.guard import guarded_chat

    if found.is_provisional or route.name == "filter":
        return UNGUIDED
    if route.name == "plug-in":
        return Guidance(masks=True)
    return Guidance(guarded=partial(guarded_chat, endpoint))
