"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from .humaneval import read_humaneval, read_humanevalfix
from .mbpp import read_mbpp
from .quixbugs import read_quixbugs
from .tasks import BadTask, BenchTask, Visible

Format = Literal["humaneval", "mbpp", "humanevalfix", "quixbugs"]

READERS: Mapping[Format, Callable[[Path, Visible], Iterator[BenchTask]]] = {
    "humaneval": read_humaneval,
    "mbpp": read_mbpp,
    "humanevalfix": read_humanevalfix,
    "quixbugs": read_quixbugs,
}


def read_tasks(paths: Iterable[Path], wanted: Format, visible: Visible) -> Iterator[BenchTask]:
    """Yield the tasks of all files, or of a checkout for QuixBugs. Raises `BadTask`, also for an id given twice."""
    seen: set[str] = set()
    for path in paths:
        for task in READERS[wanted](path, visible):
            if task.id in seen:
                raise BadTask(f"There are two tasks {task.id!r}; results could not be told apart.")
            seen.add(task.id)
            if any(task.hidden.values()):
                yield task
