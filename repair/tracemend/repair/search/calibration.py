"""What real fixes say about the prices that operators ask.

An operator prices its proposals by the judgement of its author: -log2 of the share of bugs that this very edit mends. Whether
operators are right about each other can be counted: among all proposals for a statement, one of cost c should be the
maintainers' with a probability that is proportional to 2^-c. `tests/bench/reach.py --prices` compares how often each operator
was expected to be right on fixes from histories, and how often it was. Below stand, for those that are clearly off, two fifths
of the difference, and never more than 0.6 bits, since the counts are small. What can be worded in many ways (guards, missing
branches) is expected to miss the maintainers' words and gives way by 0.3 at most.
"""

from __future__ import annotations

_TOO_DEAR = (
    (0.6, "argument-order comparator dropped-operand range-bound sibling-method"),
    (0.5, "boolean-operator"),
    (0.4, "call-by-names character dropped-clause everywhere-opposite flush-after-loop integer move-stale"),
    (0.4, "remove-run truthiness"),
    (0.3, "alias-copy argument-missing arithmetic-operator augmented-operator element-dropped operand-order"),
    (0.3, "sibling-function slice-by-name string-of-file"),
)
_TOO_CHEAP = (
    (0.6, "literal-and-name"),
    (0.5, "sequence-slice wrapper-missing"),
    (0.4, "return-another"),
    (
        0.3,
        "added-clause added-operand attribute-added bracketed fallback guard-leave guard-wrap missing-branch",
    ),
    (
        0.3,
        "missing-conditional-value missing-early-return missing-loop-exit missing-normalisation missing-skip",
    ),
    (0.3, "sign subscript-missing wrapper-of-file"),
)
CORRECTIONS: dict[str, float] = {
    **{name: -bits for bits, names in _TOO_DEAR for name in names.split()},
    **{name: bits for bits, names in _TOO_CHEAP for name in names.split()},
}


def correction(operator: str) -> float:
    """Return the bits that the proposals of an operator cost more, or less where that is below 0."""
    return CORRECTIONS.get(operator, 0.0)
