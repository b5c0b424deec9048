"""What a search is asked: which failing tests together, which tests stand guard, which texts are unsaved."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracemend.repair.propose.strategies.names import MODEL_TIME_S
from tracemend.repair.reports import FixOptions

from .cli.project import runner_settings
from .completion_messages import model_row
from .documents import Document
from .files import text_on_disk
from .findings import RepairState
from .model_settings import model_settings
from .searching import SearchRequest
from .session import FolderView

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject

BACKGROUND_TIME_S = 30.0  # On a machine that has nothing else to do;
MOST_PATIENCE = 6.0  # so many times as much at most on one that has.
MAX_GROUP = 12
MAX_GUARDS = 12  # Files of tests; more would make the search wait for a suite of hours.


def urgency(state: RepairState) -> tuple[bool, int]:
    """Order failures: what the user has just broken first, a test that does not end last, for it takes the longest."""
    return state.result.outcome != "timeout", state.run


def group_with(first: RepairState, waiting: Sequence[RepairState]) -> tuple[RepairState, ...]:
    """Return the failures that point to the same function as `first`, which one patch may well mend."""
    if not first.suspects:
        return (first,)
    place = first.suspects[0].path, first.suspects[0].function
    alike = [
        one for one in waiting if one.suspects and (one.suspects[0].path, one.suspects[0].function) == place
    ]
    return tuple(alike[:MAX_GROUP])


def background_request(
    view: FolderView,
    documents: Mapping[Path, Document],
    states: Sequence[RepairState],
    live: LiveProject | None,
    *,
    asked: bool,
) -> SearchRequest:
    """Return the request for one search. What the user asked for gets the time of the command line's `fix`.

    Only then a model is asked: what costs money is not done unasked, each time that a test turns red.
    """
    assert view.project is not None, "a project that runs tests has an interpreter"
    settings, options = view.settings, FixOptions()
    runner = runner_settings(settings)
    model = model_row(model_settings(settings)) if asked else ""
    max_time_s = settings.max_time_s or (MODEL_TIME_S if model else options.max_time_s)
    tests = tuple(one.test for one in states)
    return SearchRequest(
        root=str(view.root),
        python=str(view.project.python),
        tests=tests,
        guards=_guards(states, tests, live),
        overlay=tuple(unsaved_texts(view.root, documents)),
        pytest_args=view.project.pytest_args,
        exclude=settings.exclude,
        extra_writable=runner.extra_writable,
        sandbox=runner.sandbox,
        network=runner.network,
        startup_s=runner.startup_s,
        max_time_s=max_time_s if asked else min(settings.max_time_s or math.inf, background_time_s()),
        max_patches=settings.max_patches or options.max_patches,
        jobs=settings.jobs or max(1, (os.cpu_count() or 1) // 2),
        keep_journal=settings.keep_journal,
        use_memory=settings.use_memory,
        model=model,
    )


def background_time_s() -> float:
    """Return how long a search that nobody asked for may take on a machine as busy as this one is now.

    Its low priority leaves it what others do not take: where more wants to run than there are cores, the same work takes
    longer, and that nothing was found in a time in which nothing could run would be remembered as the answer.
    """
    wanted = os.getloadavg()[0] / (os.cpu_count() or 1)
    return BACKGROUND_TIME_S * min(max(wanted, 1.0), MOST_PATIENCE)


def unsaved_texts(root: Path, documents: Mapping[Path, Document]) -> Iterable[tuple[str, str]]:
    """Yield (path, text) of the project's open files that the disk has otherwise, or not at all."""
    for path, document in documents.items():
        if path.suffix == ".py" and path.is_relative_to(root) and document.text != text_on_disk(path):
            yield path.relative_to(root).as_posix(), document.text


def _guards(states: Sequence[RepairState], tests: Sequence[str], live: LiveProject | None) -> tuple[str, ...]:
    """Return the files of tests that execute a suspected file; those that execute most of them first."""
    suspected = {one.path for state in states for one in state.suspects}
    own = {test.partition("::")[0] for test in tests}
    counts: dict[str, int] = {}
    for test, executed in (live.coverage() if live is not None else {}).items():
        file = test.partition("::")[0]
        if file not in own and not suspected.isdisjoint(executed):
            counts[file] = counts.get(file, 0) + 1
    return tuple(sorted(counts, key=lambda one: (-counts[one], one))[:MAX_GUARDS])
