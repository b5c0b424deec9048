"""Statements in the wrong place: one up, one down, one level out, one level in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    COMPOUND,
    DEFINITIONS,
    JUMPS,
    LOOPS,
    identifiers,
    is_docstring_text,
    is_elif,
    move,
    owns_lines,
    reindented,
    statement_operator,
    swap,
    unwrap,
    wrap,
)

FAMILY = "statement moved, inserted from the same scope, removed or duplicated"
_FIXED = (*DEFINITIONS, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)


@statement_operator("move-swap", FAMILY, at_most=12)
def swap_with_next(site: Site) -> Iterator[Proposal]:
    """Exchange the statement with the one below it, the two likelier the more names they share."""
    following = _following(site, site.statement)
    if following is None or not _may_move(site.statement) or not _may_move(following):
        return
    if isinstance(site.statement, JUMPS) or (
        isinstance(following, JUMPS) and isinstance(site.statement, COMPOUND)
    ):
        return
    shared = identifiers(site.statement) & identifiers(following)
    cost = 1.6 if shared else 3.6
    yield from swap(site, site.statement, following, "runs these two statements in the other order", cost)


@statement_operator("move-far", FAMILY, at_most=12)
def move_within_block(site: Site) -> Iterator[Proposal]:
    """Move the statement to the start or the end of its block, or two places on."""
    if not _may_move(site.statement) or isinstance(site.statement, JUMPS):
        return
    block, index = site.module.block_of(site.statement)
    start = 1 if is_docstring_text(block[0]) else 0
    end = len(block) - 1
    if isinstance(block[end], JUMPS):
        end -= 1
    places = {
        end: (block[end], True),
        index + 2: (None, True),
        start: (block[start], False),
        index - 2: (None, False),
    }
    for place, (target, after) in places.items():
        if start <= place <= end and abs(place - index) > 1:
            where = "later" if place > index else "earlier"
            yield from move(
                site, site.statement, target or block[place], f"does this {where}", 3.0, after=after
            )


@statement_operator("move-branch", FAMILY, at_most=2)
def ask_the_other_first(site: Site) -> Iterator[Proposal]:
    """Exchange a branch with the `elif` below it: where both conditions hold, the first one decides; or the bodies."""
    match site.statement:
        case ast.If(test=test, body=body, orelse=[ast.If(test=other, body=following) as below]) if is_elif(
            site.module, below
        ):
            pass
        case _:
            return
    spans = [site.module.span(one) for one in (test, other)]
    blocks = [(site.module.span(one[0])[0], site.module.span(one[-1])[1]) for one in (body, following)]
    if any(not site.module.starts_line(one[0]) for one in (body, following)):
        return
    edits: list[TextEdit] = []
    for first, second in (spans, blocks):
        edits.append(TextEdit(*first, site.module.text[slice(*second)]))
        edits.append(TextEdit(*second, site.module.text[slice(*first)]))
    yield Proposal(tuple(sorted(edits)), f"asks for `{site.text(other)}` first", 2.2)
    note = f"does for `{site.text(test)}` what was done for `{site.text(other)}`, and back"
    yield Proposal(tuple(sorted(edits[2:])), note, 2.4)


@statement_operator("move-stale", FAMILY, at_most=2)
def compute_it_later(site: Site) -> Iterator[Proposal]:
    """Move an assignment down to the first use of its name, past statements that change what it was computed from."""
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            sources = {site.text(one) for one in ast.walk(value) if isinstance(one, ast.Name | ast.Attribute)}
        case _:
            return
    block, index = site.module.block_of(site.statement)
    changes = False
    for place in range(index + 1, len(block)):
        if name in identifiers(block[place]):
            if changes and place > index + 1:
                note = f"computes `{name}` after what it depends on has changed"
                yield from move(site, site.statement, block[place - 1], note, 0.9, after=True)
            return
        changes = changes or bool(_changed_places(site, block[place]) & sources)


@statement_operator("move-out", FAMILY, at_most=12)
def move_out_of_block(site: Site) -> Iterator[Proposal]:
    """Move the last statement of a block behind it, or the first one in front of it (dedent)."""
    parent = site.module.parents[site.statement]
    holder = site.module.statement_of(parent)
    if (
        not isinstance(holder, COMPOUND)
        or not _may_move(site.statement)
        or isinstance(parent, ast.match_case)
    ):
        return
    block, index = site.module.block_of(site.statement)
    what = _kind_of_block(holder)
    if index == len(block) - 1:
        cost = 1.2 if isinstance(holder, LOOPS) else 1.6
        yield from move(
            site, site.statement, holder, f"runs this after the {what} instead of inside", cost, after=True
        )
    if index == 0 and not isinstance(site.statement, JUMPS):
        cost = 1.8 if isinstance(holder, LOOPS) else 2.4
        yield from move(
            site, site.statement, holder, f"runs this before the {what} instead of inside", cost, after=False
        )


@statement_operator("move-in", FAMILY, at_most=12)
def move_into_block(site: Site) -> Iterator[Proposal]:
    """Move the statement to the end of the block above it, or to the start of the block below it (indent)."""
    if not _may_move(site.statement):
        return
    block, index = site.module.block_of(site.statement)
    if index > 0:
        for body, what in _blocks(block[index - 1]):
            if not isinstance(body[-1], JUMPS):
                cost = 1.3 if "loop" in what else 1.8
                yield from move(
                    site, site.statement, body[-1], f"runs this at the end of the {what}", cost, after=True
                )
    if index + 1 < len(block) and not isinstance(site.statement, JUMPS):
        for body, what in _blocks(block[index + 1])[:1]:
            cost = 1.3 if "loop" in what else 2.2
            yield from move(
                site, site.statement, body[0], f"runs this at the start of the {what}", cost, after=False
            )


@statement_operator("move-rest", FAMILY, at_most=12)
def change_the_extent_of_a_block(site: Site) -> Iterator[Proposal]:
    """Take the last two statements out of a block, or put a statement and the next into an `else`."""
    statement = site.statement
    block, index = site.module.block_of(statement)
    if isinstance(statement, ast.If) and not statement.orelse and index + 1 < len(block):
        following = block[index + 1]
        if _may_move(following) and not isinstance(statement.body[-1], JUMPS) and index + 2 >= len(block) - 1:
            note = "runs what follows only when the condition does not hold"
            yield from wrap(site, [following], ["else:"], note, 1.8)
    if isinstance(statement, ast.For | ast.While) and not statement.orelse and index + 1 < len(block):
        breaks = any(isinstance(one, ast.Break) for one in ast.walk(statement))
        if breaks and _may_move(block[index + 1]):
            note = "runs what follows only when the loop was not left by `break`"
            yield from wrap(site, [block[index + 1]], ["else:"], note, 1.4)


@statement_operator("move-else", FAMILY, at_most=12)
def take_out_of_else(site: Site) -> Iterator[Proposal]:
    """Turn the `else` of a loop, a `try` or an `if` into plain code behind it."""
    statement = site.statement
    parent = site.module.parents[statement]
    orelse = getattr(parent, "orelse", None)
    if (
        not isinstance(parent, COMPOUND)
        or not isinstance(orelse, list)
        or [*orelse, None][0] is not statement
    ):
        return
    if len(orelse) == 1 and not isinstance(parent, ast.Match):
        yield from _replace_else(site, parent, statement)


def _replace_else(site: Site, parent: ast.stmt, statement: ast.stmt) -> Iterator[Proposal]:
    """Replace the line `else:` and its only statement by the statement, one level less deep."""
    module = site.module
    if is_elif(module, statement) or is_elif(module, parent) or not owns_lines(module, statement):
        return
    last = parent.body[-1]  # type: ignore[attr-defined]
    if isinstance(parent, ast.Try):
        last = parent.handlers[-1].body[-1]
        if parent.finalbody:
            return
    if not owns_lines(module, last):
        return
    start = module.lines.line_start((last.end_lineno or 0) + 1)
    end = module.lines.line_start((statement.end_lineno or 0) + 1)
    text = reindented(module, statement, statement, module.indentation(parent))
    what = _kind_of_block(parent)
    cost = 1.2 if isinstance(parent, LOOPS) else 2.0
    yield Proposal((TextEdit(start, end, text),), f"runs this after the {what} in any case", cost)


@statement_operator("move-unwrap", FAMILY, at_most=12)
def unwrap_block(site: Site) -> Iterator[Proposal]:
    """Run the body of an `if` or a loop without its header; costly, since it drops control flow."""
    match site.statement:
        case ast.If(body=body, orelse=[]):
            yield from unwrap(site, site.statement, body, "runs this without the condition", 2.6)
        case ast.If(body=body, orelse=orelse):
            yield from unwrap(site, site.statement, orelse, "always runs the `else` branch", 4.0)
            yield from unwrap(site, site.statement, body, "always runs the first branch", 4.2)
        case ast.Try(body=body, finalbody=[]):
            yield from unwrap(site, site.statement, body, "lets exceptions through", 2.8)
        case ast.With(body=body):
            yield from unwrap(site, site.statement, body, "runs this without the context manager", 4.2)
        case _:
            return


def _following(site: Site, statement: ast.stmt) -> ast.stmt | None:
    block, index = site.module.block_of(statement)
    return block[index + 1] if index + 1 < len(block) else None


def _changed_places(site: Site, statement: ast.stmt) -> set[str]:
    """Return the names and attributes that a statement binds, and those whose methods it calls."""
    found: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                found.add(site.text(node))
            case (
                ast.Subscript(value=owner, ctx=ast.Store() | ast.Del())
                | ast.Expr(value=ast.Call(func=ast.Attribute(value=owner)))
            ):
                found.add(site.text(owner))
            case _:
                pass
    return found


def _may_move(statement: ast.stmt) -> bool:
    return not isinstance(statement, (*_FIXED, ast.Pass)) and not is_docstring_text(statement)


def _blocks(statement: ast.stmt) -> list[tuple[list[ast.stmt], str]]:
    """Return the blocks of a compound statement that a neighbour may move into, with what they are called."""
    match statement:
        case ast.For(body=body) | ast.AsyncFor(body=body) | ast.While(body=body):
            inner = [(one.body, "inner loop") for one in body[-1:] if isinstance(one, LOOPS)]
            branch = [(one.body, "last branch of the loop") for one in body[-1:] if isinstance(one, ast.If)]
            return [(body, "loop"), *inner, *branch]
        case ast.If(body=body, orelse=[ast.If() as other]) if other.col_offset == statement.col_offset:
            return [(body, "branch"), *_blocks(other)]  # `elif`
        case ast.If(body=body, orelse=orelse):
            return [(body, "branch"), *([(orelse, "`else` branch")] if orelse else [])]
        case ast.With(body=body):
            return [(body, "`with` block")]
        case ast.Try(body=body, handlers=handlers):
            return [(body, "`try` block"), *((one.body, "handler") for one in handlers[:1])]
        case _:
            return []


def _kind_of_block(holder: ast.stmt) -> str:
    if isinstance(holder, LOOPS):
        return "loop"
    return {"If": "branch", "With": "`with` block", "Try": "`try` block"}.get(type(holder).__name__, "block")
