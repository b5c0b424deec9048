"""Parameters that a function takes and never reads: somebody wrote the constant, or forgot to hand the value on.

`def join(parts, sep=" "): return " ".join(parts)` does what its default says, whatever it is given. That nothing in the
body reads the parameter is as strong a hint as the failing test that passes it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.rewriting import Rewrite, argument_texts, call_text, expression_operator
from tracemend.repair.propose.site import Site, once_a_site

MOST_UNUSED = 3


@expression_operator("use-unused-parameter", "wrong name or member of a compatible type")
def write_the_parameter(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Write an unused parameter where a constant stands: its default, or one of its type."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (str, int, float):
        return
    for name, default in unused_parameters(site).items():
        if isinstance(default, ast.Constant) and type(default.value) is type(node.value):
            cost = 0.1 if default.value == node.value else 1.1
        elif default is None:
            cost = 1.4
        else:
            continue
        yield Rewrite(node, name, f"uses `{name}`, which nothing reads, instead of `{site.text(node)}`", cost)


@expression_operator("pass-unused-parameter", "keyword/positional mistakes")
def hand_the_parameter_on(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Hand an unused parameter on to a call that may take a keyword of its name."""
    if not isinstance(node, ast.Call) or any(one.arg is None for one in node.keywords):
        return
    given = {one.arg for one in node.keywords}
    for name in unused_parameters(site):
        if name not in given:
            text = call_text(site, node, [*argument_texts(site, node), f"{name}={name}"])
            note = f"hands `{name}`, which nothing reads, on to `{site.text(node.func)}`"
            yield Rewrite(node, text, note, 0.3 if _takes(site, node.func, name) else 1.3)


@once_a_site
def unused_parameters(site: Site) -> Mapping[str, ast.expr | None]:
    """Return the parameters that nothing in the function reads, with their defaults."""
    if site.function is None:
        return {}
    node = site.function.node
    inner = [one for statement in node.body for one in ast.walk(statement)]
    if any(isinstance(one, ast.Name) and one.id in ("locals", "vars", "eval", "exec") for one in inner):
        return {}
    known = {one.id for one in inner if isinstance(one, ast.Name)}
    found = {name: default for name, default in _parameters(node.args) if name not in known}
    for name in [one for one in found if one in ("self", "cls") or one.startswith("_")]:
        del found[name]
    return found if len(found) <= MOST_UNUSED else {}


def _parameters(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    without = len(positional) - len(arguments.defaults)
    for one, default in zip(positional, [*[None] * without, *arguments.defaults], strict=True):
        yield one.arg, default
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield one.arg, default


def _takes(site: Site, callee: ast.expr, name: str) -> bool:
    """Say whether a function of the file that is called like `callee` has a parameter `name`."""
    called = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    for one in ast.walk(site.module.tree):
        if isinstance(one, FunctionNode) and one.name == called:
            return any(found == name for found, _ in _parameters(one.args))
    return False
