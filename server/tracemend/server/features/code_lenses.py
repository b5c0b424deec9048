"""Run, Trace and Repair above tests, and above the functions that a failure is suspected to come from.

Lenses come without titles and get them on resolve, so that a long file costs nothing but its visible part. What the
titles say is a state, never an opinion: the verdict that holds now, or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsprotocol import types

from tracemend.repair.live.state import LiveResult, LiveState
from tracemend.server.documents import Document
from tracemend.server.findings import RepairState
from tracemend.server.problems import InvalidParams
from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.views.line_map import line_map
from tracemend.server.views.outline import Definition, base_name, outline_of
from tracemend.server.views.wording import counted

from .registry import request

MAX_TESTS = 200  # Of one lens: a parametrized test can have thousands.


@request(types.TEXT_DOCUMENT_CODE_LENS, options=types.CodeLensOptions(resolve_provider=True))
def code_lenses(
    session: Session, snapshot: Snapshot, params: types.CodeLensParams
) -> list[types.CodeLens] | None:
    """Return the places of the lenses of a document."""
    document = snapshot.document(params.text_document.uri)
    folder = snapshot.folder_of(document) if document is not None else None
    if document is None or folder is None or folder.live is None or not folder.settings.code_lenses:
        return None
    return [*_test_lenses(folder, folder.live, document), *_suspect_lenses(folder, document)]


@request(types.CODE_LENS_RESOLVE)
def resolve_code_lens(session: Session, snapshot: Snapshot, lens: types.CodeLens) -> types.CodeLens:
    """Give a lens its title, as things stand now."""
    data: Any = lens.data
    try:
        kind, tests = data["kind"], [str(one) for one in data["tests"]]
        folder = snapshot.folder(Path(data["root"]))
    except (TypeError, KeyError) as error:
        raise InvalidParams("This code lens is not one of tracemend's.") from error
    lens.command = types.Command(
        title=_title(kind, folder, tests),
        command=f"tracemend.{kind}",
        arguments=[{"root": data["root"], "tests": tests}],
    )
    return lens


def tests_by_definition(live: LiveState, path: str) -> dict[str, list[str]]:
    """Return the known tests of a file by what follows the path in their ids, parameters apart."""
    found: dict[str, list[str]] = defaultdict(list)
    known = [one.test for one in live.tests if one.path == path] or list(live.results)
    for test in known:
        if test.partition("::")[0] == path:
            found[base_name(test)].append(test)
    return found


def _test_lenses(folder: FolderView, live: LiveState, document: Document) -> Iterator[types.CodeLens]:
    path = folder.relative(document.path) if document.path is not None else None
    if path is None:
        return
    known = tests_by_definition(live, path)
    for one in outline_of(document.text).definitions:
        tests = known.get(one.test_name, [])[:MAX_TESTS] if one.kind == "function" else []
        if tests:
            failing = [test for test in tests if test in live.results and live.results[test].failing]
            yield _lens("run", folder, document, one, tests)
            if failing:
                yield _lens("trace", folder, document, one, failing[:1])
                yield _lens("repair", folder, document, one, failing)


def _suspect_lenses(folder: FolderView, document: Document) -> Iterator[types.CodeLens]:
    """Put lenses above the function of each most suspected line in this document."""
    outline = outline_of(document.text)
    by_function: dict[Definition, list[str]] = defaultdict(list)
    for state in folder.repairs.values():
        line = _suspected_line(folder, document, state)
        function = outline.function_at(document.lines, line) if line is not None else None
        if function is not None:
            by_function[function].append(state.test)
    for function, tests in by_function.items():
        for kind in ("run", "trace", "repair"):
            yield _lens(kind, folder, document, function, tests[:1] if kind == "trace" else tests)


def _suspected_line(folder: FolderView, document: Document, state: RepairState) -> int | None:
    path = folder.relative(document.path) if document.path is not None else None
    if not state.suspects or state.suspects[0].path != path:
        return None
    line = state.suspects[0].line
    return line_map(state.texts[path], document.text).new_line(line) if path in state.texts else line


def _lens(
    kind: str, folder: FolderView, document: Document, definition: Definition, tests: list[str]
) -> types.CodeLens:
    where = document.range_of(definition.start, definition.end)
    return types.CodeLens(where, data={"kind": kind, "root": str(folder.root), "tests": tests})


def _title(kind: str, folder: FolderView | None, tests: list[str]) -> str:
    live = folder.live if folder is not None else None
    results = [live.results[one] for one in tests if live is not None and one in live.results]
    if kind == "run":
        running = live is not None and not live.running.isdisjoint(tests)
        return "Running ..." if running else f"Run{_verdict(results, len(tests))}"
    if kind == "trace" or folder is None:
        return kind.capitalize()
    return _repair_title([folder.repairs[one] for one in tests if one in folder.repairs])


def _verdict(results: list[LiveResult], total: int) -> str:
    failing = sum(one.failing for one in results)
    if failing:
        return " (failed)" if total == 1 else f" ({failing} of {total} failed)"
    if len(results) == total and all(one.fresh for one in results):
        return " (passed)" if total == 1 else f" ({total} passed)"
    return "" if total == 1 else f" ({counted(total, 'test')})"


def _repair_title(states: list[RepairState]) -> str:
    patches = sum(len(one.patches) for one in states)
    if patches:
        return f"Repair ({patches} proven)" if patches > 1 else "Repair (proven)"
    if any(one.phase == "searching" for one in states):
        return "Repair (searching ...)"
    return "Repair (none found)" if states and all(one.phase == "none" for one in states) else "Repair"
