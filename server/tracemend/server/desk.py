"""The failures of one folder, as far as each has been looked into: what `repairs` works on.

A `Desk` only keeps books; whoever uses it holds the lock of `repairs.Repairs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from tracemend.repair.live.state import LiveResult

from .documents import Document
from .files import text_of
from .findings import RepairState
from .investigation import names_a_head
from .session import FolderView

MAX_LOOKS = 30  # Failing tests that are looked into unasked; the others wait for the user.
KEPT_RUNS = 4

Documents = Mapping[Path, Document]
Digest = tuple[Path, str, str, str]


@dataclass
class Desk:
    """The work on one folder. `states` is replaced, never changed, so that snapshots may hold it."""

    view: FolderView
    documents: Documents
    states: Mapping[str, RepairState] = field(default_factory=dict)
    wanted: list[str] = field(
        default_factory=list
    )  # Asked for by the user, the first one first; each time counts.
    to_rank: set[str] = field(default_factory=set)  # Failures of which more may be known by now.
    declined: set[str] = field(default_factory=set)  # The user called off the search for these failures.
    paused: bool = False
    searches: int = 0  # Begun unasked since the failures last changed.
    _documents_of_runs: dict[int, Documents] = field(default_factory=dict)

    def take_over(self, view: FolderView, documents: Documents) -> None:
        """Take over what the folder's tests say now; what is known of a verdict stays with it."""
        self.view, self.documents = view, documents
        self._note_run()
        failing = view.live.failing if view.live is not None else ()
        states = {one.result.test: self._state_of(one) for one in failing}
        if states.keys() - self.states.keys():
            self.searches = 0
        self.declined &= {test for test, one in states.items() if self.has(one)}
        self.to_rank = {test for test, one in states.items() if one.looked_at and names_a_head(one)}
        self.states = MappingProxyType(states)

    def put(self, *states: RepairState) -> None:
        """Replace the states of these tests, those that are still on the desk with the same verdict."""
        current = dict(self.states)
        current.update({one.test: one for one in states if self.has(one)})
        self.states = MappingProxyType(current)

    def has(self, state: RepairState) -> bool:
        """Say whether `state` is about the verdict that counts now."""
        known = self.states.get(state.test)
        return known is not None and known.result is state.result

    def unseen(self) -> list[RepairState]:
        """Return those of the first failures that nobody has looked into yet."""
        return [one for one in islice(self.states.values(), MAX_LOOKS) if not one.looked_at]

    def waiting(self) -> list[RepairState]:
        """Return the failures that could be searched now."""
        return [one for one in self.states.values() if one.looked_at and one.phase == "waiting"]

    @property
    def idle(self) -> bool:
        """Say whether the project's runner has nothing else to do."""
        return self.view.live is not None and self.view.live.phase == "idle"

    def texts_of_run(self, run: int, paths: Iterable[str]) -> dict[str, str]:
        """Return the files as they were when a run began: the lines that it tells of are those of these texts."""
        documents = self._documents_of_runs.get(run, self.documents)
        found = {path: text_of(documents, self.view.root / path) for path in paths}
        return {path: text for path, text in found.items() if text is not None}

    def digest(self, state: RepairState) -> Digest:
        """Name a failure by how it fails and by the texts of the files that it executed."""
        digest = hashlib.blake2b(digest_size=12)
        for path, text in sorted(state.texts.items()):
            digest.update(path.encode() + b"\0" + text.encode("utf-8", "surrogatepass") + b"\0")
        return self.view.root, state.test, state.result.behaviour, digest.hexdigest()

    def _note_run(self) -> None:
        live = self.view.live
        if live is not None and live.run not in self._documents_of_runs:
            self._documents_of_runs[live.run] = self.documents
            for run in sorted(self._documents_of_runs)[:-KEPT_RUNS]:
                del self._documents_of_runs[run]

    def _state_of(self, live: LiveResult) -> RepairState:
        known = self.states.get(live.result.test)
        if known is not None and known.result is live.result:
            return known
        failure = live.result.failure
        paths = {one.path for one in failure.frames if one.in_project} if failure is not None else set()
        return RepairState(live.result, texts=self.texts_of_run(live.run, paths), run=live.run)
