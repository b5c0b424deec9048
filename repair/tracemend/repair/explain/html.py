"""HTML that is escaped because of how it is made.

`element` takes text and elements; text is escaped, and an `Html` value can only come from here. So a page assembled
from test names, messages and source code cannot contain markup of theirs.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID_ELEMENTS = frozenset({"meta", "br", "hr"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Html | None | Iterable["Child"]


def element(name: str, /, *children: Child, **attributes: str | bool | None) -> Html:
    """Return an element. Attributes that are None or False are left out; `class_` becomes `class`."""
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID_ELEMENTS:
        return Html(f"<{name}{head}>")
    return Html(f"<{name}{head}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Html:
    """Return all children, escaped where they are plain text, one after the other."""
    return Html("".join(_markup(child) for child in children))


def style_sheet(css: str) -> Html:
    """Return a style element; `css` must be our own text, for style sheets know no escapes."""
    if "</" in css:
        raise ValueError("a style sheet must not hold the end of its element")
    return Html(f"<style>\n{css}</style>")


def _markup(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return html.escape(child, quote=False)
    return join(child)


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(value)}"'
