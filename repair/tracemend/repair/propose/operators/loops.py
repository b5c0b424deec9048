"""Loops: header, target, iterable, the step that is missing, and what must start afresh in each round."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.ingredients import Ingredient, subjects
from tracemend.repair.propose.name_kinds import CONTAINERS, kinds_of_name
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    JUMPS,
    always_leaves,
    attribute_names,
    enclosing_loop,
    identifiers,
    insert_before,
    insert_in_body,
    is_elif,
    move,
    remove,
    rewrite,
    statement_operator,
    walk_scope,
    wrap,
    written,
)

FAMILY = "loop bound and update"
_CHANGING_METHODS = frozenset(
    {"remove", "append", "pop", "insert", "extend", "add", "discard", "clear", "popitem"}
)


@statement_operator("loop-keyword", FAMILY, at_most=6)
def exchange_if_and_while(site: Site) -> Iterator[Proposal]:
    """Write `while` for `if` and back; `while True` for a condition that ends the loop too early."""
    start, _ = site.module.span(site.statement)
    match site.statement:
        case ast.While(orelse=[], test=test):
            if not any(isinstance(one, ast.Break | ast.Continue) for one in walk_scope(site.statement.body)):
                yield _keyword(site, start, "while", "if", "runs this at most once", 2.0)
            if not isinstance(test, ast.Constant):
                yield replace(site, test, "True", "goes on until a `break`", 3.0)
        case ast.If(orelse=[]) if not is_elif(site.module, site.statement):
            if not always_leaves(site.statement.body):
                yield _keyword(site, start, "if", "while", "repeats this as long as the condition holds", 1.4)
        case _:
            return


@statement_operator("loop-advance", FAMILY, at_most=20)
def advance_in_the_loop(site: Site) -> Iterator[Proposal]:
    """Add the missing step to a `while` loop: `i += 1`, `n //= 10`, `node = node.next`, `xs = xs[1:]`."""
    if not isinstance(site.statement, ast.While):
        return
    tested = [one.id for one in ast.walk(site.statement.test) if isinstance(one, ast.Name)]
    used = [name for name in _used_in_bodies(site.statement) if name not in tested]
    changed = _changed_names(site.statement)
    for rank, name in enumerate([*dict.fromkeys(tested), *used][:6]):
        if name in changed and name in tested:
            continue
        cost = (1.0 if name in tested and name not in changed else 2.2) + 0.2 * rank
        for step, text in enumerate(_steps(site, name)):
            note = f"advances `{name}` in each round (`{text}`)"
            extra = cost + 0.25 * step
            yield from _at_loop_end(site, site.statement, text, note, extra)


@statement_operator("loop-step", FAMILY, at_most=12)
def change_the_step(site: Site) -> Iterator[Proposal]:
    """Change a step: `+= 1` to `-= 1`, to `+= 2`, to the node after the next."""
    match site.statement:
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if enclosing_loop(
            site.module, site.statement
        ):
            text = written(site, value)
            for rank, symbol in enumerate(("+=", "-=", "*=", "//=", ">>=", "<<=")):
                if symbol != _symbol(op):
                    line = f"{name} {symbol} {text}"
                    yield from rewrite(
                        site, site.statement, [line], f"steps with `{symbol}`", 1.2 + 0.4 * rank
                    )
            for rank, other in enumerate(("1", "2")):
                if other != text:
                    line = f"{name} {_symbol(op)} {other}"
                    yield from rewrite(site, site.statement, [line], f"steps by {other}", 1.8 + 0.4 * rank)
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name(id=owner), attr=attribute)
        ):
            if name == owner:
                for rank, other in enumerate(_links(site, name)):
                    if other != attribute:
                        line = f"{name} = {name}.{other}"
                        yield from rewrite(
                            site, site.statement, [line], f"goes on to `.{other}`", 1.4 + 0.2 * rank
                        )
        case _:
            return


@statement_operator("loop-target", FAMILY, at_most=10)
def change_the_target(site: Site) -> Iterator[Proposal]:
    """Swap the names of a tuple target, or pair the items with their positions."""
    if not isinstance(site.statement, ast.For):
        return
    target, source = site.statement.target, written(site, site.statement.iter)
    match target:
        case ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)]):
            text = site.text(target)
            swapped = f"({second}, {first})" if text.startswith("(") else f"{second}, {first}"
            yield replace(site, target, swapped, "swaps the loop's two names", 1.4)
        case ast.Name(id=name):
            if not source.startswith("enumerate("):
                for index in _undefined_indexes(site):
                    start, _ = site.module.span(target)
                    _, end = site.module.span(site.statement.iter)
                    header = f"{index}, {name} in enumerate({source})"
                    yield _span(start, end, header, f"counts the rounds as `{index}`", 1.6)
        case _:
            return


@statement_operator("loop-iterable", FAMILY, at_most=14)
def change_the_iterable(site: Site) -> Iterator[Proposal]:
    """Iterate over a copy of what the loop changes, over another part or order, or with another count."""
    if not isinstance(site.statement, ast.For):
        return
    source = site.statement.iter
    text = written(site, source)
    if isinstance(source, ast.Name | ast.Attribute):
        mutated = _is_changed_inside(site, text)
        yield replace(site, source, f"list({text})", "iterates over a copy", 0.8 if mutated else 3.4)
        kinds = kinds_of_name(site, text)
        if not kinds or kinds & {"list", "text", "tuple"}:
            yield replace(site, source, f"{text}[1:]", "leaves out the first item", 1.8)
            yield replace(site, source, f"{text}[:-1]", "leaves out the last item", 2.0)
            yield replace(site, source, f"reversed({text})", "goes through the items backwards", 2.0)
            yield replace(site, source, f"range(len({text}))", "goes through the positions", 2.4)
            yield replace(site, source, f"sorted({text})", "goes through the items in order", 2.4)
        if not kinds or kinds & {"dict", "object"}:
            for rank, view in enumerate(("items", "values", "keys")):
                yield replace(site, source, f"{text}.{view}()", f"goes through the {view}", 1.8 + 0.3 * rank)
    match source:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
            yield replace(site, source, f"enumerate({written(site, inner)}, 1)", "counts from 1", 1.2)
            yield replace(site, source, f"enumerate({written(site, inner)}, start=-1)", "counts from -1", 4.5)
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
            yield replace(site, source, f"enumerate({written(site, inner)})", "counts from 0", 1.2)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Call(func=ast.Name(id="len"), args=[inner])]):
            yield replace(
                site, source, written(site, inner), "goes through the items, not the positions", 2.2
            )
        case ast.Call(func=ast.Attribute(value=owner, attr="items" | "keys" | "values")):
            yield replace(
                site,
                source,
                f"list({text})",
                "iterates over a copy",
                1.0 if _is_changed_inside(site, written(site, owner)) else 3.8,
            )
        case _:
            return


@statement_operator("loop-reset", FAMILY, at_most=10)
def start_afresh_in_each_round(site: Site) -> Iterator[Proposal]:
    """Move or copy an initial value from before a loop to the start of its body, and back."""
    module = site.module
    if isinstance(site.statement, ast.For | ast.While):
        block, index = module.block_of(site.statement)
        inside = _changed_names(site.statement)
        for initial in block[max(0, index - 4) : index]:
            if isinstance(initial, ast.Assign) and _plain_target(initial) in inside:
                text = site.text(initial)
                if "\n" not in text:
                    note = f"starts each round with `{text}`"
                    body_start = site.statement.body[0]
                    yield from move(site, initial, body_start, note, 1.2, after=False)
                    yield from insert_before(site, body_start, [text], f"{note} again", 1.8)
    elif isinstance(site.statement, ast.Assign):
        loop = enclosing_loop(module, site.statement)
        if loop is not None and site.statement in loop.body and _is_initial(site.statement.value):
            yield from move(site, site.statement, loop, "starts once, before the loop", 1.0, after=False)


@statement_operator("loop-limit", FAMILY, at_most=8)
def stop_when_done(site: Site) -> Iterator[Proposal]:
    """Put the statement into a loop: repeat it while a condition in scope holds, or for each item."""
    if isinstance(site.statement, (*JUMPS, ast.FunctionDef, ast.ClassDef)) or site.function is None:
        return
    if not isinstance(site.statement, ast.Expr | ast.Assign | ast.AugAssign):
        return
    stored = _changed_names(site.statement)
    tests = [test for test in _reasons_to_go_on(site, stored) if test.text not in _enclosing_tests(site)]
    for test in tests:
        note = f"repeats this while {test.words}"
        yield from wrap(site, [site.statement], [f"while {test.text}:"], note, 3.4 + test.cost)


@statement_operator("loop-drop-reset", FAMILY, at_most=2)
def drop_the_reset(site: Site) -> Iterator[Proposal]:
    """Remove an initial value that a loop sets again in each round."""
    loop = enclosing_loop(site.module, site.statement)
    if loop is not None and isinstance(site.statement, ast.Assign) and _is_initial(site.statement.value):
        block, _ = site.module.block_of(site.statement)
        if len(block) > 1:
            yield from remove(site, site.statement, "does not reset this in each round", 2.2)


def _reasons_to_go_on(site: Site, stored: set[str]) -> Iterator[Ingredient]:
    """Yield conditions under which a value that the statement changes is worth another round."""
    known = subjects(site)
    for subject in (one for one in known if one.text in stored):
        name = subject.text
        if "number" in subject.kinds:
            yield from (
                Ingredient(f"{name} {test}", 0.2 * rank) for rank, test in enumerate(("> 0", "> 1", "!= 0"))
            )
            others = [one.text for one in known if "number" in one.kinds and one.text != name]
            for rank, other in enumerate(others[:3]):
                yield Ingredient(f"{name} >= {other}", 0.1 + 0.2 * rank)
                yield Ingredient(f"{name} < {other}", 0.3 + 0.2 * rank)
        elif subject.kinds & CONTAINERS:
            yield Ingredient(name, 0.2, f"`{name}` is not empty")
        else:
            yield Ingredient(f"{name} is not None", 0.4)


def _enclosing_tests(site: Site) -> set[str]:
    return {
        site.text(one.test) for one in site.module.ancestors(site.statement) if isinstance(one, ast.While)
    }


def _keyword(site: Site, start: int, old: str, new: str, note: str, cost: float) -> Proposal:
    return _span(start, start + len(old), new, note, cost)


def _span(start: int, end: int, text: str, note: str, cost: float) -> Proposal:
    return Proposal((TextEdit(start, end, text),), note, cost)


def _at_loop_end(site: Site, loop: ast.While, text: str, note: str, cost: float) -> Iterator[Proposal]:
    """Insert `text` at the end of the loop, and at the end of the branch that the loop ends with."""
    last = loop.body[-1]
    if not always_leaves(loop.body):
        yield from insert_in_body(site, loop, [text], note, cost, at_end=True)
    if isinstance(last, ast.If) and not always_leaves(last.body):
        yield from insert_in_body(site, last, [text], note, cost + 0.5, at_end=True)
        if last.orelse and not is_elif(site.module, last.orelse[0]) and not always_leaves(last.orelse):
            yield from insert_before(site, last.orelse[0], [text], note, cost + 0.6)
    yield from insert_before(site, loop.body[0], [text], note, cost + 0.8)


def _steps(site: Site, name: str) -> list[str]:
    """Return the ways in which a value of this kind is usually advanced."""
    kinds = kinds_of_name(site, name)
    links = [f"{name} = {name}.{link}" for link in _links(site, name)]
    steps: list[str] = []
    if "number" in kinds or not kinds:
        steps += [f"{name} += 1", f"{name} -= 1", f"{name} //= 2", f"{name} //= 10", f"{name} *= 2"]
    if kinds & {"list", "text", "tuple"}:
        steps += [f"{name} = {name}[1:]", f"{name} = {name}[:-1]"]
        steps += [f"{name}.pop()", f"{name}.pop(0)"] if "list" in kinds else []
    return [*links, *steps] if "number" not in kinds else steps


def _links(site: Site, name: str) -> list[str]:
    """Return the attributes that lead from one node to another: those that the file follows from any name."""
    followed = (
        "next",
        "parent",
        "left",
        "right",
        "prev",
        "child",
        "previous",
        "successor",
        "tail",
        "successors",
    )
    seen = site.observed.get(name)
    known = {*attribute_names(site.module), *(seen.attributes if seen else ())}
    return [link for link in followed if link in known]


def _used_in_bodies(loop: ast.While) -> list[str]:
    """Return the names that the body reads as an index or bound."""
    found = {
        inner.id: None
        for one in walk_scope(loop.body)
        if isinstance(one, ast.Subscript | ast.Compare)
        for inner in ast.walk(one)
        if isinstance(inner, ast.Name)
    }
    return list(found)


def _changed_names(statement: ast.stmt) -> set[str]:
    """Return the names that `statement` binds or changes in place, at any depth."""
    found = {
        one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    for one in ast.walk(statement):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                method in _CHANGING_METHODS
            ):
                found.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def _is_changed_inside(site: Site, owner: str) -> bool:
    for one in walk_scope(getattr(site.statement, "body", [])):
        match one:
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _CHANGING_METHODS:
                if written(site, inner) == owner:
                    return True
            case ast.Subscript(value=inner, ctx=ast.Del() | ast.Store()):
                if written(site, inner) == owner:
                    return True
            case _:
                pass
    return False


def _undefined_indexes(site: Site) -> list[str]:
    """Return the names that the loop reads and nobody binds, one of which is to count the rounds."""
    bound = {one.name for one in site.names}
    names = [name for name in sorted(identifiers(site.statement)) if name not in bound]
    return [name for name in names if len(name) <= 3 or name in ("index", "position", "count")][:2]


def _plain_target(statement: ast.Assign) -> str:
    target = statement.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def _is_initial(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant | ast.List | ast.Dict | ast.Set) or (
        isinstance(value, ast.Call) and not value.args
    )


def _symbol(op: ast.operator) -> str:
    symbols = {
        "Add": "+=",
        "Sub": "-=",
        "Mult": "*=",
        "FloorDiv": "//=",
        "RShift": ">>=",
        "LShift": "<<=",
        "Div": "/=",
    }
    symbols |= {"Mod": "%=", "Pow": "**=", "BitOr": "|=", "BitAnd": "&=", "BitXor": "^=", "MatMult": "@="}
    return symbols[type(op).__name__]
