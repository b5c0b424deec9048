"""The values of the failing path at the end of each line, as they were at its first and its last visit.

If several tests fail, the values are those of one run: of the test whose trace was asked for last, else of the first
failure that executed the file. The tooltip names it and has the whole history.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from tracemend.server.documents import Document
from tracemend.server.findings import RepairState
from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.views.line_map import line_map
from tracemend.server.views.values import LineValues
from tracemend.server.views.wording import hint_text, history_text, short_name

from .registry import request

MAX_HINTS = 400


@request(types.TEXT_DOCUMENT_INLAY_HINT)
def inlay_hints(session: Session, snapshot: Snapshot, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return the hints for the lines that the editor shows.

    Where there are none the answer is an empty list, never null, at which Neovim 0.10 would keep those it shows.
    """
    document = snapshot.document(params.text_document.uri)
    folder = snapshot.folder_of(document) if document is not None else None
    if document is None or folder is None or not folder.settings.inlay_hints:
        return []
    state = shown_state(folder, document)
    if state is None:
        return []
    first, last = params.range.start.line + 1, params.range.end.line + 1
    shown = values_now(folder, document, state)
    return [_hint(document, line, values, state) for line, values in shown if first <= line <= last][
        :MAX_HINTS
    ]


def shown_state(folder: FolderView, document: Document) -> RepairState | None:
    """Return the failure whose values are shown in this document."""
    states = states_with_values(folder, document)
    return states[0] if states else None


def states_with_values(folder: FolderView, document: Document) -> Sequence[RepairState]:
    """Return the failures that executed the document and were traced, the one that the user asked for first."""
    path = folder.relative(document.path) if document.path is not None else None
    states = [one for one in folder.repairs.values() if path is not None and one.values.get(path)]
    return sorted(states, key=lambda one: -one.asked)


def values_now(
    folder: FolderView, document: Document, state: RepairState
) -> Iterator[tuple[int, LineValues]]:
    """Yield the values of each line with the line where it stands in the document now."""
    path = folder.relative(document.path) if document.path is not None else None
    if path is None or path not in state.texts:
        return
    moved = line_map(state.texts[path], document.text)
    for values in state.values.get(path, ()):
        line = moved.new_line(values.line)
        if line is not None:
            yield line, values


def _hint(document: Document, line: int, values: LineValues, state: RepairState) -> types.InlayHint:
    end = document.lines.line_start(line) + len(document.lines.line_text(line).rstrip())
    return types.InlayHint(
        document.position_at(end),
        hint_text(values),
        padding_left=True,
        tooltip="\n".join([
            *(f"{one.name}: {history_text(one)}" for one in values.histories),
            f"as {short_name(state.test)} ran",
        ]),
    )  # fmt: skip
