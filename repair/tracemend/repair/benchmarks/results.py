"""What came of each attempt at a task, in an append-only file from which a run can be resumed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.records import BadRecord, from_json, to_json

from .tasks import BadTask

_BEGINNING = '{"task": "'


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One attempt: one task, one strategy, one sample."""

    task: str
    group: str
    strategy: str
    sample: int
    model: str = ""
    before: bool = False  # The program passed the judging tests before it was mended.
    patched: bool = False
    confidence: str = ""  # Of the patch: that of its least sure part.
    after: bool = False  # And in the end.
    candidates: int = 0
    requests: int = 0
    tokens: int = 0  # Drafting included.
    cost: float = 0.0
    seconds: float = 0.0
    problem: str = ""  # Why there is no verdict; the attempt counts as not passed.
    program: str = ""  # What was judged in the end.
    draft: str = ""  # What a model wrote to begin with; strategies start from the same one.
    draft_tokens: int = 0
    draft_cost: float = 0.0

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells attempts apart."""
        return self.task, self.strategy, self.sample


class ResultLog:
    """The file of one benchmark run. `done` holds what is in it; a torn last line is done again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.done: dict[tuple[str, str, int], TaskResult] = {}
        if path is not None and path.exists():
            for one in read_results(path):
                self.done[one.key] = one
            _cut_torn_line(path)

    def draft_of(self, task: str, sample: int) -> TaskResult | None:
        """Return an earlier result that holds a draft for this sample of the task."""
        alike = (one for one in self.done.values() if (one.task, one.sample) == (task, sample))
        return next((one for one in alike if one.draft), None)

    def add(self, result: TaskResult) -> None:
        """Keep one result."""
        self.done[result.key] = result
        if self._path is not None:
            with self._path.open("a", encoding="ascii") as stream:
                stream.write(json.dumps(to_json(result)) + "\n")


def read_results(path: Path) -> list[TaskResult]:
    """Return all results of a file, of which the last may be torn. Raises `BadTask` for a line that is none."""
    results = []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        is_torn = (
            number == len(lines) and not line.endswith("\n") and line.startswith(_BEGINNING[: len(line)])
        )
        try:
            if not is_torn:
                results.append(from_json(TaskResult, json.loads(line)))
        except (ValueError, BadRecord) as error:
            raise BadTask(f"{path}:{number} is no result of a benchmark.") from error
    return results


def _cut_torn_line(path: Path) -> None:
    """Take away what follows the last line end: the run was stopped while it wrote that."""
    with path.open("r+b") as stream:
        stream.truncate(stream.read().rfind(b"\n") + 1)
