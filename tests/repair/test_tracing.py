"""Traces: what is read of a run block by block, what is summed up, and how two traces are compared and shown."""

from __future__ import annotations

import collections
import datetime
import enum
import textwrap
from pathlib import Path
from typing import ClassVar

import pytest
from plain_context import PlainRunner

from tracemend.repair.runner.payload.blocks import read_blocks
from tracemend.repair.runner.payload.values import public_attributes, represent, type_name
from tracemend.repair.runner.traces import (
    Divergence,
    Trace,
    TraceError,
    TraceLimits,
    first_divergence,
    trace_rows,
    trace_test,
)


class Hostile:
    """Every door through which a value could run user code."""

    calls: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.state = 1

    def _called(self, *_: object) -> str:
        Hostile.calls.append("called")
        return "x"

    __repr__ = __str__ = __format__ = _called  # type: ignore[assignment]
    __len__ = __bool__ = __eq__ = __hash__ = __iter__ = __getattr__ = _called  # type: ignore[assignment]
    cheap = property(_called)
    __class__ = property(_called)  # type: ignore[assignment]


class HostileList(list):  # type: ignore[type-arg]
    __repr__ = __iter__ = __len__ = Hostile._called  # type: ignore[assignment]


class Slotted:
    __slots__ = ("empty", "x")

    def __init__(self) -> None:
        self.x = 1


class Colour(enum.Enum):
    RED = 1


class Metres(float):
    pass


Point = collections.namedtuple("Point", "x y")

CYCLE: list[object] = [1]
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (1.5, "1.5"),
        ("a" * 70, f"{'a' * 60!r}…"),
        (10**100, "<int of 333 bits>"),
        ([1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, … 2 more]"),
        ([[[1]]], "[[[…]]]"),
        (CYCLE, "[1, [1, […]]]"),
        ((1,), "(1,)"),
        ((), "()"),
        (set(), "set()"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [1]}, "{'a': [1]}"),
        ({}, "{}"),
        (collections.deque([1]), "deque([1])"),
        (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (bytearray(b"ab"), "bytearray(b'ab')"),
        (Point(1, 2), "Point(x=1, y=2)"),
        (Colour.RED, "Colour.RED"),
        (Metres(2.5), "Metres(2.5)"),
        (Slotted(), "Slotted(x=1)"),
        (Slotted, "<class test_tracing.Slotted>"),
        (ValueError("no"), "ValueError('no')"),
        (len, "<function len>"),
        (range(3), "range(0, 3)"),
        (slice(1, None), "slice(1, None, None)"),
        ({"a": 1}.keys(), "dict_keys('a')"),
        (datetime.date(2020, 1, 2), "datetime.date(2020, 1, 2)"),
        (Hostile(), "Hostile(state=1)"),
        (HostileList([1]), "HostileList([1])"),
        ([Hostile()], "[Hostile(state=1)]"),
    ],
)
def test_values_are_shown_without_running_user_code(value: object, shown: str) -> None:
    Hostile.calls.clear()
    Slotted.__module__ = "test_tracing"
    assert represent(value) == shown
    assert not Hostile.calls


def test_a_shown_value_is_bounded() -> None:
    nested = {f"key{number}" * 30: ["text" * 30] * 9 for number in range(9)}
    assert len(represent([nested] * 9)) <= 200


def test_what_a_value_is() -> None:
    Hostile.calls.clear()
    assert type_name([]) == "list"
    assert type_name(Hostile()).endswith("test_tracing.Hostile")
    assert public_attributes(Hostile()) == ["calls", "cheap", "state"]
    assert {"append()", "sort()"} <= set(public_attributes([]))
    assert not Hostile.calls


