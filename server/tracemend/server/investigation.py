"""A first look at one failure: who is suspected, which values were on the failing path."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.repair.explain.evidence import Suspect
from tracemend.repair.localize.suspects import Suspect as RankedSuspect
from tracemend.repair.runner.traces import Trace

from .findings import RepairState
from .views.line_map import split_lines
from .views.values import line_values

if TYPE_CHECKING:
    from tracemend.repair.live.project import LiveProject

logger = logging.getLogger(__name__)

MAX_TRACED_FILES = 40
MAX_SUSPECTS = 20


def look_into(
    live: LiveProject,
    state: RepairState,
    texts_of: Callable[[Iterable[str]], Mapping[str, str]],
    cancelled: Callable[[], bool],
) -> RepairState:
    """Return `state` with suspects and, if the test could be traced, the values of its run."""
    trace = live.trace(state.test, cancelled=cancelled)
    suspects = live.suspects(state.test)[:MAX_SUSPECTS]
    paths = {one.path for one in suspects} | (_traced_paths(trace) if trace is not None else set())
    texts = {**texts_of(sorted(paths)[:MAX_TRACED_FILES]), **state.texts}
    values = line_values(trace, texts) if trace is not None else {}
    shown = tuple(_with_source(one, texts) for one in suspects)
    return replace(state, suspects=shown, trace=trace, texts=texts, values=values)


def _with_source(found: RankedSuspect, texts: Mapping[str, str]) -> Suspect:
    """Return a suspect as records and people want it, with its statement's first line."""
    lines = split_lines(texts.get(found.path, ""))
    source = lines[found.line - 1].strip() if found.line <= len(lines) else ""
    return Suspect(found.path, found.line, found.score, source, found.function, ", ".join(found.reasons))


def _traced_paths(trace: Trace) -> set[str]:
    return {one.path for one in trace.steps} | {one.path for one in trace.failure}
