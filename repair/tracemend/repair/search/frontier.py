"""The frontier: which candidate to try next.

Uniform-cost search over two prices that add up, both in bits: the price of the place (how much less suspicious than
the top suspect it is) and the price of the edit (how rare such an edit is among real fixes). A statement's proposals
are made only when the statement reaches the top.

Verdicts teach prices of places. This is mutation-based localization (Metallaxis, Papadakis and Le Traon 2015) for
free: a statement whose edits change how the test fails takes part in the failure, one whose edits never do, does not;
one whose edits make loops endless is put off because time-outs cost most. After some hundreds of single edits every
third candidate is a pair (`pairing`), and when singles run out all are.
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
from tracemend.repair.search.pairing import Base, Pairing

PLACE_WEIGHT = 1.3  # Bits of place for each halving of suspiciousness.
NO_EFFECT_AFTER = 8  # Tries without any effect before a statement loses credit.
SINGLES_FIRST, PAIR_EVERY = 400, 3

Effect = Literal["same", "changed", "progress", "timeout", "regressed"]


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
    last_priority: float = 0.0  # Of the single edit that was returned last.
    _heap: list[tuple[float, int, _Place]] = field(default_factory=list)
    _places: dict[tuple[str, int], _Place] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _pairing: Pairing = field(default_factory=Pairing)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _popped: int = 0

    def __post_init__(self) -> None:
        self.add_suspects(self.suspects)

    def add_suspects(self, suspects: Sequence[Suspect]) -> None:
        """Take in further statements; those known already keep their price."""
        for suspect in suspects:
            if (suspect.path, suspect.line) not in self._places:
                place = _Place(suspect, -PLACE_WEIGHT * log2(max(suspect.score, 1e-3)))
                self._places[suspect.path, suspect.line] = place
                self._push(place)

    def pop(self) -> Candidate | None:
        """Return the next candidate whose resulting text is new, or None when everything was tried."""
        while (candidate := self._next()) is not None:
            try:
                key = candidate.patch.key
            except OverlappingEdits:
                continue
            if key not in self._seen:
                self._seen.add(key)
                self._popped += 1
                return candidate
        return None

    def learn(
        self,
        candidate: Candidate,
        effect: Effect,
        gain: float = 0.0,
        preferred: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        """Take the verdict on `candidate` into account.

        `gain` (0 to 1) says how much of the way it went; `preferred` are places where a second edit may complete it.
        """
        if len(candidate.parts) > 1:
            return
        place = self._places[candidate.suspect.path, candidate.suspect.line]
        place.tried += 1
        place.changed += effect not in ("same", "timeout")
        place.timeouts += effect == "timeout"
        if effect == "timeout" and place.timeouts in (2, 5, 10):
            place.bias += 1.0
        elif effect == "progress":
            place.bias = min(place.bias, -0.5 - gain)
        elif place.tried == NO_EFFECT_AFTER and not place.changed:
            place.bias += 1.5
        elif place.tried == 4 and place.changed >= 2:
            place.bias -= 0.5
        if effect in ("changed", "progress", "regressed"):
            bonus = 3.0 * gain + (0.0 if effect == "changed" else 1.0)
            self._pairing.bases.append(Base(candidate, candidate.cost + place.price - bonus, preferred))

    def _push(self, place: _Place) -> None:
        heapq.heappush(self._heap, (place.priority(), next(self._order), place))

    def _next(self) -> Candidate | None:
        if self._popped >= SINGLES_FIRST and self._popped % PAIR_EVERY == 0:
            return self._pairing.next() or self._next_single()
        return self._next_single() or self._pairing.next()

    def _next_single(self) -> Candidate | None:
        while self._heap:
            priority, _, place = heapq.heappop(self._heap)
            if place.candidates is None:
                self._open(place)
                continue
            if priority < place.priority():  # Its bias has grown since it was pushed.
                self._push(place)
                continue
            candidate = place.candidates[place.position]
            place.position += 1
            if place.position < len(place.candidates):
                self._push(place)
            self.last_priority = priority
            return candidate
        return None

    def _open(self, place: _Place) -> None:
        place.candidates = self.candidates_of(place.suspect)
        for candidate in place.candidates:
            self._pairing.add_single(candidate, place.price + candidate.cost)
        if place.candidates:
            self._push(place)
