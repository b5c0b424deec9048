"""Why there is no trustworthy fix, and what was learnt while looking for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.search.search import SearchOutcome

_ENDS = {
    "time": "time ran out",
    "cancelled": "the search was cancelled",
    "exhausted": "all candidates were tried",
    "found": "the search ended",
}
MAX_PROBLEMS = 3


def no_fix_reason(
    outcome: SearchOutcome,
    suspects: Sequence[Suspect],
    problems: Mapping[str, str],
    unconfirmed: int,
    *,
    cancelled: bool = False,
) -> str:
    """Return the reason in one or two sentences.

    `problems` are files that could not be read or parsed ({path: why}), `unconfirmed` counts patches that passed in
    the search and failed in the final run, or never came to it if the whole run was `cancelled`.
    """
    if not suspects:
        unread = [f"{path} {problem}" for path, problem in sorted(problems.items())]
        because = f" ({'; '.join(unread[:MAX_PROBLEMS])})" if unread else ""
        return f"No trustworthy fix: the failing test executes no code that may be edited{because}."
    where = f"The first suspect is {suspects[0].path}:{suspects[0].line}."
    if unconfirmed and cancelled:
        return f"Not proven: {unconfirmed} patches passed the test, but it was stopped before the final run. {where}"
    if unconfirmed:
        return f"No trustworthy fix: {unconfirmed} patches passed the test, but none survived the final run. {where}"
    learnt = []
    if outcome.regressions:
        learnt.append(f"{outcome.regressions} mended it but broke another test")
    if outcome.written:
        learnt.append(f"models wrote {outcome.written} of them")
    if outcome.refused:
        learnt.append(f"{outcome.refused} passed but are tailored to the test's values or decide nothing")
    tried = ", ".join(
        [f"{_ENDS.get(outcome.ended, outcome.ended)} after {outcome.tried} candidates", *learnt]
    )
    return f"No trustworthy fix: {tried}. {where}"
