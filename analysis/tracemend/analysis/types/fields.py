"""What data classes and attrs classes have in common: how the fields of a class body are read, or found unreadable."""

from __future__ import annotations

import ast

from tracemend.analysis.symbols.model import Definition, ValueDef


class Unreadable(Exception):
    """A field is written in a way that does not tell what parameter becomes of it."""


def constant_keywords(call: ast.Call, decisive: frozenset[str]) -> dict[str, object]:
    """Return the keywords of a call with their values, `...` for one that is computed; the `decisive` must be constants."""
    found: dict[str, object] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise Unreadable
        found[keyword.arg] = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
    if call.args or any(found.get(name) is ... for name in decisive):
        raise Unreadable
    return found


def annotated_value(definitions: tuple[Definition, ...]) -> ValueDef | None:
    """Return the one annotated value among the definitions of a name, None if it is no field."""
    found = [one for one in definitions if isinstance(one, ValueDef) and one.annotation is not None]
    if not found:
        return None
    if len(definitions) > 1:
        raise Unreadable
    return found[0]
