"""The process that reviews: `python -m tracemend.server.static_worker`, started by `static_reviews`.

A review of a large file takes seconds of computing, which in the server would be felt at every key. The first line of
stdin says which project, each further one tells a text that the editor holds, or that the disk counts: the file was closed,
or changed while nobody had it open. Each text is answered by one line with its findings, unless a newer text of the same
file has come meanwhile. When a text is new, the other open ones are reviewed again, after it, for what one file defines
decides about those that use it. The end of stdin is the end.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracemend.analysis.garbage import GarbagePauses
from tracemend.repair.records import from_json, to_json
from tracemend.repair.runner.environment import EnvironmentProblem

from .cli.static import StaticSetting, outside_packages, static_setting
from .config import Config
from .static_messages import StaticFinding, StaticProject, StaticReview, StaticText

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer

NICENESS = 10
# Without trust nothing of the project is run, its interpreter neither. What imports find is then not known.
RULES_WITHOUT_TRUST = frozenset({"syntax", "undefined-name"})


def main() -> None:
    """Serve until stdin ends."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(NICENESS)
    lines = sys.stdin.buffer
    project = from_json(StaticProject, json.loads(lines.readline()))
    try:
        reviewer = reviewer_of(project)
    except EnvironmentProblem:
        return  # The live project tells the user about it.
    queue = TextQueue()
    threading.Thread(target=_serve, args=(project, reviewer, queue, output), daemon=True).start()
    for line in lines:
        queue.put(from_json(StaticText, json.loads(line)))
    os._exit(0)


class TextQueue:
    """The texts to review, the newest of each file, what the user is at first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: dict[str, StaticText] = {}
        self._waiting: OrderedDict[str, None] = OrderedDict()

    def put(self, told: StaticText) -> None:
        """Take a text, or that its file was closed."""
        with self._changed:
            self._waiting.pop(told.path, None)
            if told.text is None:
                self._open.pop(told.path, None)
            else:
                self._open[told.path] = told
            self._waiting[told.path] = None
            self._waiting.move_to_end(told.path, last=False)
            self._changed.notify()

    def take(self) -> tuple[str, StaticText | None]:
        """Wait for the next file and return its path and text, None for one that was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            path, _ = self._waiting.popitem(last=False)
            return path, self._open.get(path)

    def again(self, path: str) -> None:
        """Have all other open files reviewed again, after what waits already."""
        with self._changed:
            for other in self._open:
                if other != path:
                    self._waiting.setdefault(other)

    def is_current(self, told: StaticText) -> bool:
        """Say whether no newer text of the file has come."""
        return self._open.get(told.path) is told


def reviewer_of(project: StaticProject) -> Reviewer:
    """Return a reviewer of the project. Without trust not even its interpreter is started, ours stands in for it."""
    root = Path(project.root)
    if not project.trusted:
        return StaticSetting(outside_packages(root), Path(sys.executable), Config()).reviewer()
    return static_setting(root, Config(), project.choice).reviewer()


def _serve(project: StaticProject, reviewer: Reviewer, queue: TextQueue, output: Any) -> None:
    known: dict[str, str | None] = {}
    garbage = GarbagePauses()
    while True:
        garbage.pause()
        path, told = queue.take()
        text = told.text if told is not None else None
        if text is None or known.get(path) != text:
            known[path] = text
            reviewer.update(Path(path), text)
            queue.again(path)
        if told is None or text is None:
            continue
        findings = _findings(project, reviewer, told, text, lambda told=told: not queue.is_current(told))  # type: ignore[misc]
        if findings is not None:
            output.write(json.dumps(to_json(StaticReview(path, told.number, findings))).encode() + b"\n")
            output.flush()


def _findings(
    project: StaticProject, reviewer: Reviewer, told: StaticText, text: str, cancelled: Callable[[], bool]
) -> tuple[StaticFinding, ...] | None:
    """Return what is certainly wrong in a text, None if a newer one came meanwhile."""
    review = reviewer.review(Path(told.path), text, cancelled=cancelled)
    if not review.complete:
        return None
    return tuple(
        StaticFinding(one.rule, one.start, one.end, one.message, one.suggestions)
        for one in review.findings
        if project.trusted or one.rule in RULES_WITHOUT_TRUST
    )


if __name__ == "__main__":
    main()
