"""Asking models about one failure, after the templates: make the case, let strategies work, keep to the limits.

What models write goes into the same search outcome as what templates propose, so that judging, proving, ranking and
explaining follow as ever. Nothing here raises for a model's sake: without an answer the embedded result stands.

What speaks to models is imported when there is one to ask: asyncio, HTTP and TLS would be half of what the engine imports.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.repair.events import Note
from tracemend.repair.ground import Ground
from tracemend.repair.judge.verdicts import Verdict
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.memory.signature import Signature
from tracemend.repair.models.errors import ModelError
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.names import DEFAULT_STRATEGY
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.traces import Trace
from tracemend.repair.search.search import Plausible, Search

if TYPE_CHECKING:
    from tracemend.repair.propose.strategies.desk import ModelDesk

MOST_EXAMPLES = 2
CONFIRM_SHARE = 0.2  # Share of a failure's time kept for the final runs.
# Of its time for the templates, where there are models to be asked after them; who names a strategy wants to see it work.
TEMPLATES_SHARE, TEMPLATES_SHARE_BEFORE_NAMED = 0.4, 0.1

Judge = Callable[[Sequence[Plausible]], Sequence[Verdict]]


def look_for_models(ground: Ground) -> None:
    """Find out before the first failure whether anybody listens, so that templates leave no time to nobody."""
    advisors = ground.advisors
    if advisors is None or advisors.was_looked_for:
        return
    advisors.was_looked_for = True
    _succeeds(ground, advisors, advisors.endpoint.look)


def templates_share(advisors: Advisors | None) -> float:
    """Return the share of a failure's time that templates get: all but the last proof's if no model can be asked."""
    if advisors is None or advisors.problem:
        return 1.0 - CONFIRM_SHARE
    return TEMPLATES_SHARE if advisors.strategy == DEFAULT_STRATEGY else TEMPLATES_SHARE_BEFORE_NAMED


def take_turns(
    search: Search,
    until: float,
    ask_models: Callable[[float], None] | None,
    run_search: Callable[[], object],
) -> bool:
    """Let models work, if they are to be asked, then the templates again; say whether anybody did.

    The templates were stopped after their first share; what is left up to `until` is the models', whatever happened since.
    Unless one wrote a patch that holds, the templates go on: with the time that it left where what it wrote was run, and else
    with all that they would have had without it. So an endpoint that fails, however long that takes, costs the embedded
    result nothing; at most its own share is added to the time.
    """
    outcome = search.outcome
    withheld_s = until - search.deadline
    if ask_models is not None:
        ask_models(time.monotonic() + withheld_s)
    is_mended = any(one.candidate.conversation or one.echoes for one in outcome.plausible)
    is_cut_short = outcome.ended == "time" and withheld_s > 0
    goes_on = not is_mended and (is_cut_short or (ask_models is not None and not outcome.plausible))
    if goes_on:
        search.go_on_until(search.deadline if outcome.written else time.monotonic() + withheld_s)
        run_search()
    return goes_on or ask_models is not None


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

    It is put off by what getting ready takes: on a busy machine that may be longer than an answer, and is not the model's.
    `judge` compares patches by running them, and returns verdicts, the most credible first.
    """
    advisors, check = ground.advisors, ground.check
    if advisors is None or check is None or advisors.problem:
        return
    from tracemend.repair.propose.strategies.case import make_case
    from tracemend.repair.propose.strategies.desk import ModelDesk
    from tracemend.repair.propose.strategies.scheduler import work

    within_s = deadline - time.monotonic()
    # What this machine remembers changes with each repair, and a recorded question must be asked again word for word.
    examples = [] if advisors.is_taped else _examples(ground, target)
    case = make_case(ground.workspace, target, suspects, trace, examples)
    if case is None or not _succeeds(ground, advisors, advisors.endpoint.get_ready):
        return
    search.deadline = deadline = time.monotonic() + within_s
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

    try:
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
    except RunnerError as problem:
        ground.listener(Note(f"What a model wrote could not be run any further: {problem}"))
    usage = desk.usage
    spent = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    ground.record("note", {"what": "consulted", "test": target.test, "cost": usage.cost, **spent})


def _succeeds(ground: Ground, advisors: Advisors, step: Callable[[], None]) -> bool:
    """Take a step on the way to the first question; where it fails, models are given up."""
    try:
        step()
    except ModelError as error:
        from tracemend.repair.propose.strategies.desk import give_up

        give_up(ground, advisors, error)
        return False
    return True


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
