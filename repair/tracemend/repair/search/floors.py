"""What the cheapest proposal of each operator costs, so that none is asked before its turn.

The search asks an operator about a statement when even its cheapest proposal would be next. Not knowing what that costs,
it had to ask all three hundred at four statements before it could try a single candidate: a tenth of a second. So this
was counted beforehand: below stands the least that each asked at 1,500 statements of twelve projects and in searches on
programs of the development corpus. What a search sees itself corrects it downwards. An operator that is missing here (a
new one, or one that speaks up rarely) is asked early a few times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

CALLS_FOR_A_FLOOR = 4
SILENT_FLOOR = 1.0

_COUNTED = (
    (0.3, "pass-unused-parameter"),
    (0.4, "attribute integer-digits"),
    (0.5, "name"),
    (0.6, "argument-order"),
    (0.7, "alias-default class-store-parameter flush-refuse"),
    (0.8, "alias-class-attribute class-protocol-return generator-materialise"),
    (0.9, "accumulate-update jump-exchange loop-digits move-stale quoted-name return-expression"),
    (1.0, "accumulate-mark arithmetic-operator assign-target assign-together augmented-operator"),
    (1.0, "boolean-operator cleanup-finally comparator guard-grow index-offset integer loop-advance"),
    (1.0, "loop-reset range-bound recursion-step remove-statement return-missing return-outside"),
    (1.0, "return-yield scope-self scope-super slice-bound truth-value"),
    (1.1, "added-operand distance flush-after-loop initial-none membership-skip negation sibling-function"),
    (1.1, "sibling-method use-unused-parameter"),
    (1.2, "alias-copy argument-missing class-other-type date-format guard-leave guard-wrap import-qualified"),
    (1.2, "loop-iterable loop-step mean-divisor missing-comma missing-item-form move-out real-number"),
    (1.2, "recursion-nested regular-expression reset-beside"),
    (1.3, "accumulate-start cache-key everywhere-refined guard-raise move-in pop-end return-in-loop"),
    (1.3, "self-qualifier sign subscript-order written-as-neighbour"),
    (1.4, "accumulate-attribute assign-converted awaiting branches call-or-function default-for-none"),
    (1.4, "element-order flush-rest format-field generator-await generator-next insert-twin keyword-name"),
    (1.4, "loop-keyword loop-target missing-early-return move-rest recursion-base refuse-type"),
    (1.4, "return-another wrapper-missing"),
    (1.5, "accumulate-missing argument-dropped assign-order association call-by-names check-at-end"),
    (1.5, "comprehension-element copy dropped-operand exception-class extreme-of-both jump-add"),
    (1.5, "operand-order opposite-word percent-format reset-after-handover separator slice-by-name"),
    (1.5, "subscript-key truthiness"),
    (1.6, "accumulate-previous bracketed class-flags dropped-clause exception-again fallback guard-default"),
    (1.6, "guard-expression import-form lambda-body missing-normalisation missing-skip move-swap"),
    (1.6, "negated-result recursion-both string-of-file unpacked-argument unpacking-order"),
    (1.6, "wrapper-superfluous"),
    (1.7, "boolean-order case-and-blanks check-bound clause-grouping comprehension-filter"),
    (1.7, "conditional-operand function-of-file keyword-values missing-branch missing-correction"),
    (1.7, "recursion-use symmetric-clause"),
    (1.8, "assign-result character-set clamp clause-of-unread comparison-chain comparison-with-type"),
    (1.8, "comprehension-kind escaped-quote exception-finally exception-handle exception-order"),
    (1.8, "missing-twin-branch pattern-flags positional-to-keyword return-conditional scope-declare"),
    (1.8, "store-collect store-key string-kind"),
    (1.9, "added-clause attribute-added attribute-dropped comparison-boundary dict-items"),
    (1.9, "everywhere-opposite everywhere-update index-or-slice join-direction replaced-condition"),
    (1.9, "rounding-of-division store-wrap"),
    (2.0, "assignment-target call-parenthesis character comparison-operands element-dropped empty-container"),
    (2.0, "everywhere-comparator everywhere-exchange exception-caught exception-resource insert-donor"),
    (2.0, "literal-and-name move-else range-of-length sequence-slice signature-decorator types-asked-for"),
    (2.1, "clause-of-body receiver-normalised reset-book swapped-names"),
    (2.2, "aggregate-for-item check-error comparison-of-both condition-part element-added exception-raise"),
    (2.2, "extreme-limit guard-key insert-guard-of-file loop-drop-reset missing-else missing-loop-exit"),
    (2.2, "move-branch receiver-and-argument return-or-assign signature-self twin-clause"),
    (2.3, "element-or-aggregate guard-state insert-analogue remove-run self-as-argument subscript-missing"),
    (2.4, "call-nesting called-elsewhere carry-over class-special-method flush-last-compare guard-overdraw"),
    (2.4, "inverse-offset jump-remove lenient-lookup membership-leave reset-attribute signature-wraps"),
    (2.5, "insert-inverse literal-of-file repeated-clause wrapper-of-file"),
    (2.6, "assign-for-update bitwise-for-boolean everywhere-name guard-get missing-conditional-value"),
    (2.6, "move-unwrap"),
    (2.7, "expression-of-function"),
    (2.8, "everywhere-attribute integer-base literal-of-test"),
    (2.9, "comparison-through"),
    (3.0, "check-unknown everywhere-constant everywhere-operator move-far refuse-instead signature-default"),
    (3.2, "guard-form negative-name remove-else"),
    (3.3, "argument-donor"),
    (3.4, "guard-capable loop-limit"),
    (4.0, "duplicate-statement"),
    (5.0, "signature-cache"),
)
COUNTED: dict[str, float] = {name: cost for cost, names in _COUNTED for name in names.split()}


@dataclass
class Floors:
    """What the cheapest proposals of each operator have cost so far, before what is known of the operator as a whole."""

    calls: Counter[str] = field(default_factory=Counter)
    cheapest: dict[str, float] = field(default_factory=dict)

    def floor(self, operator: str) -> float:
        """Return the expected floor: nothing is known of a new one before some calls, and silence proves nothing."""
        known = [one[operator] for one in (COUNTED, self.cheapest) if operator in one]
        if known:
            return min(known)
        return 0.0 if self.calls[operator] < CALLS_FOR_A_FLOOR else SILENT_FLOOR

    def note(self, operator: str, costs: Iterable[float]) -> None:
        """Take in the costs of one answer."""
        self.calls[operator] += 1
        cheapest = min(costs, default=None)
        if cheapest is not None:
            self.cheapest[operator] = min(cheapest, self.cheapest.get(operator, cheapest))
