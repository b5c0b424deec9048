"""What all steps of one job share: the project, its files, the runners, the baseline, the listener, the cancel flag."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tracemend.repair.baseline import Baseline
from tracemend.repair.events import Event
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.propose.site import Operator
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.confirm import run_fresh
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Project, RunnerSettings
from tracemend.repair.search.naturalness import TokenModel
from tracemend.repair.workspace import Workspace

Listener = Callable[[Event], None]

FRESH_FLOOR_S = 60.0


@dataclass
class Ground:
    """The ground that a job stands on. The baseline is that of the unchanged project."""

    project: Project
    settings: RunnerSettings
    options: FixOptions
    workspace: Workspace
    runners: Sequence[Runner]
    baseline: Baseline
    changed: Mapping[tuple[str, int], float]
    operators: Sequence[Operator]
    model: TokenModel
    listener: Listener
    cancel: threading.Event
    tests: tuple[str, ...]  # All collected tests, in order.
    notes: list[str] = field(default_factory=list)

    def run_fresh(
        self, tests: Sequence[str] | None, sources: Mapping[str, str] | None, *, hash_seed: int = 0
    ) -> RunResult:
        """Run `tests` (None for the whole selection) in a fresh, contained pytest process."""
        expected = sum(result.seconds for result in self.baseline.results.values())
        wall_s = max(FRESH_FLOOR_S, 10.0 * expected)
        return run_fresh(self.project, self.settings, tests, sources, wall_s=wall_s, hash_seed=hash_seed)

    def regressions(self, result: RunResult, sources: Mapping[str, str]) -> list[str]:
        """Return the tests that were green and are red in `result` because of `sources`.

        A test that is red on a second fresh run of the unchanged code as well has nothing to do with the patch.
        """
        before = self.baseline.results
        red = [
            test
            for test, one in result.tests.items()
            if not one.green and test in before and before[test].green
        ]
        if not red or len(red) > 20:
            return red
        unchanged = self.run_fresh(red, None, hash_seed=1)
        return [test for test in red if test not in unchanged.tests or unchanged.tests[test].green]


def merge_patches(patches: Sequence[Patch]) -> Patch | None:
    """Return one patch that does what all do, None where two of them edit the same file differently.

    Patches of one file are merged when the changed lines of one lie apart from those of the other.
    """
    sources: dict[str, tuple[str, str]] = {}
    for patch in patches:
        for change in patch.changes:
            old, current = sources.get(change.path, (change.old, change.old))
            merged = _merge(change.old, current, change.new)
            if merged is None or old != change.old:
                return None
            sources[change.path] = (old, merged)
    changes = tuple(FileChange(path, old, new) for path, (old, new) in sources.items())
    lines = tuple(line for patch in patches for line in patch.origin.lines)
    note = " and ".join(patch.origin.note for patch in patches)
    operator = " + ".join(patch.origin.operator for patch in patches)
    author = patches[0].origin.author if patches else ""
    return Patch(changes, Origin(author, operator, note, lines), sum(patch.cost for patch in patches))


def _merge(base: str, mine: str, theirs: str) -> str | None:
    """Merge two edits of `base` by their differing middles; None where these overlap or touch."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    first, second = sorted((_hunk(base, mine), _hunk(base, theirs)))
    (start, end, text), (other_start, other_end, other_text) = first, second
    if end > other_start:
        return None
    return base[:start] + text + base[end:other_start] + other_text + base[other_end:]


def _hunk(base: str, changed: str) -> tuple[int, int, str]:
    """Return (start, end, text): the one replacement, in whole lines, that turns `base` into `changed`."""
    old, new = base.splitlines(keepends=True), changed.splitlines(keepends=True)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start = sum(map(len, old[:head]))
    end = len(base) - sum(map(len, old[len(old) - tail :])) if tail else len(base)
    return start, end, "".join(new[head : len(new) - tail])
