"""The page about one failing test, as Markdown: what failed, with which values, who is suspected, what mends it."""

from __future__ import annotations

from collections.abc import Iterator

from tracemend.repair.explain.evidence import FailurePoint, NamedValue
from tracemend.repair.explain.text import failure_sentences
from tracemend.repair.runner.traces import trace_rows
from tracemend.server.findings import FoundPatch, RepairState

from .line_map import split_lines
from .wording import one_line, proof

MAX_ROWS = 120
MAX_SUSPECTS = 8
MAX_VALUES = 8


def explanation_of(state: RepairState) -> str:
    """Return the page. What is not known yet is not mentioned, but for the search, of which one wants to know."""
    return "\n\n".join([
        f"# {state.test}",
        " ".join(failure_sentences(failure_point(state))),
        *_suspects(state),
        *_repairs(state),
        *_path(state),
    ]) + "\n"  # fmt: skip


def failure_point(state: RepairState) -> FailurePoint:
    """Return where and how the test fails, with the values there if it could be traced."""
    failure = state.result.failure
    if failure is None:
        return FailurePoint(state.test, state.result.outcome)
    frame = next((one for one in reversed(failure.frames) if one.in_project), None)
    raising = state.trace.failing_frame if state.trace is not None else None
    values = dict(raising.values) if raising is not None else {}
    return FailurePoint(
        test=state.test,
        exception=failure.exception,
        message=failure.message,
        expression=_line(state, frame.path, frame.line) if frame else "",
        path=frame.path if frame else "",
        line=frame.line if frame else 0,
        frames=failure.frames,
        values=tuple(NamedValue(name, value) for name, value in list(values.items())[:MAX_VALUES]),
    )


def _suspects(state: RepairState) -> Iterator[str]:
    if state.suspects:
        yield "## Suspects"
        rows = [
            f"| {one.path}:{one.line} | {_cell(_line(state, one.path, one.line) or one.source)} "
            f"| {one.score:.2f} | {one.why} |"
            for one in state.suspects[:MAX_SUSPECTS]
        ]
        yield "\n".join(["| place | statement | score | because |", "|---|---|---:|---|", *rows])


def _repairs(state: RepairState) -> Iterator[str]:
    yield "## Repairs"
    if state.phase in ("waiting", "searching"):
        yield "The search has not ended." if state.phase == "searching" else "No search was made yet."
    elif not state.patches:
        yield f"No change was found that mends it. {state.reason}".strip()
    for rank, patch in enumerate(state.patches, 1):
        yield from _repair(rank, patch)


def _repair(rank: int, patch: FoundPatch) -> Iterator[str]:
    yield f"### {rank}. {patch.note}"
    yield f"*Confidence: {patch.confidence}; {proof(patch)}.*"
    yield _fenced("diff", patch.diff)
    yield patch.explanation


def _path(state: RepairState) -> Iterator[str]:
    """Show the run block by block; of a long one the end, which is where it fails."""
    if state.trace is None:
        return
    rows = [str(row) for row in trace_rows(state.trace, state.texts)]
    yield "## The run, block by block"
    yield _fenced("text", "\n".join([*["..."] * (len(rows) > MAX_ROWS), *rows[-MAX_ROWS:]]))


def _line(state: RepairState, path: str, line: int) -> str:
    lines = split_lines(state.texts.get(path, ""))
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _cell(code: str) -> str:
    """Quote code in a table, where a bar would end the cell."""
    return f"`{one_line(code).replace('|', chr(92) + '|')}`" if code else ""


def _fenced(language: str, text: str) -> str:
    """Fence a block by more backticks than it holds in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
