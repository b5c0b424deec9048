"""The process that searches: `python -m tracemend.server.search_worker`, started by `searching.Search`.

It reads one request from stdin, runs the engine, writes progress and the outcome to stdout as JSON lines, and ends. When
stdin ends before that, nobody wants the answer any more: the engine is cancelled, and the process leaves at the latest
`LEAVE_S` later, whatever the engine does then.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tracemend.repair import events
from tracemend.repair.engine import Engine
from tracemend.repair.keeping import keeping
from tracemend.repair.propose.strategies.advisors import advisors_for, told_cost
from tracemend.repair.records import from_json, to_json
from tracemend.repair.reports import FailureReport, FixOptions, RankedPatch
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.settings import Project, RunnerSettings

from .completion_messages import model_of_row
from .searching import SearchedFailure, SearchedPatch, SearchOutcome, SearchProgress, SearchRequest

LEAVE_S = 2.0
REPORT_EVERY_S = 0.25


def main() -> None:
    """Serve one request."""
    output = _private_stdout()
    request = from_json(SearchRequest, json.loads(sys.stdin.buffer.readline()))
    os.nice(request.niceness)
    cancel = threading.Event()
    threading.Thread(target=_watch_lifeline, args=(cancel,), daemon=True).start()
    _say(output, "outcome", search(request, _Teller(output, request.max_time_s), cancel))


def search(request: SearchRequest, listener: Any, cancel: threading.Event) -> SearchOutcome:
    """Run the engine as `request` says."""
    project = Project(Path(request.root), Path(request.python), request.tests, request.pytest_args)
    settings = RunnerSettings(
        sandbox=request.sandbox,
        network=request.network,
        startup_s=request.startup_s,
        extra_writable=request.extra_writable,
        files={path: text.encode("utf-8", "surrogatepass") for path, text in request.overlay},
    )
    options = FixOptions(
        max_time_s=request.max_time_s,
        jobs=request.jobs,
        max_patches=request.max_patches,
        exclude=request.exclude,
    )
    kept_by = keeping(
        project.root,
        journal=request.keep_journal,
        memory=request.use_memory,
        warn=lambda sentence: print(sentence, file=sys.stderr),
    )
    endpoint = model_of_row(request.model) if request.model else None
    try:
        with kept_by as kept, advisors_for(endpoint, record=kept.record) as advisors:
            engine = Engine(
                project,
                settings,
                options,
                request.guards,
                record=kept.record,
                memory=kept.memory,
                advisors=advisors,
            )
            report = engine.fix(listener, cancel)
    except (RunnerError, EnvironmentProblem) as problem:
        return SearchOutcome(problem=str(problem))
    notice = f"No model was asked: {advisors.problem}" if advisors is not None and advisors.problem else ""
    return SearchOutcome(tuple(_failure(one, notice) for one in report.failures), cancelled=cancel.is_set())


def _failure(report: FailureReport, notice: str) -> SearchedFailure:
    """Return what travels of a report; `notice` says what the user expected and did not get."""
    return SearchedFailure(
        report.tests or (report.test,),
        f"{report.reason} {notice}".strip(),
        tuple(_patch(one) for one in report.patches),
        report.suspects,
    )


def _patch(ranked: RankedPatch) -> SearchedPatch:
    return SearchedPatch(
        ranked.confidence,
        ranked.patch.changes,
        ranked.patch.origin.note,
        ranked.explanation,
        ranked.evidence,
    )


class _Teller:
    """Turns the engine's events into phrases, not more than a few a second. Called from several threads."""

    def __init__(self, output: Any, max_time_s: float) -> None:
        self._output = output
        self._max_time_s = max_time_s
        self._started = time.monotonic()
        self._told = 0.0
        self._lock = threading.Lock()

    def __call__(self, event: events.Event) -> None:
        phrase = _phrase(event)
        now = time.monotonic()
        with self._lock:
            if not phrase or (isinstance(event, events.Tried) and now - self._told < REPORT_EVERY_S):
                return
            self._told = now
            spent = (now - self._started) / self._max_time_s
            _say(self._output, "progress", SearchProgress(phrase, round(min(spent, 0.99), 3)))


def _phrase(event: events.Event) -> str:
    match event:
        case events.Started():
            return "running the tests"
        case events.Localized():
            return "suspects are ranked"
        case events.Tried(candidates=candidates, path=path, line=line):
            return f"{candidates} changes tried, now at {path}:{line}"
        case events.Consulting(what=what, requests=requests, tokens=tokens, cost=cost):
            return f"{what}: {requests} requests, {tokens} tokens{told_cost(cost)}"
        case events.Plausible(note=note):
            return f"a change passes and is being proven: {note}"
        case events.Judging(what=what):
            return what
    return ""


def _watch_lifeline(cancel: threading.Event) -> None:
    """Wait for the end of stdin, which means that the answer is not wanted."""
    while os.read(0, 4096):  # Not by way of `sys.stdin`, whose lock the end of the process would wait for.
        pass
    cancel.set()
    time.sleep(LEAVE_S)
    os._exit(1)


def _private_stdout() -> Any:
    """Keep stdout for messages: what else is printed goes to stderr."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def _say(output: Any, kind: str, value: Any) -> None:
    output.write(json.dumps({kind: to_json(value)}).encode() + b"\n")
    output.flush()


if __name__ == "__main__":
    main()
