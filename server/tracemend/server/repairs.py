"""Background repairs: what is behind the lightbulb before anyone presses it.

`Repairs` keeps one `RepairState` for each test that fails now. Two threads work on them while nothing else has to run:
one *looks* (who is suspected, which values were there, both from the warm runner), the other *searches* (in a process of
its own, see `searching`), one cause of failure at a time. What the user asks for goes first and runs in spite of a
pause. A state belongs to one verdict: when the test is stale, green or red in another way, the state is dropped and a
search for it is cancelled. What a search found is remembered by the contents of the files that the test executed, so
that undoing an edit brings the answer back at once.

One lock guards everything; callbacks into it are quick, and nothing slow is done while it is held.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from .desk import Desk, Digest, Documents
from .findings import FoundPatch, RepairPhase, RepairState
from .investigation import look_into, suspects_now
from .jobs import Job
from .model_settings import model_settings
from .problems import RequestFailed
from .search_requests import background_request, group_with, urgency
from .searching import Search, SearchOutcome, SearchProgress
from .session import FolderView, Session

logger = logging.getLogger(__name__)

MAX_SEARCHES = 10  # Searches begun unasked for one set of failures.
MAX_REMEMBERED = 64
ENOUGH_LOOKS = (
    4  # Failures looked into before a search begins; of dozens the last is looked into after minutes.
)

__all__ = ["RepairState", "Repairs"]


@dataclass
class _Running:
    """The search in progress."""

    desk: Desk
    states: tuple[RepairState, ...]
    search: Search
    asked: bool
    progress: SearchProgress = field(default_factory=lambda: SearchProgress("starting the search", 0.0))


class Repairs:
    """The background repairs of all folders."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = threading.Condition()
        self._desks: dict[Path, Desk] = {}
        self._running: _Running | None = None
        self._remembered: OrderedDict[Digest, tuple[tuple[FoundPatch, ...], str]] = OrderedDict()
        self._wishes = itertools.count(1)
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(work,), name=name, daemon=True)
            for name, work in (("repair-look", self._next_look), ("repair-search", self._next_search))
        ]
        for thread in self._threads:
            thread.start()

    # For the session, on the event loop.

    def states(self, root: Path) -> Mapping[str, RepairState]:
        """Return how far each failing test of the project at `root` has been looked into."""
        desk = self._desks.get(root)
        return desk.states if desk is not None else {}

    def live_changed(self, folder: FolderView) -> None:
        """Take over the folder's failures, and drop what is no longer true."""
        documents = {
            one.path: one for one in self._session.documents.in_step().values() if one.path is not None
        }
        with self._changed:
            desk = self._desks.setdefault(folder.root, Desk(folder, documents))
            desk.take_over(folder, documents)
            self._cancel_superseded()
            self._changed.notify_all()

    def forget(self, root: Path) -> None:
        """Drop a folder that was closed."""
        with self._changed:
            self._desks.pop(root, None)
            self._cancel_superseded()

    def close(self) -> None:
        """End all work; the search's process is gone when this returns, or a few seconds later."""
        with self._changed:
            self._closed = True
            self._desks.clear()
            if self._running is not None:
                self._running.search.cancel()
            self._changed.notify_all()

    # For features, in worker threads.

    def investigate(self, root: Path, test: str, job: Job) -> RepairState:
        """Return the state of a failing test with its values, and show these before those of others."""
        desk, state = self._found(root, test)
        if not state.looked_at:
            state = self._looked_at(desk, state, job.cancelled)
        job.raise_if_cancelled()
        with self._changed:
            desk.put(replace(desk.states.get(test, state), asked=next(self._wishes)))
        self._session.publish()
        return self.states(root).get(test, state)

    def repair(self, root: Path, test: str, job: Job) -> RepairState:
        """Return the state of a failing test once the search for its repair is over; ask for one if need be."""
        desk, state = self._found(root, test)
        job.on_cancel(self._wake)
        with self._changed:
            if state.phase == "none":
                desk.put(replace(state, phase="waiting", reason=""))
            desk.declined.discard(test)
            desk.wanted.append(test)
            self._make_way(desk, test)
            self._changed.notify_all()
        try:
            return self._wait_for(desk, state, job)
        finally:
            with self._changed:
                desk.wanted.remove(test)
                if job.cancelled() and test not in desk.wanted:
                    desk.declined.add(test)
                self._cancel_superseded()

    def pause(self, root: Path) -> None:
        """Begin no search unasked until `resume`, and end the one in progress unless the user waits for it."""
        with self._changed:
            if root in self._desks:
                self._desks[root].paused = True
            self._cancel_superseded()

    def resume(self, root: Path) -> None:
        """Search unasked again."""
        with self._changed:
            if root in self._desks:
                self._desks[root].paused = False
            self._changed.notify_all()

    def patch(self, root: Path, key: str) -> FoundPatch | None:
        """Return the patch of that key, also of a failure that has gone stale since it was offered."""
        with self._changed:
            current = [one for desk in self._desks.values() for one in desk.states.values()]
            remembered = [found for digest, (found, _) in self._remembered.items() if digest[0] == root]
        known = itertools.chain(*(one.patches for one in current), *remembered)
        return next((one for one in known if one.key == key), None)

    # Ending searches.

    def _cancel_superseded(self) -> None:
        """Cancel the search in progress if nobody needs it any more. The lock is held."""
        running = self._running
        if running is None:
            return
        desk = running.desk
        tests = {one.test for one in running.states}
        known = self._desks.get(desk.view.root) is desk and all(map(desk.has, running.states))
        unasked = desk.view.settings.background_repair and not desk.paused and not running.asked
        urgent = max(map(urgency, running.states))
        unasked = unasked and all(urgency(one) <= urgent for one in desk.waiting())
        if not known or not (unasked or tests.intersection(desk.wanted)):
            running.search.cancel()

    def _make_way(self, desk: Desk, test: str) -> None:
        """Cancel a search that nobody waits for, unless it is the one that is needed. The lock is held.

        One that began unasked asks no model; where there is one, what the user asks for begins anew.
        """
        running = self._running
        if running is None or running.asked:
            return
        is_needed = test in {one.test for one in running.states}
        if not is_needed or model_settings(desk.view.settings) is not None:
            running.search.cancel()

    # The two threads.

    def _serve(self, next_work: Callable[[], Callable[[], None] | None]) -> None:
        while True:
            with self._changed:
                work = None
                while not self._closed and (work := next_work()) is None:
                    self._changed.wait()
            if work is None:
                return
            try:
                work()
            except Exception:
                logger.exception("Looking into a failure broke off")

    def _next_look(self) -> Callable[[], None] | None:
        """Return a look at a failure that the user asked about, else at one of the first. The lock is held."""
        for desk in self._desks.values():
            unseen = [one for one in desk.states.values() if one.test in desk.wanted and not one.looked_at]
            if desk.idle:
                unseen += sorted(desk.unseen(), key=urgency, reverse=True)
            if unseen:
                return partial(self._look, desk, unseen[0])
            if desk.idle and desk.to_rank:
                return partial(self._rank, desk, desk.to_rank.pop())
        return None

    def _look(self, desk: Desk, state: RepairState) -> None:
        self._looked_at(desk, state, lambda: self._closed or not desk.has(state))
        self._session.publish()

    def _looked_at(self, desk: Desk, state: RepairState, cancelled: Callable[[], bool]) -> RepairState:
        """Look into a failure, and put what was seen on the desk with what is remembered about it."""
        live = self._session.live(desk.view.root)
        looked = replace(state, looked_at=True)
        if live is not None:
            looked = look_into(live, looked, partial(desk.texts_of_run, state.run), cancelled)
        with self._changed:
            patches, reason = self._remembered.get(desk.digest(looked), ((), ""))
            if patches or reason:
                looked = replace(looked, patches=patches, reason=reason, phase="found" if patches else "none")
            desk.put(looked)
            self._cancel_superseded()
            self._changed.notify_all()
        return looked

    def _rank(self, desk: Desk, test: str) -> None:
        """Ask again who is suspected, which is known better once the lines of a failing run are recorded."""
        live, state = self._session.live(desk.view.root), desk.states.get(test)
        if live is None or state is None or not state.looked_at:
            return
        suspects = suspects_now(live, state)
        with self._changed:
            desk.put(replace(desk.states.get(test, state), suspects=suspects))
        self._session.publish()

    def _next_search(self) -> Callable[[], None] | None:
        """Return the most wanted search, else the next one to be made unasked. The lock is held."""
        for desk in self._desks.values():
            for test in desk.wanted:
                state = desk.states.get(test)
                if state is not None and state.looked_at and state.phase == "waiting":
                    return self._prepared(desk, (state,), asked=True)
        for desk in self._desks.values():
            if self._may_search(desk):
                waiting = sorted(desk.waiting(), key=urgency, reverse=True)
                if waiting:
                    desk.searches += 1
                    return self._prepared(desk, group_with(waiting[0], waiting), asked=False)
        return None

    def _may_search(self, desk: Desk) -> bool:
        settings = desk.view.settings
        allowed = desk.view.trusted and settings.background_repair and not desk.paused
        is_seen = len(desk.waiting()) >= ENOUGH_LOOKS or not desk.unseen()
        return allowed and desk.idle and is_seen and desk.searches < MAX_SEARCHES

    def _prepared(self, desk: Desk, states: tuple[RepairState, ...], *, asked: bool) -> Callable[[], None]:
        searching = tuple(replace(one, phase="searching") for one in states)
        desk.put(*searching)
        view, documents = desk.view, desk.documents
        return partial(self._search, desk, searching, view, documents, asked)

    def _search(
        self,
        desk: Desk,
        states: tuple[RepairState, ...],
        view: FolderView,
        documents: Documents,
        asked: bool,
    ) -> None:
        outcome = SearchOutcome(problem=_BROKE_OFF)
        try:
            live = self._session.live(view.root)
            request = background_request(view, documents, states, live, asked=asked)
            search = Search(request, self._note_progress)
            with self._changed:
                self._running = _Running(desk, states, search, asked)
                self._cancel_superseded()
            self._session.publish()
            outcome = search.run()
        finally:
            with self._changed:
                self._running = None
                self._take_over(desk, states, outcome)
                self._changed.notify_all()
            self._session.publish()

    def _take_over(self, desk: Desk, states: Iterable[RepairState], outcome: SearchOutcome) -> None:
        """Put what came of a search on the desk. The lock is held."""
        for state in states:
            found = next((one for one in outcome.failures if state.test in one.tests), None)
            if outcome.cancelled:
                declined = state.test in desk.declined
                again = (
                    replace(state, phase="none", reason=_CALLED_OFF)
                    if declined
                    else replace(state, phase="waiting")
                )
                desk.put(again)
                continue
            reason = found.reason if found else outcome.problem or _NOT_RED_IN_SEARCH
            patches = found.found if found else ()
            suspects = (found.suspects if found else ()) or state.suspects
            phase: RepairPhase = "found" if patches else "none"
            desk.put(replace(state, phase=phase, patches=patches, reason=reason, suspects=suspects))
            if not outcome.problem:
                self._remembered[desk.digest(state)] = (patches, reason)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _note_progress(self, progress: SearchProgress) -> None:
        with self._changed:
            if self._running is not None:
                self._running.progress = progress
            self._changed.notify_all()

    # Waiting for a search.

    def _found(self, root: Path, test: str) -> tuple[Desk, RepairState]:
        desk = self._desks.get(root)
        state = desk.states.get(test) if desk is not None else None
        if desk is None or state is None:
            raise RequestFailed(f"{test} is not known to fail as things stand. Run it first.")
        return desk, state

    def _wait_for(self, desk: Desk, state: RepairState, job: Job) -> RepairState:
        told = None
        while True:
            with self._changed:
                current = desk.states.get(state.test)
                if self._closed or current is None or current.result is not state.result:
                    raise RequestFailed(f"{state.test} has changed while a repair was searched for.")
                if current.phase in ("found", "none"):
                    return current
                progress = self._running.progress if self._running is not None else None
                if progress is told and not job.cancelled():
                    self._changed.wait()
                    continue
            job.raise_if_cancelled()
            told = progress
            if progress is not None:
                job.report(progress.message, progress.fraction)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


_BROKE_OFF = "The search broke off; the log says why."
_CALLED_OFF = "The search was called off."
_NOT_RED_IN_SEARCH = "It did not fail when the search ran it with the tests of its file alone, so it may depend on other tests."
