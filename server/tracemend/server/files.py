"""The texts of a project's files as the user sees them: the editor's where a file is open, else the disk's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tracemend.analysis.syntax.positions import Encoding
from tracemend.analysis.syntax.source import UndecodableSource, decode_source

from .documents import Document, split_lines, uri_of_path
from .session import Snapshot

MAX_FILE_BYTES = 2 << 20


def page_of(snapshot: Snapshot, path: Path) -> Document | None:
    """Return the open document of a file, or one of version 0 with what the disk holds; None where there is no text."""
    document = snapshot.document_at(path)
    if document is not None:
        return document
    text = text_on_disk(path)
    return None if text is None else page_of_text(path, text, snapshot.encoding)


@lru_cache(maxsize=64)
def page_of_text(path: Path, text: str, encoding: Encoding) -> Document:
    """Return `text` as a document that is not open, for the sake of its positions."""
    return Document(uri_of_path(path), path, 0, "python", split_lines(text), encoding)


def text_of(documents: Mapping[Path, Document], path: Path) -> str | None:
    """Return the text of a file as one of `documents`, or the disk, has it."""
    return documents[path].text if path in documents else text_on_disk(path)


def text_on_disk(path: Path) -> str | None:
    """Return the decoded file, None where it is no text or too large. One state of a file is read once."""
    try:
        status = path.stat()
    except OSError:
        return None
    return _read(path, status.st_mtime_ns, status.st_size) if status.st_size <= MAX_FILE_BYTES else None


@lru_cache(maxsize=128)
def _read(path: Path, modified_ns: int, size: int) -> str | None:
    try:
        return decode_source(path.read_bytes()).text
    except (OSError, UndecodableSource):
        return None
