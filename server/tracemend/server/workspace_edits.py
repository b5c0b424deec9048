"""A proven patch as one edit of the editor's documents: annotated, versioned, undoable, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from tracemend.analysis.syntax.edits import TextEdit

from .documents import Document
from .files import page_of
from .findings import FoundPatch
from .session import Snapshot
from .views.patch_edits import OutOfDate, edits_for, same_content
from .views.wording import proof, repair_title

ANNOTATION = "tracemend.repair"


def workspace_edit(snapshot: Snapshot, root: Path, patch: FoundPatch) -> types.WorkspaceEdit:
    """Return the edit that makes `patch` in the texts as they are now.

    Raises `views.patch_edits.OutOfDate` where a text is not what the patch was proven on and the change cannot be
    carried over line by line.
    """
    changed = _edited_pages(snapshot, root, patch)
    if not snapshot.client.document_changes:
        return types.WorkspaceEdit(
            changes={page.uri: [_text_edit(page, one) for one in edits] for page, edits in changed}
        )
    annotated = snapshot.client.change_annotations
    exact = is_exact(snapshot, root, patch)
    return types.WorkspaceEdit(
        document_changes=[_document_edit(page, edits, annotated) for page, edits in changed],
        change_annotations={ANNOTATION: _annotation(patch, exact)} if annotated else None,
    )


def is_exact(snapshot: Snapshot, root: Path, patch: FoundPatch) -> bool:
    """Say whether all texts are those that the patch was proven on."""
    for change in patch.changes:
        page = page_of(snapshot, root / change.path)
        if page is None or not same_content(page.text, change.old):
            return False
    return True


def _edited_pages(
    snapshot: Snapshot, root: Path, patch: FoundPatch
) -> list[tuple[Document, tuple[TextEdit, ...]]]:
    found = []
    for change in patch.changes:
        page = page_of(snapshot, root / change.path)
        if page is None:
            raise OutOfDate(f"{change.path} cannot be read any more.")
        found.append((page, edits_for(change, page.text)))
    return found


def _document_edit(page: Document, edits: Sequence[TextEdit], annotated: bool) -> types.TextDocumentEdit:
    """Return the edits of one document; one that is not open has no version that could be checked."""
    version = page.version or None
    made = [_annotated_edit(page, one) if annotated else _text_edit(page, one) for one in edits]
    return types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(page.uri, version), made)


def _annotated_edit(page: Document, edit: TextEdit) -> types.AnnotatedTextEdit:
    return types.AnnotatedTextEdit(
        annotation_id=ANNOTATION, range=page.range_of(edit.start, edit.end), new_text=edit.text
    )


def _text_edit(page: Document, edit: TextEdit) -> types.TextEdit:
    return types.TextEdit(page.range_of(edit.start, edit.end), edit.text)


def _annotation(patch: FoundPatch, exact: bool) -> types.ChangeAnnotation:
    """Describe the edit. One that is less than sure, or is carried over to another text, wants the user's word."""
    carried = "" if exact else "; carried over to text that has changed since"
    return types.ChangeAnnotation(
        repair_title(patch),
        needs_confirmation=patch.confidence == "low" or not exact,
        description=proof(patch) + carried,
    )
