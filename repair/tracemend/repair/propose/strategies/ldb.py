"""The block-wise debugger: the model judges the blocks of the real run one by one, then corrects the first wrong one.

After LDB (Zhong, Wang and Shang, "Debug like a Human", ACL 2024). Its two questions, one for the verdicts and one for the
code, are one here, which costs half of the tokens; later rounds show the blocks of the version that was tried last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracemend.repair.models.protocol import Message
from tracemend.repair.propose.prompts import fenced, prompt_text
from tracemend.repair.propose.strategies.blocks import run_blocks, told_blocks
from tracemend.repair.propose.strategies.conversation import converse, opening, tell_result
from tracemend.repair.propose.strategies.protocol import Attempted, Case, Desk, Strategy
from tracemend.repair.runner.traces import Trace

_VERDICT = re.compile(
    r"\[BLOCK-(?P<number>\d+)\]\W*(?P<verdict>incorrect|wrong|correct)\b:?(?P<why>[^\n]*)", re.IGNORECASE
)


def _debug_blocks(case: Case, desk: Desk) -> None:
    converse(case, desk, block_opening(case), _show_blocks)


def block_opening(case: Case) -> tuple[Message, ...]:
    """Return the first question, with the blocks of the failing run."""
    assert case.trace is not None, "the strategy suits cases with a trace"
    return opening(case, prompt_text("task_blocks"), _fenced_blocks(case, case.trace, {}))


def _show_blocks(case: Case, desk: Desk, tried: Attempted) -> str:
    trace = desk.trace(tried.sources) if tried.sources else None
    if trace is None:
        return tell_result(case, desk, tried)
    shown = _fenced_blocks(case, trace, tried.sources)
    parts = [
        tried.told,
        _blamed(tried),
        tried.failure,
        shown,
        prompt_text("task_blocks"),
        prompt_text(case.rules),
    ]
    return "\n\n".join(filter(None, parts))


def _blamed(tried: Attempted) -> str:
    """Remind the model of the block that it blamed, which was not enough or not the one."""
    wrong = [number for number, is_correct in block_verdicts(tried.answer).items() if not is_correct]
    return f"You held BLOCK-{wrong[0]} for the first incorrect one, of the version before." if wrong else ""


def _fenced_blocks(case: Case, trace: Trace, sources: Mapping[str, str]) -> str:
    blocks = run_blocks(case, trace, sources)
    return fenced("the failing run in blocks", told_blocks(blocks)) if blocks else ""


def block_verdicts(answer: str) -> dict[int, bool]:
    """Return {number of a block: whether the model holds it for correct}."""
    return {int(one["number"]): one["verdict"].lower() == "correct" for one in _VERDICT.finditer(answer)}


LDB = Strategy(
    "ldb",
    _debug_blocks,
    lambda case: case.trace is not None and case.features.blocks > 1,
)
