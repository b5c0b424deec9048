"""Wrappers that lose the name, the documentation and the signature of what they wrap.

A decorator returns a function of its own; `functools.wraps` (PEP 318's companion in the standard library) makes it look like
the decorated one. Its absence shows in `__name__`, `__doc__`, `__wrapped__` and in what is collected by them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.imports import import_edit
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import statement_operator

FAMILY = "keyword/positional mistakes"
_SIGNS = ("__name__", "__doc__", "__wrapped__", "__qualname__", "__module__")


@statement_operator("signature-wraps", FAMILY, at_most=2)
def keep_the_signature(site: Site) -> Iterator[Proposal]:
    """Add `@functools.wraps(function)` to a wrapper that calls a parameter of the function around it and is returned."""
    wrapper = site.statement
    if not isinstance(wrapper, FunctionNode) or wrapper.decorator_list:
        return
    outer = site.module.function_of(wrapper)
    wrapped = _wrapped_by(wrapper, outer.node) if outer is not None else None
    if wrapped is None or not site.module.starts_line(wrapper):
        return
    place = site.module.lines.line_start(wrapper.lineno)
    newline = "\r\n" if "\r\n" in site.module.text else "\n"
    bare = any(one.name == "wraps" and one.kind == "import" for one in site.names)
    callee = "wraps" if bare else "functools.wraps"
    text = f"{site.module.indentation(wrapper)}@{callee}({wrapped}){newline}"
    added = None if bare else import_edit(site.module, "import functools")
    if added is not None and added.start > place:
        return
    edits = (TextEdit(place, place, text),) if added is None else (added, TextEdit(place, place, text))
    cost = 0.8 if any(sign in site.error for sign in _SIGNS) else 2.4
    yield Proposal(edits, f"lets `{wrapper.name}` keep the name and documentation of `{wrapped}`", cost)


def _wrapped_by(
    wrapper: ast.FunctionDef | ast.AsyncFunctionDef, outer: ast.FunctionDef | ast.AsyncFunctionDef
) -> str | None:
    """Return the parameter of `outer` that `wrapper` calls, where `outer` returns `wrapper`."""
    returned = any(
        isinstance(one, ast.Return) and isinstance(one.value, ast.Name) and one.value.id == wrapper.name
        for one in outer.body
    )
    called = {
        one.func.id
        for one in ast.walk(wrapper)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
    }
    parameters = [one.arg for one in all_arguments(outer.args) if one.arg in called]
    return parameters[0] if returned and parameters else None
