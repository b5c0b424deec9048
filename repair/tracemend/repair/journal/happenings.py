"""The engine's events as lines of the journal: who watches and who reads later are told the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from tracemend.repair import events
from tracemend.repair.models.protocol import Recorder
from tracemend.repair.records import to_json

_KINDS = {
    events.Started: "started",
    events.Collected: "collected",
    events.BaselineDone: "baseline",
    events.FailureStarted: "failure",
    events.Localized: "suspects",
    events.Note: "note",
}


def event_log(record: Recorder) -> Callable[[events.Event], None]:
    """Return a listener that records what is not recorded with more detail elsewhere."""

    def log(event: events.Event) -> None:
        kind = _KINDS.get(type(event))
        if kind is not None:
            record(kind, {one.name: to_json(getattr(event, one.name)) for one in fields(event)})

    return log
