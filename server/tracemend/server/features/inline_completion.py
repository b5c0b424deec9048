"""What a model would write at the cursor (LSP 3.18, inline completion), checked before anybody sees it.

There is nothing without a model (`model-base-url`), and nothing while its endpoint fails: that is said once. An item that
the user accepts is written down in the journal, with the model and the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types

from tracemend.server.completion_messages import InlineAnswer, Question
from tracemend.server.documents import Document
from tracemend.server.jobs import Job
from tracemend.server.model_settings import consent_notice
from tracemend.server.problems import InvalidParams
from tracemend.server.session import FolderView, Session, Snapshot

from .completion import project_of, python_folder
from .registry import command, request

DEADLINE_S = 30.0
ACCEPTED = "tracemend.completionAccepted"


@request(types.TEXT_DOCUMENT_INLINE_COMPLETION, options=types.InlineCompletionOptions(), slow=True)
def inline_completion(
    session: Session, snapshot: Snapshot, params: types.InlineCompletionParams, job: Job
) -> types.InlineCompletionList:
    """Return one text for the cursor, or none."""
    nothing = types.InlineCompletionList(items=[])
    document = snapshot.document(params.text_document.uri)
    folder = python_folder(snapshot, document)
    if document is None or folder is None or not folder.configured:
        return nothing
    project = project_of(folder)
    if not project.model:
        notice = consent_notice(folder.settings)
        if session.completions.is_news(folder.root, notice or ""):
            session.link.show_message(notice or "")
        return nothing
    place = _Place(document, params)
    automatic = params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic
    delay_s = folder.settings.completion_delay_s if automatic else 0.0
    question = Question(0, "inline", str(document.path), place.text, place.offset, delay_s=delay_s)
    answer = session.completions.ask(snapshot, project, question, job, DEADLINE_S)
    if not isinstance(answer, InlineAnswer):
        return nothing
    if session.completions.is_news(folder.root, answer.problem):
        session.link.show_message(f"Completion by a model rests. {answer.problem}", "warning")
    return types.InlineCompletionList(items=[place.item(answer)] if answer.text else [])


@command(ACCEPTED)
def completion_accepted(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> None:
    """Write down that the user took a model's text: where, which, whose, and what checking it had come to."""
    first = arguments[0] if arguments else None
    folder = _named_folder(snapshot, first)
    if folder is None or not isinstance(first, Mapping):
        raise InvalidParams("The argument names a completion of an open folder: uri, position, text.")
    if folder.settings.keep_journal:
        fields = {key: first.get(key) for key in ("position", "text", "model", "verdict")}
        path = snapshot.document(str(first.get("uri")))
        shown = folder.relative(path.path) if path is not None and path.path is not None else None
        session.completions.accepted(folder.root, {"what": "completion accepted", "path": shown, **fields})


class _Place:
    """The cursor, with the entry that the editor's list of names shows as chosen, if any, put in already."""

    def __init__(self, document: Document, params: types.InlineCompletionParams) -> None:
        self._document = document
        self._chosen = params.context.selected_completion_info
        offset = document.offset_at(params.position)
        start, end, chosen = offset, offset, ""
        if self._chosen is not None:
            start, end = (
                document.offset_at(one) for one in (self._chosen.range.start, self._chosen.range.end)
            )
            chosen = self._chosen.text
        self.text = document.text[:start] + chosen + document.text[end:]
        self.offset = start + len(chosen)
        self._replaced = document.range_of(start, end)
        self._written = chosen

    def item(self, answer: InlineAnswer) -> types.InlineCompletionItem:
        """Return what the editor shows."""
        text = self._written + answer.text
        about = {
            "uri": self._document.uri,
            "position": {"line": self._replaced.start.line, "character": self._replaced.start.character},
            "text": text,
            "model": answer.model,
            "verdict": answer.verdict,
        }
        return types.InlineCompletionItem(
            insert_text=text,
            range=self._replaced,
            command=types.Command("Record the completion", ACCEPTED, arguments=[about]),
        )


def _named_folder(snapshot: Snapshot, argument: Any) -> FolderView | None:
    uri = argument.get("uri") if isinstance(argument, Mapping) else None
    document = snapshot.document(uri) if isinstance(uri, str) else None
    return snapshot.folder_of(document) if document is not None else None
