"""Signatures and decorators: missing `self`, static and class methods, properties, a parameter without a default."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode, first_line
from tracemend.repair.propose.imports import import_edit
from tracemend.repair.propose.ingredients import EMPTY_VALUES
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import code_body, identifiers, insert_before, statement_operator

FAMILY = "keyword/positional mistakes"


@statement_operator("signature-self", FAMILY, at_most=4)
def add_self(site: Site) -> Iterator[Proposal]:
    """Add the missing `self` of a method, or make it a static or a class method."""
    function = _function(site)
    if function is None or not _is_method(site, function):
        return
    first = next(iter([*function.args.posonlyargs, *function.args.args]), None)
    decorators = _decorator_names(site, function)
    likely = 0.7 if "positional argument" in site.error or "'self' is not defined" in site.error else 2.2
    if first is None or first.arg not in ("self", "cls", "mcs"):
        if not {"staticmethod", "classmethod"} & decorators:
            yield from _with_first_parameter(site, function, "self", likely)
            note = f"makes `{function.name}` a static method"
            yield from insert_before(site, function, ["@staticmethod"], note, likely + 0.4)
        elif "classmethod" in decorators and first is not None:
            yield from _with_first_parameter(site, function, "cls", likely)
    elif first.arg == "cls" and "classmethod" not in decorators and function.name != "__new__":
        note = f"makes `{function.name}` a class method"
        yield from insert_before(site, function, ["@classmethod"], note, 0.7)


@statement_operator("signature-decorator", FAMILY, at_most=8)
def change_the_decorator(site: Site) -> Iterator[Proposal]:
    """Add a missing `@property` or cache, exchange or remove a decorator."""
    function = _function(site)
    if function is None:
        return
    decorators = _decorator_names(site, function)
    only_self = len(function.args.args) == 1 and not function.args.vararg and not function.args.kwonlyargs
    if _is_method(site, function) and only_self and not decorators and not function.name.startswith("__"):
        is_called = any(
            one.removesuffix("()") == function.name for one in site.donors.attributes if one.endswith("()")
        )
        likely = "method" in site.error or "not callable" in site.error
        note = f"makes `{function.name}` a property"
        yield from insert_before(
            site, function, ["@property"], note, 0.9 if likely else 3.0 if is_called else 2.0
        )
    for decorator in function.decorator_list:
        name = site.text(decorator)
        yield from _without_decorator(site, function, decorator, 1.0 if "not callable" in site.error else 2.6)
        if name in ("staticmethod", "classmethod"):
            other = "classmethod" if name == "staticmethod" else "staticmethod"
            edit = TextEdit(*site.module.span(decorator), other)
            yield Proposal((edit,), f"makes `{function.name}` a {other[:-6]} method", 2.4)


@statement_operator("signature-default", FAMILY, at_most=10)
def give_the_last_parameter_a_default(site: Site) -> Iterator[Proposal]:
    """Give the last parameter without default one, where callers leave it out."""
    function = _function(site)
    if function is None:
        return
    positional = [*function.args.posonlyargs, *function.args.args]
    count = len(positional) - len(function.args.defaults)
    if count < 1 or positional[count - 1].arg in ("self", "cls"):
        return
    argument = positional[count - 1]
    reported = "missing" in site.error and f"'{argument.arg}'" in site.error
    end = site.module.lines.offset(argument.end_lineno or 0, argument.end_col_offset or 0)
    equals = " = " if argument.annotation else "="
    kinds = kinds_of_name(site, argument.arg)
    values = [
        "None",
        *(EMPTY_VALUES[kind] for kind in sorted(kinds) if kind in EMPTY_VALUES),
        "0",
        "1",
        '""',
        "False",
        "True",
        "()",
    ]
    for rank, value in enumerate(dict.fromkeys(one for one in values if one not in ("[]", "{}", "set()"))):
        edit = TextEdit(end, end, f"{equals}{value}")
        note = f"gives `{argument.arg}` the default `{value}`"
        yield Proposal((edit,), note, (0.9 if reported else 3.0) + 0.2 * rank)


@statement_operator("signature-cache", FAMILY, at_most=2)
def cache_results(site: Site) -> Iterator[Proposal]:
    """Cache the results of a function that calls itself more than once, where the test ran out of time or depth."""
    function = _function(site)
    if function is None or function.decorator_list or _is_method(site, function):
        return
    calls = [
        one
        for one in ast.walk(function)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == function.name
    ]
    if len(calls) > 1:
        edit = import_edit(site.module, "import functools")
        place = site.module.lines.line_start(first_line(function))
        indent = site.module.indentation(function)
        newline = "\r\n" if "\r\n" in site.module.text else "\n"
        decorator = TextEdit(place, place, f"{indent}@functools.lru_cache(maxsize=None){newline}")
        edits = (decorator,) if edit is None else (edit, decorator)
        if (edit is None or edit.start <= place) and site.module.starts_line(function):
            likely = "Timeout" in site.error or "timed out" in site.error
            yield Proposal(edits, f"remembers the results of `{function.name}`", 1.4 if likely else 5.0)


def _function(site: Site) -> FunctionNode | None:
    """Return the function that the statement defines or is the first statement of."""
    if isinstance(site.statement, FunctionNode):
        return site.statement
    if site.function and next(iter(code_body(site.function.node)), None) is site.statement:
        return site.function.node
    return None


def _is_method(site: Site, function: FunctionNode) -> bool:
    return isinstance(site.module.parents.get(function), ast.ClassDef)


def _decorator_names(site: Site, function: FunctionNode) -> set[str]:
    return {site.text(one).partition("(")[0] for one in function.decorator_list}


def _with_first_parameter(site: Site, function: FunctionNode, name: str, cost: float) -> Iterator[Proposal]:
    """Yield the function with `name` as its first parameter."""
    start = site.module.span(function)[0]
    place = site.module.text.find("(", start) + 1
    arguments = function.args
    is_empty = not (
        arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
    )
    if place > 0 and not getattr(function, "type_params", None):
        edit = TextEdit(place, place, name if is_empty else f"{name}, ")
        used = name in {one for child in function.body for one in identifiers(child)}
        yield Proposal((edit,), f"adds the missing `{name}`", 0.6 if used else cost)


def _without_decorator(
    site: Site, function: FunctionNode, decorator: ast.expr, cost: float
) -> Iterator[Proposal]:
    module = site.module
    start = module.lines.line_start(decorator.lineno)
    end = module.lines.line_start((decorator.end_lineno or 0) + 1)
    line = module.text[start:end].strip()
    if line.startswith("@") and line.partition("#")[0].strip()[1:].strip() == module.segment(decorator):
        name = module.segment(decorator).partition("(")[0]
        yield Proposal(
            (TextEdit(start, end, ""),), f"drops the decorator `@{name}` of `{function.name}`", cost
        )
