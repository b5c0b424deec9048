"""Missing logic: a guard, a clause, a branch or a correction that nobody wrote.

It is the weakest class of every search that only changes what is there. The remedy is to compose conditions
and values from what is in scope (`ingredients`) and to offer them at the few places where such logic lives: the top
of a function, the top of a loop body, the end of an `if` chain, the line before a `return`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.ingredients import (
    Ingredient,
    Subject,
    conditions,
    literals,
    raises,
    return_line,
    return_values,
    subjects,
)
from tracemend.repair.propose.mirrors import mirrored_text
from tracemend.repair.propose.name_kinds import kind_of_expression, kinds_of_name, returned_kinds, used_kinds
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    JUMPS,
    always_leaves,
    attribute_names,
    code_body,
    enclosing_loop,
    header,
    insert_after,
    insert_before,
    is_elif,
    names_in_text,
    owns_lines,
    rewrite,
    statement_operator,
    walk_scope,
    written,
)

FAMILY = "missing logic"
RETURNED = 0.5  # Values that cost less are returned elsewhere in the function.


@statement_operator("missing-early-return", FAMILY, at_most=150)
def add_early_return(site: Site) -> Iterator[Proposal]:
    """Insert `if <condition>: return <value>` at the top of a function, or before another statement of it."""
    if site.function is None or isinstance(site.statement, ast.Pass | ast.Import | ast.ImportFrom):
        return
    body = code_body(site.function.node)
    if site.statement in body:
        before = body[: body.index(site.statement)]
        only_bound = (
            all(isinstance(one, ast.Assign | ast.AnnAssign) for one in before[-2:]) and len(before) < 4
        )
        surcharge = 1.2 if not before else 1.5 if only_bound else 2.0
    elif isinstance(site.statement, ast.Return | ast.If) and enclosing_loop(site.module, site.statement):
        surcharge = 2.4
    else:
        return
    values = return_values(site, 9)
    for test in conditions(site, 36):
        for value in values:
            if value.text == "None" and value.cost > RETURNED and len(values) > 4:
                continue
            lines = [f"if {test.text}:", f"\treturn {value.text}"]
            note = f"returns `{value.text}` when {test.words}"
            yield from insert_before(site, site.statement, lines, note, surcharge + test.cost + value.cost)


@statement_operator("missing-skip", FAMILY, at_most=60)
def skip_or_stop(site: Site) -> Iterator[Proposal]:
    """Insert `if <condition>: continue` or `break` in a loop body."""
    loop = enclosing_loop(site.module, site.statement)
    if loop is None or site.statement not in loop.body or isinstance(site.statement, JUMPS):
        return
    surcharge = 1.6 if site.statement is loop.body[0] else 2.2
    for test in conditions(site, 24):
        for action, extra, words in (("continue", 0.0, "skips the item"), ("break", 0.4, "leaves the loop")):
            lines = [f"if {test.text}:", f"\t{action}"]
            note = f"{words} when {test.words}"
            yield from insert_before(site, site.statement, lines, note, surcharge + test.cost + extra)
    for item, seen in _pairs_of_item_and_set(site):
        lines = [f"if {item} in {seen}:", "\tcontinue", f"{seen}.add({item})"]
        note = f"handles each `{item}` once"
        yield from insert_before(site, site.statement, lines, note, 1.6)


@statement_operator("missing-loop-exit", FAMILY, at_most=60)
def leave_at_the_end_of_a_round(site: Site) -> Iterator[Proposal]:
    """Insert `if <condition>: return <value>` (or `break`) at the end of a loop body, for what the round changed."""
    loop = enclosing_loop(site.module, site.statement)
    if loop is None or site.statement is not loop.body[-1] or always_leaves(loop.body):
        return
    changed = {
        one.id for one in ast.walk(loop) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    tests = [one for one in conditions(site, 40) if names_in_text(one.text) & changed]
    actions = [Ingredient(return_line(site, one), one.cost) for one in return_values(site, 6)]
    for test in tests[:14]:
        for action in [*actions, Ingredient("break", 0.4)]:
            note = f"runs `{action.text}` in the loop when {test.words}"
            cost = 2.0 + test.cost + action.cost
            yield from insert_after(
                site, site.statement, [f"if {test.text}:", f"\t{action.text}"], note, cost
            )


@statement_operator("missing-branch", FAMILY, at_most=120)
def add_branch(site: Site) -> Iterator[Proposal]:
    """Add an `elif` or an `else` to an `if` chain, with an action like those of the branches that exist."""
    statement = site.statement
    if not isinstance(statement, ast.If) or statement.orelse or not owns_lines(site.module, statement):
        return
    actions = _actions_like(site, statement)
    for action in actions[:10]:
        note = f"otherwise runs `{action.text}`"
        yield from _append_branch(site, statement, "else:", action.text, note, 1.5 + action.cost)
    tests = [one for one in conditions(site, 14) if one.text != site.text(statement.test)]
    for action in actions[:6]:
        for test in tests:
            note = f"runs `{action.text}` when {test.words}"
            cost = 2.2 + test.cost + action.cost
            yield from _append_branch(site, statement, f"elif {test.text}:", action.text, note, cost)


@statement_operator("missing-else", FAMILY, at_most=60)
def add_clause_before_else(site: Site) -> Iterator[Proposal]:
    """Insert an `elif` before the `else` of an `if` chain."""
    statement = site.statement
    if not isinstance(statement, ast.If) or not statement.orelse or is_elif(site.module, statement.orelse[0]):
        return
    last = statement.body[-1]
    if not owns_lines(site.module, last):
        return
    tests = [one for one in conditions(site, 14) if one.text != site.text(statement.test)]
    for action in _actions_like(site, statement)[:6]:
        for test in tests:
            note = f"runs `{action.text}` when {test.words}"
            cost = 1.9 + test.cost + action.cost
            yield from _insert_branch(site, statement, last, f"elif {test.text}:", action.text, note, cost)


@statement_operator("missing-twin-branch", FAMILY, at_most=8)
def add_twin_branch(site: Site) -> Iterator[Proposal]:
    """Add the branch for the other side: a copy of this one with `left` for `right`, `min` for `max`, ..."""
    statement = site.statement
    if not isinstance(statement, ast.If) or statement.orelse or not owns_lines(site.module, statement):
        return
    names = {one.name for one in site.names} | set(attribute_names(site.module))
    twin = mirrored_text(site.module, statement, names)
    if twin is None or "\n" in header(site, statement) or len(statement.body) > 3:
        return
    indent = site.module.indentation(statement)
    newline = "\r\n" if "\r\n" in twin else "\n"
    end = site.module.lines.line_start((statement.end_lineno or 0) + 1)
    prefix = "" if site.module.text[end - 1 : end] in "\r\n" else newline
    for keyword, cost in (("if", 1.8), ("elif", 1.9)):
        start = "el" if keyword == "elif" and twin.startswith("if") else ""
        if keyword == "elif" and is_elif(site.module, statement):
            continue
        text = f"{prefix}{indent}{start}{twin}{newline}"
        yield Proposal((TextEdit(end, end, text),), "adds the same for the other side", cost)


@statement_operator("missing-normalisation", FAMILY, at_most=50)
def normalise_first(site: Site) -> Iterator[Proposal]:
    """Normalise a parameter before the statement: `x = x.strip()`, `x = abs(x)`, `xs = sorted(xs)`, a swap."""
    if site.function is None:
        return
    body = code_body(site.function.node)
    if site.statement not in body:
        return
    surcharge = 1.6 if site.statement is body[0] else 2.6
    known = [one for one in subjects(site, 6) if one.is_parameter or one.is_used_here]
    for rank, subject in enumerate(known):
        if "." in subject.text:
            continue
        for step, value in enumerate(_normal_forms(subject, known)):
            line = f"{subject.text} = {value}"
            # An order that nobody gave is seldom what is missing, and the blanks inside of a text are part of it.
            drastic = 0.6 if value.startswith(("sorted(", "list(set(")) or ".replace(" in value else 0.0
            cost = surcharge + 0.15 * step + 0.2 * rank + drastic
            yield from insert_before(site, site.statement, [line], f"first sets `{line}`", cost)
    for first, second in _pairs_of_numbers(known):
        for sign in (">", "<"):
            lines = [f"if {first} {sign} {second}:", f"\t{first}, {second} = {second}, {first}"]
            note = f"swaps `{first}` and `{second}` when they are out of order"
            yield from insert_before(site, site.statement, lines, note, surcharge + 0.4)


@statement_operator("missing-item-form", FAMILY, at_most=12)
def normalise_the_item_first(site: Site) -> Iterator[Proposal]:
    """Normalise the item of a loop before its body looks at it: `line = line.strip()`."""
    match enclosing_loop(site.module, site.statement):
        case ast.For(target=ast.Name(id=name), body=[first, *_] as body) if first is site.statement:
            pass
        case _:
            return
    kinds = kinds_of_name(site, name)
    used = {site.text(one) for one in walk_scope(body) if isinstance(one, ast.Call)}
    forms = ["strip()", "lower()", "strip().lower()", "rstrip()", 'rstrip("\\n")', "upper()", "casefold()"]
    for rank, form in enumerate(forms):
        value = f"{name}.{form}"
        known = value in used  # The body does it already, and perhaps too late.
        if known or (not kinds or "text" in kinds):
            cost = 1.2 if known else 1.9 + 0.15 * rank
            line = f"{name} = {value}"
            yield from insert_before(site, site.statement, [line], f"first sets `{line}`", cost)


@statement_operator("missing-correction", FAMILY, at_most=60)
def correct_the_result(site: Site) -> Iterator[Proposal]:
    """Correct a value right before it is returned: reverse, sort, strip, clamp, negate, take the remainder."""
    if not isinstance(site.statement, ast.Return) or site.statement.value is None:
        return
    value = site.statement.value
    if isinstance(value, ast.Constant | ast.IfExp | ast.Yield | ast.Tuple) or "\n" in site.text(value):
        return
    text = written(site, value)
    operand = text if isinstance(value, ast.Name | ast.Call | ast.Subscript | ast.Attribute) else f"({text})"
    known = subjects(site, 6)
    for step, changed in enumerate(_corrections(site, value, text, operand)):
        yield from rewrite(
            site, site.statement, [f"return {changed}"], f"returns `{changed}`", 1.7 + 0.1 * step
        )
    numbers = [one.text for one in known if "number" in one.kinds and one.text != text]
    addends = [one.text for one in known if _adds_up(site, one, value) and one.text != text]
    for rank, other in enumerate(addends[:3]):
        for step, changed in enumerate((f"{other} + {operand}", f"{operand} + {other}")):
            cost = 2.2 + 0.2 * rank + 0.2 * step
            yield from rewrite(site, site.statement, [f"return {changed}"], f"returns `{changed}`", cost)
    for rank, other in enumerate(numbers[:3]):
        for step, changed in enumerate(
            (f"{operand} % {other}", f"min({text}, {other})", f"max({text}, {other})")
        ):
            cost = 2.6 + 0.2 * rank + 0.2 * step
            yield from rewrite(site, site.statement, [f"return {changed}"], f"returns `{changed}`", cost)


@statement_operator("missing-conditional-value", FAMILY, at_most=60)
def give_another_value_sometimes(site: Site) -> Iterator[Proposal]:
    """Correct a local under a condition before the statement: `if carry: digits.append(carry)`, `if x < 0: x = 0`."""
    if site.function is None or isinstance(site.statement, ast.Import | ast.ImportFrom):
        return
    in_loop = enclosing_loop(site.module, site.statement) is not None
    if not in_loop and site.statement not in code_body(site.function.node):
        return
    tests = conditions(site, 12)
    for subject in [one for one in subjects(site, 5) if "." not in one.text]:
        for step, update in enumerate(_updates(subject, site)):
            for test in tests:
                if subject.text in test.text:
                    lines = [f"if {test.text}:", f"\t{update}"]
                    cost = 2.6 + test.cost + 0.25 * step
                    note = f"runs `{update}` when {test.words}"
                    yield from insert_before(site, site.statement, lines, note, cost)


def _actions_like(site: Site, statement: ast.If) -> list[Ingredient]:
    """Return one-line actions for a new branch, modelled on what the branches around do."""
    found: list[Ingredient] = []
    last = statement.body[-1]
    if isinstance(last, ast.Return):
        found += [Ingredient(return_line(site, one), one.cost) for one in return_values(site, 7)]
    if enclosing_loop(site.module, statement):
        found += [Ingredient("continue", 0.9), Ingredient("break", 0.8)]
    found += [Ingredient(one.text, 0.3 + one.cost) for one in raises(site, 3)]
    for one in statement.body:
        found += _variations(site, one)
    if not isinstance(last, ast.Return) and site.function:
        found += [Ingredient(return_line(site, one), 0.8 + one.cost) for one in return_values(site, 4)]
    return sorted(found, key=lambda one: one.cost)


def _variations(site: Site, model: ast.stmt) -> Iterator[Ingredient]:
    """Yield statements like `model`: the other direction, a neutral value, another name."""
    match model:
        case ast.AugAssign(target=target, op=op, value=value):
            name = site.text(target)
            opposite = "-=" if isinstance(op, ast.Add) else "+="
            yield Ingredient(f"{name} {opposite} {written(site, value)}", 0.3)
            yield Ingredient(f"{name} = 0", 0.5)
            yield Ingredient(f"{name} = 1", 0.7)
            for one in subjects(site, 6):
                if "number" in one.kinds and one.text != name and not one.is_parameter:
                    yield Ingredient(f"{one.text} {opposite} {written(site, value)}", 0.5)
                    yield Ingredient(f"{one.text} {_same_sign(op)} {written(site, value)}", 0.6)
        case ast.Assign(targets=[target]) if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            name = site.text(target)
            used = [one.text for one in subjects(site, 6) if one.text != name]
            choices = ["0", "1", "None", "False", "True", '""', "[]", *used[:3], *literals(site, 2)]
            yield from (Ingredient(f"{name} = {one}", 0.5 + 0.1 * rank) for rank, one in enumerate(choices))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method), args=[_])):
            name = site.text(owner)
            used = [one.text for one in subjects(site, 6) if one.text != name]
            yield from (
                Ingredient(f"{name}.{method}({one})", 0.4 + 0.1 * rank) for rank, one in enumerate(used[:5])
            )
        case _:
            return


def _same_sign(op: ast.operator) -> str:
    return "+=" if isinstance(op, ast.Add) else "-="


def _append_branch(
    site: Site, statement: ast.If, head: str, action: str, note: str, cost: float
) -> Iterator[Proposal]:
    yield from _insert_branch(site, statement, statement, head, action, note, cost)


def _insert_branch(
    site: Site, statement: ast.If, behind: ast.stmt, head: str, action: str, note: str, cost: float
) -> Iterator[Proposal]:
    """Insert a branch after the lines of `behind`, at the indentation of the `if` chain."""
    module = site.module
    if not owns_lines(module, behind):
        return
    indent = module.indentation(statement)
    newline = "\r\n" if "\r\n" in module.text else "\n"
    place = module.lines.line_start((behind.end_lineno or 0) + 1)
    lines = f"{indent}{head}{newline}{indent}{module.indent_unit}{action}{newline}"
    if module.text[place - 1] not in "\r\n":
        lines = newline + lines.removesuffix(newline)
    yield Proposal((TextEdit(place, place, lines),), note, cost)


def _normal_forms(subject: Subject, known: list[Subject]) -> Iterator[str]:
    name, kinds = subject.text, subject.kinds
    if "text" in kinds:
        yield from (
            f"{name}.strip()",
            f"{name}.lower()",
            f"{name}.strip().lower()",
            f'{name}.replace(" ", "")',
        )
        yield from (f"{name}.rstrip()", f"{name}.upper()", f'{name}.rstrip("\\n")')
    if "number" in kinds:
        yield from (f"abs({name})", f"int({name})", f"max({name}, 0)", f"-{name}")
        others = [one.text for one in known if "number" in one.kinds and one.text != name]
        yield from (f"{name} % {other}" for other in others[:2])
        yield from (f"min({name}, {other})" for other in others[:2])
        lists = [one.text for one in known if one.kinds & {"list", "text", "tuple"}]
        yield from (f"min({name}, len({other}))" for other in lists[:1])
        yield from (f"{name} % len({other})" for other in lists[:1])
    if "list" in kinds or "tuple" in kinds:
        yield from (
            f"sorted({name})",
            f"list({name})",
            f"[one for one in {name} if one]",
            f"list(set({name}))",
        )
    if "dict" in kinds:
        yield f"dict({name})"
    if "set" in kinds:
        yield f"set({name})"
    if not kinds or "object" in kinds:
        yield from (f"list({name})", f"str({name})", f"abs({name})", f"{name}.strip()", f"sorted({name})")


def _adds_up(site: Site, subject: Subject, value: ast.expr) -> bool:
    """Say whether `subject` may be added to `value`: both lists, both texts or both numbers."""
    kind = kind_of_expression(value, {one.text: one.kinds for one in subjects(site)})
    return kind in ("list", "text", "number", "tuple") and (kind in subject.kinds or not subject.kinds)


def _corrections(site: Site, value: ast.expr, text: str, operand: str) -> Iterator[str]:
    known = {**used_kinds(site), **{one.text: one.kinds for one in subjects(site)}}
    kind = kind_of_expression(value, known)
    kinds = {kind} if kind else set(returned_kinds(site))
    if not kinds or kinds & {"list", "text", "tuple"}:
        yield f"{operand}[::-1]"
    if not kinds or kinds & {"list"}:
        yield from (f"sorted({text})", f"list(dict.fromkeys({text}))", f"{operand}[:-1]", f"{operand}[1:]")
    if not kinds or kinds & {"text"}:
        yield from (f"{operand}.strip()", f"{operand}.rstrip()", f"{operand}[:-1]", f"{operand}.lower()")
    if not kinds or kinds & {"number"}:
        yield from (f"-{operand}", f"abs({text})", f"max({text}, 0)", f"{operand} + 1", f"{operand} - 1")
        yield from (f"int({text})", f"round({text}, 2)", f"{operand} / 2", f"{operand} * 2")


def _updates(subject: Subject, site: Site) -> Iterator[str]:
    name, kinds = subject.text, subject.kinds
    if "number" in kinds:
        yield from (f"{name} = 0", f"{name} += 1", f"{name} -= 1", f"{name} = -{name}", f"{name} = 1")
    if "text" in kinds:
        yield from (f'{name} = ""', f"{name} = {name}[1:]", f"{name} = {name}[:-1]")
    if "list" in kinds:
        locals_ = [one.text for one in subjects(site, 6) if not one.is_parameter and one.text != name]
        yield from (f"{name}.append({other})" for other in locals_[:2])
        yield f"{name}.pop()"


def _pairs_of_item_and_set(site: Site) -> list[tuple[str, str]]:
    """Return (loop item, container of seen items) pairs: a set that is in scope beside the item."""
    here = [one for one in subjects(site) if one.is_used_here]
    seen = [one.text for one in subjects(site) if "set" in one.kinds]
    return [(item.text, owner) for item in here[:2] for owner in seen[:1] if item.text != owner]


def _pairs_of_numbers(known: list[Subject]) -> list[tuple[str, str]]:
    numbers = [one.text for one in known if one.is_parameter and "number" in one.kinds]
    return [(first, second) for place, first in enumerate(numbers) for second in numbers[place + 1 :]][:3]
