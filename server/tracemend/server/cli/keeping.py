"""The journal and the memory of one command: where they are, whether they are wanted, and what is said if they fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.journal.journal import Journal, no_record
from tracemend.repair.memory.store import Memory
from tracemend.repair.models.protocol import Recorder
from tracemend.server.config import Config

from .errors import say

OFF = "off"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a job writes to and learns from; `memory` is None where that is not wanted."""

    record: Recorder = no_record
    memory: Memory | None = None


@contextmanager
def keeping(root: Path, config: Config, journal: str | None, memory: bool) -> Iterator[Keeping]:
    """Open what the command line and the settings want; `journal` is a directory, "off", or None for the usual place."""
    written = _journal(root, config, journal)
    remembered = Memory.open(root) if memory and config.use_memory else None
    if remembered is not None:
        remembered.job = written.id if written else ""
        if remembered.problem:
            say(remembered.problem)
    try:
        yield Keeping(written.record if written else no_record, remembered)
    finally:
        if remembered is not None:
            remembered.close()
        if written is not None:
            written.close()
            if written.problem:
                say(f"The journal of this job is not complete: {written.problem}.")


def _journal(root: Path, config: Config, journal: str | None) -> Journal | None:
    """Begin a journal; a disk that refuses it is said and done without."""
    if journal == OFF or (journal is None and not config.keep_journal):
        return None
    try:
        return Journal.open(root, Path(journal) if journal else None)
    except OSError as error:
        say(f"This job keeps no journal: {error}.")
        return None
