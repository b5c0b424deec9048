"""The failing run cut into blocks with real values, as the debugger LDB shows it to its model.

LDB (Zhong, Wang and Shang, ACL 2024) shows at most ten blocks, the first and the last five; whole basic blocks work
better than lines or functions. A step of our traces is the entry into a block, with what changed before it; what a block
did is therefore in the step that follows it in the same frame.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import Module, header_end_line, parse_module
from tracemend.repair.propose.strategies.protocol import Case
from tracemend.repair.runner.traces import Step, Trace, trace_rows

FIRST_BLOCKS, LAST_BLOCKS = 5, 5
MAX_ROWS = 24
MAX_VALUE = 80
MAX_BLOCK_LINES = 8


@dataclass(frozen=True, slots=True)
class RunBlock:
    """One visit of a basic block: its source, the values before it, and what it changed."""

    function: str
    source: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    def told(self, number: int) -> str:
        """Return the block as the model sees it."""
        lines = [f"[BLOCK-{number}] in {self.function}", *(f"    {one}" for one in self.source.split("\n"))]
        return "\n".join([*lines, f"  before: {_listed(self.before)}", f"  after: {_listed(self.after)}"])


def run_blocks(case: Case, trace: Trace, sources: Mapping[str, str]) -> tuple[RunBlock, ...]:
    """Return the blocks of the shown functions in the order in which they ran, the first and the last five."""
    steps = [one for one in trace.steps if _is_shown(case, one)]
    modules = _parsed(case, sources)
    found = [_block(modules, steps, at) for at, one in enumerate(steps) if one.kind == "block"]
    if len(found) <= FIRST_BLOCKS + LAST_BLOCKS:
        return tuple(found)
    return tuple(found[:FIRST_BLOCKS] + found[-LAST_BLOCKS:])


def told_blocks(blocks: Sequence[RunBlock]) -> str:
    """Return all blocks, numbered from 1."""
    return "\n".join(one.told(number) for number, one in enumerate(blocks, start=1))


def told_trace(case: Case, trace: Trace, sources: Mapping[str, str]) -> str:
    """Return the trace of the shown functions row by row, shortened in the middle."""
    texts = {one.module.path: sources.get(one.module.path, one.module.text) for one in case.shown}
    inside = tuple(one for one in trace.steps if _is_shown(case, one))
    shown = Trace(trace.test, trace.outcome, inside, error=trace.error, failure=trace.failure)
    rows = [f"{row.source}    {row.note}".rstrip() for row in trace_rows(shown, texts)]
    if len(rows) > MAX_ROWS:
        rows = [*rows[: MAX_ROWS // 2], f"... {len(rows) - MAX_ROWS} more ...", *rows[-MAX_ROWS // 2 :]]
    return "\n".join(row if len(row) <= 3 * MAX_VALUE else f"{row[: 3 * MAX_VALUE]}..." for row in rows)


def _is_shown(case: Case, step: Step) -> bool:
    return any(step.path == one.module.path and step.function in one.functions for one in case.shown)


def _block(modules: Mapping[str, Module], steps: Sequence[Step], at: int) -> RunBlock:
    step = steps[at]
    following = next((one for one in steps[at + 1 :] if one.frame == step.frame), None)
    before: dict[str, str] = {}
    for one in steps[: at + 1]:
        if one.frame == step.frame:
            before.update(one.values)
    after = {} if following is None else following.values
    return RunBlock(step.function, _source(modules[step.path], step.line), before, after)


def _source(module: Module, line: int) -> str:
    """Return the statements from `line` on that run one after the other, to the next that branches, its header included."""
    owners = module.statements_at(line)
    if not owners:
        return module.lines.line_text(line).strip()
    body, index = module.block_of(owners[-1])
    last = line
    for statement in body[index:]:
        last = max(last, header_end_line(statement))
        if hasattr(statement, "body"):
            break
    lines = [module.lines.line_text(number).rstrip() for number in range(line, last + 1)]
    return textwrap.dedent("\n".join(lines[:MAX_BLOCK_LINES]))


def _parsed(case: Case, sources: Mapping[str, str]) -> dict[str, Module]:
    return {
        path: parse_module(path, sources[path]) if path in sources else one.module
        for one in case.shown
        for path in [one.module.path]
    }


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {_short(text)}" for name, text in values.items()) or "-"


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 3]}..."
