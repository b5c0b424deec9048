"""Finding journals and reading their lines. What cannot be read is left out and counted: a journal may end in a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .journal import FORMAT, SUFFIX, default_folder, journals_of

LAST = "last"


class NoSuchJournal(Exception):
    """No journal, or more than one, goes by that name; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal."""

    kind: str
    at_s: float  # Since the job began.
    fields: Mapping[str, Any]


def read_lines(path: Path) -> Iterator[Line | None]:
    """Yield the lines of a journal in their order, None for one that is torn. Raises `OSError`, `NoSuchJournal`."""
    with path.open("rb") as stream:
        for number, data in enumerate(stream):
            line = _parsed(data)
            if number == 0 and (line is None or line.kind != "job" or line.fields.get("format") != FORMAT):
                raise NoSuchJournal(f"{path} is no journal of format {FORMAT}.")
            yield line


def find_journals(project_root: Path, folder: Path | None = None) -> list[Path]:
    """Return the journals of one project, the latest first."""
    return sorted(journals_of(project_root, folder).glob(f"*{SUFFIX}"), reverse=True)


def find_journal(name: str, project_root: Path, folder: Path | None = None) -> Path:
    """Return the journal that `name` means: "last", a file, or the beginning of a job's id. Raises `NoSuchJournal`.

    A job of another project can be named too, but no job of this one is passed over for it.
    """
    if name.endswith(SUFFIX) and Path(name).is_file():
        return Path(name)
    here = find_journals(project_root, folder)
    if name == LAST:
        if not here:
            raise NoSuchJournal("No job of this project has left a journal yet.")
        return here[0]
    everywhere = (folder or default_folder()).glob(f"*/*{SUFFIX}")
    for paths in (here, sorted(everywhere)):
        found = [path for path in paths if path.name.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(path.stem for path in found[:5])
            raise NoSuchJournal(f"Several journals begin with {name}: {names}.")
    raise NoSuchJournal(f"There is no journal {name}.")


def _parsed(data: bytes) -> Line | None:
    try:
        fields = json.loads(data)
        return Line(str(fields.pop("kind")), float(fields.pop("at_s")), fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
