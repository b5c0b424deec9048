"""What all steps of one job share: the project, its files, the runners, the baseline, the listener, the cancel flag."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tracemend.repair.baseline import Baseline, patient
from tracemend.repair.crew import Crew
from tracemend.repair.events import Event
from tracemend.repair.propose.site import Operator
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Project
from tracemend.repair.search.naturalness import TokenModel
from tracemend.repair.workspace import Workspace

Listener = Callable[[Event], None]

FRESH_FLOOR_S = 60.0


@dataclass
class Ground:
    """The ground that a job stands on. The baseline is that of the unchanged project."""

    project: Project
    options: FixOptions
    workspace: Workspace
    crew: Crew
    runners: Sequence[Runner]
    baseline: Baseline
    changed: Mapping[tuple[str, int], float]
    operators: Sequence[Operator]
    model: TokenModel
    listener: Listener
    cancel: threading.Event
    notes: list[str] = field(default_factory=list)

    def run_fresh(
        self, tests: Sequence[str] | None, sources: Mapping[str, str] | None, *, hash_seed: int = 0
    ) -> RunResult:
        """Run `tests` (None for the whole selection) in a fresh, contained pytest process."""
        expected = sum(result.seconds for result in self.baseline.results.values())
        wall_s = max(FRESH_FLOOR_S, 10.0 * expected)
        limits = patient(self.baseline.limits)
        return self.crew.run_fresh(tests, sources, limits=limits, wall_s=wall_s, hash_seed=hash_seed)

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
