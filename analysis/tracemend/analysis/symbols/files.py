"""Reading source and writing caches: the little that touches the disk."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from tracemend.analysis.syntax.source import UndecodableSource, decode_source


def read_source(path: str) -> tuple[bytes, str] | None:
    """Return the bytes and the text of a source file; None where it cannot be read.

    Bytes that are no text in the declared encoding are replaced: their file cannot be imported, but may be mended.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    try:
        return data, decode_source(data).text
    except UndecodableSource:
        return data, data.decode("utf-8", "replace")


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` so that readers see the old file or the new one; a disk that refuses costs only the cache."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
