"""Held tests: candidates that start at the call get the verdict that they would get from the start of the protocol."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from project_fixture import make_project, project_files

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.settings import Limits, RunnerSettings

STOCK = """
    #- stock.py
    class Shelf:
        def __init__(self):
            self.items = []

        def add(self, item):
            self.items.append(item)

    def price(name):
        return 3

    def make_counter():
        def count():
            return 1
        return count

    #- forgiving/conftest.py
    import pytest

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        outcome = yield
        if call.excinfo is not None and "sorry" in str(call.excinfo.value):
            outcome.get_result().outcome = "passed"

    #- forgiving/test_forgiving.py
    from stock import price

    def test_forgiven():
        assert price("box") == 4

    #- test_stock.py
    import os
    import random
    import signal
    import subprocess
    import sys
    import threading
    import time
    import unittest
    from pathlib import Path

    import pytest
    from stock import Shelf, make_counter, price

    @pytest.fixture
    def shelf():
        shelf = Shelf()
        shelf.add("box")
        yield shelf
        assert "lid" not in shelf.items

    @pytest.fixture
    def draw():
        return random.random()

    @pytest.fixture
    def counter():
        return make_counter()

    @pytest.fixture
    def helper():
        stop = threading.Event()
        threading.Thread(target=stop.wait, daemon=True).start()
        yield stop
        stop.set()

    @pytest.fixture
    def sleeper():
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        yield process
        process.kill()
        process.wait()

    @pytest.fixture
    def book(tmp_path):
        (tmp_path / "book").write_text("1")
        with open(tmp_path / "book") as stream:
            yield stream

    @pytest.fixture
    def alarm():
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 50)

    def test_plain():
        assert price("box") == 4

    def test_depth():
        frame, depth = sys._getframe(), 0
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        assert depth == price("box")

    def test_parent():
        assert (price("box"), os.getppid()) == (0, 0)

    def test_shelf(shelf):
        shelf.add("cup")
        assert shelf.items == ["box", "cup"]

    def test_drawn(draw):
        assert (draw, random.random(), price("box")) == (0, 0, 0)

    def test_counter(counter):
        assert counter() == 2

    def test_thread(helper):
        assert threading.active_count() == price("box")

    def test_process(sleeper):
        assert sleeper.poll() is None
        assert price("box") == 4

    def test_read(book):
        assert book.read() == "1"
        assert price("box") == 4

    def test_timer(alarm):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 1
        assert price("box") == 4

    @pytest.mark.xfail(strict=True)
    def test_expected():
        assert price("box") == 4

    def test_expected_late(request):
        request.applymarker(pytest.mark.xfail)
        assert price("box") == 4

    def test_raises():
        with pytest.raises(KeyError):
            price("box")

    class TestCase(unittest.TestCase):
        def setUp(self):
            self.shelf = Shelf()

        def test_added(self):
            self.shelf.add("cup")
            self.assertEqual(self.shelf.items, ["cup", "lid"])
