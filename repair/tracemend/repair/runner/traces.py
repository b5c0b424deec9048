"""The values of one test's run, block by block: asked for, checked, compared and shown.

`trace_test` asks a warm runner for the trace of one test (`payload/tracing.py` collects it in the project's
interpreter), `first_divergence` compares the traces of one test before and after a patch, and `trace_rows` writes a
trace as text. The answer of the child is untrusted: what has not exactly the expected shape raises `TraceError`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

from tracemend.repair.propose.site import Observed
from tracemend.repair.records import BadRecord, from_json
from tracemend.repair.runner.errors import RequestFailed

StepKind = Literal["call", "block", "raise", "return", "yield"]
Values = Mapping[str, str]

WINDOW_EVENTS = 240
TEXT_LIMIT = 400


class TraceError(Exception):
    """No trace was got; the message says why."""


class TraceCancelled(TraceError):
    """The runner was told to stop, which says nothing of the test."""


class Requester(Protocol):
    """The one thing that is needed of a runner: an operation in a forked child."""

    def request(self, op: str, payload: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Run the operation and return its answer."""


@dataclass(frozen=True, slots=True)
class TraceLimits:
    """How much is read. The times and sizes bound the child, whatever the test does."""

    visits_per_block: int = 16  # Of each block in each call.
    frames_per_function: int = 48  # Calls of each function.
    max_steps: int = 4000
    max_bytes: int = 400_000
    max_events: int = 2_000_000
    wall_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the run: a function was entered, a block begins, something is returned or raised.

    `values` holds the locals whose shown text changed since the last step of the same frame. In a "return" (or
    "yield", "raise") step the result stands under the name of that keyword, which no local can have.
    """

    path: str
    line: int
    function: str
    frame: int  # Serial number of the frame in this run, from 1.
    call: int  # Which call of this function it is, from 1.
    depth: int  # Project frames on the stack, from 1.
    visit: int  # Which visit of this block in this frame, from 1.
    kind: StepKind
    values: Values

    @property
    def key(self) -> tuple[str, str, int, int, str, int]:
        """What names the same moment in another run of the same code."""
        line = self.line if self.kind == "block" else 0
        return self.path, self.function, self.call, line, self.kind, self.visit


@dataclass(frozen=True, slots=True)
class FailureFrame:
    """The locals of one project frame when the failure passed through it."""

    path: str
    line: int
    function: str
    values: Values


@dataclass(frozen=True, slots=True)
class Trace:
    """What was seen of one test's run. `failure` runs from the test inwards, the raising project frame last."""

    test: str
    outcome: str
    steps: tuple[Step, ...]
    observed: Mapping[tuple[str, str], Mapping[str, Observed]] = field(default_factory=dict)
    error: str = ""  # "KeyError: 'a'" of the failure.
    failure: tuple[FailureFrame, ...] = ()
    events: int = 0
    skipped: int = 0  # Moments that were counted and not read.
    truncated: bool = False

    @property
    def failing_frame(self) -> FailureFrame | None:
        """The project frame that raised, or that called what raised."""
        return self.failure[-1] if self.failure else None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A name that held one value before the patch and another after it, both as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two runs of one test part.

    Kind "value": both came to this moment with different values. Kind "path": the first run came here and the second
    did not; `after` is then where the second went instead, if anywhere.
    """

    kind: Literal["value", "path"]
    before: Step
    after: Step | None
    changes: tuple[ValueChange, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One line of a printed trace."""

    place: str  # "shop.py:12".
    depth: int
    source: str
    note: str  # "x = 3, total = 4" or "returns 4".

    def __str__(self) -> str:
        indent = "  " * max(0, min(self.depth - 1, 12))
        return f"{self.place:<24} {indent}{self.source:<44} {self.note}".rstrip()


def trace_test(
    runner: Requester,
    test: str,
    *,
    sources: Mapping[str, str] | None = None,
    limits: TraceLimits | None = None,
) -> Trace:
    """Run `test`, with `sources` patched in, and return its trace; raises `TraceError`.

    When more happened than the first visits of each block, the test is run once more, to read the last moments too.
    """
    limits = limits or TraceLimits()
    request: dict[str, Any] = {"tests": [test], "sources": dict(sources or {}), **asdict(limits)}
    trace = _request_trace(runner, test, request)
    if not trace.skipped:
        return trace
    request.update(visits_per_block=0, window_from=max(0, trace.events - WINDOW_EVENTS))
    end = _request_trace(runner, test, request)
    return _joined(trace, end) if end.events == trace.events else trace


def first_divergence(
    before: Trace, after: Trace, sources: Mapping[str, tuple[str, str]] | None = None
) -> Divergence | None:
    """Return the first moment of `before` that `after` does not share, None where they agree as far as was read.

    Moments are aligned by function, number of the call, block and visit. `sources` gives the old and new text of
    changed files, so that blocks which only moved are found again.
    """
    lines = {path: _moved_lines(old, new) for path, (old, new) in (sources or {}).items()}
    later = {
        step.key: (position, step, known) for position, (step, known) in enumerate(_with_known(after.steps))
    }
    position = -1
    for step, known in _with_known(before.steps):
        line = lines.get(step.path, {}).get(step.line, step.line if step.path not in lines else -1)
        found = later.get((*step.key[:3], line if step.kind == "block" else 0, *step.key[4:]))
        if found is None:
            if after.truncated or after.skipped or line < 0:
                continue  # Not read, or a changed line: that it is missing tells nothing.
            following = after.steps[position + 1 : position + 2]
            return Divergence("path", step, following[0] if following else None)
        position = found[0]
        changes = tuple(_value_changes(known, found[2]))
        if changes:
            return Divergence("value", step, found[1], changes)
    return None


