"""A model's patch without what no test asks for.

Who is asked to mend one thing likes to tidy up, or to break, another. Where no test looks, a patch that mends the failure
may carry such a change along unseen. So each run of changed lines is taken away in turn, and stays away if all stays
green: what is left is "1-minimal" (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", TSE 2002).
Neither of the two patches is preferred here. Where they behave alike the rest was harmless; where they do not, the tests
do not decide between them, and the judge trusts neither.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from tracemend.repair.propose.strategies.candidates import part_of
from tracemend.repair.search.candidates import Candidate

MOST_TRIES = 12


def reduced(candidate: Candidate, holds: Callable[[Candidate], bool]) -> Candidate | None:
    """Return `candidate` without the parts that are not needed, None where all are; `holds` runs the tests."""
    kept = list(range(len(candidate.parts)))
    for at in range(min(len(candidate.parts), MOST_TRIES)):
        left = [one for one in kept if one != at]
        if not left:
            break
        smaller = part_of(candidate, left)
        if _parses(smaller) and holds(smaller):
            kept = left
    return part_of(candidate, kept) if len(kept) < len(candidate.parts) else None


def _parses(candidate: Candidate) -> bool:
    try:
        for text in candidate.patch.sources.values():
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
