"""None, empty, type, division, key and index guards.

The null-check template is among the most productive of template repair (TBar, Liu et al., ISSTA 2019) and, as
PyTER (Oh and Oh, FSE 2022) shows for Python, so are type guards around the statement that raised.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.exception_names import constructed, exceptions_to_raise
from tracemend.repair.propose.ingredients import (
    EMPTY_VALUES,
    Ingredient,
    absences,
    conditions,
    parameter_names,
    raises,
    return_line,
    return_values,
    subjects,
)
from tracemend.repair.propose.name_kinds import kinds_of_name, used_kinds
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    code_body,
    enclosing_loop,
    insert_before,
    statement_operator,
    wrap,
    written,
)

FAMILY = "None/empty/type guard"
ANOTHER_MESSAGE = 1.2  # Bits more for the same exception with other words.
_PLAIN = (
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Return,
    ast.For,
    ast.While,
    ast.If,
    ast.With,
)


@statement_operator("guard-leave", FAMILY, at_most=70)
def leave_when_absent(site: Site) -> Iterator[Proposal]:
    """Insert `if x is None: return ...` (or `not x`; `continue`, `break` in loops) before the statement."""
    if site.function is None or not isinstance(site.statement, _PLAIN):
        return
    surcharge = 1.0 if site.error_here else (1.4 if _is_first(site) else 2.4)
    for subject in subjects(site, 6):
        if not (subject.is_used_here or subject.is_parameter):
            continue
        for test in absences(subject):
            # The error says that something is None: that is asked for, not whether something is empty.
            is_told = site.error_here and "NoneType" in site.error and test.text.endswith(" is None")
            for action, cost in _ways_to_leave(site):
                note = f"{_deed(action)} when {test.words}"
                total = surcharge + (0.0 if is_told else test.cost) + cost
                yield from insert_before(
                    site, site.statement, [f"if {test.text}:", f"\t{action}"], note, total
                )


@statement_operator("guard-raise", FAMILY, at_most=40)
def raise_when_wrong(site: Site) -> Iterator[Proposal]:
    """Insert `if <condition>: raise ...` where a test waits for an exception that never comes."""
    if site.function is None or not isinstance(site.statement, _PLAIN):
        return
    told: set[str] = set()
    for problem in raises(site, 3):
        # The words of an error are rarely what a test looks at: each class is tried at many places before another message.
        again = ANOTHER_MESSAGE if _class_raised(problem.text) in told else 0.0
        told.add(_class_raised(problem.text))
        for test in conditions(site, 30 if "DID NOT RAISE" in site.error else 5):
            lines = [f"if {test.text}:", f"\t{problem.text}"]
            note = f"raises `{problem.text.removeprefix('raise ')}` when {test.words}"
            surcharge = 1.0 if "DID NOT RAISE" in site.error else 3.0
            total = surcharge + test.cost + problem.cost + again + (0.0 if _is_first(site) else 0.8)
            yield from insert_before(site, site.statement, lines, note, total)


@statement_operator("guard-overdraw", FAMILY, at_most=12)
def refuse_to_take_too_much(site: Site) -> Iterator[Proposal]:
    """Insert `if there < wanted: raise ...` (or leave) before `there -= wanted`."""
    match site.statement:
        case ast.AugAssign(target=target, op=ast.Sub(), value=value) if site.function is not None:
            test = f"{site.text(target)} < {written(site, value)}"
        case _:
            return
    cost = 0.9 if "DID NOT RAISE" in site.error else 3.0
    shortage = f"{written(site, value)} - {site.text(target)}"
    actions = [
        (f"raise {constructed(site, name, test, shortage)}", cost + 0.3 * rank)
        for rank, name in enumerate(exceptions_to_raise(site)[:2])
    ]
    actions += [(return_line(site, one), 2.2 + one.cost) for one in return_values(site, 3)]
    for action, price in actions:
        lines = [f"if {test}:", f"\t{action}"]
        yield from insert_before(site, site.statement, lines, f"runs `{action}` when `{test}`", price)


@statement_operator("guard-default", FAMILY, at_most=30)
def default_for_none(site: Site) -> Iterator[Proposal]:
    """Insert `if x is None: x = []` (or another empty value) for the parameters, before the first statement."""
    if not _is_first(site):
        return
    known = used_kinds(site)
    for name in parameter_names(site)[:5]:
        kinds = (kinds_of_name(site, name) | known.get(name, frozenset())) - {"none", "function", "object"}
        choices = [EMPTY_VALUES[kind] for kind in sorted(kinds)] or ["[]", "{}", "0", '""']
        for rank, value in enumerate(choices):
            cost = (1.6 if kinds else 2.6) + 0.2 * rank
            lines = [f"if {name} is None:", f"\t{name} = {value}"]
            yield from insert_before(
                site, site.statement, lines, f"uses `{value}` when `{name}` is None", cost
            )
            text = f"{name} = {name} or {value}"
            note = f"uses `{value}` when `{name}` is empty or None"
            yield from insert_before(site, site.statement, [text], note, cost + 1.2)


@statement_operator("guard-wrap", FAMILY, at_most=30)
def run_only_when(site: Site) -> Iterator[Proposal]:
    """Put the statement under an `if`: not None, not empty, key present, index in range, divisor not zero."""
    if not isinstance(
        site.statement, ast.Expr | ast.Assign | ast.AugAssign | ast.Return | ast.For | ast.Delete | ast.Raise
    ):
        return
    if _is_docstring(site.statement):
        return
    surcharge = 1.2 if site.error_here else 2.2
    offered: set[str] = set()
    for test in [*_needs(site), *conditions(site, 16)]:
        if test.text not in offered:
            offered.add(test.text)
            note = f"runs this statement only when {test.words}"
            yield from wrap(site, [site.statement], [f"if {test.text}:"], note, surcharge + test.cost)


@statement_operator("guard-key", FAMILY, at_most=8)
def create_missing_key(site: Site) -> Iterator[Proposal]:
    """Give `d[k]` an initial value where `d[k]` is updated and the key may be missing."""
    for subscript, value in _updated_keys(site.statement):
        owner, key = site.text(subscript.value), site.text(subscript.slice)
        cost = 0.8 if site.error.startswith("KeyError") else 2.2
        for rank, default in enumerate(value):
            lines = [f"if {key} not in {owner}:", f"\t{owner}[{key}] = {default}"]
            note = f"starts `{owner}[{key}]` with `{default}` when the key is missing"
            yield from insert_before(site, site.statement, lines, note, cost + 0.3 * rank)


@statement_operator("guard-grow", FAMILY, at_most=12)
def grow_before_the_store(site: Site) -> Iterator[Proposal]:
    """Make a list or a buffer long enough for the place that the statement stores in: `while len(xs) <= i: ...`."""
    cost = 0.8 if site.error_here and site.error.startswith("IndexError") else 2.8
    for subscript in _stored_places(site.statement):
        owner, index = site.text(subscript.value), site.text(subscript.slice)
        is_sure = bool(kinds_of_name(site, owner) & {"list"})
        for rank, filler in enumerate(("0", "None", "[]", "False", '""')):
            lines = [f"while len({owner}) <= {index}:", f"\t{owner}.append({filler})"]
            note = f"makes `{owner}` long enough, filled with `{filler}`"
            total = cost + 0.2 * rank + (0.0 if is_sure else 0.2)
            yield from insert_before(site, site.statement, lines, note, total)


@statement_operator("guard-get", FAMILY, at_most=30)
def read_with_default(site: Site) -> Iterator[Proposal]:
    """Read `d[k]` as `d.get(k, default)`, or through `setdefault` where the value is changed in place."""
    base = 0.8 if site.error.startswith("KeyError") else 2.6
    for node in site.expressions:
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        if isinstance(node.slice, ast.Slice | ast.Tuple) or _is_index(node.slice):
            continue
        owner, key = site.text(node.value), site.text(node.slice)
        if kinds_of_name(site, owner) & {"list", "text", "tuple", "number"} and base > 1:
            continue
        for rank, default in enumerate(("None", "0", "[]", '""', key)):
            call = f"{owner}.get({key})" if default == "None" else f"{owner}.get({key}, {default})"
            yield replace(
                site, node, call, f"reads `{owner}` with `.get`, default `{default}`", base + 0.2 * rank
            )
        if isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
            outer, inner = site.text(node.value.value), site.text(node.value.slice)
            text = f"{outer}.get({inner}, {{}}).get({key})"
            yield replace(site, node, text, "reads both levels with `.get`", base + 0.3)
        for rank, default in enumerate(("[]", "{}", "set()")):
            text = f"{owner}.setdefault({key}, {default})"
            note = f"creates a missing `{owner}[{key}]` as `{default}`"
            if _is_receiver(site, node):
                yield replace(site, node, text, note, base + 0.1 + 0.2 * rank)


@statement_operator("guard-expression", FAMILY, at_most=20)
def fall_back_in_place(site: Site) -> Iterator[Proposal]:
    """Write `x / y if y else 0`, `x.a if x is not None else None`, `xs[i] if i < len(xs) else None`."""
    match site.statement:
        case ast.Return(value=ast.expr() as value) | ast.Assign(value=value):
            pass
        case _:
            return
    if isinstance(value, ast.Constant | ast.IfExp | ast.Lambda) or not site.module.has_exact_position(value):
        return
    text = site.text(value)
    if "\n" in text:
        return
    defaults = [one for one in return_values(site, 5) if one.text != text]
    for test in _needs(site)[:4]:
        for default in defaults[:4]:
            note = f"gives `{default.text}` unless {test.words}"
            cost = (1.4 if site.error_here else 2.6) + test.cost + default.cost
            yield replace(site, value, f"({text}) if {test.text} else {default.text}", note, cost)
    if isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        for rank, default in enumerate(defaults[:4]):
            note = f"falls back to `{default.text}` for an empty value"
            yield replace(site, value, f"{text} or {default.text}", note, 2.4 + 0.2 * rank)


def _class_raised(text: str) -> str:
    """Return the class that a `raise` statement names."""
    return text.removeprefix("raise ").partition("(")[0]


def _ways_to_leave(site: Site) -> Iterator[tuple[str, float]]:
    """Yield the jumps that may leave the statement's block with what they add to the cost."""
    if enclosing_loop(site.module, site.statement):
        yield "continue", 0.3
        yield "break", 1.0
    for value in return_values(site, 7):
        yield return_line(site, value), value.cost


