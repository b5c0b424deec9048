"""Shared mutable values: default arguments, class attributes, aliases where a copy is meant, late-bound closures."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.imports import import_edit
from tracemend.repair.propose.name_kinds import kinds_of_name
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    LOOPS,
    code_body,
    identifiers,
    insert_before,
    statement_operator,
)

FAMILY = "initial value and aliasing/copy"
_FRESH_CALLS = frozenset({"list", "dict", "set", "defaultdict", "Counter", "OrderedDict", "deque"})


@statement_operator("alias-default", FAMILY, at_most=4)
def make_the_default_fresh(site: Site) -> Iterator[Proposal]:
    """Replace a mutable default argument by None and create the value in the body, once for each call."""
    function = _function_in_question(site)
    if function is None:
        return
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *(
            (one, default)
            for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default
        ),
    ]
    body = code_body(function)
    if not body:
        return
    for argument, default in pairs:
        if not _is_mutable_display(default):
            continue
        name, text = argument.arg, site.text(default)
        start, end = site.module.span(default)
        lines = [f"if {name} is None:", f"\t{name} = {text}"]
        note = f"creates `{name}` afresh in each call"
        for guard in insert_before(site, body[0], lines, note, 0.7):
            yield Proposal((TextEdit(start, end, "None"), *guard.edits), note, 0.7)


@statement_operator("alias-class-attribute", FAMILY, at_most=6)
def make_the_attribute_per_instance(site: Site) -> Iterator[Proposal]:
    """Move a mutable class attribute into `__init__`, so that instances do not share it."""
    holder = _class_of(site)
    if holder is None:
        return
    for attribute in holder.body:
        match attribute:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_mutable_display(value):
                here = attribute is site.statement or f"self.{name}" in site.text(site.statement)
                if here and not (name.isupper() or name.startswith("__")):
                    yield from _moved_to_init(site, holder, attribute, name, site.text(value))
            case _:
                pass


@statement_operator("alias-copy", FAMILY, at_most=24)
def copy_instead_of_sharing(site: Site) -> Iterator[Proposal]:
    """Copy where a container is stored, appended or handed out: `list(x)`, `x.copy()`, a deep copy."""
    for node, cost in _shared_values(site):
        text = site.text(node)
        kinds = kinds_of_name(site, text)
        if kinds and not kinds & {"list", "dict", "set", "object"}:
            continue
        likely = 0.0 if kinds & {"list", "dict", "set"} else 0.8
        copies = [("list" in kinds or not kinds, f"list({text})"), ("dict" in kinds, f"dict({text})")]
        copies += [
            ("set" in kinds, f"set({text})"),
            (True, f"{text}.copy()"),
            ("list" in kinds, f"[list(one) for one in {text}]"),
        ]
        for rank, copied in enumerate(copied for fits, copied in copies if fits):
            yield replace(site, node, copied, f"copies `{text}`", cost + likely + 0.3 * rank)
        deep = TextEdit(*site.module.span(node), f"copy.deepcopy({text})")
        module_import = import_edit(site.module, "import copy")
        edits = (module_import, deep) if module_import and module_import.start <= deep.start else (deep,)
        if module_import is None or len(edits) == 2:
            yield Proposal(edits, f"copies `{text}` with all that is inside", cost + likely + 1.0)


@statement_operator("alias-rows", FAMILY, at_most=4)
def make_rows_of_their_own(site: Site) -> Iterator[Proposal]:
    """Write `[[0] * n for _ in range(m)]` for `[[0] * n] * m`, whose rows are one and the same list."""
    for node in site.expressions:
        match node:
            case ast.BinOp(left=ast.List(elts=[inner]), op=ast.Mult(), right=count) if _may_be_mutable(inner):
                text = f"[{site.text(inner)} for _ in range({site.text(count)})]"
                yield replace(site, node, text, "gives each row a list of its own", 0.6)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"), args=[keys, value]):
                if _may_be_mutable(value):
                    text = f"{{key: {site.text(value)} for key in {site.text(keys)}}}"
                    yield replace(site, node, text, "gives each key a value of its own", 0.6)
            case _:
                pass


@statement_operator("alias-late-binding", FAMILY, at_most=6)
def bind_the_loop_variable_now(site: Site) -> Iterator[Proposal]:
    """Bind a loop variable as a default, `lambda i=i: ...`, so that the closure keeps today's value."""
    bound = _loop_variables(site)
    if isinstance(site.statement, FunctionNode):
        used = [name for name in bound if any(name in identifiers(one) for one in site.statement.body)]
        arguments = site.statement.args
        if (
            used
            and not arguments.args
            and not arguments.vararg
            and not arguments.kwonlyargs
            and not arguments.kwarg
        ):
            text = site.module.text
            place = text.find("()", site.module.span(site.statement)[0])
            if place >= 0:
                defaults = ", ".join(f"{name}={name}" for name in used)
                edit = TextEdit(place + 1, place + 1, defaults)
                yield Proposal((edit,), f"keeps the present value of `{used[0]}`", 0.9)
        return
    for node in site.expressions:
        if isinstance(node, ast.Lambda) and not (node.args.vararg or node.args.kwonlyargs or node.args.kwarg):
            inside = [*bound, *_comprehension_variables(site, node)]
            own = {one.arg for one in node.args.args}
            used = [
                name for name in dict.fromkeys(inside) if name in identifiers(node.body) and name not in own
            ]
            if used:
                yield _with_defaults(site, node, used)