def trace_rows(trace: Trace, sources: Mapping[str, str]) -> tuple[TraceRow, ...]:
    """Write `trace` as rows of place, source line and what changed; `sources` gives the text of the files."""
    texts = {path: text.splitlines() for path, text in sources.items()}
    rows = [
        TraceRow(
            f"{step.path}:{step.line}", step.depth, _line(texts.get(step.path, []), step.line), _note(step)
        )
        for step in trace.steps
    ]
    frame = trace.failing_frame
    if frame is not None:
        note = f"{trace.error} with {_assignments(frame.values)}" if frame.values else trace.error
        source = _line(texts.get(frame.path, []), frame.line)
        rows.append(TraceRow(f"{frame.path}:{frame.line}", 1, source, " ".join(note.split())))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Result:
    test: str
    outcome: str


@dataclass(frozen=True, slots=True)
class _Exit:
    error: str
    frames: tuple[tuple[str, int, str, tuple[tuple[str, str], ...]], ...]


_NamedTexts = tuple[tuple[str, str], ...]
_Facts = tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """The wire shape of a trace, see `payload/tracing.py`."""

    results: tuple[_Result, ...]
    functions: tuple[tuple[str, str, int], ...]
    steps: tuple[tuple[StepKind, int, int, int, int, int, int, _NamedTexts], ...]
    observed: tuple[_Facts, ...]
    exits: tuple[_Exit, ...]
    events: int
    skipped: int
    truncated: bool


def _joined(start: Trace, end: Trace) -> Trace:
    """Put the last moments of a run behind its first visits; frames have the same numbers in both."""
    late = {(step.frame, step.key) for step in end.steps}
    early = tuple(step for step in start.steps if (step.frame, step.key) not in late)
    return replace(start, steps=early + end.steps)


def _request_trace(runner: Requester, test: str, request: dict[str, Any]) -> Trace:
    try:
        return _decode_trace(test, runner.request("trace", request, wall_s=request["wall_s"] * 1.5))
    except RequestFailed as error:
        kind = TraceCancelled if error.ended == "cancelled" else TraceError
        raise kind(str(error)) from error


def _decode_trace(test: str, message: Mapping[str, Any]) -> Trace:
    try:
        answer = from_json(_Answer, message)
        steps = tuple(_decode_step(answer, *row) for row in answer.steps)
        observed = {
            answer.functions[index][:2]: {_clip(name): _observed(*facts) for name, *facts in named}
            for index, named in enumerate(answer.observed)
        }
    except (BadRecord, IndexError) as error:
        problem = message.get("problem") or message.get("error") or error
        raise TraceError(_clip(str(problem))) from error
    exit_taken = answer.exits[-1] if answer.exits else None
    return Trace(
        test=test,
        outcome=answer.results[-1].outcome if answer.results else "error",
        steps=steps,
        observed=observed,
        error=_clip(exit_taken.error) if exit_taken else "",
        failure=tuple(_decode_frame(*frame) for frame in exit_taken.frames) if exit_taken else (),
        events=answer.events,
        skipped=answer.skipped,
        truncated=answer.truncated,
    )


def _decode_step(
    answer: _Answer,
    kind: StepKind,
    function: int,
    frame: int,
    call: int,
    depth: int,
    visit: int,
    line: int,
    values: _NamedTexts,
) -> Step:
    path, qualname, _ = answer.functions[function]
    return Step(path, line, qualname, frame, call, depth, visit, kind, _texts(values))


def _decode_frame(path: str, line: int, function: str, values: _NamedTexts) -> FailureFrame:
    return FailureFrame(path, line, function, _texts(values))


def _observed(types: Sequence[str], attributes: Sequence[str], values: Sequence[str]) -> Observed:
    return Observed(tuple(types), tuple(attributes), tuple(map(_clip, values)))


def _texts(values: _NamedTexts) -> Values:
    return {_clip(name): _clip(text) for name, text in values}


def _clip(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def _with_known(steps: Sequence[Step]) -> Iterator[tuple[Step, Values]]:
    """Yield each step with all that is known of its frame's locals then, not the changes alone."""
    known: dict[int, dict[str, str]] = {}
    for step in steps:
        values = {**known.get(step.frame, {}), **step.values}
        known[step.frame] = {name: text for name, text in values.items() if name != step.kind}
        yield step, values


def _value_changes(before: Values, after: Values) -> Iterator[ValueChange]:
    for name in sorted(
        before, key=lambda one: one == "self"
    ):  # What changed in `self` is often a consequence.
        if name in after and after[name] != before[name]:
            yield ValueChange(name, before[name], after[name])


def _moved_lines(old: str, new: str) -> dict[int, int]:
    """Map the lines of `old` to the same lines in `new`; a line changed one to one maps to its successor."""
    moved = {}
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal" or old_end - old_start == new_end - new_start:
            moved.update({old_start + at + 1: new_start + at + 1 for at in range(old_end - old_start)})
    return moved


def _line(lines: Sequence[str], line: int) -> str:
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _note(step: Step) -> str:
    result = step.values.get(step.kind)
    changed = _assignments({name: text for name, text in step.values.items() if name != step.kind})
    if result is None:
        return changed
    told = f"{step.kind}s {' '.join(result.split())}"
    return f"{told} ({changed})" if changed else told


def _assignments(values: Values) -> str:
    return ", ".join(f"{name} = {text}" for name, text in values.items())