def _deed(action: str) -> str:
    return {"continue": "skips the item", "break": "leaves the loop"}.get(
        action, f"returns early (`{action}`)"
    )


def _is_first(site: Site) -> bool:
    return site.function is not None and next(iter(code_body(site.function.node)), None) is site.statement


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _needs(site: Site) -> list[Ingredient]:
    """Return the conditions without which an expression of the statement would raise, likeliest first."""
    found: dict[str, Ingredient] = {}
    for node in site.expressions:
        for text, phrase in _needs_of(site, node):
            found.setdefault(text, Ingredient(text, 0.2 * len(found), phrase))
    return list(found.values())[:6]


def _needs_of(site: Site, node: ast.expr) -> Iterator[tuple[str, str]]:
    match node:
        case ast.BinOp(
            op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=ast.Name() | ast.Attribute() as divisor
        ):
            yield site.text(divisor), f"`{site.text(divisor)}` is not zero"
        case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=ast.Call(args=[divisor])):
            yield site.text(divisor), f"`{site.text(divisor)}` is not empty"
        case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=index):
            yield from _subscript_needs(site.text(owner), site.text(index), index)
        case ast.Attribute(value=ast.Name(id=name)) if name not in ("self", "cls"):
            if any(one.name == name and one.kind in ("local", "parameter") for one in site.names):
                yield f"{name} is not None", ""
        case ast.Attribute(value=ast.Attribute() as owner):
            yield f"{site.text(owner)} is not None", ""
        case ast.Call(func=ast.Name(id="min" | "max" | "sum" | "next" | "iter"), args=[ast.Name(id=name)]):
            yield name, f"`{name}` is not empty"
        case ast.Call(func=ast.Attribute(value=owner, attr="remove" | "index"), args=[item]):
            yield f"{site.text(item)} in {site.text(owner)}", ""
        case ast.Call(func=ast.Attribute(value=owner, attr="pop" | "popleft" | "popitem"), args=[]):
            yield site.text(owner), f"`{site.text(owner)}` is not empty"
        case ast.Call(func=ast.Attribute(value=owner, attr="append" | "add"), args=[item]):
            yield f"{site.text(item)} not in {site.text(owner)}", ""
        case _:
            return