def test_block_heads_and_function_names() -> None:
    source = textwrap.dedent("""\
        def f(a):  #
            x = 1  # head
            y = 2
            if (a and
                    x):
                y = 3  # head
                z = 4
            elif a:  # head
                pass  # head
            else:
                pass  # head
            w = 5  # head
            for i in a:  # head
                pass  # head
            while a:  # head
                pass  # head
            try:  # head
                pass  # head
            except E:
                raise (  # head
                    E)
            finally:
                with a:  # head
                    pass  # head
            return lambda: x  # head
        class C:
            @property
            def m(self):
                def inner(): pass  # head
                return 1
        """)
    blocks = read_blocks(source)
    lines = source.splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# head")}
    assert blocks.heads - {1, 28} == marked  # The first statements of the module and the class are heads too.
    assert set(blocks.functions.values()) == {"f", "f.<locals>.<lambda>", "C.m", "C.m.<locals>.inner"}
    assert blocks.functions["m", 27] == "C.m"  # A decorated function begins at its decorator.
    assert blocks.statements[5] == 4  # The second line of the `if` header.
    assert {lines[line - 1].strip().split()[0] for line in blocks.raises} == {"raise", "E)"}
    assert read_blocks("def (") == read_blocks("\0")


def run_trace(tmp_path: Path, source: str, *, limits: TraceLimits | None = None, patched: str = "") -> Trace:
    """Trace `test_it` of `source`, a module of its own, as it is or as `patched`."""
    runner = PlainRunner(tmp_path, {"code.py": source})
    sources = {"code.py": textwrap.dedent(patched)} if patched else None
    return trace_test(runner, "code.py::test_it", sources=sources, limits=limits)


def check_trace(tmp_path: Path, source: str, expected: str) -> None:
    """Compare the rows of a trace, without indentation: `line | what changed`."""
    trace = run_trace(tmp_path, source)
    rows = [f"{row.place.partition(':')[2]} | {row.note}".strip() for row in trace_rows(trace, {})]
    assert rows == textwrap.dedent(expected).strip().splitlines()


def test_loop_with_an_exception(tmp_path: Path) -> None:
    check_trace(
        tmp_path,
        """
        def mean(xs):
            total = 0
            for x in xs:
                total += x
            return total / len(xs)
        def test_it():
            mean([2])
            mean([])
        """,
        """
        7 |
        8 |
        2 | xs = [2]
        3 |
        4 | total = 0
        5 | x = 2
        4 | total = 2
        6 |
        6 | returns 2.0
        2 | xs = []
        3 |
        4 | total = 0
        6 |
        6 | raises ZeroDivisionError: division by zero
        9 | raises ZeroDivisionError: division by zero
        6 | ZeroDivisionError: division by zero with xs = [], total = 0
        """,
    )


def test_generators_keep_their_frame(tmp_path: Path) -> None:
    check_trace(
        tmp_path,
        """
        def count(n):
            for i in range(n):
                yield i
        def test_it():
            a = count(1)
            next(a)
            for _ in a:
                pass
        """,
        """
        5 |
        6 |
        2 | n = 1
        3 |
        4 | i = 0
        4 | yields 0
        8 | a = <generator count>
        3 |
        3 | returns None
        8 | returns None
        """,
    )


def test_methods_show_the_state_of_self(tmp_path: Path) -> None:
    trace = run_trace(
        tmp_path,
        """
        class Cart:
            def __init__(self):
                self.total = 0
            def add(self, price):
                self.total += price
        def test_it():
            Cart().add(3)
            assert False
        """,
    )
    observed = trace.observed["code.py", "Cart.add"]
    assert observed["self.total"].types == ("int",)
    assert observed["self.total"].values == ("0", "3")
    assert observed["self"].attributes == ("add()", "total")
    assert [step.values for step in trace.steps if step.kind == "return"][-1] == {
        "return": "None",
        "self": "Cart(total=3)",
    }
    assert trace.outcome == "failed"
    assert trace.error == "AssertionError"


def test_the_failure_is_the_one_that_escaped(tmp_path: Path) -> None:
    trace = run_trace(
        tmp_path,
        """
        def find(key):
            return {"a": 1}[key]
        def test_it():
            try:
                find("b")
            except KeyError:
                pass
            wanted = "c"
            find(wanted)
        """,
    )
    assert trace.error == "KeyError: 'c'"
    assert [(frame.function, frame.line, frame.values) for frame in trace.failure] == [
        ("test_it", 10, {"wanted": "'c'"}),
        ("find", 3, {"key": "'c'"}),
    ]


