"""Ranking and confidence.

Lexicographic, as every system agrees that this should be: more failing tests mended, then no severe anti-pattern, no
new linter error, then that authors which know nothing of each other agree on it, and last the price at which the search
found the patch. That price falls for a behaviour on which edits of different places agree, and rises with inputs of
passing tests that change and with new crashes: by how much, not at all costs, because a right patch often changes what
the passing tests run through and do not look at. A model's opinion has no place here.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from tracemend.repair.explain.counting import counted
from tracemend.repair.judge.verdicts import Verdict

CLUSTER_BONUS = 0.5  # Bits off the price for each doubling of the cluster.
BEHAVIOUR_BITS = 0.5  # For each order of magnitude of changed results and of new crashes.
CLEAR_LEAD = 1.5  # Bits between the best patch and the best one of another behaviour, for high confidence.
FEWEST_INPUTS = 3  # With fewer, that patches behave alike says nothing: any two do on some input.
CRASH_SHARE = 0.1  # Of the inputs; most fresh inputs are outside of what callers may pass, so a few crashes are natural.
DEAR = 6.0  # An edit above this price is a long shot.
# Of that many candidates one passes by chance, as far as one failing test can tell: of 83 best patches without any other
# doubt (corpus, QuixBugs, planted bugs) 1 of 64 found among the first 180 was wrong, and 6 of the 19 found later.
LUCKY_AFTER = 250


def price(verdict: Verdict) -> float:
    """Return the price of the patch in bits, less what agreement is worth, plus what its behaviour speaks against it."""
    tried = verdict.falsification
    against = _bucket(tried.changed_on_passing) + _bucket(tried.new_crashes) if tried else 0
    agreement = log2(max(1, verdict.cluster_size))
    return verdict.plausible.candidate.cost - CLUSTER_BONUS * agreement + BEHAVIOUR_BITS * against


def rank(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return `verdicts`, the most credible first."""
    return sorted(verdicts, key=_key)


def doubts_about(best: Verdict, others: Sequence[Verdict]) -> list[str]:
    """Return the reasons why `best` does not deserve high confidence, as phrases; none when it does."""
    doubts = [*doubts_about_edit(best), *_doubts_about_proof(best)]
    if any(one is not best for one in others):
        doubts += _doubts_about_comparison(best)
    rival = _closest_rival(best, others)
    if rival is not None and price(rival) < price(best) + CLEAR_LEAD:
        differs = "behaves differently" if rival.variant is not None else "was not compared with it"
        doubts.append(
            f"another patch ({rival.plausible.candidate.patch.origin.note}) passes too and {differs}"
        )
    return doubts


def doubts_about_edit(best: Verdict) -> list[str]:
    """Return the doubts that another edit might not raise; where there are some, it is worth looking for one."""
    doubts = [one.sentence for one in best.antipatterns if one.doubtful]
    if best.diagnostics.added:
        doubts.append(f"the linter now reports {best.diagnostics.added[0]}")
    tried = best.falsification
    if tried is not None and tried.changed_on_passing:
        many = "inputs of passing tests now give"
        one = "input of passing tests now gives"
        doubts.append(f"{counted(tried.changed_on_passing, one, many)} another result")
    if tried is not None and tried.new_crashes > CRASH_SHARE * tried.inputs:
        one, many = "fresh input now raises or hangs", "fresh inputs now raise or hang"
        doubts.append(counted(tried.new_crashes, one, many))
    if best.plausible.candidate.cost > DEAR:
        doubts.append("the edit is an unusual one")
    if best.plausible.tried > LUCKY_AFTER * len(best.plausible.mended):
        doubts.append(f"{best.plausible.tried} candidates were tried, and of so many some pass by chance")
    if best.plausible.candidate.conversation and best.agreeing < 2:
        doubts.append("a model wrote it, and nothing that was found independently behaves like it")
    return doubts


def _doubts_about_proof(best: Verdict) -> list[str]:
    doubts = []
    if best.whole is not None and best.whole[1]:
        doubts.append(counted(best.whole[1], "other test turns red", "other tests turn red"))
    if best.whole is None:
        doubts.append("the final run of all tests was not completed")
    if best.reverted_fails is None:
        doubts.append("whether the failure comes back without the patch was not checked")
    elif not best.reverted_fails:
        doubts.append("the failure did not come back when the patch was taken away")
    if best.falsification is None or not best.falsification.inputs:
        doubts.append("its behaviour could not be compared on any input")
    if best.plausible.loose:
        doubts.append(best.plausible.loose)
    if best.witnesses < 2:
        doubts.append("only one test executes what the patch changes")
    return doubts


def _doubts_about_comparison(best: Verdict) -> list[str]:
    """Return why it says nothing that `best` and other patches behaved alike where they were compared."""
    tried = best.falsification
    if tried is None or not tried.inputs:
        return []
    if tried.inputs < FEWEST_INPUTS:
        compared = counted(tried.inputs, "input", "inputs")
        return [f"other patches pass too, and {compared} alone cannot tell them apart"]
    if not best.shows:
        # What it mends lies in the state of some object, which no result of the function shows.
        return ["other patches pass too, and no result that was compared shows what it changes"]
    return []


def _closest_rival(best: Verdict, others: Sequence[Verdict]) -> Verdict | None:
    """Return the best patch of another behaviour that is not plainly worse than `best`."""
    rivals = [
        one
        for one in others
        if one is not best and not one.behaves_like(best) and _quality(one) <= _quality(best)
    ]
    return min(rivals, key=price, default=None)


def _quality(verdict: Verdict) -> tuple[int, bool, int]:
    return -len(verdict.plausible.mended), verdict.severe, len(verdict.diagnostics.added)


def _key(verdict: Verdict) -> tuple[object, ...]:
    blemishes = sum(one.severity != "doubtful" for one in verdict.antipatterns)
    return (*_quality(verdict), blemishes, -verdict.agreeing, price(verdict))


def _bucket(count: int) -> int:
    """Counts matter by their order of magnitude: 0, 1-2, 3-8, more."""
    return 0 if count == 0 else 1 if count < 3 else 2 if count < 9 else 3
