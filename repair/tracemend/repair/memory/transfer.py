"""Memories as JSON lines, to be read, backed up, and carried to another workspace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tracemend.repair.journal.scrubbing import scrub_values
from tracemend.repair.records import BadRecord, from_json, to_json

from .remembered import Remembered

LAYOUT = "tracemend-memory/1"
MAX_LINE = 400_000


def exported_lines(repairs: Iterable[Remembered]) -> Iterator[str]:
    """Yield one line for each repair, scrubbed of secrets and personal traces."""
    for one in repairs:
        fields: Any = scrub_values(to_json(one), personal=True)
        yield json.dumps({"layout": LAYOUT, **fields}) + "\n"


def imported(lines: Iterable[str]) -> tuple[tuple[Remembered, ...], int]:
    """Return the repairs that `lines` hold, and how many lines are none."""
    repairs: list[Remembered] = []
    bad = 0
    for line in lines:
        try:
            fields = json.loads(line) if len(line) <= MAX_LINE else {}
            if not isinstance(fields, dict) or fields.get("layout") != LAYOUT:
                raise BadRecord(f"Not a line of {LAYOUT}")
            json.dumps(fields, ensure_ascii=False).encode("utf-8")  # Half a character could not be stored.
            repairs.append(from_json(Remembered, fields))
        except (ValueError, RecursionError):
            bad += 1
    return tuple(repairs), bad
