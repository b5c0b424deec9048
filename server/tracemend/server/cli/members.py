"""`tracemend members`: what may stand behind a dot, and whether that list is closed.

Meant for scripts that measure the oracle: a batch of places is answered in the order it was given, each with the time
that the answer took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracemend.analysis.garbage import GarbagePauses
from tracemend.repair.runner.environment import EnvironmentProblem

from .errors import EXIT_OK, reported
from .outputs import STDOUT
from .static import (
    EngineName,
    Place,
    find_static_setting,
    offset_of,
    parse_place,
    read_source,
    shown_path,
)
from .terminal import printable, result_console

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.oracle import Members

KEPT_DOCUMENTS = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What the oracle said about one place."""

    place: Place
    members: Members
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the answer as the contract has it."""
        return {
            "file": shown_path(self.place.path),
            "line": self.place.line,
            "column": self.place.column,
            "closed": self.members.closed,
            "members": sorted(self.members.names),
            "evidence": self.members.evidence.name.lower(),
            "type": self.members.type_name,
            "why": self.members.why,
            "seconds": round(self.seconds, 6),
        }


@reported
def members(
    place: Annotated[
        str | None,
        typer.Argument(metavar="FILE:LINE:COL", help="The dot, or the name behind it; both count from 1."),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help='Answer many places: one {"file", "line", "column"} a row.'),
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The interpreter whose packages the imports find.")
    ] = None,
    json_to: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write JSON; a batch is written as JSON lines."),
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Ask this engine where our own inference knows nothing.")
    ] = "none",
) -> int:
    """Say which members an expression has, and whether there certainly are no others."""
    if (place is None) == (batch is None):
        raise EnvironmentProblem(
            "There is nothing to answer.", "Give one FILE:LINE:COL, or --batch FILE.jsonl."
        )
    places = [parse_place(place)] if place is not None else list(batch_places(batch or Path()))
    if not places:
        return EXIT_OK
    setting = find_static_setting(sorted({one.path for one in places}), python)
    with closing(setting.reviewer(engine)) as reviewer:
        answers = answers_to(reviewer, places)
        if place is not None and json_to is None:
            print_answer(next(answers))
        else:
            write_answers(answers, json_to or STDOUT)
    return EXIT_OK


def answers_to(reviewer: Reviewer, places: list[Place]) -> Iterator[Answer]:
    """Yield the answer to each place, in order. The last few files are kept: places mostly come file by file."""

    @lru_cache(maxsize=KEPT_DOCUMENTS)
    def document_at(path: Path) -> Document:
        return reviewer.document(path, read_source(path))

    garbage = GarbagePauses()
    for place in places:
        document = document_at(place.path)
        offset = receiver_end(document.text, offset_of(document.text, place))
        started = time.perf_counter()
        found = reviewer.oracle.members(document, offset)
        yield Answer(place, found, time.perf_counter() - started)
        garbage.pause()


def receiver_end(text: str, offset: int) -> int:
    """Return where the receiver ends that is meant at `offset`: any place in `.name` means the dot before it."""
    start = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    before = len(text[:start].rstrip(" \t"))
    if before and text[before - 1] == ".":
        return before - 1
    end = offset
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def batch_places(path: Path) -> Iterator[Place]:
    """Yield the places that the rows of the file at `path` name. Raises `EnvironmentProblem`."""
    for number, row in enumerate(read_source(path).splitlines(), 1):
        if not row.strip():
            continue
        try:
            content = json.loads(row)
            yield _place_of(content)
        except (ValueError, KeyError, TypeError) as error:
            raise EnvironmentProblem(
                f"Row {number} of {path} names no place ({error}).",
                'Write {"file": "src/shop.py", "line": 12, "column": 8} on each row.',
            ) from error


def write_answers(answers: Iterator[Answer], target: str) -> None:
    """Write each answer on a line of its own, as soon as it is there."""
    if target == STDOUT:
        for answer in answers:
            sys.stdout.write(json.dumps(answer.to_json(), ensure_ascii=False) + "\n")
        return
    try:
        with open(target, "w", encoding="utf-8") as file:
            for answer in answers:
                file.write(json.dumps(answer.to_json(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise EnvironmentProblem(
            f"{target} cannot be written: {error.strerror}.", "Name another file."
        ) from error


def print_answer(answer: Answer) -> None:
    """Print one answer for people."""
    console = result_console()
    found = answer.members
    state = "closed" if found.closed else "open"
    console.print(f"{printable(found.type_name) or 'unknown type'}: {state} ({found.why})", soft_wrap=True)
    public = sorted(name for name in found.names if not name.startswith("__"))
    console.print(printable(", ".join(public)) or "(no names)", soft_wrap=True)


def _place_of(content: Mapping[str, Any]) -> Place:
    return Place(Path(os.path.abspath(content["file"])), int(content["line"]), int(content["column"]))
