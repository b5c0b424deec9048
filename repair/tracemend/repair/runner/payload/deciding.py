"""Which conditions would mend a failing test at one place: judged together, not one run for each.

Most conditions that could stand at a place say the same whenever a test comes by there, and a test cannot tell such ones
apart ("test-equivalence", Mechtaev et al., TOSEM 2018). So one run of each test writes down what each of hundreds of
conditions says at each visit. Those are of use that decide otherwise than the program in the failing test and as it does
in the passing ones; where one alone does not, two are joined. Of those that say the same one is put in charge, in a fork
of its own: the sequence of truth values that turns the test green is the angelic value of Nopol (Xuan et al., TSE 2017)
and Angelix (Mechtaev et al., ICSE 2016), found by forcing, and only such sequences are forced as some condition says.

The patched source asks `ANGEL.decide() if ANGEL.asks(0) else ANGEL.note(...)`, where the request says what `ANGEL` is
called, once for each thing that could be done there; only the first of them writes down.
"""

from __future__ import annotations

import builtins
import os
import sys
import time
from types import CodeType
from typing import Any, Callable, Iterable, NamedTuple, Sequence, Tuple

from .forked import heard_from
from .tracing import Context

MAX_VISITS = 60  # Of one test that are written down.
RECORDING_CPU_S = 1.0  # What asking all conditions may add to a test's own time.
PATIENCE = 4  # By the clock, as a loaded machine takes longer; the CPU limit ends what never ends.
MAX_JOINED = 90  # Conditions that are joined with each other.
MAX_ALIKE = 4  # Conditions that say the same which are told of.
GREEN = ("passed", "xfailed", "xpassed")
ERROR = "E"

Tell = Callable[[Any], None]
Said = Tuple[
    int, ...
]  # What a condition said in each failing test, and in the passing ones, a bit for each visit.


class Condition(NamedTuple):
    """A condition that was asked about, or one with a second clause: `second` is -1 without, `word` joins them."""

    first: int
    word: str = ""
    second: int = -1


class Angel:
    """Stands at the place, and either writes down what is decided there or puts one condition in charge."""

    def __init__(
        self, codes: Sequence[CodeType | None], tell: Tell, in_charge: tuple[int, CodeType] | None
    ) -> None:
        self._codes = codes
        self._tell = tell
        self._in_charge = in_charge
        self._asking = False
        self._visits = 0

    def asks(self, way: int) -> bool:
        """Return whether a condition is in charge of this `way` to go on; called before anything of the program's own."""
        if self._asking:
            return False  # A condition has led back here.
        if self._in_charge is not None:
            return self._in_charge[0] == way
        if way == 0:
            self._visits += 1
            if self._visits > MAX_VISITS:
                os._exit(0)  # Nothing more is learnt.
            scope = _scope_of(sys._getframe(1))
            self._tell("".join([self._said(code, scope) for code in self._codes]))
        return False

    def note(self, decision: Any) -> Any:
        """Take in what the program itself decides."""
        if not self._asking and self._in_charge is None:
            self._tell(bool(decision))
        return decision

    def decide(self) -> bool:
        """Return what the condition in charge says."""
        assert self._in_charge is not None, "`asks` has said so"
        self._asking = True
        try:
            return bool(eval(self._in_charge[1], _scope_of(sys._getframe(1))))
        finally:
            self._asking = False

    def _said(self, code: CodeType | None, scope: dict[str, Any]) -> str:
        """Return "0" or "1", or `ERROR` for a condition that cannot say."""
        if code is None:
            return ERROR
        self._asking = True
        try:
            return "1" if eval(code, scope) else "0"
        except Exception:  # noqa: BLE001 (of the wrong type, most often)
            return ERROR
        finally:
            self._asking = False


