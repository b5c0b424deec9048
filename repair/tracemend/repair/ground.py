"""What all steps of one job share: the project, its files, the runners, the baseline, the listener, the cancel flag."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracemend.repair.baseline import Baseline, patient
from tracemend.repair.crew import Crew
from tracemend.repair.elsewhere import Elsewhere
from tracemend.repair.events import Event
from tracemend.repair.journal.journal import no_record
from tracemend.repair.memory.store import Memory
from tracemend.repair.models.protocol import Recorder
from tracemend.repair.propose.site import Operator
from tracemend.repair.propose.static_types import StaticTypes
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.checking import StaticCheck
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Project
from tracemend.repair.search.naturalness import TokenModel
from tracemend.repair.workspace import Workspace

Listener = Callable[[Event], None]

FRESH_FLOOR_S = 60.0
MAX_RECHECKED = 20  # Broken tests that are run without the patch too.


@dataclass
class Ground:
    """The ground that a job stands on. The baseline is that of the unchanged project."""

    project: Project
    options: FixOptions
    workspace: Workspace
    crew: Crew
    runner: Runner  # The first of the crew.
    baseline: Baseline
    changed: Mapping[tuple[str, int], float]
    operators: Sequence[Operator]
    model: TokenModel
    listener: Listener
    cancel: threading.Event
    record: Recorder = no_record
    priors: Mapping[str, float] = field(default_factory=dict)  # Operator -> bits that its price changes by.
    memory: Memory | None = None
    advisors: Advisors | None = None  # The models that may be asked, if any.
    check: StaticCheck | None = None  # Of what they write; there wherever advisors are.
    elsewhere: Elsewhere | None = None  # The tests that were not named, where some were.
    notes: list[str] = field(default_factory=list)

    @cached_property
    def types(self) -> StaticTypes:
        """What the static oracle knows of the project; all failures of the job share it."""
        return StaticTypes(self.project.root, self.project.python, self.workspace.files)

    def run_fresh(
        self, tests: Sequence[str] | None, sources: Mapping[str, str] | None, *, hash_seed: int = 1
    ) -> RunResult:
        """Run `tests` (None for the whole selection) in a fresh, contained pytest process."""
        expected = sum(result.seconds for result in self.baseline.results.values())
        wall_s = max(FRESH_FLOOR_S, 10.0 * expected)
        limits = patient(self.baseline.limits)
        return self.crew.run_fresh(tests, sources, limits=limits, wall_s=wall_s, hash_seed=hash_seed)

    def regressions(self, result: RunResult, sources: Mapping[str, str]) -> list[str]:
        """Return the tests that `sources` break, given the `result` of the whole selection with them.

        Those are tests that were green and are red, and tests that passed and are skipped or no longer there (their
        file cannot be imported any more). What a second fresh run of the unchanged code shows as well has nothing to
        do with the patch.
        """
        before = self.baseline.results
        red = [
            test
            for test, one in result.tests.items()
            if not one.green and test in before and before[test].green
        ]
        if len(red) > MAX_RECHECKED:
            return red
        lost = [test for test in self.baseline.passing if test not in result.tests or _skipped(result, test)]
        if not red and not lost:
            return []
        unchanged = self.run_fresh([*red, *lost[:MAX_RECHECKED]], None)
        passes = {test for test, one in unchanged.tests.items() if one.green and one.outcome != "skipped"}
        return [test for test in red if test not in unchanged.tests or unchanged.tests[test].green] + [
            test for test in lost if test in passes
        ]


def _skipped(result: RunResult, test: str) -> bool:
    return result.tests[test].outcome == "skipped"
