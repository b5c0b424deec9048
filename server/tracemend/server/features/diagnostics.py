"""Failing tests as diagnostics: at the line that fails, and at the line that is suspected of it.

Every diagnostic is about a verdict that holds now: a stale test has none. A line that the user has changed since the run
has none either, and what only moved is followed (`places`). Tests that fail at one line share one diagnostic, and each
pair of failure and suspect points to each other by related information.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lsprotocol import types

from tracemend.repair.explain.evidence import Suspect
from tracemend.repair.explain.reasons import collection_reason
from tracemend.repair.runner.results import CollectionError
from tracemend.repair.runner.settings import Project
from tracemend.server.documents import Document
from tracemend.server.findings import RepairState
from tracemend.server.places import Place, failing_place, place_now, raising_frame, test_place
from tracemend.server.session import FolderView, Snapshot
from tracemend.server.views.values import LineValues
from tracemend.server.views.wording import clipped, failure_message, short_name, suspect_message

from .static_findings import static_diagnostics

SOURCE = "tracemend"
FAILURE, SUSPECT, COLLECTION, FLAKY = "test-failure", "suspect", "collection-error", "flaky"
MAX_TESTS_NAMED = 20
MAX_REASON = 600
MAX_FAILURES = 250

Diagnostics = dict[str, list[types.Diagnostic]]


def diagnostics_of(snapshot: Snapshot, uri: str) -> list[types.Diagnostic]:
    """Return the diagnostics of one document."""
    return all_diagnostics(snapshot).get(uri, [])


def all_diagnostics(snapshot: Snapshot) -> Diagnostics:
    """Return the diagnostics of all files that have some, open or not, by URI."""
    found: Diagnostics = defaultdict(list)
    for folder in snapshot.folders:
        if folder.live is not None:
            for group in _groups(snapshot, folder):
                _add_failure(found, snapshot, folder, group)
            _add_suspects(found, snapshot, folder)
            _add_collection_errors(found, snapshot, folder)
            _add_flaky(found, snapshot, folder)
    for document in snapshot.documents.values():
        _add_static(found, snapshot, document)
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Group:
    """Tests that fail at one line, the first one of them telling how."""

    place: Place
    states: tuple[RepairState, ...]


def _groups(snapshot: Snapshot, folder: FolderView) -> Iterator[_Group]:
    by_place: dict[tuple[str, int], list[tuple[Place, RepairState]]] = defaultdict(list)
    for state in _states(folder):
        place = failing_place(snapshot, folder, state)
        if place is not None:
            by_place[place.page.uri, place.line].append((place, state))
    for found in by_place.values():
        yield _Group(found[0][0], tuple(state for _, state in found))


def _states(folder: FolderView) -> Iterator[RepairState]:
    """Yield what is known of each test that fails now; of one that nobody has looked into, its verdict.

    Of a thousand failures the first few hundred are marked: nobody reads more, and all have to be placed at every look.
    """
    for live in folder.live.failing[:MAX_FAILURES] if folder.live is not None else ():
        known = folder.repairs.get(live.result.test)
        yield known if known is not None and known.result is live.result else RepairState(live.result)


def _add_failure(found: Diagnostics, snapshot: Snapshot, folder: FolderView, group: _Group) -> None:
    first = group.states[0]
    message = failure_message(first.result, len(group.states) - 1, _values_at_failure(first))
    related = _frames_between(snapshot, folder, first)
    suspected = _suspected_place(snapshot, folder, first) if folder.settings.suspect_diagnostics else None
    if suspected is not None:
        suspect, place = suspected
        related.append(_related(place, f"Suspected (score {suspect.score:.2f})"))
    found[group.place.page.uri].append(
        types.Diagnostic(
            group.place.range,
            message,
            severity=types.DiagnosticSeverity.Error,
            code=FAILURE,
            source=SOURCE,
            related_information=_if_shown(snapshot, related),
            data=_data(folder, group.states),
        )
    )


def _add_suspects(found: Diagnostics, snapshot: Snapshot, folder: FolderView) -> None:
    """Mark the most suspected line of each failure, once for all failures that suspect it most."""
    if not folder.settings.suspect_diagnostics:
        return
    by_line: dict[tuple[str, int], list[tuple[RepairState, Suspect, Place]]] = defaultdict(list)
    for state in _states(folder):
        suspected = _suspected_place(snapshot, folder, state)
        if suspected is not None:
            suspect, place = suspected
            by_line[place.page.uri, place.line].append((state, suspect, place))
    for (uri, _), pointing in by_line.items():
        state, suspect, place = pointing[0]
        states = [one for one, _, _ in pointing]
        frame = raising_frame(state.result)
        raised_here = frame is not None and (frame.path, frame.line) == (suspect.path, suspect.line)
        related = [
            _related(failing, f"{short_name(one.test)} fails here")
            for one in states[:MAX_TESTS_NAMED]
            if (failing := failing_place(snapshot, folder, one)) is not None
        ]
        found[uri].append(
            types.Diagnostic(
                place.range,
                suspect_message(suspect, [one.test for one in states], _values_at(state, suspect)),
                severity=types.DiagnosticSeverity.Warning
                if raised_here
                else types.DiagnosticSeverity.Information,
                code=SUSPECT,
                source=SOURCE,
                related_information=_if_shown(snapshot, related),
                data=_data(folder, states),
            )
        )


def _add_collection_errors(found: Diagnostics, snapshot: Snapshot, folder: FolderView) -> None:
    for error in folder.live.errors if folder.live is not None else ():
        own = [one for one in error.frames if one.in_project]
        path, line = (own[-1].path, own[-1].line) if own else (error.path, 1)
        place = place_now(snapshot, folder, {}, path, line) or place_now(snapshot, folder, {}, path, 1)
        if place is not None and folder.project is not None:
            found[place.page.uri].append(
                types.Diagnostic(
                    place.range,
                    clipped(_reason(error, folder.project), MAX_REASON),
                    severity=types.DiagnosticSeverity.Error,
                    code=COLLECTION,
                    source=SOURCE,
                )
            )


def _add_flaky(found: Diagnostics, snapshot: Snapshot, folder: FolderView) -> None:
    for live in folder.live.results.values() if folder.live is not None else ():
        if not live.flaky or live.ignored:
            continue
        place = test_place(snapshot, folder, live.result.test)
        if place is not None:
            found[place.page.uri].append(
                types.Diagnostic(
                    place.range,
                    clipped(f"{short_name(live.result.test)} is flaky: {live.flaky}", MAX_REASON),
                    severity=types.DiagnosticSeverity.Hint,
                    code=FLAKY,
                    source=SOURCE,
                    data={"root": str(folder.root), "tests": [live.result.test]},
                )
            )


def _add_static(found: Diagnostics, snapshot: Snapshot, document: Document) -> None:
    """Add what is certainly wrong, but for lines of which running has said so already."""
    told = {one.range.start.line for one in found.get(document.uri, ()) if one.code == COLLECTION}
    new = [one for one in static_diagnostics(snapshot, document) if one.range.start.line not in told]
    if new:
        found[document.uri] += new


def _suspected_place(
    snapshot: Snapshot, folder: FolderView, state: RepairState
) -> tuple[Suspect, Place] | None:
    if not state.suspects:
        return None
    first = state.suspects[0]
    place = place_now(snapshot, folder, state.texts, first.path, first.line)
    return (first, place) if place is not None else None


def _frames_between(
    snapshot: Snapshot, folder: FolderView, state: RepairState
) -> list[types.DiagnosticRelatedInformation]:
    """Point to where the exception came from, if that is not in the test's own file."""
    frame = raising_frame(state.result)
    place = place_now(snapshot, folder, state.texts, frame.path, frame.line) if frame is not None else None
    return [_related(place, f"Raised in {frame.function}")] if frame is not None and place is not None else []


def _values_at_failure(state: RepairState) -> Mapping[str, str]:
    """Return the locals that the failing line of the test mentions."""
    path = state.test.partition("::")[0]
    failed = [one for one in state.values.get(path, ()) if one.failed_with]
    return {one.name: one.texts[-1] for line in failed[-1:] for one in line.histories if not one.is_result}


def _values_at(state: RepairState, suspect: Suspect) -> LineValues | None:
    return next((one for one in state.values.get(suspect.path, ()) if one.line == suspect.line), None)


def _related(place: Place, message: str) -> types.DiagnosticRelatedInformation:
    return types.DiagnosticRelatedInformation(place.location, message)


def _if_shown(
    snapshot: Snapshot, related: list[types.DiagnosticRelatedInformation]
) -> list[types.DiagnosticRelatedInformation] | None:
    return related if related and snapshot.client.related_information else None


def _data(folder: FolderView, states: Iterable[RepairState]) -> dict[str, object]:
    tests = [one.test for one in states]
    return {"root": str(folder.root), "tests": tests[:MAX_TESTS_NAMED]}


@lru_cache(maxsize=64)
def _reason(error: CollectionError, project: Project) -> str:
    return collection_reason(error, project)
