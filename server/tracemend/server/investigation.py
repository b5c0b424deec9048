"""A first look at one failure: who is suspected, which values were on the failing path."""

from __future__ import annotations

import re
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

MAX_TRACED_FILES = 40
MAX_SUSPECTS = 20

_HEAD = re.compile(r"(?:async\s+)?def\b|class\b|@")


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


def suspects_now(live: LiveProject, state: RepairState) -> tuple[Suspect, ...]:
    """Return who is suspected of a failure that was looked into before."""
    return tuple(_with_source(one, state.texts) for one in live.suspects(state.test)[:MAX_SUSPECTS])


def names_a_head(state: RepairState) -> bool:
    """Say whether the first suspect is a whole function, as it is before the lines of a run are known."""
    return bool(state.suspects) and _HEAD.match(state.suspects[0].source) is not None


def _with_source(found: RankedSuspect, texts: Mapping[str, str]) -> Suspect:
    """Return a suspect as records and people want it, with its statement's first line."""
    lines = split_lines(texts.get(found.path, ""))
    source = lines[found.line - 1].strip() if found.line <= len(lines) else ""
    return Suspect(found.path, found.line, found.score, source, found.function, ", ".join(found.reasons))


def _traced_paths(trace: Trace) -> set[str]:
    return {one.path for one in trace.steps} | {one.path for one in trace.failure}
