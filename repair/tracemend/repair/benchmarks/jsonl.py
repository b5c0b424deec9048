"""Files with one JSON object a line, as benchmarks are handed around; gzip'd ones, too."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .tasks import BadTask


def read_objects(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place for messages, object) of each line, or of the items of a JSON list. Raises `BadTask`."""
    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        raise BadTask(f"{file} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, EOFError, zlib.error) as error:
        raise BadTask(
            f"{file} is no text of JSON lines; what is in another form must be written as such."
        ) from error
    if text.lstrip().startswith("["):
        yield from _items(file, text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield f"{file.name}:{number}", _object(line, f"{file.name}:{number}")


def text_of(problem: Mapping[str, Any], field: str, where: str) -> str:
    """Return a field that must be there as text. Raises `BadTask`."""
    value = problem.get(field)
    if not isinstance(value, str):
        raise BadTask(f"{where}: there is no text {field!r}; is this the format?")
    return value


def _items(file: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        items = json.loads(text)
    except ValueError as error:
        raise BadTask(f"{file.name} is no JSON: {error}.") from error
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise BadTask(f"{file.name}, item {number}: no JSON object.")
        yield f"{file.name}, item {number}", item


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise BadTask(f"{where}: no JSON object ({error}).") from error
    if not isinstance(value, dict):
        raise BadTask(f"{where}: no JSON object.")
    return value