"""
OLD = project_files(STOCK)["stock.py"]
ADDING = "self.items.append(item)"
FORGIVEN = "forgiving/test_forgiving.py::test_forgiven"
MAKING = "self.items = []"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    project = make_project(tmp_path_factory.mktemp("stock"), STOCK)
    with Runner.start(project, RunnerSettings(default_limits=Limits(2.0, 2.0))) as runner:
        yield runner


def try_patch(runner: Runner, name: str, old: str, new: str) -> TestResult:
    test = name if ".py" in name else f"test_stock.py::{name}"
    assert old in OLD
    return runner.run([test], sources={"stock.py": OLD.replace(old, new)}, fail_fast=True).tests[test]


def hold(runner: Runner, name: str) -> None:
    """Have the runner hold a test, if it can be held: two candidates in a row are enough."""
    for _ in range(2):
        try_patch(runner, name, "return 3", "return  3")


def told(result: TestResult) -> tuple[object, ...]:
    """Everything but times, and what pytest itself had printed before a crash."""
    failure = result.failure and replace(result.failure, message=result.failure.message.split(":\n")[0])
    return result.test, result.outcome, failure


@pytest.mark.parametrize(
    ("name", "old", "new", "outcome"),
    [
        ("test_plain", "return 3", "return 4", "passed"),
        ("test_plain", "return 3", "return 5", "failed"),
        ("test_plain", "return 3", "\n    return 5", "failed"),  # Moves the lines below.
        ("test_plain", "return 3", "raise KeyError(name)", "failed"),
        ("test_plain", "return 3", "exit(3)", "failed"),
        ("test_plain", "return 3", "__import__('os')._exit(0)", "crashed"),
        ("test_plain", "return 3", "__import__('os').abort()", "crashed"),
        ("test_depth", "return 3", "return 4", "failed"),  # Endless recursion ends where it would.
        ("test_shelf", MAKING, "self.items = ['top']", "failed"),  # What the set-up executes is declined.
        ("test_shelf", ADDING, "self.items.insert(0, item)", "failed"),
        ("test_shelf", "return 3", "return 4", "passed"),
        ("test_drawn", "return 3", "return 4", "failed"),
        ("test_counter", "return 1", "return 2", "passed"),  # A function that the set-up has made.
        ("test_counter", "def price(name):", "\ndef price(name):", "failed"),
        ("test_thread", "return 3", "return 2", "passed"),
        ("test_process", "return 3", "return 4", "passed"),
        ("test_read", "return 3", "return 4", "passed"),
        ("test_timer", "return 3", "return 4", "passed"),
        ("test_expected", "return 3", "return 4", "failed"),
        ("test_expected", "return 3", "return 5", "xfailed"),
        ("test_expected_late", "return 3", "return 5", "xfailed"),
        ("test_plain", "return 3", "__import__('pytest').skip('no')", "skipped"),
        ("test_plain", "return 3", "raise __import__('unittest').SkipTest('no')", "skipped"),
        ("test_plain", "return 3", "__import__('pytest').xfail('no')", "xfailed"),
        ("test_plain", "return 3", "__import__('pytest').exit('no')", "error"),
        ("test_raises", "return 3", "return 4", "failed"),
        ("test_raises", "return 3", "raise KeyError", "passed"),
        (FORGIVEN, "return 3", "raise KeyError('sorry')", "passed"),
        (FORGIVEN, "return 3", "raise KeyError(name)", "failed"),
        ("TestCase::test_added", ADDING, "self.items += [item, 'lid']", "passed"),
        ("TestCase::test_added", MAKING, "self.items = ['box']", "failed"),
    ],
)
def test_held_verdicts_are_those_of_an_ordinary_run(
    stock: Runner, name: str, old: str, new: str, outcome: str
) -> None:
    stock.run(["test_stock.py::test_plain"])  # So that the next run is the first of its test.
    ordinary = try_patch(stock, name, old, new)
    hold(stock, name)
    held = [try_patch(stock, name, old, new) for _ in range(2)]
    assert ordinary.outcome == outcome, ordinary.failure
    assert [told(one) for one in held] == [told(ordinary)] * 2


def test_a_repeated_test_is_held(stock: Runner) -> None:
    """The process that candidates come from is the server at first, then the holder."""
    stock.run(["test_stock.py::test_plain"])
    messages = []
    for number in range(4):
        failure = try_patch(stock, "test_parent", "return 3", "return 4" + " " * number).failure
        assert failure is not None
        messages.append(failure.message)
    assert messages[0] != messages[1] == messages[2] == messages[3]


@pytest.mark.parametrize(
    "deed",
    [
        "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
        "import os, time; os.fork() or (os.setsid(), os.fork() or time.sleep(60), os._exit(0))",
        "import os; [os.write(one, b'\\xff' * 9) for one in range(3, 30) if os.path.exists(f'/proc/self/fd/{one}')]",
        "open(__file__, 'w').write('broken (')",
        "import os, shutil; shutil.rmtree(os.path.dirname(__file__), ignore_errors=True)",
        "import stock; stock.price = None",
        "while True: pass",
    ],
)
def test_a_candidate_cannot_harm_the_next_ones(stock: Runner, deed: str) -> None:
    hold(stock, "test_plain")
    test = "test_stock.py::test_plain"
    text = OLD.replace("return 3", f"pass\n    {deed}\n    return 3")
    result = stock.run([test], sources={"stock.py": text}, limits={test: Limits(2.0, 0.3)}, fail_fast=True)
    assert result.tests[test].outcome in ("failed", "crashed", "timeout")
    assert try_patch(stock, "test_plain", "return 3", "return 4").outcome == "passed"
    assert stock.run(["test_stock.py::test_shelf"]).green


def test_what_the_set_up_saw_of_the_clock_does_not_age(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        """
        #- clock.py
        def asked(): return 0
        #- test_clock.py
        import time
        import pytest
        from clock import asked
        @pytest.fixture
        def began(): return time.monotonic()
        def test_asked(began):
            assert asked() and asked() - began < 2
        """,
    )
    with Runner.start(project) as runner:
        test = "test_clock.py::test_asked"
        for pause_s in (0, 0, 2.1):
            time.sleep(pause_s)
            sources = {"clock.py": f"def asked(): return {time.monotonic()}\n"}
            assert runner.run([test], sources=sources, fail_fast=True).green


def cancel_until(runner: Runner, ended: threading.Event) -> None:
    """Cancel what the runner does, and again, for a cancel that comes before the run ends nothing."""
    while not ended.wait(0.1):
        runner.cancel()


def test_cancelling_leaves_the_runner_usable(stock: Runner) -> None:
    hold(stock, "test_plain")
    text = OLD.replace("return 3", "__import__('time').sleep(30)")
    ended = threading.Event()
    thread = threading.Thread(target=cancel_until, args=(stock, ended))
    thread.start()
    result = stock.run(["test_stock.py::test_plain"], sources={"stock.py": text}, fail_fast=True)
    ended.set()
    thread.join()
    assert result.ended == "cancelled"
    assert try_patch(stock, "test_plain", "return 3", "return 4").outcome == "passed"
