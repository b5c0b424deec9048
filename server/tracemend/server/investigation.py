"""A first look at one failure: who is suspected, which values were on the failing path."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.repair.runner.traces import Trace

from .findings import RepairState
from .views.values import line_values

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject

logger = logging.getLogger(__name__)

MAX_TRACED_FILES = 40


def look_into(
    live: LiveProject,
    state: RepairState,
    texts_of: Callable[[Iterable[str]], Mapping[str, str]],
    cancelled: Callable[[], bool],
) -> RepairState:
    """Return `state` with suspects and, if the test could be traced, the values of its run."""
    suspects = live.suspects(state.test)
    trace = live.trace(state.test, cancelled=cancelled)
    paths = {one.path for one in suspects} | (_traced_paths(trace) if trace is not None else set())
    texts = {**texts_of(sorted(paths)[:MAX_TRACED_FILES]), **state.texts}
    values = line_values(trace, texts) if trace is not None else {}
    return replace(state, suspects=suspects, trace=trace, texts=texts, values=values)


def _traced_paths(trace: Trace) -> set[str]:
    return {one.path for one in trace.steps} | {one.path for one in trace.failure}
