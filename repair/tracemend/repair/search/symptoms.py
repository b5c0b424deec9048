"""Symptoms: what the failing assertion itself says about the kind of mistake.

A result that is one too large, in the other order, or None where a list was expected asks for different edits. Published
engines rank edits by how often they mend bugs at all (Prophet, Long and Rinard, POPL 2016); here the two sides of the
failing comparison shift the prices of the operators that could have made just this difference, by less than what separates
two likely edits of different kinds: a symptom orders and never forbids, and it must not decide between two patches that pass.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from math import isclose

MAX_CHARACTERS = 400
_COMPARED = re.compile(r"^(?:\w+: )*(?:assert )?(.+?) (==|!=|is) (.+)$")

# What an operator costs less, in bits, where a symptom speaks for it.
_OFF_BY_ONE = (
    "range-bound integer index-offset slice-bound comparator comparison-boundary added-operand accumulate-start"
    " range-of-length sequence-slice loop-step slice-by-name"
)
_TRUTH = (
    "comparator negation negated-result boolean-operator truth-value dropped-clause added-clause sibling-function"
    " everywhere-opposite return-conditional comparison-operands membership-leave check-at-end symmetric-clause"
    " missing-early-return comparison-boundary return-in-loop return-outside"
)
_ORDER = (
    "argument-order operand-order missing-correction wrapper-missing sibling-method pop-end comprehension-order"
    " lambda-body sort-ties order-ties element-order swapped-names unpacking-order ordered-set sequence-slice"
    " move-swap loop-iterable argument-missing truth-value assign-order branches"
)
_REPEATED = (
    "ordered-set accumulate-mark membership-skip wrapper-missing comprehension-filter move-in move-out"
)
_ENDS = (
    "flush-after-loop flush-last-compare flush-rest range-bound slice-bound sequence-slice loop-iterable comparator"
    " comparison-boundary index-or-slice missing-conditional-value accumulate-start missing-correction slice-by-name"
)
_NOTHING = (
    "return-missing return-expression return-mutated return-yield return-another recursion-use fallback"
    " assign-result truth-value return-or-assign"
)
_TEXT = (
    "case-and-blanks receiver-normalised missing-normalisation missing-correction sibling-method separator"
    " string-of-file format-field wrapper-missing missing-item-form"
)
_KIND = (
    "wrapper-missing wrapper-superfluous bracketed empty-container rounding-of-division truth-value"
    " generator-materialise comprehension-kind index-or-slice real-number call-or-function string-kind"
)
_ROUNDING = "rounding-of-division sibling-function wrapper-missing wrapper-superfluous arithmetic-operator"
_SIGN = "sign operand-order wrapper-missing arithmetic-operator augmented-operator integer missing-correction"
_BITS: dict[str, dict[str, float]] = {
    symptom: dict.fromkeys(names.split(), bits)
    for symptom, names, bits in (
        ("off by one", _OFF_BY_ONE, 0.3),
        ("opposite", _TRUTH, 0.3),
        ("other order", _ORDER, 0.4),
        ("repeated", _REPEATED, 0.4),
        ("cut", _ENDS, 0.3),
        ("nothing", _NOTHING, 0.5),
        ("other case or blanks", _TEXT, 0.4),
        ("other kind", _KIND, 0.4),
        ("rounded", _ROUNDING, 0.4),
        ("other sign", _SIGN, 0.4),
    )
}


def discount(symptoms: Sequence[str], operator: str) -> float:
    """Return the bits that `operator` costs less where a test fails with `symptoms`; the strongest one counts."""
    return max((_BITS[one].get(operator, 0.0) for one in symptoms), default=0.0)


def symptoms_of(error: str) -> tuple[str, ...]:
    """Return how the two sides of the failing comparison in `error` differ; nothing where they cannot be read."""
    sides = _sides(error)
    return tuple(dict.fromkeys(_differences(*sides))) if sides else ()


def _sides(error: str) -> tuple[object, object] | None:
    """Return what was found and what was expected, where both are written out as literals."""
    found = _COMPARED.search(error[:MAX_CHARACTERS].partition("\n")[0])
    if found is None:
        return None
    try:
        return ast.literal_eval(found.group(1)), ast.literal_eval(found.group(3))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _differences(found: object, expected: object) -> Iterator[str]:
    """Yield the symptoms of `found` where `expected` should be; of containers also those of their first odd item."""
    if found is None and expected is not None:
        yield "nothing"
    elif isinstance(found, bool) and isinstance(expected, bool):
        yield "opposite"
    elif _is_number(found) and _is_number(expected):
        yield from _of_numbers(found, expected)  # type: ignore[arg-type]
    elif type(found) is not type(expected):
        yield "other kind"
    elif isinstance(found, str) and isinstance(expected, str):
        if "".join(found.split()).lower() == "".join(expected.split()).lower():
            yield "other case or blanks"
        yield from _of_sequences(found, expected)
    elif isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        yield from _of_sequences(found, expected)
        if len(found) == len(expected):
            yield from _of_first_odd(list(found), list(expected))
    elif isinstance(found, dict) and isinstance(expected, dict) and found.keys() == expected.keys():
        yield from _of_first_odd(list(found.values()), list(expected.values()))


def _of_numbers(found: float, expected: float) -> Iterator[str]:
    if isclose(abs(found - expected), 1.0):
        yield "off by one"
    if found and isclose(found, -expected):
        yield "other sign"
    if 0 < abs(found - expected) < 1:
        yield "rounded"
    if isinstance(found, int) != isinstance(expected, int):
        yield "other kind"


def _of_sequences(found: Sequence[object], expected: Sequence[object]) -> Iterator[str]:
    texts, wanted = [repr(one) for one in found], [repr(one) for one in expected]
    shorter, longer = sorted((texts, wanted), key=len)
    if len(texts) == len(wanted):
        if texts != wanted and sorted(texts) == sorted(wanted):
            yield "other order"
        return
    if set(texts) == set(wanted):
        yield "repeated"
    if longer[: len(shorter)] == shorter or longer[len(longer) - len(shorter) :] == shorter:
        yield "cut"


def _of_first_odd(found: Sequence[object], expected: Sequence[object]) -> Iterator[str]:
    pairs = [(one, other) for one, other in zip(found, expected, strict=True) if one != other]
    if pairs and len(pairs) <= max(1, len(found) // 2):
        yield from _differences(*pairs[0])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
