"""Generators and coroutines: iterators used twice, lists expected, missing `next`, `async` and `await`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.repair.propose.candidates import attribute_uses
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import code_body, identifiers, insert_before, statement_operator

FAMILY = "missing call wrapper"
_LAZY = frozenset(
    [
        "map",
        "filter",
        "zip",
        "reversed",
        "enumerate",
        "iter",
        "chain",
        "islice",
        "groupby",
        "takewhile",
        "dropwhile",
        "accumulate",
        "product",
        "permutations",
        "combinations",
        "starmap",
        "cycle",
        "count",
        "repeat",
        "zip_longest",
        "finditer",
        "iterdir",
        "glob",
        "rglob",
        "scandir",
        "walk",
    ]
)


@statement_operator("generator-materialise", FAMILY, at_most=12)
def keep_the_items(site: Site) -> Iterator[Proposal]:
    """Make a list (or a tuple) of an iterator that is used twice, returned, indexed or measured."""
    for node in site.expressions:
        if not _is_lazy(site, node):
            continue
        parent = site.module.parents.get(node)
        if isinstance(parent, ast.Call) and len(parent.args) == 1 and isinstance(node, ast.GeneratorExp):
            continue
        again = isinstance(site.statement, ast.Assign | ast.AnnAssign) and _is_read_twice(site)
        cost = 0.8 if again or isinstance(site.statement, ast.Return) else 2.0
        text = site.text(node)
        if isinstance(node, ast.GeneratorExp):
            yield replace(site, node, f"[{text[1:-1]}]", "builds a list instead of a generator", cost)
        else:
            yield replace(site, node, f"list({text})", "keeps the items in a list", cost)
        yield replace(site, node, f"tuple({text})", "keeps the items in a tuple", cost + 0.8)


@statement_operator("generator-next", FAMILY, at_most=10)
def take_the_next_item(site: Site) -> Iterator[Proposal]:
    """Take the next item of an iterator, with a default where there may be none."""
    for node in site.expressions:
        match node:
            case ast.Call(func=ast.Name(id="next"), args=[inner]):
                for rank, default in enumerate(("None", "0", '""')):
                    text = f"next({site.text(inner)}, {default})"
                    yield replace(
                        site, node, text, f"takes `{default}` when nothing is left", 1.4 + 0.3 * rank
                    )
            case _ if _is_lazy(site, node) and not _is_argument_of_call(site, node):
                inner_text = site.text(node)
                yield replace(site, node, f"next({inner_text})", "takes the first item", 2.2)
                yield replace(site, node, f"next({inner_text}, None)", "takes the first item or None", 2.4)
            case _:
                pass


@statement_operator("generator-await", FAMILY, at_most=14)
def wait_for_the_result(site: Site) -> Iterator[Proposal]:
    """Add the missing `await`, `async for` and `async with` in a coroutine."""
    if site.function is None or not isinstance(site.function.node, ast.AsyncFunctionDef):
        return
    coroutines = {
        one.node.name for one in site.module.functions if isinstance(one.node, ast.AsyncFunctionDef)
    }
    for node in site.expressions:
        if isinstance(node, ast.Call) and not isinstance(site.module.parents.get(node), ast.Await):
            if _is_inside_plain_scope(site, node):
                continue
            name = site.text(node.func).rpartition(".")[2]
            text = site.text(node)
            is_operand = not isinstance(site.module.parents.get(node), ast.stmt | ast.Call | ast.keyword)
            waited = f"(await {text})" if is_operand else f"await {text}"
            yield replace(site, node, waited, f"waits for `{name}`", 0.6 if name in coroutines else 2.0)
    start = site.module.span(site.statement)[0]
    if isinstance(site.statement, ast.For | ast.With):
        word = "for" if isinstance(site.statement, ast.For) else "with"
        edit = TextEdit(start, start, "async ")
        yield Proposal((edit,), f"uses `async {word}`", 1.4)


@statement_operator("generator-end", FAMILY, at_most=10)
def end_the_iteration(site: Site) -> Iterator[Proposal]:
    """Raise `StopIteration` at the top of `__next__` where nothing is left."""
    function = site.function.node if site.function else None
    if function is None or function.name != "__next__" or code_body(function)[0] is not site.statement:
        return
    uses = attribute_uses(site.module).get("self", ())
    attributes = [f"self.{one}" for one in uses if not one.endswith("()")]
    tests = [test for one in attributes for test in (f"{one} == 0", f"{one} <= 0", f"not {one}")]
    pairs = [(a, b) for a in attributes for b in attributes if a != b]
    tests = [*(f"{a} >= {b}" for a, b in pairs), *(f"{a} >= len({b})" for a, b in pairs), *tests]
    for rank, test in enumerate(tests[:10]):
        lines = [f"if {test}:", "\traise StopIteration"]
        yield from insert_before(
            site, site.statement, lines, f"ends the iteration when `{test}`", 1.3 + 0.1 * rank
        )


@statement_operator("generator-async", FAMILY, at_most=2)
def make_it_a_coroutine(site: Site) -> Iterator[Proposal]:
    """Add `async` to a `def` whose callers in this file await it."""
    if not isinstance(site.statement, ast.FunctionDef):
        return
    name = site.statement.name
    has_yield_from = any(isinstance(one, ast.YieldFrom) for one in ast.walk(site.statement))
    if name in _awaited_names(site.module) and not has_yield_from:
        start = site.module.span(site.statement)[0]
        yield Proposal((TextEdit(start, start, "async "),), f"makes `{name}` a coroutine", 0.9)


def _is_lazy(site: Site, node: ast.expr) -> bool:
    """Say whether `node` makes an iterator that can be used only once."""
    match node:
        case ast.GeneratorExp():
            return site.text(node).startswith("(")
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _LAZY or name in _generator_names(site.module)
        case _:
            return False


@lru_cache(maxsize=16)
def _awaited_names(module: Module) -> frozenset[str]:
    """Return the names of the functions and methods whose calls the file awaits."""
    calls = [one.value for one in ast.walk(module.tree) if isinstance(one, ast.Await)]
    callees = [one.func for one in calls if isinstance(one, ast.Call)]
    return frozenset(
        one.id if isinstance(one, ast.Name) else one.attr
        for one in callees
        if isinstance(one, ast.Name | ast.Attribute)
    )


@lru_cache(maxsize=16)
def _generator_names(module: Module) -> frozenset[str]:
    return frozenset(one.node.name for one in module.functions if _yields(one.node))


def _yields(function: FunctionNode) -> bool:
    return any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(function))


def _is_read_twice(site: Site) -> bool:
    """Say whether the name that the statement binds is read at least twice in its function."""
    targets = site.statement.targets if isinstance(site.statement, ast.Assign) else []
    names = {name for target in targets for name in identifiers(target)}
    scope = site.function.node if site.function else site.module.tree
    reads = [one for one in ast.walk(scope) if isinstance(one, ast.Name) and one.id in names]
    return len(reads) > 2


def _is_argument_of_call(site: Site, node: ast.expr) -> bool:
    return isinstance(site.module.parents.get(node), ast.Call)


def _is_inside_plain_scope(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is inside a lambda, or a comprehension of which Python 3.10 may not make a coroutine."""
    for one in site.module.ancestors(node):
        if isinstance(one, ast.Lambda | ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return True
        if isinstance(one, ast.stmt):
            return False
    return False
