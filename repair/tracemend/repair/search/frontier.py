"""The frontier: which candidate to try next.

Uniform-cost search over two prices that add up, both in bits: the price of the place (how much less suspicious than
the top suspect it is) and the price of the edit (how rare such an edit is among real fixes). A statement's proposals
are made only when the statement reaches the top.

Verdicts teach prices of places. This is mutation-based localization (Metallaxis, Papadakis and Le Traon 2015) for
free: a statement whose edits change how the test fails takes part in the failure, one whose edits never do, does not;
one whose edits make loops endless is put off because time-outs cost most. When single edits run out, pairs follow:
first an edit that visibly got further, then any other (`pairs`).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log2
from typing import Literal

from tracemend.analysis.syntax.edits import OverlappingEdits
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.search.candidates import Candidate

PLACE_WEIGHT = 1.3  # Bits of place for each halving of suspiciousness.
PAIR_COST = 2.0
MAX_PAIR_BASES = 24
MAX_PAIR_POOL = 1500
NO_EFFECT_AFTER = 8  # Tries without any effect before a statement loses credit.

Effect = Literal["same", "changed", "progress", "timeout"]


@dataclass
class _Place:
    """A suspicious statement with the candidates it has left."""

    suspect: Suspect
    price: float
    candidates: list[Candidate] | None = None
    position: int = 0
    tried: int = 0
    changed: int = 0
    timeouts: int = 0
    bias: float = 0.0

    def priority(self) -> float:
        if self.candidates is None:
            return self.price + self.bias + 0.5
        return self.price + self.bias + self.candidates[self.position].cost


@dataclass
class Frontier:
    """All candidates that were not tried yet. Not thread-safe: the search holds a lock."""

    suspects: Sequence[Suspect]
    candidates_of: Callable[[Suspect], list[Candidate]]
    _heap: list[tuple[float, int, _Place]] = field(default_factory=list)
    _places: dict[tuple[str, int], _Place] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _tried: list[Candidate] = field(default_factory=list)
    _bases: list[tuple[float, Candidate]] = field(default_factory=list)
    _pairs: Iterator[Candidate] | None = None
    _order: Iterator[int] = field(default_factory=itertools.count)
    last_priority: float = 0.0

    def __post_init__(self) -> None:
        for suspect in self.suspects:
            price = -PLACE_WEIGHT * log2(max(suspect.score, 1e-3))
            place = _Place(suspect, price)
            self._places[suspect.path, suspect.line] = place
            self._push(place)

    def pop(self) -> Candidate | None:
        """Return the next candidate whose resulting text is new, or None when everything was tried."""
        while (candidate := self._next_single() or self._next_pair()) is not None:
            try:
                key = candidate.patch.key
            except OverlappingEdits:
                continue
            if key not in self._seen:
                self._seen.add(key)
                return candidate
        return None

    def learn(self, candidate: Candidate, effect: Effect, gain: float = 0.0) -> None:
        """Take the verdict on `candidate` into account; `gain` (0 to 1) says how much of the way it went."""
        if len(candidate.parts) > 1:
            return
        place = self._places[candidate.suspect.path, candidate.suspect.line]
        place.tried += 1
        place.changed += effect in ("changed", "progress")
        place.timeouts += effect == "timeout"
        if effect == "timeout" and place.timeouts in (2, 5, 10):
            place.bias += 1.0
        elif effect == "progress":
            place.bias = min(place.bias, -0.5 - gain)
        elif place.tried == NO_EFFECT_AFTER and not place.changed:
            place.bias += 1.5
        elif place.tried == 4 and place.changed >= 2:
            place.bias -= 0.5
        if effect in ("changed", "progress"):
            bonus = 3.0 * gain + (1.0 if effect == "progress" else 0.0)
            self._bases.append((candidate.cost + place.price - bonus, candidate))

    def _push(self, place: _Place) -> None:
        heapq.heappush(self._heap, (place.priority(), next(self._order), place))

    def _next_single(self) -> Candidate | None:
        while self._heap:
            priority, _, place = heapq.heappop(self._heap)
            if place.candidates is None:
                place.candidates = self.candidates_of(place.suspect)
                if place.candidates:
                    self._push(place)
                continue
            if priority < place.priority():  # Its bias has grown since it was pushed.
                self._push(place)
                continue
            candidate = place.candidates[place.position]
            place.position += 1
            if place.position < len(place.candidates):
                self._push(place)
            self.last_priority = priority
            self._tried.append(candidate)
            return candidate
        return None

    def _next_pair(self) -> Candidate | None:
        if self._pairs is None:
            bases = [one for _, one in sorted(self._bases, key=lambda entry: entry[0])[:MAX_PAIR_BASES]]
            pool = sorted(self._tried, key=lambda one: one.cost + self._place_price(one))[:MAX_PAIR_POOL]
            self._pairs = pairs(bases, pool)
        return next(self._pairs, None)

    def _place_price(self, candidate: Candidate) -> float:
        place = self._places[candidate.suspect.path, candidate.suspect.line]
        return place.price + place.bias


def pairs(bases: Sequence[Candidate], pool: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield every base joined with every candidate of `pool`, both given best first, in diagonal order."""
    for rank_sum in range(len(bases) + len(pool)):
        for base_rank in range(min(len(bases), rank_sum // 8 + 1)):
            pool_rank = rank_sum - 8 * base_rank
            if 0 <= pool_rank < len(pool) and bases[base_rank] is not pool[pool_rank]:
                joined = bases[base_rank].joined(pool[pool_rank], PAIR_COST)
                if joined is not None:
                    yield joined
