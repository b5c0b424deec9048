"""What must happen whatever else does: the second half of a pair of statements, put into `finally`.

`self.free -= 1` before and `self.free += 1` behind, `acquire` and `release`, a flag set and reset: when the work in
between raises, the second half is lost. The remedy is the `try`/`finally` of the Python reference (8.4.3).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.mirrors import mirrored_names
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    always_leaves,
    owns_lines,
    statement_operator,
    wrap,
)

FAMILY = "exception type and handling"
MAX_WORK = 4
_PAIRS = (
    ("acquire", "release"),
    ("open", "close"),
    ("enter", "exit"),
    ("start", "stop"),
    ("connect", "disconnect"),
    ("lock", "unlock"),
    ("append", "pop"),
    ("push", "pop"),
    ("add", "discard"),
    ("add", "remove"),
)


@statement_operator("cleanup-finally", FAMILY, at_most=8)
def clean_up_in_any_case(site: Site) -> Iterator[Proposal]:
    """Put the work between two halves of a pair into `try`, and the second half into `finally`."""
    block, index = site.module.block_of(site.statement)
    for end in range(index + 1, min(len(block), index + MAX_WORK + 1)):
        work, last = block[index:end], block[end]
        if always_leaves(work) or not owns_lines(site.module, last):
            return
        if not isinstance(last, ast.AugAssign | ast.Assign | ast.Expr):
            continue
        paired = any(_is_undone_by(site, one, last) for one in block[:index])
        if not paired and not _is_clean_up(site, last):
            continue
        text = site.text(last)
        note = f"runs `{text}` even if an exception is raised"
        cost = (1.0 if paired else 2.2) + 0.3 * (end - index - 1)
        yield from _with_finally(site, work, last, note, cost)


def _with_finally(
    site: Site, work: list[ast.stmt], last: ast.stmt, note: str, cost: float
) -> Iterator[Proposal]:
    """Wrap `work`, and let what follows it up to `last` end in the `finally` of the new `try`."""
    module = site.module
    if last.lineno != last.end_lineno:
        return
    for one in wrap(site, [*work, last], ["try:"], note, cost):
        (edit,) = one.edits
        *body, closing = edit.text.splitlines(keepends=True)
        newline = "\r\n" if module.text.startswith("\r\n", module.span(work[-1])[1]) else "\n"
        text = "".join([*body, f"{module.indentation(last)}finally:{newline}", closing])
        yield Proposal((TextEdit(edit.start, edit.end, text),), note, cost)


def _is_undone_by(site: Site, first: ast.stmt, second: ast.stmt) -> bool:
    """Say whether `second` takes back what `first` did: the opposite update, another value, the opposite call."""
    match first, second:
        case ast.AugAssign(target=target, op=op), ast.AugAssign(target=other, op=opposite):
            signs = {type(op), type(opposite)}
            return site.text(target) == site.text(other) and signs == {ast.Add, ast.Sub}
        case ast.Assign(targets=[target], value=value), ast.Assign(targets=[other], value=other_value):
            is_state = isinstance(target, ast.Attribute | ast.Subscript)
            return (
                is_state
                and site.text(target) == site.text(other)
                and site.text(value) != site.text(other_value)
            )
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name))),
            ast.Expr(value=ast.Call(func=ast.Attribute(value=other, attr=other_name))),
        ):
            opposite_names = other_name in mirrored_names(name) or (name, other_name) in _PAIRS
            return site.text(owner) == site.text(other) and opposite_names
        case _:
            return False


def _is_clean_up(site: Site, statement: ast.stmt) -> bool:
    """Say whether `statement` by itself looks like the end of something: `x.close()`, `lock.release()`."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in ("close", "release", "stop", "disconnect", "shutdown", "unlock", "cleanup", "exit")
        case _:
            return False
