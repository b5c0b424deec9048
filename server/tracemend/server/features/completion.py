"""The names that may stand at the cursor, typed by the oracle and ranked by the workspace; see docs/completion.md.

Only names, never snippets or text of other kinds: beside another server this one adds what is known of types. An answer
that is not there in time is an empty, incomplete list, at which the editor asks again with the next key.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from tracemend.repair.completion.options import InlineOptions
from tracemend.server.clients import ClientFeatures
from tracemend.server.completion_messages import (
    CompletionProject,
    DescriptionAnswer,
    NamesAnswer,
    Question,
    QuestionKind,
    model_row,
)
from tracemend.server.completions import PYTHON_ENDINGS
from tracemend.server.documents import Document
from tracemend.server.jobs import Job
from tracemend.server.model_settings import model_settings
from tracemend.server.session import FolderView, Session, Snapshot

from .registry import request

NAMES_DEADLINE_S = 1.0
DESCRIPTION_DEADLINE_S = 2.0
MAX_LINES = 30_000  # Of a text in which names are looked for.

KINDS = {
    "function": types.CompletionItemKind.Function,
    "method": types.CompletionItemKind.Method,
    "class": types.CompletionItemKind.Class,
    "module": types.CompletionItemKind.Module,
    "value": types.CompletionItemKind.Variable,
    "keyword": types.CompletionItemKind.Property,
}


@request(
    types.TEXT_DOCUMENT_COMPLETION,
    options=types.CompletionOptions(trigger_characters=["."], resolve_provider=True),
    slow=True,
)
def completion(
    session: Session, snapshot: Snapshot, params: types.CompletionParams, job: Job
) -> types.CompletionList:
    """Return the names at the cursor."""
    document = snapshot.document(params.text_document.uri)
    folder = python_folder(snapshot, document)
    if document is None or folder is None or not folder.settings.completion_names or _is_huge(document):
        return types.CompletionList(is_incomplete=False, items=[])
    if not folder.configured:  # It may have to be switched off; the next key will know.
        return types.CompletionList(is_incomplete=True, items=[])
    offset = document.offset_at(params.position)
    question = _question("names", document, offset)
    answer = session.completions.ask(snapshot, project_of(folder), question, job, NAMES_DEADLINE_S)
    if not isinstance(answer, NamesAnswer):
        return types.CompletionList(is_incomplete=True, items=[])
    edit = _Edit(document, offset, answer, snapshot.client)
    items = [edit.item(rank, *row) for rank, row in enumerate(answer.names)]
    return types.CompletionList(is_incomplete=answer.incomplete, items=items)


@request(types.COMPLETION_ITEM_RESOLVE, slow=True)
def resolve_completion(
    session: Session, snapshot: Snapshot, item: types.CompletionItem, job: Job
) -> types.CompletionItem:
    """Add signature and documentation to a name that the user looks at."""
    uri, start = item.data if isinstance(item.data, list) and len(item.data) == 2 else (None, None)
    document = snapshot.document(uri) if isinstance(uri, str) else None
    folder = python_folder(snapshot, document)
    if document is None or folder is None or not isinstance(start, int) or start > len(document.text):
        return item
    question = _question("description", document, start, item.label.removesuffix("="))
    answer = session.completions.ask(snapshot, project_of(folder), question, job, DESCRIPTION_DEADLINE_S)
    if isinstance(answer, DescriptionAnswer) and answer.detail:
        item.detail = answer.detail
        item.documentation = _documentation(answer.documentation, snapshot.client)
    return item


def python_folder(snapshot: Snapshot, document: Document | None) -> FolderView | None:
    """Return the folder of a document in which names can be completed, None for any other."""
    if document is None or document.path is None or document.path.suffix not in PYTHON_ENDINGS:
        return None
    return snapshot.folder_of(document)


def _is_huge(document: Document) -> bool:
    return len(document.parts) > MAX_LINES


class _Edit:
    """What all items of one answer share: the identifier that they replace."""

    def __init__(self, document: Document, offset: int, answer: NamesAnswer, client: ClientFeatures) -> None:
        self._replaced = document.range_of(answer.start, answer.end)
        self._inserted = document.range_of(answer.start, offset) if client.insert_replace else None
        self._data = [document.uri, answer.start]

    def item(self, rank: int, name: str, insert: str, kind: str) -> types.CompletionItem:
        edit: Any
        if self._inserted is not None:
            edit = types.InsertReplaceEdit(insert, insert=self._inserted, replace=self._replaced)
        else:
            edit = types.TextEdit(self._replaced, insert)
        return types.CompletionItem(
            label=insert,
            kind=KINDS.get(kind),
            sort_text=f"{rank:04}",
            filter_text=name,
            text_edit=edit,
            data=self._data,
        )


def _question(kind: QuestionKind, document: Document, offset: int, name: str = "") -> Question:
    return Question(0, kind, str(document.path), document.text, offset, name)


def project_of(folder: FolderView) -> CompletionProject:
    """Return what the worker of a folder is started with, the model that it may ask included."""
    settings = folder.settings
    options = InlineOptions(
        settings.completion_context, settings.completion_length, settings.completion_template
    )
    model = model_row(model_settings(settings)) if settings.completion_inline else ""
    return CompletionProject(str(folder.root), settings.choice(), folder.trusted, model, options)


def _documentation(text: str, client: ClientFeatures) -> types.MarkupContent | None:
    if not text:
        return None
    if not client.markdown_documentation:
        return types.MarkupContent(types.MarkupKind.PlainText, text)
    # A docstring is no Markdown; what looks like it is shown as it was written.
    return types.MarkupContent(types.MarkupKind.Markdown, f"```text\n{text}\n```")
