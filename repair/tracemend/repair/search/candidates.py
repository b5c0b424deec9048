"""Candidates: edits of one or more modules with their price, and the workspace they are made from."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from tracemend.analysis.syntax.edits import TextEdit, apply_edits, edits_overlap
from tracemend.analysis.syntax.module import Module
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.propose.donors import DonorPool
from tracemend.repair.propose.sense import strangeness
from tracemend.repair.propose.site import Observed, Operator, Proposal, Site
from tracemend.repair.propose.static_types import StaticTypes
from tracemend.repair.search.calibration import correction
from tracemend.repair.search.floors import Floors
from tracemend.repair.search.naturalness import TokenModel, surcharge
from tracemend.repair.search.symptoms import discount, symptoms_of

_LOG = logging.getLogger(__name__)

AUTHOR = "templates"

ObservedOf = Callable[[str, str], Mapping[str, Observed]]  # (path, function) -> what was seen of its names.


@dataclass(frozen=True)
class Candidate:
    """Proposals at their places. `cost` is the sum of their own costs, without that of the place.

    `conversation` numbers the conversations with models, which are independent of each other; 0 says that no model
    had a part in it.
    """

    parts: tuple[tuple[Suspect, Module, Proposal], ...]
    cost: float = field(compare=False)
    author: str = field(default=AUTHOR, compare=False)
    conversation: int = field(default=0, compare=False)
    remark: str = field(default="", compare=False)  # What its author says about it, unchecked.

    @property
    def suspect(self) -> Suspect:
        """The place of the first edit."""
        return self.parts[0][0]

    @cached_property
    def patch(self) -> Patch:
        """The candidate as a patch of whole files. Raises `OverlappingEdits`."""
        edits: dict[str, list[TextEdit]] = {}
        modules: dict[str, Module] = {}
        for _, module, proposal in self.parts:
            edits.setdefault(module.path, []).extend(proposal.edits)
            modules[module.path] = module
        changes = tuple(
            FileChange(path, modules[path].text, apply_edits(modules[path].text, found))
            for path, found in edits.items()
        )
        origin = Origin(
            author=self.author,
            operator=" + ".join(proposal.operator for _, _, proposal in self.parts if proposal.operator),
            note=" and ".join(proposal.note for _, _, proposal in self.parts if proposal.note),
            lines=tuple((suspect.path, suspect.line) for suspect, _, _ in self.parts),
        )
        return Patch(changes, origin, self.cost)

    def joined(self, other: Candidate, extra_cost: float) -> Candidate | None:
        """Return both candidates as one, None where their edits touch each other."""
        for _, module, proposal in self.parts:
            for _, other_module, other_proposal in other.parts:
                if module.path == other_module.path and edits_overlap(proposal.edits, other_proposal.edits):
                    return None
        return Candidate((*self.parts, *other.parts), self.cost + other.cost + extra_cost)


class Source(Protocol):
    """An author that has not been asked yet about one place."""

    def floor(self) -> float:
        """Return what its cheapest candidate is expected to cost."""

    def candidates(self) -> list[Candidate]:
        """Ask it."""


@dataclass(frozen=True)
class OperatorSource:
    """One operator at one statement."""

    operator: Operator
    suspect: Suspect
    site: Site
    floors: Floors
    prior: float = 0.0  # Bits that its proposals cost more; below 0 for what has mended here before.

    def floor(self) -> float:
        """Return the operator's floor."""
        return max(0.0, self.floors.floor(self.operator.name) + self.prior)

    def candidates(self) -> list[Candidate]:
        """Return the operator's proposals for the statement."""
        found: list[Candidate] = []
        costs: list[float] = []
        try:
            for proposal in self.operator.propose(self.site):
                costs.append(proposal.cost)
                named = replace(proposal, operator=self.operator.name)
                part = (self.suspect, self.site.module, named)
                found.append(Candidate((part,), max(0.0, proposal.cost + self.prior)))
        except Exception:  # noqa: BLE001 - one that stumbles over odd code must not end the search for all.
            _LOG.exception("Operator %s at %s:%d", self.operator.name, self.suspect.path, self.suspect.line)
        self.floors.note(self.operator.name, costs)
        return found


@dataclass(frozen=True)
class Workshop:
    """Everything that proposals are made from: operators, modules, what was observed of the failing run."""

    operators: Sequence[Operator]
    module_of: Callable[[str], Module | None]
    donors: DonorPool
    observed_of: ObservedOf
    test_literals: tuple[str, ...]
    error: str
    error_places: frozenset[tuple[str, int]]  # Lines where the target failure was raised or passed through.
    model: TokenModel
    types: StaticTypes
    priors: Mapping[str, float] = field(default_factory=dict)  # By operator; see `memory`.
    floors: Floors = field(default_factory=Floors)
    _sites: dict[tuple[str, int], list[Site]] = field(default_factory=dict)  # By path and line.

    def sources(self, suspect: Suspect) -> list[Source]:
        """Return every operator at one suspicious statement, none of them asked yet."""
        return [
            OperatorSource(operator, suspect, site, self.floors, self._prior(operator.name))
            for site in self.sites(suspect)
            for operator in self.operators
        ]

    def sites(self, suspect: Suspect) -> Sequence[Site]:
        """Return what is known of the statements that begin at a suspicious place, most often one."""
        place = (suspect.path, suspect.line)
        module = self.module_of(suspect.path)
        if place not in self._sites and module is not None:
            self._sites[place] = [
                self._site(module, suspect, statement)
                for statement in module.statements_at(suspect.line)
                if statement.lineno == suspect.line
            ]
        return self._sites.get(place, ())

    @cached_property
    def _symptoms(self) -> tuple[str, ...]:
        return symptoms_of(self.error)

    def _prior(self, operator: str) -> float:
        """Return what real fixes, repairs of this workspace and the failing assertion say of an operator, in bits."""
        return correction(operator) + self.priors.get(operator, 0.0) - discount(self._symptoms, operator)

    def surcharge(self, candidate: Candidate) -> float | None:
        """Return what unnatural text and sense add to the price of a single edit; None for one that certainly raises an error."""
        ((suspect, module, proposal),) = candidate.parts
        sites = self._sites.get((suspect.path, suspect.line), ())
        for site in sites:
            if site.types is not None and site.types.refusal(proposal, site.observed):
                return None
        strange = max((strangeness(site, proposal) for site in sites), default=0.0)
        return surcharge(self.model, proposal, module) + strange

    def _site(self, module: Module, suspect: Suspect, statement: ast.stmt) -> Site:
        last = statement.end_lineno or statement.lineno
        here = any((suspect.path, line) in self.error_places for line in range(statement.lineno, last + 1))
        return Site(
            module,
            statement,
            self.donors.at(module, statement),
            self.observed_of(suspect.path, suspect.function),
            self.test_literals,
            self.error,
            here,
            self.types.at(module, statement),
        )
