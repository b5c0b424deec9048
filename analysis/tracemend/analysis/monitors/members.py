"""M1: members behind a dot, where they are read.

Stores are never judged: `self.x = ...` is how attributes come to be, and half of all stores name one that no analysis
has seen before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.types.model import Evidence

from .guards import Guard
from .nearest import nearest_names
from .position import position_of
from .protocol import (
    Allowed,
    Finding,
    Forbidden,
    Hole,
    Judgement,
    Passed,
    Silent,
    Unknown,
    Verdict,
    judge_word,
)
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.oracle import Members, Oracle

RULE = "unknown-member"

_WORD = re.compile(r"\w*")
_DUNDER = re.compile(r"__\w+__$")
_MANGLED = re.compile(r"_[A-Za-z]\w*?__\w+$")
# A dot that belongs to a number or an ellipsis has no receiver.
_NO_RECEIVER = re.compile(r"(?:(?<![\w)\].])\d[\d_]*|\.|^|[(\[{,=:\s])\s*\.$")


class MemberMonitor:
    """Judges `receiver.name`."""

    name = "members"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge the identifier that `partial` begins with, behind the dot that the hole stands after."""
        before = hole.before.rstrip()
        word = _WORD.match(partial)
        if not before.endswith(".") or word is None:
            return Unknown("no-member")
        position = position_of(hole)
        if not position.place.is_code or position.statement.lstrip().startswith(("import ", "from ")):
            return Unknown("no-code")
        if _NO_RECEIVER.search(before[-80:]):
            return Unknown("no-receiver")
        found = self._oracle.members(hole.document, len(before) - 1)
        why = _why_silent(found)
        if why is not None:
            return Unknown(why)
        ended = complete or word.end() < len(partial)
        if ended and (_DUNDER.match(word[0]) or _MANGLED.match(word[0])):
            return Unknown("dunder")
        allowed = judge_word(found.names, word[0], complete=ended)
        if allowed:
            return Allowed(allowed)
        return Forbidden(f"{found.type_name} has no member {word[0]!r}", nearest_names(word[0], found.names))

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each member that is read."""
        for node, guard in view.sites(ast.Attribute):
            if isinstance(node.ctx, ast.Load) and not _DUNDER.match(node.attr):
                yield self._verdict(view, node, guard)

    def _verdict(self, view: FileView, node: ast.Attribute, guard: Guard) -> Verdict:
        guarded = guard.reason("AttributeError")
        if guarded is None and node.attr in view.probed:
            guarded = "probed"
        if guarded is None and _MANGLED.match(node.attr):
            guarded = "mangled"
        end = view.span(node)[1]
        start = end - len(node.attr)
        if guarded:
            return Silent(start, guarded)
        found = self._oracle.members(view.document, receiver_end(view, node))
        why = _why_silent(found)
        if why is not None:
            return Silent(start, why)
        if node.attr in found.names:
            return Passed(start)
        near = nearest_names(node.attr, found.names)
        message = f"{_quoted(found.type_name)} has no member `{node.attr}`"
        return Finding(RULE, start, end, message, found.why, near)


def receiver_end(view: FileView, node: ast.Attribute) -> int:
    """Return where the dot of `node` stands: brackets and line ends may part it from the receiver."""
    start = view.span(node.value)[1]
    dot = view.document.text.rfind(".", start, view.span(node)[1] - len(node.attr))
    return dot if dot >= 0 else start


def _quoted(type_name: str) -> str:
    kind, _, name = type_name.rpartition(" ")
    return f"{kind} `{name}`" if kind in ("module", "function") else f"`{type_name}`"


def _why_silent(found: Members) -> str | None:
    """Return the slug why `found` forbids nothing, None if it may forbid."""
    if not found.closed:
        return found.why
    return None if found.evidence >= Evidence.INFERRED else "guessed"
