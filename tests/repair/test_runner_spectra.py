"""Spectra: the lines and functions that each test executes, also of tests that hang."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_fixture import make_project

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Limits, RunnerSettings

QUICK = RunnerSettings(default_limits=Limits(2.0, 2.0))

SHAPES = """
    #- shapes.py
    import functools

    def outer(x):
        def inner(y):
            return y + 1
        return inner(x)

    def one_line(x): return x

    def generate(n):
        for i in range(n):
            yield i

    def unused():
        return 1

    class Box:
        @functools.lru_cache()
        def held(self):
            if self is None:
                return 0
            return [x for x in (1, 2)]

    def deep(n):
        return deep(n + 1)
    #- late/__init__.py
    #- late/module.py
    def answer():
        double = lambda x: (
            x * 2)
        return double(21)
    #- test_shapes.py
    import threading
    import pytest
    from shapes import Box, deep, generate, one_line, outer

    def test_nested(): outer(1)
    def test_one_line(): one_line(1)
    def test_generator(): list(generate(2))
    def test_decorated(): Box().held()
    def test_late():
        from late.module import answer
        assert answer() == 42
    def test_thread():
        thread = threading.Thread(target=outer, args=(1,))
        thread.start()
        thread.join()
    def test_deep():
        with pytest.raises(RecursionError):
            deep(0)
    def test_again(): outer(1)
"""


@pytest.mark.parametrize("alone", [True, False])
def test_spectra_of_all_shapes_of_code(tmp_path: Path, alone: bool) -> None:
    expected = {
        "test_nested": ("shapes.py", {4, 5, 6}, {3, 4}),
        "test_one_line": ("shapes.py", {8}, {8}),
        "test_generator": ("shapes.py", {11, 12}, {10}),
        "test_decorated": ("shapes.py", {20, 22}, {18}),
        "test_late": ("late/module.py", {2, 3, 4}, {1, 2}),
        "test_thread": ("shapes.py", {4, 5, 6}, {3, 4}),
        "test_deep": ("shapes.py", {25}, {24}),
        "test_again": ("shapes.py", {4, 5, 6}, {3, 4}),
    }
    with Runner.start(make_project(tmp_path, SHAPES), QUICK) as runner:
        tests = [f"test_shapes.py::{name}" for name in expected]
        groups = [[test] for test in tests] if alone else [tests]
        for group in groups:
            whole, cheap = runner.spectra(group), runner.spectra(group, lines=False)
            for test in group:
                path, lines, functions = expected[test.partition("::")[2]]
                assert (test, whole.lines[test][path] - {10}) == (test, lines)
                for spectra in (whole, cheap):
                    found = {line for one, line in spectra.functions[test] if one == path}
                    assert (test, found) >= (test, functions)


HANG = """
    #- loops.py
    def forever():
        n = 1
        while n:
            n = n // 1
        return n

    def count():
        n = 0
        return sum(range(10 ** 15)) + n

    def wait():
        import time
        time.sleep(100)
    #- test_hang.py
    from loops import count, forever, wait

    def test_loop():
        forever()

    def test_swallows():
        while True:
            try:
                forever()
            except:
                pass

    def test_waits():
        wait()

    def test_in_c():
        count()
"""


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner.start(make_project(tmp_path_factory.mktemp("hang"), HANG), QUICK) as runner:
        yield runner


@pytest.mark.parametrize("op", ["run", "spectra"])
@pytest.mark.parametrize(
    ("name", "frames", "lines"),
    [
        ("test_loop", ["test_hang.py:test_loop", "loops.py:forever"], {2, 3, 4}),
        ("test_swallows", ["test_hang.py:test_swallows", "loops.py:forever"], {2, 3, 4}),
        ("test_waits", ["test_hang.py:test_waits", "loops.py:wait"], {12, 13}),
        ("test_in_c", ["test_hang.py:test_in_c", "loops.py:count"], {9}),
    ],
)
def test_a_hanging_test_tells_where(
    hanging: Runner, op: str, name: str, frames: list[str], lines: set[int]
) -> None:
    test = f"test_hang.py::{name}"
    limits = {test: Limits(0.5 if name == "test_waits" else 5.0, 0.3)}
    spectra = None
    if op == "spectra":
        spectra = hanging.spectra([test], limits=limits)
        result = spectra.result
    else:
        result = hanging.run([test], limits=limits)
    failure = result.tests[test].failure
    assert failure is not None
    assert (result.tests[test].outcome, failure.exception) == ("timeout", "TimeLimit")
    assert [f"{one.path}:{one.function}" for one in failure.frames if one.in_project] == frames
    if spectra is not None:
        assert spectra.lines[test]["loops.py"] == lines
        assert ("loops.py", {"test_in_c": 7, "test_waits": 11}.get(name, 1)) in spectra.functions[test]