def _subscript_needs(owner: str, key: str, index: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(index, ast.Slice):
        return
    if _is_index(index):
        yield owner, f"`{owner}` is not empty"
        return
    yield f"{key} in {owner}", ""
    if isinstance(index, ast.Name | ast.BinOp):
        yield f"{key} < len({owner})", ""


def _updated_keys(statement: ast.stmt) -> Iterator[tuple[ast.Subscript, tuple[str, ...]]]:
    match statement:
        case ast.AugAssign(target=ast.Subscript() as target, op=op):
            if not isinstance(target.slice, ast.Slice) and not _is_index(target.slice):
                yield target, ("0", "[]", '""') if isinstance(op, ast.Add) else ("0", "1")
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Subscript() as target, attr=method))):
            if not isinstance(target.slice, ast.Slice):
                kinds = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "update": "{}"}
                yield target, (kinds.get(method, "[]"), "set()" if method == "update" else "{}")
        case ast.Assign(targets=[ast.Subscript(value=ast.Subscript() as target), *_]):
            if not isinstance(target.slice, ast.Slice) and not _is_index(target.slice):
                yield target, ("{}",)
        case _:
            return


def _stored_places(statement: ast.stmt) -> Iterator[ast.Subscript]:
    """Yield the subscripts with a computed index that the statement assigns to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AugAssign) else targets
    for target in targets:
        if isinstance(target, ast.Subscript) and isinstance(
            target.slice, ast.Name | ast.BinOp | ast.Attribute
        ):
            yield target


def _is_index(node: ast.expr) -> bool:
    """Say whether `node` is a literal position such as `0` or `-1`."""
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _is_receiver(site: Site, node: ast.expr) -> bool:
    return isinstance(site.module.parents.get(node), ast.Attribute | ast.Subscript)
