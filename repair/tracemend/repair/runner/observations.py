"""What functions do on recorded and fresh inputs, before and after each patch: asked for, checked and compared.

`observe` asks a warm runner (`payload/observing.py` does the work in the project's interpreter). The rest are pure
questions to an `Observation`: did a patch change what passing tests rely on (`changed_on_passing`), does it crash where
the original did not (`new_crashes`), which patches behave alike (`clusters`), and which input tells two of them apart
(`distinguishing_input`). Variant 0 is the original code; patches count from 1.

An input says something only where both versions were measured and the original agrees with itself: unstable inputs and
outcomes of kind "unsupported" are left out of every comparison. The answer of the child is untrusted: what has not
exactly the expected shape raises `ObservationError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

from tracemend.repair.records import BadRecord, from_json

from .errors import RequestFailed
from .results import Collection

Origin = Literal["failing", "passing", "fresh"]
OutcomeKind = Literal["value", "raise", "timeout", "unsupported"]

ORIGINAL = 0
NOT_INSTALLED = "not installed"  # How the child begins to say that a patch could not be swapped in.
MAX_REIMPORTED = 3
TEXT_LIMIT = 2000
BACKSTOP_S = 5.0


class ObservingRunner(Protocol):
    """What is needed of a runner: an operation in a forked child, and what contains it."""

    @property
    def collection(self) -> Collection:
        """What the runner collected, with the containment that holds."""

    def request(self, op: str, payload: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Run the operation and return its answer."""


class ObservationError(Exception):
    """Nothing was observed; the message says why."""


@dataclass(frozen=True, slots=True)
class ObservationLimits:
    """How much is tried. The times bound the child, whatever the functions do."""

    max_recorded: int = 40  # Recorded inputs of each function.
    max_fresh: int = 60  # Fresh inputs of each function.
    per_call_cpu_s: float = 0.2
    wall_s: float = 10.0


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function of the project. One inside another function is observed through the outer one."""

    path: str
    qualname: str


@dataclass(frozen=True, slots=True)
class ObservedInput:
    """One input: `text` reads as the call, "mean([1, 2])"."""

    number: int
    function: FunctionName
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What one version did on one input. Equal digests (and kinds) mean that no caller could tell them apart."""

    kind: OutcomeKind
    digest: str
    text: str  # "returns 4; xs becomes []" or "raises ValueError: no".
    exception: str = ""  # The type's qualified name.
    deliberate: bool = False  # Raised by a `raise` or `assert` of the project itself.

    @property
    def measured(self) -> bool:
        """Whether the call was made at all."""
        return self.kind != "unsupported"

    def same_as(self, other: CallOutcome) -> bool:
        """Whether no caller could tell the two apart."""
        return (self.kind, self.digest) == (other.kind, other.digest)


@dataclass(frozen=True, slots=True)
class Observation:
    """All inputs with their outcomes: `outcomes[variant][input.number]`."""

    inputs: tuple[ObservedInput, ...]
    outcomes: tuple[tuple[CallOutcome, ...], ...]
    unstable: frozenset[int] = frozenset()  # Inputs on which the original differs from itself.
    unsupported: tuple[tuple[str, str], ...] = ()  # (what, why) was left out.

    def outcome(self, variant: int, one: ObservedInput) -> CallOutcome:
        """Return what `variant` did on an input."""
        return self.outcomes[variant][one.number]

    def comparable(self, first: int, second: int) -> Iterator[tuple[ObservedInput, CallOutcome, CallOutcome]]:
        """Yield the inputs that say something about two variants, with both outcomes."""
        for one in self.inputs:
            before, after = self.outcome(first, one), self.outcome(second, one)
            if one.number not in self.unstable and before.measured and after.measured:
                yield one, before, after


def observe(
    runner: ObservingRunner,
    functions: Sequence[FunctionName],
    tests: Mapping[str, bool],
    variants: Sequence[Mapping[str, str]],
    *,
    seed: int = 0,
    limits: ObservationLimits | None = None,
) -> Observation:
    """Observe `functions` on inputs of `tests` ({node id: whether it fails}) and on fresh ones like them.

    `variants` are the patched sources of each patch. Fresh inputs are made only where the file system is contained:
    what a function does on an input that no test gave it may be to delete a file. Raises `ObservationError`.
    """
    limits = limits or ObservationLimits()
    if runner.collection.containment.filesystem == "open":
        limits = replace(limits, max_fresh=0)
    named = list(dict.fromkeys(_outermost(one) for one in functions))
    request = {
        "functions": [asdict(one) for one in named],
        "tests": list(tests),
        "failing": [test for test, failing in tests.items() if failing],
        "variants": [dict(one) for one in variants],
        "seed": seed,
        **asdict(limits),
    }
    observation = _request(runner, named, request)
    refused = [index for index in range(1, len(variants) + 1) if _not_installed(observation, index)]
    for index in refused[:MAX_REIMPORTED]:
        observation = _with_reimported(runner, named, request, observation, index)
    return observation


def changed_on_passing(observation: Observation, variant: int) -> tuple[ObservedInput, ...]:
    """Return the inputs of passing tests on which `variant` does something else than the original."""
    return tuple(
        one
        for one, before, after in observation.comparable(ORIGINAL, variant)
        if one.origin == "passing" and not before.same_as(after)
    )


