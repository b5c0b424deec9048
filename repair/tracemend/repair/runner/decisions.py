"""Which of many expressions would mend a failing test at one place: asked for and checked.

`payload/deciding.py` does the work in the project's interpreter. The answer of the child is untrusted: what has not
exactly the expected shape raises `RequestFailed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracemend.repair.records import BadRecord, from_json
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.settings import Limits

ANGEL = "__tracemend_angel__"  # What the place calls; see `asking`.
BACKSTOP_S = 2.0


class DecidingRunner(Protocol):
    """What is needed of a runner: an operation in a forked child."""

    def request(self, op: str, payload: Mapping[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Run the operation and return its answer."""


@dataclass(frozen=True, slots=True)
class DecisionLimits:
    """How much is tried at one place: conditions in charge of a way to go on, and seconds for the whole as a backstop."""

    max_tried: int = 24
    wall_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Decisive:
    """A condition under which the failing test passes, and which passing tests would not notice.

    It is the expression number `first`, or that one joined by `word` with number `second` where that is not negative;
    `way` says what it decides about, `green` how many of the failing tests pass.
    """

    way: int
    green: int
    first: int
    word: str
    second: int

    def text(self, expressions: Sequence[str]) -> str:
        """Return the condition as source text."""
        parts = [expressions[self.first]] + ([expressions[self.second]] if self.second >= 0 else [])
        if len(parts) == 1:
            return parts[0]
        return f" {self.word} ".join(f"({one})" if _is_loose(one) else one for one in parts)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one place: how often the failing test comes by, and what was tried and found there."""

    visits: int
    tried: int
    found: tuple[Decisive, ...]


def asking(default: str, way: int = 0) -> str:
    """Return the expression that lets the payload decide in the place of the expression `default`."""
    return f"({ANGEL}.decide() if {ANGEL}.asks({way}) else {ANGEL}.note({default}))"


def decide(
    runner: DecidingRunner,
    sources: Mapping[str, str],
    expressions: Sequence[str],
    ways: int,
    failing: Sequence[str],
    passing: Sequence[str],
    test_limits: Mapping[str, Limits],
    limits: DecisionLimits,
) -> Decided:
    """Find which `expressions`, the likeliest first, mend the first of the `failing` tests at the place where `sources` ask about some `ways`.

    Raises `RequestFailed`.
    """
    tests = [*failing, *passing]
    request = {
        "sources": dict(sources),
        "tests": list(failing),
        "passing": list(passing),
        "expressions": list(expressions),
        "ways": ways,
        "angel": ANGEL,
        "limits_cpu_s": {test: test_limits[test].cpu_s for test in tests if test in test_limits},
        "limits_wall_s": {test: test_limits[test].wall_s for test in tests if test in test_limits},
        "max_tried": limits.max_tried,
        "wall_s": limits.wall_s,
    }
    message = runner.request("decide", request, wall_s=limits.wall_s + BACKSTOP_S)
    return _decoded(message, len(expressions), ways)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The wire shape, see `payload/deciding.py`."""

    visits: int
    tried: int
    found: tuple[tuple[int, int, int, str, int], ...]


def _decoded(message: Mapping[str, Any], count: int, ways: int) -> Decided:
    try:
        answer = from_json(_Answer, message)
        found = tuple(Decisive(*one) for one in answer.found)
        if not all(_was_asked(one, count, ways) for one in found):
            raise BadRecord("a condition is named that was not asked about")
    except BadRecord as error:
        raise RequestFailed("crashed", f"the decisions could not be read: {error}") from error
    return Decided(answer.visits, answer.tried, found)


def _was_asked(one: Decisive, count: int, ways: int) -> bool:
    is_word = one.word in ("and", "or") if one.second >= 0 else one.word == ""
    return is_word and 0 <= one.way < ways and 0 <= one.first < count and -1 <= one.second < count


def _is_loose(text: str) -> bool:
    """Say whether `text` binds less tightly than a clause must."""
    return any(word in text for word in (" and ", " or ", " if ", "lambda", ":="))