def decide(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Answer a request; see the module's text and `runner/decisions.py` for its shape."""
    if not hasattr(os, "fork"):
        return {"visits": 0, "tried": 0, "found": []}
    trials = _Trials(request, context)
    failing = [trials.record(test) for test in request["tests"]]
    visits = min(one.visits for one in failing)
    if not visits:  # What mends all of them is somewhere else.
        return {"visits": 0, "tried": 0, "found": []}
    passing = _joined_records([trials.record(test) for test in request["passing"]])
    kinds = list(_kinds(failing, passing, len(request["expressions"])).values())
    turns = [
        (rank + way, way, members) for rank, members in enumerate(kinds) for way in range(request["ways"])
    ]
    found: list[list[Any]] = []
    tried = 0
    for _, way, members in sorted(turns, key=lambda one: one[0])[: request["max_tried"]]:
        if trials.is_over:
            break
        tried += 1
        green = trials.count_green(way, members[0])
        if green:
            found += [[way, green, *one] for one in members[:MAX_ALIKE]]
    return {"visits": visits, "tried": tried, "found": found}


class Record(NamedTuple):
    """What each condition said at the visits of tests, a bit each; `own` is what the program decided.

    `failed` are the conditions that could not say at some visit, `told` the visits at which the program decided at all.
    """

    visits: int
    said: list[int]
    failed: set[int]
    own: int
    told: int


class _Trials:
    """Runs of tests with an angel, each in a fork."""

    def __init__(self, request: dict[str, Any], context: Context) -> None:
        self._request = request
        self._context = context
        self._deadline: float = time.monotonic() + request["wall_s"]
        self._codes = [_compiled(text) for text in request["expressions"]]  # Before all forks.

    @property
    def is_over(self) -> bool:
        """Whether all time is spent."""
        return time.monotonic() > self._deadline

    def record(self, test: str) -> Record:
        """Return what the conditions say in `test`, and what the program decides."""

        def run(tell: Tell) -> None:
            self._run(test, Angel(self._codes, tell, None), RECORDING_CPU_S)

        rows: list[str] = []
        own: list[bool | None] = []
        for message in self._heard(run, test, RECORDING_CPU_S):
            if isinstance(message, str):
                rows.append(message)
                own.append(None)
            elif own:
                own[-1] = message
        return _record(rows, own)

    def count_green(self, way: int, condition: Condition) -> int:
        """Return how many failing tests pass where `condition` is in charge of a way to go on; 0 if the first does not."""
        tests = self._request["tests"]
        for count, test in enumerate(tests):
            if not self._is_green(test, way, condition):
                return (
                    count and sum(self._is_green(one, way, condition) for one in tests[count + 1 :]) + count
                )
        return len(tests)

    def _is_green(self, test: str, way: int, condition: Condition) -> bool:
        code = _compiled(self._text(condition))

        def run(tell: Tell) -> None:
            assert code is not None, "its parts were compiled before"
            tell(self._run(test, Angel((), tell, (way, code)), 0.0))

        heard = self._heard(run, test, 0.0)
        return bool(heard) and heard[-1] in GREEN

    def _text(self, condition: Condition) -> str:
        texts = self._request["expressions"]
        if condition.second < 0:
            return str(texts[condition.first])
        return "(%s) %s (%s)" % (texts[condition.first], condition.word, texts[condition.second])

    def _run(self, test: str, angel: Angel, extra_s: float) -> str:
        setattr(builtins, self._request["angel"], angel)
        cpu_s = self._request["limits_cpu_s"].get(test, 1.0) + extra_s
        self._request["cpu_s"] = {test: cpu_s}  # In a fork, so of this run alone.
        return str(self._context.run_tests([test])[0]["outcome"])

    def _heard(self, run: Callable[[Tell], None], test: str, extra_s: float) -> list[Any]:
        wall_s = PATIENCE * (self._request["limits_wall_s"].get(test, 5.0) + extra_s)
        return heard_from(run, min(wall_s, max(0.0, self._deadline - time.monotonic())))


def _record(rows: Sequence[str], own: Sequence[bool | None]) -> Record:
    said, failed = [], set()
    for index, letters in enumerate(zip(*rows)):
        if ERROR in letters:
            failed.add(index)
        said.append(_bits(letter == "1" for letter in letters))
    return Record(
        len(rows), said, failed, _bits(bool(one) for one in own), _bits(one is not None for one in own)
    )


def _joined_records(records: Iterable[Record]) -> Record:
    """Return the visits of several tests as those of one."""
    visits = own = told = 0
    said: list[int] = []
    failed: set[int] = set()
    for one in records:
        if one.visits:
            said = [
                (before << one.visits) | after for before, after in zip(said or [0] * len(one.said), one.said)
            ]
            own, told = (own << one.visits) | one.own, (told << one.visits) | one.told
            visits += one.visits
            failed |= one.failed
    return Record(visits, said, failed, own, told)


def _bits(letters: Iterable[bool]) -> int:
    return int("".join("1" if one else "0" for one in letters) or "0", 2)


def _kinds(failing: Sequence[Record], passing: Record, count: int) -> dict[Said, list[Condition]]:
    """Group conditions by what they say in the failing tests, the likeliest first; `count` is how many were asked.

    Left out are those that decide as the program does in one of them, or that passing tests would notice.
    """
    records = [*failing, passing]
    failed = set().union(*(one.failed for one in records))
    said = {
        index: tuple(one.said[index] if one.visits else 0 for one in records)
        for index in range(count)
        if index not in failed
    }
    kinds: dict[Said, list[Condition]] = {}

    def take(condition: Condition, word: Said) -> None:
        if all(map(_changes, failing, word)) and word[-1] & passing.told == passing.own:
            kinds.setdefault(word, []).append(condition)

    different: dict[Said, int] = {}
    for index, word in said.items():
        take(Condition(index), word)
        different.setdefault(word, index)
    few = list(different.items())[:MAX_JOINED]
    for place, (one, first) in enumerate(few):
        for other, second in few[place + 1 :]:
            take(Condition(first, "and", second), tuple(a & b for a, b in zip(one, other)))
            take(Condition(first, "or", second), tuple(a | b for a, b in zip(one, other)))
    return kinds


def _changes(record: Record, said: int) -> bool:
    """Say whether the program decided otherwise at some visit, or came to no decision."""
    all_visits = (1 << record.visits) - 1
    return said & record.told != record.own or record.told != all_visits


def _compiled(text: str) -> CodeType | None:
    try:
        return compile(text, "<condition>", "eval", dont_inherit=True)
    except SyntaxError:  # Newer than this interpreter.
        return None


def _scope_of(frame: Any) -> dict[str, Any]:
    """Return the names that a condition at `frame` can see, in one mapping, as nested scopes need it."""
    return {**frame.f_globals, **frame.f_locals}