def _with_defaults(site: Site, node: ast.Lambda, used: list[str]) -> Proposal:
    start, _ = site.module.span(node)
    colon = site.module.text.rindex(":", start, site.module.span(node.body)[0])
    parameters = site.module.text[start + len("lambda") : colon].strip()
    defaults = ", ".join(f"{name}={name}" for name in used)
    text = f"lambda {parameters}, {defaults}" if parameters else f"lambda {defaults}"
    return Proposal((TextEdit(start, colon, text),), f"keeps the present value of `{used[0]}`", 0.8)


def _shared_values(site: Site) -> Iterator[tuple[ast.expr, float]]:
    """Yield the expressions of the statement that make a second name for a container, with a cost."""
    plain = (ast.Name, ast.Attribute, ast.Subscript)
    match site.statement:
        case ast.Assign(value=value) if isinstance(value, plain):
            yield value, 1.2
        case ast.Assign(value=ast.Tuple(elts=values)):
            yield from ((one, 1.8) for one in values if isinstance(one, plain))
        case ast.Return(value=ast.expr() as value) if isinstance(value, plain):
            yield value, 1.6
        case ast.Expr(value=ast.Yield(value=ast.expr() as value)) if isinstance(value, plain):
            yield value, 1.2
        case _:
            pass
    for node in site.expressions:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="append" | "add" | "insert" | "put" | "appendleft"), args=[*_, value]
            ):
                if isinstance(value, plain):
                    yield value, 1.0
            case ast.Call(args=arguments) if isinstance(site.statement, ast.Return | ast.Assign | ast.Expr):
                yield from ((one, 2.8) for one in arguments[:2] if isinstance(one, ast.Name))
            case _:
                pass


def _moved_to_init(
    site: Site, holder: ast.ClassDef, attribute: ast.stmt, name: str, value: str
) -> Iterator[Proposal]:
    """Yield the removal of the class attribute together with `self.name = value` in `__init__`."""
    note = f"gives each instance a `{name}` of its own"
    module = site.module
    start = module.lines.line_start(attribute.lineno)
    removal = TextEdit(start, module.lines.line_start((attribute.end_lineno or 0) + 1), "")
    methods = [one for one in holder.body if isinstance(one, FunctionNode)]
    init = next((one for one in methods if one.name == "__init__"), None)
    if init is not None and code_body(init):
        for addition in insert_before(site, code_body(init)[0], [f"self.{name} = {value}"], note, 0.8):
            yield Proposal(tuple(sorted((removal, *addition.edits))), note, 0.8)
    elif init is None and methods and not holder.bases and not holder.decorator_list:
        lines = ["def __init__(self):", f"\tself.{name} = {value}", ""]
        for addition in insert_before(site, methods[0], lines, note, 0.9):
            yield Proposal(tuple(sorted((removal, *addition.edits))), note, 0.9)


def _class_of(site: Site) -> ast.ClassDef | None:
    return next((one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None)


def _function_in_question(site: Site) -> FunctionNode | None:
    """Return the function that the statement defines, or that it changes a parameter of or starts."""
    if isinstance(site.statement, FunctionNode):
        return site.statement
    return site.function.node if site.function else None


def _is_mutable_display(value: ast.expr) -> bool:
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _FRESH_CALLS
        case _:
            return False


def _may_be_mutable(value: ast.expr) -> bool:
    match value:
        case ast.BinOp(left=left, op=ast.Mult()):
            return _is_mutable_display(left)
        case ast.Call(func=ast.Name()):
            return True
        case _:
            return _is_mutable_display(value)


def _loop_variables(site: Site) -> list[str]:
    """Return the targets of the loops around the statement, within the same function."""
    found: list[str] = []
    for one in site.module.ancestors(site.statement):
        if isinstance(one, LOOPS) and not isinstance(one, ast.While):
            found += sorted(identifiers(one.target))
        elif isinstance(one, FunctionNode | ast.ClassDef):
            break
    return found


def _comprehension_variables(site: Site, node: ast.expr) -> list[str]:
    found: list[str] = []
    for one in site.module.ancestors(node):
        if isinstance(one, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            for generator in one.generators:
                found += sorted(identifiers(generator.target))
        elif isinstance(one, ast.stmt):
            break
    return found
