"""M5: how many arguments a call gives.

A call is wrong if every signature that the callee may have refuses it: too many positional arguments, a required one
missing, or one given twice. Starred arguments may stand for any number, none included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter

from .guards import Guard
from .position import position_of
from .protocol import Allowed, Finding, Forbidden, Hole, Judgement, Passed, Silent, Unknown, Verdict
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.oracle import Callee, Oracle

RULE = "wrong-arguments"
LONGEST_CALL = 4000


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call gives: how many positional arguments, which keywords, and whether starred ones may add to them."""

    positional: int
    keywords: frozenset[str]
    any_positional: bool
    any_keyword: bool

    @classmethod
    def of(cls, call: ast.Call) -> Arguments:
        """Return what `call` gives."""
        return cls(
            sum(not isinstance(one, ast.Starred) for one in call.args),
            frozenset(one.arg for one in call.keywords if one.arg is not None),
            any(isinstance(one, ast.Starred) for one in call.args),
            any(one.arg is None for one in call.keywords),
        )


class ArityMonitor:
    """Judges the arguments of a whole call."""

    name = "arity"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge the call whose brackets opened before the hole, once `partial` closes them."""
        position = position_of(hole)
        brackets = position.place.brackets
        if not position.is_code or not brackets or brackets[-1].character != "(":
            return Unknown("no-call")
        opened = brackets[-1].offset
        call = _finished_call(hole.document.text[opened : hole.offset], partial)
        if call is None:
            return Unknown("unfinished-call")
        callee = self._oracle.signature(hole.document, opened)
        problem = problem_of(callee, Arguments.of(call))
        if isinstance(problem, Unknown):
            return problem
        return Allowed(frozenset()) if problem is None else Forbidden(problem)

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each call."""
        for node, guard in view.sites(ast.Call):
            yield self._verdict(view, node, guard)

    def _verdict(self, view: FileView, node: ast.Call, guard: Guard) -> Verdict:
        start, end = view.span(node.func)
        guarded = guard.reason("TypeError")
        if guarded:
            return Silent(start, guarded)
        callee = view.callee(node)
        problem = problem_of(callee, Arguments.of(node))
        if isinstance(problem, Unknown):
            return Silent(start, problem.why)
        if problem is None:
            return Passed(start)
        assert callee is not None, "a problem without a callee"
        # A chain of calls over several lines is marked on the last one only.
        line_start = view.lines.line_start(view.lines.line_of(end))
        shown = max(start, line_start)
        return Finding(RULE, shown, end, f"`{callee.name}` {problem}", f"signature of {callee.name}")


def problem_of(callee: Callee | None, arguments: Arguments) -> str | Unknown | None:
    """Return what is wrong with a call, None if nothing is; wrong keywords are left to their own monitor."""
    if callee is None:
        return Unknown("no-signature")
    if not callee.closed or not callee.signatures:
        return Unknown(callee.why or "no-signature")
    problems = []
    for signature in callee.signatures:
        if not _takes_keywords(signature, arguments.keywords):
            continue
        problem = refusal(signature, arguments)
        if problem is None:
            return None
        problems.append(problem)
    return problems[0] if problems else None


def refusal(signature: FunctionDef, arguments: Arguments) -> str | None:
    """Return why `signature` refuses `arguments` (Python reference 6.3.4, "Calls"), None if it may take them.

    Keywords that it does not know are not looked at.
    """
    slots = [one for one in signature.parameters if one.kind in ("positional-only", "positional")]
    if arguments.positional > len(slots) and not _has(signature, "var-positional"):
        most = "no" if not slots else f"at most {len(slots)}"
        plural = "" if len(slots) == 1 else "s"
        return f"takes {most} positional argument{plural}, {arguments.positional} given"
    for slot in slots[: arguments.positional]:
        if slot.kind == "positional" and slot.name in arguments.keywords:
            return f"is given `{slot.name}` twice"
    missing = [f"`{one.name}`" for one in _missing(signature, slots, arguments)]
    if missing:
        return f"misses the argument{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    return None


def _missing(signature: FunctionDef, slots: list[Parameter], arguments: Arguments) -> list[Parameter]:
    """Return the required parameters that nothing can fill."""
    unfilled = [] if arguments.any_positional else slots[arguments.positional :]
    keyword_only = [one for one in signature.parameters if one.kind == "keyword-only"]
    missing = []
    for one in (*unfilled, *keyword_only):
        by_keyword = one.name in arguments.keywords or arguments.any_keyword
        if not one.has_default and (one.kind == "positional-only" or not by_keyword):
            missing.append(one)
    return missing


def _takes_keywords(signature: FunctionDef, keywords: frozenset[str]) -> bool:
    taken = {one.name for one in signature.parameters if one.kind in ("positional", "keyword-only")}
    return keywords <= taken or _has(signature, "var-keyword")


def _has(signature: FunctionDef, kind: str) -> bool:
    return any(one.kind == kind for one in signature.parameters)


def _finished_call(opened: str, partial: str) -> ast.Call | None:
    """Return the call that `opened` begins and `partial` ends, None while it goes on."""
    position = partial.find(")")
    while position >= 0 and len(opened) + position < LONGEST_CALL:
        try:
            parsed = ast.parse(f"_{opened}{partial[: position + 1]}", mode="eval").body
        except (SyntaxError, ValueError):
            position = partial.find(")", position + 1)
            continue
        return parsed if isinstance(parsed, ast.Call) else None
    return None
