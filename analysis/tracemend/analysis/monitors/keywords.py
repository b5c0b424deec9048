"""M3: names of keyword arguments.

A keyword is wrong if no signature that the callee may have takes it and none has `**kwargs`. While text is being
written, `f(na` may still become a positional argument: only a name with its `=` is judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .arity import Arguments, refusal
from .guards import Guard
from .nearest import nearest_names
from .position import position_of
from .protocol import Allowed, Finding, Forbidden, Hole, Judgement, Passed, Silent, Unknown, Verdict
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.oracle import Callee, Oracle

RULE = "unknown-keyword"

_KEYWORD = re.compile(r"\s*(\w+)\s*=(?!=)")


class KeywordMonitor:
    """Judges `name` in `callee(name=...)`."""

    name = "keywords"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge the keyword that `partial`, or `partial` with the text behind the hole, begins with."""
        found = _KEYWORD.match(partial + hole.after if complete else partial)
        position = position_of(hole)
        tokens = position.tokens
        if found is None or not position.is_code or not tokens or tokens[-1] not in ("(", ","):
            return Unknown("no-keyword")
        bracket = position.place.brackets[-1] if position.place.brackets else None
        if bracket is None or bracket.character != "(":
            return Unknown("no-keyword")
        callee = self._oracle.signature(hole.document, bracket.offset)
        accepted = accepted_keywords(callee)
        if isinstance(accepted, str):
            return Unknown(accepted)
        if found[1] in accepted:
            return Allowed(accepted)
        return Forbidden(f"{_name(callee)} takes no keyword {found[1]!r}", nearest_names(found[1], accepted))

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each keyword of each call."""
        for node, guard in view.sites(ast.Call):
            written = [one for one in node.keywords if one.arg is not None]
            if written:
                yield from self._verdicts(view, node, written, guard)

    def _verdicts(
        self, view: FileView, node: ast.Call, written: list[ast.keyword], guard: Guard
    ) -> Iterator[Verdict]:
        guarded = guard.reason("TypeError")
        callee = None if guarded else view.callee(node)
        accepted = guarded or accepted_keywords(callee, Arguments.of(node))
        given = {one.arg for one in written}
        for keyword in written:
            name = keyword.arg or ""
            start = view.span(keyword)[0]
            if isinstance(accepted, str):
                yield Silent(start, accepted)
            elif name in accepted:
                yield Passed(start)
            else:
                near = nearest_names(name, accepted - given)
                message = f"`{_name(callee)}` takes no keyword argument `{name}`"
                yield Finding(RULE, start, start + len(name), message, f"signature of {_name(callee)}", near)


def accepted_keywords(callee: Callee | None, arguments: Arguments | None = None) -> frozenset[str] | str:
    """Return the keywords that some signature of `callee` takes, or the slug why they cannot be listed.

    Where all `arguments` of the call are known, a signature that refuses them has no say, unless every one does.
    """
    if callee is None:
        return "no-signature"
    if not callee.closed or not callee.signatures:
        return callee.why or "no-signature"
    fitting = [one for one in callee.signatures if arguments is None or refusal(one, arguments) is None]
    parameters = [one for signature in fitting or callee.signatures for one in signature.parameters]
    if any(one.kind == "var-keyword" for one in parameters):
        return "var-keyword"
    return frozenset(one.name for one in parameters if one.kind in ("positional", "keyword-only"))


def _name(callee: Callee | None) -> str:
    return callee.name if callee else ""
