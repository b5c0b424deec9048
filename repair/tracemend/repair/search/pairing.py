"""Pairs of edits: an edit that visibly got somewhere, joined with a second one.

Trying all pairs is hopeless, so the first edit of a pair, its *base*, must have shown an effect: it got the failing
test further, changed how it fails, or (the best sign) mended it and broke another test, as one half of two coordinated
edits does. The second edit then rather belongs to what the broken test executes. Pairs are tried in the order of the
sum of both prices.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracemend.repair.search.candidates import Candidate

PAIR_COST = 2.0  # Bits: two edits are rarer than one.
PREFERRED_BITS = 3.0  # Taken off the price of a second edit where the broken test points.
MAX_BASES = 24
MAX_POOL = 1500
REFILL_AFTER = 200  # Pairs, after which new bases and second edits are taken into account.

Place = tuple[str, int]


@dataclass(frozen=True)
class Base:
    """The first edit of pairs. `preferred` are the places where the second one is expected."""

    candidate: Candidate
    price: float
    preferred: frozenset[Place] = frozenset()


@dataclass
class Pairing:
    """The pairs that were not tried yet, of bases and second edits that may still be added."""

    bases: list[Base] = field(default_factory=list)
    _pool: list[tuple[float, Candidate]] = field(default_factory=list)
    _tried: set[tuple[int, int]] = field(default_factory=set)
    _queue: Iterator[tuple[float, int, Candidate, Candidate]] = field(default_factory=lambda: iter(()))
    _left: int = 0
    _order: Iterator[int] = field(default_factory=itertools.count)

    def add_single(self, candidate: Candidate, price: float) -> None:
        """Make `candidate` available as a second edit."""
        self._pool.append((price, candidate))

    def next(self) -> Candidate | None:
        """Return the cheapest pair that was not returned before, None when there is none."""
        if self._left == 0:
            self._refill()
        for _, _, base, second in self._queue:
            key = (id(base), id(second))
            if base is second or key in self._tried:
                continue
            self._tried.update((key, key[::-1]))
            joined = base.joined(second, PAIR_COST)
            if joined is not None:
                self._left -= 1
                return joined
        self._left = 0
        return None

    def _refill(self) -> None:
        bases = sorted(self.bases, key=lambda one: one.price)[:MAX_BASES]
        self._queue = heapq.merge(*(self._with(base) for base in bases))
        self._left = REFILL_AFTER

    def _with(self, base: Base) -> Iterator[tuple[float, int, Candidate, Candidate]]:
        def price_of(entry: tuple[float, Candidate]) -> float:
            price, candidate = entry
            place = (candidate.suspect.path, candidate.suspect.line)
            return price - PREFERRED_BITS if place in base.preferred else price

        for entry in heapq.nsmallest(MAX_POOL, self._pool, key=price_of):
            yield base.price + price_of(entry), next(self._order), base.candidate, entry[1]