def test_runaway_recursion_still_has_its_failure(tmp_path: Path) -> None:
    trace = run_trace(
        tmp_path,
        """
        def deep(n):
            return deep(n + 1)
        def test_it():
            deep(0)
        """,
    )
    assert trace.error.startswith("RecursionError")
    assert [frame.function for frame in trace.failure[:2]] == ["test_it", "deep"]
    assert len(trace.failure) <= 16


ENDLESS = """
    def search(n):
        while n:
            n += 1
    def test_it():
        search(1)
    """


@pytest.mark.parametrize(
    "loop", ["while True: pass", "while True:\n                x = (1 +\n                    2)"]
)
def test_one_statement_without_end_is_stopped(tmp_path: Path, loop: str) -> None:
    trace = run_trace(
        tmp_path,
        f"""
        def search(n):
            {loop}
        def test_it():
            search(1)
        """,
        limits=TraceLimits(wall_s=0.5),
    )
    assert trace.truncated and trace.error.startswith("still running after")
    assert [(frame.function, frame.values.get("n")) for frame in trace.failure] == [
        ("test_it", None),
        ("search", "1"),
    ]


def test_an_endless_loop_is_stopped_and_its_last_rounds_are_read(tmp_path: Path) -> None:
    trace = run_trace(tmp_path, ENDLESS, limits=TraceLimits(max_events=5000))
    assert trace.truncated and trace.skipped
    assert trace.error == "still running after 5000 blocks"
    frame = trace.failing_frame
    assert frame is not None and frame.function == "search" and int(frame.values["n"]) > 2000
    read = [int(step.values["n"]) for step in trace.steps if "n" in step.values]
    assert read[:3] == [1, 2, 3] and read[-1] > 2000
    assert len(trace.steps) < 400


def test_what_is_read_is_bounded(tmp_path: Path) -> None:
    limits = TraceLimits(visits_per_block=10**6, max_steps=50, max_events=3000)
    trace = run_trace(tmp_path, ENDLESS, limits=limits)
    assert trace.truncated
    assert len(trace.steps) <= 50 + 400


def diverge(tmp_path: Path, before: str, after: str) -> Divergence | None:
    """Compare the traces of `test_it` in two versions of one file."""
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    failing = run_trace(tmp_path, before)
    mended = run_trace(tmp_path, before, patched=after)
    return first_divergence(failing, mended, {"code.py": (before, after)})


SUM = """
    def total(xs):
        result = 0
        for x in xs:
            if x > 1:
                result += x
        return result
    def test_it():
        assert total([1, 2]) == 3
    """


def test_the_first_divergence_is_a_value(tmp_path: Path) -> None:
    divergence = diverge(tmp_path, SUM, SUM.replace("result = 0", "# From one on.\n        result = 1"))
    assert divergence is not None and divergence.kind == "value"
    assert divergence.before.line == 4 and divergence.after is not None and divergence.after.line == 5
    assert [(one.name, one.before, one.after) for one in divergence.changes] == [("result", "0", "1")]


def test_the_first_divergence_is_a_path(tmp_path: Path) -> None:
    divergence = diverge(
        tmp_path, SUM.replace("[1, 2]", "[2]"), SUM.replace("[1, 2]", "[2]").replace("> 1", "> 2")
    )
    assert divergence is not None and divergence.kind == "path"
    assert divergence.before.line == 6 and divergence.after is not None and divergence.after.line == 4


def test_equal_runs_do_not_diverge(tmp_path: Path) -> None:
    assert diverge(tmp_path, SUM, SUM.replace("x > 1", "x >= 2")) is None


def test_a_malformed_answer_is_refused() -> None:
    class Liar:
        def request(self, op: str, payload: object, *, wall_s: float) -> dict[str, object]:
            return {"results": [], "functions": [], "steps": [["block", 7, 1, 1, 1, 1, 1, []]], "observed": [],
                    "exits": [], "events": 1, "skipped": 0, "truncated": False}  # fmt: skip

    with pytest.raises(TraceError, match="index out of range"):
        trace_test(Liar(), "test")
