"""The verdict on a plausible patch: everything known about it, gathered in order of cost.

Shape (anti-patterns), linter, and falsification: one observation run calls the changed functions of *all* plausible
patches, and of the original, on the inputs that the tests gave them and on fresh ones derived from those. Generated
inputs find most overfitting patches without a false alarm when they compare behaviour (KTH QuixBugs study: 174 of 180,
none of 158 correct ones), while inferred invariants do not; so behaviour is what is compared.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tracemend.repair.elsewhere import Say
from tracemend.repair.explain.evidence import DiagnosticsDelta, Falsification
from tracemend.repair.judge.antipatterns import AntiPattern, find_antipatterns
from tracemend.repair.judge.diagnostics import diagnostics_delta
from tracemend.repair.runner.observations import (
    ORIGINAL,
    Observation,
    changed_on_passing,
    clusters,
    new_crashes,
)
from tracemend.repair.search.search import Plausible

MAX_EXAMPLES = 3


@dataclass
class Verdict:
    """What is known about one plausible patch. `cluster` numbers patches of equal behaviour alike, from 0."""

    plausible: Plausible
    antipatterns: tuple[AntiPattern, ...]
    diagnostics: DiagnosticsDelta
    falsification: Falsification | None = None
    shows: bool = True  # Whether some input that was tried tells it from the original code.
    variant: int | None = None  # Its place in the observation; None where nothing was measured of it.
    cluster: int = 0
    cluster_size: int = 1  # How many different statements have an edit that leads to this behaviour.
    agreeing: int = (
        1  # How many authors that know nothing of each other wrote something that behaves like it.
    )
    whole: tuple[int, int, float] | None = None  # (passed, regressions, seconds) of the final fresh run.
    elsewhere: Say | None = None  # What the tests beyond the selection say, where they were asked.
    reverted_fails: bool | None = None
    observation: Observation | None = None
    mended: tuple[str, ...] = ()  # Failing tests that the final run saw green.
    doubts: list[str] = field(default_factory=list)

    @property
    def severe(self) -> bool:
        """True when the patch shows a shape that forbids confidence."""
        return any(one.severe for one in self.antipatterns)

    @property
    def witnesses(self) -> int:
        """How many tests, of the selection and beyond it, execute what is edited and are green with it."""
        return self.plausible.witnesses + (self.elsewhere.witnesses if self.elsewhere else 0)

    def behaves_like(self, other: Verdict) -> bool:
        """True when both were measured and no input told them apart."""
        return self.variant is not None and other.variant is not None and self.cluster == other.cluster


def first_verdicts(plausible: Sequence[Plausible], test_literals: Collection[str]) -> list[Verdict]:
    """Return the verdicts as far as the text of the patches decides them."""
    return [
        Verdict(
            one,
            find_antipatterns(one.candidate.patch, test_literals),
            diagnostics_delta(one.candidate.patch),
            agreeing=len(_sources(one)),
        )
        for one in plausible
    ]


def take_observation(verdicts: Sequence[Verdict], observation: Observation) -> None:
    """Enter what an observation tells; `verdicts[i]` is its variant `i + 1`, variant 0 the original code."""
    for index, verdict in enumerate(verdicts, start=1):
        # What could not be measured agrees with everything, which says nothing.
        verdict.variant = index if any(observation.comparable(index, index)) else None
        changed = changed_on_passing(observation, index)
        crashes = new_crashes(observation, index)
        examples = tuple(one.text for one in (*changed, *crashes))[:MAX_EXAMPLES]
        compared = [not before.same_as(after) for _, before, after in observation.comparable(ORIGINAL, index)]
        verdict.shows = any(compared)
        verdict.falsification = Falsification(len(compared), len(changed), len(crashes), examples)
    groups = [
        sorted(one - 1 for one in group if verdicts[one - 1].variant is not None)
        for group in clusters(observation)
    ]
    for number, group in enumerate(one for one in groups if one):
        members = [verdicts[index].plausible for index in group]
        # A model may touch any lines on its way to a behaviour: all that models wrote is one place.
        places = {() if one.candidate.conversation else one.candidate.patch.origin.lines for one in members}
        sources = frozenset[int]().union(*map(_sources, members))
        for index in group:
            verdicts[index].cluster = number
            verdicts[index].cluster_size = len(places)
            verdicts[index].agreeing = len(sources)


def _sources(plausible: Plausible) -> frozenset[int]:
    """Return who wrote this very text: the conversations with models, 0 for the templates."""
    return plausible.echoes | {plausible.candidate.conversation}
