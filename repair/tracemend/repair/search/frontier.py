"""The frontier: which candidate to try next.

Uniform-cost search over two prices that add up, both in bits: the price of the place (how much less suspicious than
the top suspect it is) and the price of the edit (how rare such an edit is among real fixes, and how unnatural its text).

Verdicts teach prices of places. This is mutation-based localization (Metallaxis, Papadakis and Le Traon 2015) for
free: a statement whose edits change how the test fails takes part in the failure, one whose edits never do, does not;
one whose edits make loops endless is put off because time-outs cost most. After some hundreds of single edits every
third candidate is a pair (`pairing`), and when singles run out all are.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import log2
from typing import Literal, TypeVar

from tracemend.analysis.syntax.edits import OverlappingEdits
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.search.candidates import Candidate, Source
from tracemend.repair.search.pairing import Base, Pairing

PLACE_WEIGHT = 1.3  # Bits of place for each halving of suspiciousness.
NO_EFFECT_AFTER = 8  # Tries without any effect before a statement loses credit.
SINGLES_FIRST, PAIR_EVERY = 400, 3

FrontierKind = TypeVar("FrontierKind", bound="Frontier")
Effect = Literal["same", "changed", "progress", "timeout", "regressed"]


@dataclass
class _Entry:
    """Something to do at a place: look at it, ask a source, price a candidate, or try it (in this order)."""

    cost: float
    source: Source | None = None
    candidate: Candidate | None = None
    priced: bool = False


@dataclass
class _Place:
    """A suspicious statement with what is left to do there, and what its candidates did so far."""

    suspect: Suspect
    price: float
    entries: list[tuple[float, int, _Entry]] = field(default_factory=list)  # A heap by cost.
    tried: int = 0
    changed: int = 0
    timeouts: int = 0
    bias: float = 0.0  # What was learnt about the price.

    def priority(self) -> float:
        """Return the price of the cheapest thing to do here."""
        return self.price + self.bias + self.entries[0][0]

    def learn(self, effect: Effect, gain: float) -> None:
        self.tried += 1
        self.changed += effect not in ("same", "timeout")
        self.timeouts += effect == "timeout"
        if effect == "timeout" and self.timeouts in (2, 5, 10):
            # Where edits matter, hanging is no reason to stop.
            self.bias += 0.4 if self.changed > self.timeouts else 1.0
        elif effect == "progress":
            self.bias = min(self.bias, -0.5 - gain)
        elif self.tried == NO_EFFECT_AFTER and not self.changed:
            self.bias += 1.5
        elif self.tried == 4 and self.changed >= 2:
            self.bias -= 0.5


class Frontier:
    """All candidates that were not tried yet. Not thread-safe: the search holds a lock.

    Work is put off until its turn comes: a statement is looked at when its place comes up, an operator asked when even
    its cheapest proposal would, a proposal's text priced when it would be tried, or dropped if `surcharge` gives None.
    """

    def __init__(
        self,
        suspects: Sequence[Suspect],
        sources_of: Callable[[Suspect], Sequence[Source]],
        surcharge: Callable[[Candidate], float | None] = lambda candidate: 0.0,
    ) -> None:
        self.last_priority = 0.0  # Of the single edit that was returned last.
        self._sources_of = sources_of
        self._surcharge = surcharge
        self._heap: list[tuple[float, int, _Place]] = []
        self._order = itertools.count()
        self._places: dict[tuple[str, int], _Place] = {}
        self._seen: set[str] = set()
        self._pairing = Pairing()
        self._popped = 0
        self.add_suspects(suspects)

    def add_suspects(self, suspects: Sequence[Suspect]) -> None:
        """Take in further statements; those known already keep their price."""
        for suspect in suspects:
            if (suspect.path, suspect.line) not in self._places:
                place = _Place(suspect, -PLACE_WEIGHT * log2(max(suspect.score, 1e-3)))
                self._places[suspect.path, suspect.line] = place
                self._add(place, _Entry(0.0))
                self._push(place)

    def pop(self) -> Candidate | None:
        """Return the next candidate whose resulting text is new, or None when everything was tried."""
        while (candidate := self._next()) is not None:
            if self.is_new(candidate):
                self._popped += 1
                return candidate
        return None

    def anew(self, kind: type[FrontierKind], suspects: Sequence[Suspect]) -> FrontierKind:
        """Return a frontier over `suspects` that asks and prices as this one does, with nothing tried yet."""
        return kind(suspects, self._sources_of, self._surcharge)

    def is_new(self, candidate: Candidate) -> bool:
        """Say whether the resulting text of `candidate` was not seen before, and remember it."""
        try:
            key = candidate.patch.key
        except OverlappingEdits:
            return False
        known = key in self._seen
        self._seen.add(key)
        return not known

    def learn(
        self,
        candidate: Candidate,
        effect: Effect,
        gain: float = 0.0,
        preferred: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        """Take the verdict on `candidate` into account; a model's says little about one place.

        `gain` (0 to 1) says how much of the way it went; `preferred` are places where a second edit may complete it.
        """
        if len(candidate.parts) > 1 or candidate.conversation:
            return
        place = self._places[candidate.suspect.path, candidate.suspect.line]
        place.learn(effect, gain)
        self._push(place)
        if effect in ("changed", "progress", "regressed"):
            bonus = 3.0 * gain + (0.0 if effect == "changed" else 1.0)
            self._pairing.bases.append(Base(candidate, candidate.cost + place.price - bonus, preferred))

    def _add(self, place: _Place, entry: _Entry) -> None:
        heapq.heappush(place.entries, (entry.cost, next(self._order), entry))

    def _push(self, place: _Place) -> None:
        """Put `place` into the queue at its present priority; an older, dearer entry of it does no harm."""
        if place.entries:
            heapq.heappush(self._heap, (place.priority(), next(self._order), place))

    def _next(self) -> Candidate | None:
        if self._popped >= SINGLES_FIRST and self._popped % PAIR_EVERY == 0:
            return self._pairing.next() or self._next_single()
        return self._next_single() or self._pairing.next()

    def _next_single(self) -> Candidate | None:
        while self._heap:
            priority, _, place = heapq.heappop(self._heap)
            if not place.entries:
                continue
            if priority < place.priority():  # It has become dearer since it was pushed.
                self._push(place)
                continue
            entry = heapq.heappop(place.entries)[2]
            if not entry.priced:
                self._advance(place, entry)
            self._push(place)
            if entry.priced:
                self.last_priority = priority
                return entry.candidate
        return None

    def _advance(self, place: _Place, entry: _Entry) -> None:
        """Take `entry` one step further; what comes of it costs at least as much."""
        if entry.candidate is not None:
            surcharge = self._surcharge(entry.candidate)
            if surcharge is not None:
                cost = entry.candidate.cost + surcharge
                self._add(place, _Entry(cost, candidate=replace(entry.candidate, cost=cost), priced=True))
        elif entry.source is not None:
            for candidate in entry.source.candidates():
                self._pairing.add_single(candidate, place.price + candidate.cost)
                self._add(place, _Entry(candidate.cost, candidate=candidate))
        else:
            for source in self._sources_of(place.suspect):
                self._add(place, _Entry(source.floor(), source))
