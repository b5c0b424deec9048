"""What one job knows of an endpoint: by its tape, by what is remembered, by a probe, or not at all, and then assumed."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from .capabilities import Capabilities, assumed, forget, recall, remember
from .errors import BadAnswer, ModelError
from .protocol import ModelRole

if TYPE_CHECKING:
    from .cassettes import Cassette
    from .endpoint import Endpoint

PROBE_SHARE = 0.25  # Of what each cap leaves, at most, is spent on finding out what an endpoint can do.


class Knowledge:
    """What the models of one endpoint can do, by the names that the settings give them."""

    def __init__(self, endpoint: Endpoint, cassette: Cassette | None) -> None:
        self._endpoint = endpoint
        self._cassette = cassette
        self._base_url = endpoint.settings.base_url
        self._found: dict[str, Capabilities] = {}
        self._recalled: set[str] = set()  # What was found by others, at another time.

    def of(
        self, role: ModelRole, *, refresh: bool, cancel: threading.Event | None, within_s: float = math.inf
    ) -> Capabilities:
        """Return what the model for `role` can do, found out once. Raises `ModelError`."""
        named = self._endpoint.settings.model_for(role)
        if named not in self._found or refresh:
            self._found[named] = self._asked(named, role, refresh, cancel, within_s)
        return self._found[named]

    def doubt(self, named: str, error: ModelError) -> None:
        """Find out anew, once, what an endpoint can do that refuses a question: perhaps another server runs there now."""
        if isinstance(error, BadAnswer) and named in self._recalled:
            self._recalled.discard(named)
            self._found.pop(named, None)
            forget(self._base_url, named)

    def _asked(
        self, named: str, role: ModelRole, refresh: bool, cancel: threading.Event | None, within_s: float
    ) -> Capabilities:
        if self._cassette is not None and not self._cassette.records:
            return self._cassette.replay_capabilities(named)
        found = None if refresh else self._remembered(named, role, cancel)
        found = found or self._found_out(named, role, refresh, cancel, within_s)
        if self._cassette is not None:
            self._cassette.record_capabilities(named, found)
        return found

    def _remembered(self, named: str, role: ModelRole, cancel: threading.Event | None) -> Capabilities | None:
        found = recall(self._base_url, named)
        # Without a name in the settings it is that of the model which was served at that time.
        if found is None or not (named or found.model == self._endpoint.model_name(role, cancel)):
            return None
        self._recalled.add(named)
        return found

    def _found_out(
        self, named: str, role: ModelRole, refresh: bool, cancel: threading.Event | None, within_s: float
    ) -> Capabilities:
        from .probe import MOST_COMPLETION_TOKENS, MOST_PROMPT_TOKENS, MOST_TRIALS, probe

        worst = (MOST_TRIALS, MOST_PROMPT_TOKENS, MOST_COMPLETION_TOKENS)
        if not refresh and not self._endpoint.meter.spares(PROBE_SHARE, *worst):
            return assumed(self._endpoint.model_name(role, cancel))
        self._recalled.discard(named)
        found = probe(self._endpoint, role, cancel, within_s)
        remember(self._base_url, named, found)
        return found
