"""Options that travel in `**options`: no signature names them, but the function that takes them reads each by its name.

A call that should hand an option on and does not raises nothing; the default is used instead, which is why such calls survive.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.rewriting import Rewrite, argument_texts, call_text, expression_operator
from tracemend.repair.propose.site import Site

_FAMILY = "keyword/positional mistakes"
MAX_OPTIONS = 3


@expression_operator("pass-option", _FAMILY)
def hand_the_option_on(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Hand a value on under the name that the called function of this file looks up in its `**options`."""
    if not isinstance(node, ast.Call) or any(one.arg is None for one in node.keywords):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = {one.arg for one in node.keywords}
    texts = argument_texts(site, node)
    missing = [
        one for one in _options_of(site.module).get(name, ()) if one not in given and one in site.visible
    ]
    for rank, option in enumerate(missing[:MAX_OPTIONS]):
        note = f"hands `{option}` on, which `{name}` looks up in its options"
        # Options that are read first are written first, before those that are given already.
        keywords = [f"{option}={option}", *texts[len(node.args) :]]
        text = call_text(site, node, [*texts[: len(node.args)], *keywords])
        yield Rewrite(node, text, note, 1.2 + 0.2 * rank)


@lru_cache(maxsize=16)
def _options_of(module: Module) -> Mapping[str, tuple[str, ...]]:
    """Return the keys that functions of the file read from their `**` parameter, by the name of the function."""
    found: dict[str, dict[str, None]] = {}
    for function in module.functions:
        rest = function.node.args.kwarg
        if rest is not None:
            keys = dict.fromkeys(_keys_read(function.node, rest.arg))
            found.setdefault(function.node.name, {}).update(keys)
    return {name: tuple(keys) for name, keys in found.items()}


def _keys_read(function: ast.FunctionDef | ast.AsyncFunctionDef, options: str) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case (
                ast.Call(
                    func=ast.Attribute(value=ast.Name(id=owner), attr="get" | "pop" | "setdefault"),
                    args=[ast.Constant(value=str(key)), *_],
                )
                | ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(key)))
            ) if owner == options:
                yield key
            case _:
                pass
