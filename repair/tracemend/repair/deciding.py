"""Missing and mistaken conditions: which of all that could be asked at a place would mend the failing test.

The templates compose a condition with an action and have each pair run, which is one run for one condition. Where they
have brought nothing for a while, this author turns it round: at each suspicious place it has hundreds of conditions
judged together (`runner/decisions`), and only those are tried as patches which are known to turn the failing test green,
the ones first that passing tests would not notice.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, log2
from typing import Protocol

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.decisions import Decision, decisions, expressions
from tracemend.repair.propose.ingredients import Ingredient
from tracemend.repair.propose.site import Site
from tracemend.repair.runner.decisions import DecidingRunner, DecisionLimits, Decisive, asking, decide
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.search.candidates import Candidate, Workshop
from tracemend.repair.search.frontier import PLACE_WEIGHT
from tracemend.repair.search.search import Runs, Search

MAX_SUSPECTS = 40
MAX_PASSING = 6  # Passing tests that are asked what they would notice.
MAX_FAILING = 4  # Failing tests that are run with what mends the first.
MAX_TRIED = 4  # Conditions of one place that are tried as patches.
MAX_WHOLE, MAX_PLAUSIBLE = 5, 12
CHOSEN = "its condition was chosen among hundreds, and of so many some fit by chance"
SLACK_BITS = 0.6  # Places this much dearer than the first that mended are looked at too, for rivals.
JOINED_BITS = 1.0  # What a second clause costs.


class Deciders(Runs, DecidingRunner, Protocol):
    """A runner that tries candidates and answers requests."""


@dataclass(frozen=True)
class _Place:
    """A hole for a condition, and what it costs to edit there."""

    suspect: Suspect
    site: Site
    decision: Decision
    price: float


def decide_otherwise(
    search: Search, workshop: Workshop, suspects: Sequence[Suspect], runner: Deciders, deadline: float
) -> None:
    """Enter into the outcome of `search` what other decisions at the `suspects` mend; `deadline` is monotonic."""
    dearest = inf
    for place in sorted(_places(workshop, suspects), key=lambda one: one.price):
        left_s = deadline - time.monotonic()
        if left_s <= 0 or search.cancel.is_set() or place.price > dearest or _is_enough(search):
            return
        for candidate in _decisive(search, workshop, place, runner, left_s):
            if search.frontier.is_new(candidate):
                search.outcome.tried += 1
                if search.attempt(candidate, runner).effect == "plausible":
                    found = search.outcome.plausible
                    found[-1] = replace(found[-1], loose=CHOSEN)
                    dearest = min(dearest, place.price + SLACK_BITS)


def _is_enough(search: Search) -> bool:
    """Say whether there are rivals enough that mend the whole group, or more than enough that mend a part."""
    plausible = search.outcome.plausible
    group = {one.test for one in search.task.group}
    return sum(group <= set(one.mended) for one in plausible) >= MAX_WHOLE or len(plausible) >= MAX_PLAUSIBLE


def _places(workshop: Workshop, suspects: Sequence[Suspect]) -> Iterator[_Place]:
    for suspect in suspects[:MAX_SUSPECTS]:
        for site in workshop.sites(suspect):
            for decision in decisions(site):
                price = decision.cost - PLACE_WEIGHT * log2(max(suspect.score, 1e-3))
                yield _Place(suspect, site, decision, price)


def _decisive(
    search: Search, workshop: Workshop, place: _Place, runner: Deciders, left_s: float
) -> list[Candidate]:
    """Return the likeliest patches of one place with which the failing test is known to pass."""
    decision, module = place.decision, place.site.module
    asked = [asking(decision.default, way) for way in range(len(decision.ways))]
    probe = next(decision.probe(asked), None)
    if probe is None:
        return []
    conditions = expressions(place.site, decision)
    passing = search.impacted(Candidate(((place.suspect, module, probe),), 0.0))
    failing = [one.test for one in search.task.group[:MAX_FAILING]]
    limits = DecisionLimits()
    try:
        decided = decide(
            runner,
            {module.path: apply_edits(module.text, probe.edits)},
            [one.text for one in conditions],
            len(asked),
            failing,
            passing[:MAX_PASSING],
            search.task.limits,
            replace(limits, wall_s=min(limits.wall_s, left_s)),
        )
    except RequestFailed:
        return []
    search.outcome.tried += decided.tried
    # What mends a part of the tests that fail for one cause is no cure of it.
    whole = [one for one in decided.found if one.green == len(failing)]
    candidates = (candidate for one in whole for candidate in _candidates(workshop, place, conditions, one))
    return heapq.nsmallest(MAX_TRIED, candidates, key=lambda one: one.cost)


def _candidates(
    workshop: Workshop, place: _Place, conditions: Sequence[Ingredient], found: Decisive
) -> Iterator[Candidate]:
    """Yield the patch that was found, priced as one of the templates would be."""
    way = place.decision.ways[found.way]
    cost = way.cost + conditions[found.first].cost
    if found.second >= 0:
        cost += JOINED_BITS + conditions[found.second].cost
    for proposal in way.write(found.text([one.text for one in conditions])):
        named = replace(proposal, operator=f"decision-{place.decision.kind}", cost=cost)
        candidate = Candidate(((place.suspect, place.site.module, named),), cost)
        strange = workshop.surcharge(candidate)
        if strange is not None:
            yield replace(candidate, cost=cost + strange)
