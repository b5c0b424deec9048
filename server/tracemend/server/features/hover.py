"""What is known of a line when the pointer rests on it: its values, its suspiciousness, and who executes it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from tracemend.repair.live.state import LiveResult
from tracemend.server.documents import Document
from tracemend.server.findings import RepairState
from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.views.line_map import line_map
from tracemend.server.views.wording import counted, history_text, short_name

from .inlay_hints import states_with_values, values_now
from .registry import request

MAX_STATES = 2
MAX_TESTS = 5


@request(types.TEXT_DOCUMENT_HOVER)
def hover(session: Session, snapshot: Snapshot, params: types.HoverParams) -> types.Hover | None:
    """Return what is known of the line under the pointer, nothing where that is nothing."""
    document = snapshot.document(params.text_document.uri)
    folder = snapshot.folder_of(document) if document is not None else None
    if document is None or folder is None or folder.live is None or not folder.settings.hovers:
        return None
    line = params.position.line + 1
    parts = [
        *_values(folder, document, line),
        *_suspicion(folder, document, line),
        *_executing_tests(session, folder, document, line),
    ]
    if not parts:
        return None
    text = "\n\n".join(parts)
    if snapshot.client.markdown_hover:
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))
    return types.Hover(
        types.MarkupContent(types.MarkupKind.PlainText, text.replace("**", "").replace("`", ""))
    )


def _values(folder: FolderView, document: Document, line: int) -> Iterator[str]:
    for state in states_with_values(folder, document)[:MAX_STATES]:
        for at, values in values_now(folder, document, state):
            if at == line:
                rows = [f"- `{one.name}`: {_quoted(history_text(one))}" for one in values.histories]
                yield "\n".join([f"**{short_name(state.test)}** had here", *rows])


def _suspicion(folder: FolderView, document: Document, line: int) -> Iterator[str]:
    for state in list(folder.repairs.values())[:MAX_STATES]:
        for rank, suspect in enumerate(state.suspects, 1):
            if _line_now(folder, document, state, suspect.path, suspect.line) == line:
                why = f": {suspect.why}" if suspect.why else ""
                of = f"of {len(state.suspects)} for {short_name(state.test)}"
                yield f"**Suspect {rank}** {of}, score {suspect.score:.2f}{why}"


def _executing_tests(session: Session, folder: FolderView, document: Document, line: int) -> Iterator[str]:
    """Tell the verdicts of the tests that executed this line in their last run."""
    live, state = session.live(folder.root), folder.live
    path = folder.relative(document.path) if document.path is not None else None
    if live is None or state is None or path is None:
        return
    results = [state.results[test] for test in sorted(live.covering(path, line)) if test in state.results]
    if results:
        failing = [one for one in results if one.failing]
        yield f"Executed by {counted(len(results), 'test')}: {_verdicts(results)}" + "".join(
            f"\n- {short_name(one.result.test)} fails" for one in failing[:MAX_TESTS]
        )


def _verdicts(results: list[LiveResult]) -> str:
    passing = sum(one.fresh and one.result.green for one in results)
    failing = sum(one.failing for one in results)
    stale = len(results) - passing - failing
    parts = [(passing, "passing"), (failing, "failing"), (stale, "not up to date")]
    return ", ".join(f"{number} {word}" for number, word in parts if number)


def _line_now(folder: FolderView, document: Document, state: RepairState, path: str, line: int) -> int | None:
    if document.path is None or path != folder.relative(document.path):
        return None
    return line_map(state.texts[path], document.text).new_line(line) if path in state.texts else line


def _quoted(text: str) -> str:
    return f"`{text}`" if "`" not in text else text
