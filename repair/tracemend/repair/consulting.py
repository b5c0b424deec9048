"""Asking models about one failure, after the templates: make the case, let strategies work, keep to the limits.

What models write goes into the same search outcome as what templates propose, so that judging, proving, ranking and
explaining follow as ever. Nothing here raises for a model's sake: without an answer the embedded result stands.

What speaks to models is imported when there is one to ask: asyncio, HTTP and TLS would be half of what the engine imports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.repair.ground import Ground
from tracemend.repair.judge.verdicts import Verdict
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.memory.signature import Signature
from tracemend.repair.models.errors import ModelError
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace
from tracemend.repair.search.search import Plausible, Search

if TYPE_CHECKING:
    from tracemend.repair.propose.strategies.desk import ModelDesk

MOST_EXAMPLES = 2

Judge = Callable[[Sequence[Plausible]], Sequence[Verdict]]


def look_for_models(ground: Ground) -> None:
    """Find out before the first failure whether anybody listens, so that templates leave no time to nobody."""
    advisors = ground.advisors
    if advisors is None or advisors.was_looked_for:
        return
    advisors.was_looked_for = True
    try:
        advisors.endpoint.look()
    except ModelError as error:
        from tracemend.repair.propose.strategies.desk import give_up

        give_up(ground, advisors, error)


def consult(
    ground: Ground,
    search: Search,
    target: TestResult,
    suspects: Sequence[Suspect],
    trace: Trace | None,
    deadline: float,
    judge: Judge,
) -> None:
    """Ask models about `target` and add what holds to the outcome of `search`; `deadline` is on the monotonic clock.

    `judge` compares patches by running them, and returns verdicts, the most credible first.
    """
    advisors, check = ground.advisors, ground.check
    if advisors is None or check is None or advisors.problem:
        return
    from tracemend.repair.propose.strategies.case import make_case
    from tracemend.repair.propose.strategies.desk import ModelDesk
    from tracemend.repair.propose.strategies.scheduler import work

    search.deadline = deadline
    # What this machine remembers changes with each repair, and a recorded question must be asked again word for word.
    examples = [] if advisors.is_taped else _examples(ground, target)
    case = make_case(ground.workspace, target, suspects, trace, examples)
    if case is None:
        return
    plausible = search.outcome.plausible
    known = len(plausible)
    desk = ModelDesk(ground, search, case, advisors, check, deadline)

    def begin(strategy: str) -> None:
        desk.strategy = strategy
        ground.record("note", {"what": "strategy", "test": target.test, "strategy": strategy})

    def found() -> bool:
        return len(plausible) > known or any(one.echoes for one in plausible)

    def settled() -> bool:
        sources = {one.candidate.conversation for one in plausible}.union(*(one.echoes for one in plausible))
        return len(sources) > 1 and any(one.agreeing > 1 for one in judge(plausible)[:1])

    work(
        case,
        desk,
        strategy=advisors.strategy,
        begin=begin,
        found=found,
        agreed=settled,
        has_fast_model=advisors.has_fast_model,
    )
    if settled():  # What nothing agrees with is doubted anyway.
        _pin_down(desk, plausible, judge)
    usage = desk.usage
    spent = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    ground.record("note", {"what": "consulted", "test": target.test, "cost": usage.cost, **spent})


def _pin_down(desk: ModelDesk, plausible: list[Plausible], judge: Judge) -> None:
    """Note of the best patch, if a model wrote it, why the tests may not decide about it."""
    best = judge(plausible)[0].plausible
    if best.candidate.conversation:
        at = next(at for at, one in enumerate(plausible) if one is best)
        plausible[at] = replace(best, loose=_looseness(desk, best, judge))


def _looseness(desk: ModelDesk, best: Plausible, judge: Judge) -> str:
    """Name a version of a patch that behaves differently and that no test tells from it, as a phrase; "" for none."""
    versions = desk.green_versions(best)
    notes = {one.candidate.patch.key: note for one, note in versions}
    verdicts = judge([best, *(one for one, _ in versions)]) if versions else ()
    own = next((one for one in verdicts if one.plausible is best), None)
    for other in verdicts:
        if own is None or own.variant is None or other.variant is None:
            continue
        if not other.behaves_like(own):
            return f"no test would notice a version of it that {notes[other.plausible.candidate.patch.key]}"
    return "there was no time to see how closely the tests look at it" if desk.is_over else ""


def _examples(ground: Ground, target: TestResult) -> list[tuple[str, str]]:
    """Return (before, after) of repairs that held here for failures of this kind."""
    if ground.memory is None or target.failure is None:
        return []
    signature = Signature.of(target.failure.exception, target.failure.message)
    return [(one.before, one.after) for one in ground.memory.examples(signature, MOST_EXAMPLES)]
