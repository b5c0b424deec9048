"""Candidates: edits of one or more modules with their price, and the workspace they are made from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracemend.analysis.syntax.edits import TextEdit, apply_edits, edits_overlap
from tracemend.analysis.syntax.module import Module
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.propose.donors import DonorPool
from tracemend.repair.propose.site import Observed, Operator, Proposal, Site

AUTHOR = "templates"

ObservedOf = Callable[[str, str], Mapping[str, Observed]]  # (path, function) -> what was seen of its names.


@dataclass(frozen=True)
class Candidate:
    """One or two proposals at their places. `cost` is the sum of their own costs, without that of the place."""

    parts: tuple[tuple[Suspect, Module, Proposal], ...]
    cost: float = field(compare=False)

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
            author=AUTHOR,
            operator=" + ".join(proposal.operator for _, _, proposal in self.parts),
            note=" and ".join(proposal.note for _, _, proposal in self.parts),
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
    price: Callable[
        [str, Proposal, Module], float
    ]  # Adds what unnatural text costs, given the suspect's path.

    def candidates(self, suspect: Suspect) -> list[Candidate]:
        """Return the proposals of every operator for one suspicious statement, cheapest first, none twice."""
        module = self.module_of(suspect.path)
        if module is None:
            return []
        found: dict[tuple[TextEdit, ...], Candidate] = {}
        for statement in module.statements:
            if statement.lineno != suspect.line:
                continue
            for proposal in self._proposals(module, suspect, self._site(module, suspect, statement)):
                cost = proposal.cost + self.price(suspect.path, proposal, module)
                known = found.get(proposal.edits)
                if known is None or cost < known.cost:
                    found[proposal.edits] = Candidate(((suspect, module, proposal),), cost)
        return sorted(found.values(), key=lambda one: one.cost)

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
        )

    def _proposals(self, module: Module, suspect: Suspect, site: Site) -> Iterator[Proposal]:
        for operator in self.operators:
            for proposal in operator.propose(site):
                yield Proposal(proposal.edits, proposal.note, proposal.cost, operator.name)
