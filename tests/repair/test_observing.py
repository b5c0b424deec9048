"""Observation: which inputs are tried, what counts as a difference, and what the differences say about patches."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime
import random
import textwrap
from pathlib import Path
from typing import Any

import pytest
from plain_context import PlainRunner
from project_fixture import make_project

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.observations import (
    CallOutcome,
    FunctionName,
    Observation,
    ObservationError,
    ObservationLimits,
    ObservedInput,
    changed_on_passing,
    clusters,
    distinguishing_input,
    new_crashes,
    observe,
)
from tracemend.repair.runner.payload.canonical import TooLarge, canonical
from tracemend.repair.runner.payload.mutating import changed, fresh_calls

FAST = ObservationLimits(max_recorded=12, max_fresh=30, per_call_cpu_s=0.1, wall_s=20.0)


class Box:
    def __init__(self, content: object) -> None:
        self.content = content


@dataclasses.dataclass(frozen=True)
class Frozen:
    size: int


class Stack(list):  # type: ignore[type-arg]
    pass


Point = collections.namedtuple("Point", "x y")


def knot() -> list[object]:
    loop: list[object] = [1]
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1 + 0.2, 0.3),
        (-0.0, 0.0),
        ({1: "a", 2: "b"}, {2: "b", 1: "a"}),
        ({"x", "y", "z"}, {"z", "y", "x"}),
        (Box([1]), Box([1])),
        (knot(), knot()),
        ((n for n in [1, 2]), (n for n in (1, 2))),
        (map(str, [1]), map(str, (1,))),
        ("<object at 0x7f1234567890>", "<object at 0x7f0987654321>"),
        (ValueError("a"), ValueError("a")),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 1)),
    ],
)
def test_values_that_count_as_equal(one: object, other: object) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        ([1], (1,)),
        ("1", 1),
        (0.3, 0.3000001),
        ({1: 2}, {2: 1}),
        ([1, 2], [2, 1]),
        (Box(1), Box(2)),
        (Box(1), Frozen(1)),
        (Stack([1]), [1]),
        (Point(1, 2), (1, 2)),
        (ValueError("a"), ValueError("b")),
        ((n for n in [1, 2]), (n for n in [1, 3])),
        (["a" * 500], ["a" * 499 + "b"]),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
        (len, max),
    ],
)
def test_values_that_count_as_different(one: object, other: object) -> None:
    assert canonical(one) != canonical(other)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(TooLarge):
        canonical(list(range(30_000)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, [False]),
        (5, [6, 4, 0, 1, 10, -5]),
        (1.5, [0.0, 2.5, 0.75, -1.5]),
        ("ab", ["", "a", "ba", "AB", " ab ", "abb", "abé"]),
        (b"ab", [b"", b"ba"]),
        ([1, 2], [[], [1], [2], [2, 1], [1, 2, 1], [2, 2]]),
        ((1, 2), [(), (2, 1)]),
        ({1}, [set(), {1, 2}]),
        ({"a": 1}, [{}, {"a": 2}, {"a": 1, "": 1}]),
        (collections.deque([1]), [collections.deque()]),
        (Point(1, 2), [Point(2, 2), Point(1, 3)]),
        (Stack([1]), [Stack([])]),
        (Frozen(1), [Frozen(2), Frozen(0)]),
        (datetime.date(2020, 1, 1), [datetime.date(2019, 12, 31)]),
        (None, []),
    ],
)
def test_changed_values(value: object, expected: list[object]) -> None:
    found = [copy.deepcopy(change.value) for change in changed(value, random.Random(1))]
    assert [one for one in expected if one not in found] == []
    assert {type(one) for one in found} <= {type(value)}, "a changed value keeps its type"
    assert value not in found


def test_changed_objects_leave_the_original_alone() -> None:
    box = Box(3)
    found = [copy.deepcopy(change.value) for change in changed(box, random.Random(1))]
    assert {one.content for one in found} >= {4, 2, 0}  # type: ignore[attr-defined]
    assert box.content == 3


def test_none_appears_only_where_none_was_seen() -> None:
    seen_with_none = [[1, None], [2, 5]]
    fresh = list(fresh_calls(seen_with_none, random.Random(1), mutable=[True, True]))
    assert None not in [first for first, _ in fresh]
    assert [1, 5] in fresh and [2, None] in fresh


def test_a_parameter_that_may_not_change_does_not() -> None:
    fresh = list(fresh_calls([["cls", 1]], random.Random(1), mutable=[False, True]))
    assert fresh and {first for first, _ in fresh} == {"cls"}


SHOP = textwrap.dedent("""\
    import functools
    import random

    class Cart:
        def __init__(self, items):
            self.items = list(items)

        def add(self, price):
            self.items.append(price)
            return len(self.items)

        @property
        def total(self):
            return sum(self.items)

    @functools.lru_cache(None)
    def fib(n):
        if n < 0:
            raise ValueError("negative")
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def mean(xs, default=0):
        if not xs:
            return default
        return sum(xs) / len(xs)

    def words(text):
        for word in text.split():
            yield word.title()

    def halve(n):
        while n > 1:
            n //= 2
        return n

    def draw(xs):
        return random.choice(xs)

    count = 0
    def tick(x):
        global count
        count += 1
        return count

    import time
    def clock(x):
        return time.perf_counter_ns()

    def scale(x, by=2, *, plus=0):
        return x * by + plus

    def first(items):
        return next(items)

    RATE = 2
    def convert(x):
        return x * RATE

    def outer(n):
        def inner(m):
            return m + 1
        return inner(n)
    """)

TESTS = textwrap.dedent("""\
    from shop import *

    def test_cart():
        cart = Cart([1])
        assert cart.add(3) == 2
        assert cart.total == 4

    def test_fib():
        assert fib(6) == 8

    def test_mean():
        assert mean([1, 2, 3]) == 2

    def test_empty_mean():
        assert mean([]) == 1

    def test_words():
        assert list(words("one two")) == ["One", "Two"]

    def test_rest():
        halve(8), draw([1, 2, 3]), tick(1), clock(1), outer(1), convert(3), first(iter([5, 6])), scale(3), scale(3, plus=1), scale(3, 3)
    """)


def observe_shop(
    tmp_path: Path,
    function: str,
    edits: list[tuple[str, str]],
    *,
    limits: ObservationLimits = FAST,
    contained: bool = True,
) -> Observation:
    """Observe one function of the shop with one patch for each (old text, new text)."""
    runner = PlainRunner(tmp_path, {"shop.py": SHOP, "test_shop.py": TESTS}, contained)
    tests = {f"test_shop.py::test_{name}": name == "empty_mean" for name in
             ("cart", "fib", "mean", "empty_mean", "words", "rest")}  # fmt: skip
    assert all(SHOP.count(old) == 1 for old, _ in edits)
    variants = [{"shop.py": SHOP.replace(old, new)} for old, new in edits]
    return observe(runner, [FunctionName("shop.py", function)], tests, variants, limits=limits)


def texts(inputs: tuple[ObservedInput, ...]) -> list[str]:
    return [one.text for one in inputs]


def outcomes(observation: Observation, text: str) -> list[str]:
    """The outcome of one input in the original and each variant."""
    (found,) = (one for one in observation.inputs if one.text == text)
    return [row[found.number].text for row in observation.outcomes]


def test_inputs_of_failing_and_passing_tests_and_fresh_ones(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "mean", [("not xs", "len(xs) == 9"), ("if not xs", "if xs == []")])
    origins = {one.text: one.origin for one in observation.inputs}
    assert origins["mean([1, 2, 3])"] == "passing"
    assert origins["mean([])"] == "failing"
    assert origins["mean([1])"] == "fresh"
    assert outcomes(observation, "mean([], 1)") == [
        "returns 1",
        "raises ZeroDivisionError: division by zero",
        "returns 1",
    ]
    assert changed_on_passing(observation, 1) == ()  # The empty list came from a failing test alone.
    assert "mean([], 1)" in texts(new_crashes(observation, 1))
    assert new_crashes(observation, 2) == ()
    assert clusters(observation) == ((1,), (2,))
    apart = distinguishing_input(observation, 1, 2)
    assert apart is not None and apart.text == "mean([])"


def test_caches_do_not_hide_a_patch(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "fib", [("n < 2", "n < 3")])
    assert outcomes(observation, "fib(6)") == ["returns 8", "returns 13"]
    assert "fib(6)" in texts(changed_on_passing(observation, 1))


def test_a_refusal_is_no_crash(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "fib", [("n < 0", "n < 1"), ("n < 0", "n < 1 / (n - 5)")])
    assert new_crashes(observation, 1) == ()
    assert "fib(0)" in texts(changed_on_passing(observation, 1))
    assert "fib(5)" in texts(new_crashes(observation, 2))


def test_changes_of_arguments_count(tmp_path: Path) -> None:
    observation = observe_shop(
        tmp_path, "Cart.add", [("self.items.append(price)", "self.items.insert(0, price)")]
    )
    assert outcomes(observation, "Cart(items=[1]).add(3)") == [
        "returns 2; self becomes Cart(items=[1, 3])",
        "returns 2; self becomes Cart(items=[3, 1])",
    ]
    assert "Cart(items=[1]).add(3)" in texts(changed_on_passing(observation, 1))


def test_properties_and_generators(tmp_path: Path) -> None:
    total = observe_shop(tmp_path, "Cart.total", [("sum(self.items)", "max(self.items)")])
    assert outcomes(total, "Cart(items=[1, 3]).total()") == ["returns 4", "returns 3"]
    assert new_crashes(total, 1) != (), "an empty cart has no maximum"
    words = observe_shop(tmp_path, "words", [("word.title()", "word.upper()")])
    assert outcomes(words, "words('one two')") == ["yields ['One', 'Two']", "yields ['ONE', 'TWO']"]


def test_endless_and_lethal_variants_spoil_no_other_input(tmp_path: Path) -> None:
    edits = [("n //= 2", "n -= n % 7"), ("n //= 2", "__import__('os')._exit(3)"), ("n //= 2", "n = 'x'")]
    observation = observe_shop(tmp_path, "halve", edits)
    assert outcomes(observation, "halve(8)") == [
        "returns 1",
        "does not end in time",
        "ends the process",
        "raises TypeError: '>' not supported between instances of 'str' and 'int'",
    ]
    assert outcomes(observation, "halve(1)") == ["returns 1"] * 4
    assert all("halve(9)" in texts(new_crashes(observation, variant)) for variant in (1, 2, 3))


def test_random_choices_are_repeated_and_clocks_are_not_believed(tmp_path: Path) -> None:
    draw = observe_shop(tmp_path, "draw", [("random.choice(xs)", "random.choice( xs )")])
    assert not draw.unstable and changed_on_passing(draw, 1) == ()
    clock = observe_shop(tmp_path, "clock", [("perf_counter_ns()", "perf_counter_ns( )")])
    assert clock.unstable == {one.number for one in clock.inputs}
    assert changed_on_passing(clock, 1) == () and clusters(clock) == ((1,),)


def test_state_of_one_variant_does_not_reach_the_next(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "tick", [("return count", "return  count")] * 2)
    assert observation.outcomes[0] == observation.outcomes[1] == observation.outcomes[2]


def test_a_patch_outside_functions_is_imported_anew(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "convert", [("RATE = 2", "RATE = 3"), ("x * RATE", "x + RATE")])
    assert outcomes(observation, "convert(3)") == ["returns 6", "returns 9", "returns 5"]
    assert outcomes(observation, "convert(0)") == ["returns 0", "returns 0", "returns 2"]


def test_iterators_are_not_used_up_by_looking_at_them(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "first", [("return next(items)", "return max(items)")])
    assert [row[0].text.partition(";")[0] for row in observation.outcomes] == ["returns 5", "returns 6"]


def test_a_patch_of_a_default_shows(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "scale", [("by=2", "by=4")])
    assert outcomes(observation, "scale(3)") == ["returns 6", "returns 12"]
    assert outcomes(observation, "scale(3, plus=1)") == ["returns 7", "returns 13"]
    assert outcomes(observation, "scale(3, 3)") == ["returns 9", "returns 9"]


def test_no_fresh_inputs_without_containment(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "mean", [], contained=False)
    assert {one.origin for one in observation.inputs} == {"failing", "passing"}


def test_an_inner_function_is_observed_through_the_outer_one(tmp_path: Path) -> None:
    observation = observe_shop(tmp_path, "outer.<locals>.inner", [("m + 1", "m + 2")])
    assert outcomes(observation, "outer(1)") == ["returns 2", "returns 3"]


def test_what_cannot_be_observed_is_named(tmp_path: Path) -> None:
    missing = observe_shop(tmp_path, "nothing", [])
    assert missing.inputs == ()
    assert missing.unsupported == (
        ("shop.py::nothing", "no test called it with arguments that can be copied"),
    )
    broken = observe_shop(tmp_path, "mean", [("if not xs", "if not xs (")])
    assert {one.kind for one in broken.outcomes[1]} == {"unsupported"}
    assert broken.outcomes[1][0].text.startswith("not installed: ")
    assert clusters(broken) == ((1,),) and new_crashes(broken, 1) == ()


def test_observations_are_repeatable(tmp_path: Path) -> None:
    edits = [("not xs", "len(xs) == 9")]
    assert observe_shop(tmp_path, "mean", edits) == observe_shop(tmp_path, "mean", edits)


def test_the_number_of_inputs_is_bounded(tmp_path: Path) -> None:
    limits = dataclasses.replace(FAST, max_recorded=2, max_fresh=3)
    observation = observe_shop(tmp_path, "fib", [], limits=limits)
    assert [one.origin for one in observation.inputs] == ["passing"] * 2 + ["fresh"] * 3


def observation_of(*rows: str, origins: str = "") -> Observation:
    """Build an observation: a row for the original and each variant, a letter for each outcome.

    A lower-case letter is a value, an upper-case one a crash, `!` a deliberate refusal, `?` not measured, `_` a timeout.
    """
    function = FunctionName("m.py", "f")
    kinds: dict[str, Any] = {"?": "unsupported", "_": "timeout", "!": "raise"}
    named: dict[str, Any] = {"p": "passing", "f": "failing", "n": "fresh"}
    inputs = tuple(
        ObservedInput(number, function, named[origin], f"f({'x' * (9 - number)})")
        for number, origin in enumerate(origins or "n" * len(rows[0]))
    )
    return Observation(
        inputs,
        tuple(
            tuple(
                CallOutcome(
                    kinds.get(letter, "raise" if letter.isupper() else "value"),
                    letter,
                    letter,
                    letter,
                    letter == "!",
                )
                for letter in row
            )
            for row in rows
        ),
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["abc", "abc", "abd", "abc"], ((1, 3), (2,))),
        (["abc", "ab?", "ab_", "abX"], ((1, 2), (3,))),
        (["aa", "X?", "XX"], ((1, 2),)),
        (["a"], ()),
    ],
)
def test_clusters(rows: list[str], expected: tuple[tuple[int, ...], ...]) -> None:
    assert clusters(observation_of(*rows)) == expected


def test_the_shortest_distinguishing_input_is_chosen() -> None:
    found = distinguishing_input(observation_of("aaa", "abc", "add"), 1, 2)
    assert found is not None and found.number == 2


@pytest.mark.parametrize(
    ("original", "patched", "origins", "crashes"),
    [
        ("a", "X", "n", [0]),
        ("a", "X", "p", [0]),
        ("a", "X", "f", []),
        ("a", "_", "n", [0]),
        ("a", "!", "n", []),
        ("Y", "X", "n", []),
        ("a!", "!!", "nn", []),
        ("a", "?", "n", []),
    ],
)
def test_new_crashes(original: str, patched: str, origins: str, crashes: list[int]) -> None:
    found = new_crashes(observation_of(original, patched, origins=origins), 1)
    assert [one.number for one in found] == crashes


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"inputs": [[0, "fresh", "f()"]], "outcomes": [], "unstable": [], "unsupported": []},
        {"inputs": [[5, "fresh", "f()"]], "outcomes": [[["value", "", "", "", False]]], "unstable": [],
         "unsupported": []},
        {"inputs": [[0, "fresh", "f()"]], "outcomes": [[["maybe", "", "", "", False]]], "unstable": [],
         "unsupported": []},
    ],
)  # fmt: skip
def test_a_malformed_answer_is_refused(tmp_path: Path, answer: dict[str, object]) -> None:
    class Liar:
        collection = PlainRunner(tmp_path, {}).collection

        def request(self, op: str, payload: object, *, wall_s: float) -> dict[str, object]:
            return answer

    with pytest.raises(ObservationError):
        observe(Liar(), [FunctionName("m.py", "f")], {}, [])


def test_with_the_real_runner(tmp_path: Path) -> None:
    """The whole way: a swapped patch and a re-imported one, in the project's interpreter and contained."""
    files = f"#- shop.py\n{SHOP}#- test_shop.py\n{TESTS}"
    variants = [
        {"shop.py": SHOP.replace("x * RATE", "x + RATE")},
        {"shop.py": SHOP.replace("RATE = 2", "RATE = 3")},
    ]
    with Runner.start(make_project(tmp_path, files)) as runner:
        observation = observe(
            runner,
            [FunctionName("shop.py", "convert")],
            {"test_shop.py::test_rest": False},
            variants,
            limits=FAST,
        )
    assert outcomes(observation, "convert(3)") == ["returns 6", "returns 5", "returns 9"]
    assert texts(changed_on_passing(observation, 1)) == ["convert(3)"]
