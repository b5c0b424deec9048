"""What came of each attempt at a task, in an append-only file from which a run can be resumed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.records import BadRecord, from_json, to_json

from .tasks import BadTask


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
            for one in read_results([path]):
                self.done[one.key] = one

    def draft_of(self, task: str, sample: int) -> TaskResult | None:
        """Return an earlier result that holds a draft for this sample of the task."""
        alike = (one for one in self.done.values() if (one.task, one.sample) == (task, sample))
        return next((one for one in alike if one.draft), None)

    def add(self, result: TaskResult) -> None:
        """Keep one result."""
        self.done[result.key] = result
        if self._path is not None:
            torn = self._path.exists() and self._path.read_bytes()[-1:] not in (b"", b"\n")
            with self._path.open("a", encoding="ascii") as stream:
                stream.write(("\n" if torn else "") + json.dumps(to_json(result)) + "\n")


def read_results(paths: Iterable[Path]) -> list[TaskResult]:
    """Return all results of some files. Raises `BadTask` for a line in the middle that is none."""
    results = []
    for path in paths:
        lines = path.read_text("utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                results.append(from_json(TaskResult, json.loads(line)))
            except (ValueError, BadRecord) as error:
                if number < len(lines) and line.strip():
                    raise BadTask(f"{path}:{number} is no result of a benchmark.") from error
    return results