def new_crashes(observation: Observation, variant: int) -> tuple[ObservedInput, ...]:
    """Return the inputs on which `variant` crashes or hangs where the original returned a value.

    A `raise` or `assert` of the project is a refusal and no crash; so is an exception of a type that the original
    raises deliberately for some other input of the same function (its guard, say for ValueError). Inputs of failing
    tests do not count: what should happen there is the tests' business.
    """
    refusals = {
        (one.function, before.exception)
        for one, before, _ in observation.comparable(ORIGINAL, ORIGINAL)
        if before.kind == "raise" and before.deliberate
    }
    return tuple(
        one
        for one, before, after in observation.comparable(ORIGINAL, variant)
        if one.origin != "failing" and before.kind == "value" and _is_crash(one, after, refusals)
    )


def clusters(observation: Observation) -> tuple[tuple[int, ...], ...]:
    """Group the patches (variants from 1) by equal behaviour on all that was measured, largest group first."""
    groups: list[list[int]] = []
    for variant in range(1, len(observation.outcomes)):
        for group in groups:
            if all(distinguishing_input(observation, other, variant) is None for other in group):
                group.append(variant)
                break
        else:
            groups.append([variant])
    return tuple(tuple(one) for one in sorted(groups, key=lambda one: (-len(one), one[0])))


def distinguishing_input(observation: Observation, first: int, second: int) -> ObservedInput | None:
    """Return the simplest input on which two variants differ, None where they agree on all that was measured."""
    differing = [
        (len(one.text), one.number, one)
        for one, before, after in observation.comparable(first, second)
        if not before.same_as(after)
    ]
    return min(differing)[2] if differing else None


@dataclass(frozen=True, slots=True)
class _Answer:
    """The wire shape of an observation, see `payload/observing.py`."""

    inputs: tuple[tuple[int, Origin, str], ...]
    outcomes: tuple[tuple[tuple[OutcomeKind, str, str, str, bool], ...], ...]
    unstable: tuple[int, ...]
    unsupported: tuple[tuple[str, str], ...]


def _request(
    runner: ObservingRunner, functions: Sequence[FunctionName], request: dict[str, Any]
) -> Observation:
    try:
        # The last version may overrun its share by what one silent call is allowed.
        message = runner.request("observe", request, wall_s=request["wall_s"] + BACKSTOP_S)
    except RequestFailed as error:
        raise ObservationError(f"the functions could not be observed: {error}") from error
    return _decode(functions, len(request["variants"]) + 1, message)


def _not_installed(observation: Observation, variant: int) -> bool:
    row = observation.outcomes[variant]
    return bool(row) and all(not one.measured and one.text.startswith(NOT_INSTALLED) for one in row)


def _with_reimported(
    runner: ObservingRunner,
    functions: Sequence[FunctionName],
    request: dict[str, Any],
    observation: Observation,
    variant: int,
) -> Observation:
    """Observe a patch that cannot be swapped in by importing the project with it.

    There the same tests and the same seed lead to the same inputs, as far as the patch does not change them; inputs are
    matched by their text, where that is whole and unique.
    """
    patched = {**request, "variants": [], "sources": request["variants"][variant - 1]}
    try:
        reimported = _request(runner, functions, patched)
    except ObservationError:
        return observation  # The outcomes keep saying that the patch was not installed.
    known = {
        (one.function, one.text): reimported.outcome(ORIGINAL, one)
        for one in reimported.inputs
        if "…" not in one.text and one.number not in reimported.unstable
    }
    row = tuple(
        known.get((one.function, one.text), observation.outcome(variant, one)) for one in observation.inputs
    )
    outcomes = (*observation.outcomes[:variant], row, *observation.outcomes[variant + 1 :])
    return replace(observation, outcomes=outcomes)


def _decode(functions: Sequence[FunctionName], variants: int, message: Mapping[str, Any]) -> Observation:
    try:
        answer = from_json(_Answer, message)
        if {len(row) for row in answer.outcomes} - {len(answer.inputs)} or len(answer.outcomes) != variants:
            raise BadRecord("the outcomes do not match the inputs and variants")
        inputs = tuple(
            ObservedInput(number, functions[index], origin, text[:TEXT_LIMIT])
            for number, (index, origin, text) in enumerate(answer.inputs)
        )
    except (BadRecord, IndexError) as error:
        problem = message.get("problem") or message.get("error") or error
        raise ObservationError(f"the functions could not be observed: {str(problem)[:TEXT_LIMIT]}") from error
    outcomes = tuple(tuple(_outcome(*one) for one in row) for row in answer.outcomes)
    return Observation(inputs, outcomes, frozenset(answer.unstable), answer.unsupported)


def _outcome(kind: OutcomeKind, digest: str, text: str, exception: str, deliberate: bool) -> CallOutcome:
    return CallOutcome(kind, digest[:64], text[:TEXT_LIMIT], exception[:200], deliberate)


def _is_crash(one: ObservedInput, after: CallOutcome, refusals: set[tuple[FunctionName, str]]) -> bool:
    if after.kind == "timeout":
        return True
    refused = after.deliberate or (one.function, after.exception) in refusals
    return after.kind == "raise" and not refused


def _outermost(function: FunctionName) -> FunctionName:
    return FunctionName(function.path, function.qualname.partition(".<locals>.")[0])
