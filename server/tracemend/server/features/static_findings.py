"""Names, members, imports and arguments that certainly do not exist, with the quick fix *Change to 'x'*.

What a review found in one text is followed to where its lines stand now, and is silent about lines that were touched.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.server.documents import Document
from tracemend.server.session import Snapshot
from tracemend.server.static_messages import StaticFinding
from tracemend.server.views.line_map import line_map

SOURCE = "tracemend static"
SYNTAX = "syntax"


def static_diagnostics(snapshot: Snapshot, document: Document) -> list[types.Diagnostic]:
    """Return the static findings of an open document."""
    return [
        types.Diagnostic(
            where,
            found.message,
            severity=types.DiagnosticSeverity.Error
            if found.rule == SYNTAX
            else types.DiagnosticSeverity.Warning,
            code=found.rule,
            source=SOURCE,
            data={"suggestions": list(found.suggestions)} if found.suggestions else None,
        )
        for where, found in _findings_now(snapshot, document)
    ]


def static_fixes(snapshot: Snapshot, document: Document, where: types.Range) -> Iterator[types.CodeAction]:
    """Yield the quick fixes of the findings that `where` touches."""
    for place, found in _findings_now(snapshot, document):
        if place.start.line > where.end.line or place.end.line < where.start.line:
            continue
        for rank, suggestion in enumerate(found.suggestions):
            yield types.CodeAction(
                f"Change to '{suggestion}'",
                kind=types.CodeActionKind.QuickFix,
                is_preferred=rank == 0 and len(found.suggestions) == 1,
                edit=_edit(snapshot, document, place, suggestion),
            )


def _findings_now(snapshot: Snapshot, document: Document) -> Iterator[tuple[types.Range, StaticFinding]]:
    reviewed = snapshot.static.get(document.uri)
    folder = snapshot.folder_of(document)
    if reviewed is None or folder is None or not folder.settings.static_diagnostics:
        return
    lines, moved = LineIndex(reviewed.text), line_map(reviewed.text, document.text)
    for found in reviewed.findings:
        first, last = lines.line_of(found.start), lines.line_of(found.end)
        start, end = moved.new_line(first), moved.new_line(last)
        if start is None or end is None or end - start != last - first:
            continue
        yield (
            document.range_of(
                document.lines.line_start(start) + found.start - lines.line_start(first),
                document.lines.line_start(end) + found.end - lines.line_start(last),
            ),
            found,
        )


def _edit(snapshot: Snapshot, document: Document, where: types.Range, text: str) -> types.WorkspaceEdit:
    edit = types.TextEdit(where, text)
    if not snapshot.client.document_changes:
        return types.WorkspaceEdit(changes={document.uri: [edit]})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, [edit])])
