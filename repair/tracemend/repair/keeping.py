"""The journal and the memory of one job, opened and closed together; neither ever stands in the way of the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.journal.journal import Journal, no_record
from tracemend.repair.memory.store import Memory
from tracemend.repair.models.protocol import Recorder


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a job writes to and learns from; `memory` is None where that is not wanted."""

    record: Recorder = no_record
    memory: Memory | None = None


@contextmanager
def keeping(
    root: Path, *, journal: bool, memory: bool, warn: Callable[[str], None], folder: Path | None = None
) -> Iterator[Keeping]:
    """Open what is wanted for a job of the project at `root`, and tell `warn` what does not work.

    `folder` is where journals go instead of their usual place.
    """
    written = _journal(root, folder, warn) if journal else None
    remembered = Memory.open(root) if memory else None
    if remembered is not None:
        remembered.job = written.id if written else ""
        if remembered.problem:
            warn(remembered.problem)
    try:
        yield Keeping(written.record if written else no_record, remembered)
    finally:
        if remembered is not None:
            remembered.close()
        if written is not None:
            written.close()
            if written.problem:
                warn(f"The journal of this job is not complete: {written.problem}.")


def _journal(root: Path, folder: Path | None, warn: Callable[[str], None]) -> Journal | None:
    try:
        return Journal.open(root, folder)
    except OSError as error:
        warn(f"This job keeps no journal: {error}.")
        return None
