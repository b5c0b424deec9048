"""The last word on a patch: a fresh pytest process over the patched project, in which nothing else has run.

The warm runner's answers rest on forks and swapped code. Here every process imports the patched files from the start,
collects by itself, runs the tests in the process that collected them, and is thrown away. Only where a test hangs or
takes its process down does another process run the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.results import RunResult
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings


def run_fresh(
    project: Project,
    settings: RunnerSettings | None = None,
    tests: Sequence[str] | None = None,
    sources: Mapping[str, str] | None = None,
    *,
    limits: Mapping[str, Limits] | None = None,
    wall_s: float,
    hash_seed: int = 1,
    detail: bool = False,
) -> RunResult:
    """Run `tests` (None: all that the project selects) once in fresh processes with the `sources` in place.

    `hash_seed` orders sets of strings otherwise than in the search, so that a patch which passed by luck shows.
    """
    with Runner(project, settings, forks=False, hash_seed=hash_seed) as runner:
        return runner.run_from_start(tests, sources=sources, limits=limits, wall_s=wall_s, detail=detail)
