"""Values beside the code while a debugger has stopped: those of now, and what the last failing run had had there.

An editor that has a provider of inline values asks nobody else, so that the names of the function are answered as well, as
look-ups that the debugger itself resolves; what a failing run had is added as text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lsprotocol import types

from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.server.documents import Document
from tracemend.server.jobs import Job
from tracemend.server.session import Session, Snapshot
from tracemend.server.views.wording import hint_text, short_name

from .inlay_hints import shown_state, values_now
from .registry import request

MAX_VALUES = 400
MAX_CHARACTERS = 1_000_000


@request(types.TEXT_DOCUMENT_INLINE_VALUE, slow=True)
def inline_values(
    session: Session, snapshot: Snapshot, params: types.InlineValueParams, job: Job
) -> list[types.InlineValue]:
    """Return what is shown from the head of the stopped function down to where it stopped."""
    document = snapshot.document(params.text_document.uri)
    if document is None or len(document.text) > MAX_CHARACTERS:
        return []
    try:
        module = parse_module(document.uri, document.text)
    except SyntaxError:
        return []
    last = params.context.stopped_location.end.line + 1
    function = module.function_at(last)
    first = function.node.lineno if function is not None else 1
    lines = range(max(first, params.range.start.line + 1), min(last, params.range.end.line + 1) + 1)
    names = _local_names(function.node if function is not None else module.tree)
    lookups = _lookups(document, module, names, lines)
    return [*lookups, *_failing_run(snapshot, document, lines)][:MAX_VALUES]


def _local_names(node: ast.AST) -> frozenset[str]:
    """Return the names that the code of a function, or of a module, binds itself: parameters and assigned names."""
    stored = (
        one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )
    parameters = (one.arg for one in ast.walk(node) if isinstance(one, ast.arg))
    return frozenset((*stored, *parameters))


def _lookups(
    document: Document, module: Module, names: frozenset[str], lines: range
) -> Iterator[types.InlineValue]:
    """Yield a look-up for each of `names` where it stands, once a line."""
    seen: set[tuple[int, str]] = set()
    for node in ast.walk(module.tree):
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
        if not isinstance(node, ast.Name | ast.arg) or name not in names or node.lineno not in lines:
            continue
        if (node.lineno, name) not in seen:
            seen.add((node.lineno, name))
            start, _ = module.span(node)
            where = document.range_of(start, start + len(name))
            yield types.InlineValueVariableLookup(where, case_sensitive_lookup=True, variable_name=name)


def _failing_run(snapshot: Snapshot, document: Document, lines: range) -> Iterator[types.InlineValue]:
    """Yield what the last failing run had on the lines."""
    folder = snapshot.folder_of(document)
    state = shown_state(folder, document) if folder is not None else None
    if folder is None or state is None:
        return
    for line, values in values_now(folder, document, state):
        text = hint_text(values)
        if line in lines and text:
            yield types.InlineValueText(document.line_range(line), f"{short_name(state.test)} had {text}")
