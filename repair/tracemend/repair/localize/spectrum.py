"""Spectrum-based fault localization: suspiciousness from which tests executed what.

The formula is Ochiai (Abreu, Zoeteweij, van Gemund, PRDC 2006), which leads the Python study of FauxPy (Widyasari et
al.; 135 BugsInPy faults) together with DStar: with `ef` failing and `ep` passing tests that execute an element and
`nf` failing ones in all, `ef / sqrt(nf * (ef + ep))`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from math import sqrt
from typing import TypeVar

Element = TypeVar("Element", bound=Hashable)


def ochiai(executed_failing: int, executed_passing: int, failing: int) -> float:
    """Return the Ochiai suspiciousness, between 0 and 1."""
    if not executed_failing:
        return 0.0
    return executed_failing / sqrt(failing * (executed_failing + executed_passing))


def suspiciousness(
    executed: Mapping[str, Collection[Element]], failing: Collection[str], passing: Collection[str]
) -> dict[Element, float]:
    """Score every element that a failing test executed; `executed` maps tests to elements (lines, functions)."""
    by_failing = Counter(element for test in failing for element in executed.get(test, ()))
    by_passing = Counter(
        element for test in passing for element in executed.get(test, ()) if element in by_failing
    )
    return {
        element: ochiai(count, by_passing[element], len(failing)) for element, count in by_failing.items()
    }
