"""A cancel ends the call that it is meant for, whenever it comes, and no other one."""

import threading
import time

import pytest
from project_fixture import make_project

from tracemend.repair.runner.attempt import Order, attempt
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Limits

QUICK, ASLEEP = "test_it.py::test_quick", "test_it.py::test_asleep"
NEVER_REACHED_S = 60.0
SNIPPET = """
    #- it.py
    def one():
        return 1
    #- test_it.py
    import time
    from it import one
    def test_quick():
        assert one() == 1
    def test_asleep():
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    with Runner.start(make_project(tmp_path_factory.mktemp("it"), SNIPPET)) as runner:
        yield runner


@pytest.fixture
def process(runner):
    """The warm process, which is the same one afterwards."""
    before = runner._workers["collected"]
    yield before
    assert runner._workers["collected"] is before
    assert runner.run([QUICK]).tests[QUICK].green


def test_one_between_two_calls_does_nothing(runner, process):
    runner.cancel()
    runner.cancel()


def test_one_before_the_call_had_begun_is_asked_for(runner, process):
    spectra = runner.spectra([QUICK], is_given_up=lambda: True)
    assert (spectra.result.ended, dict(spectra.result.tests)) == ("cancelled", {})


def test_one_before_the_request_was_sent_ends_it(process):
    cancelled = threading.Event()
    cancelled.set()
    process.send({"op": "kill"})  # There is nothing to kill yet.
    order = Order({"op": "run", "sources": {}}, [ASLEEP], {}, Limits(NEVER_REACHED_S, NEVER_REACHED_S))
    deadline = time.monotonic() + NEVER_REACHED_S
    found = attempt(process, order, deadline=deadline, cancelled=cancelled)
    assert (found.how, found.worker_gone) == ("cancelled", False)


@pytest.mark.parametrize("times", [1, 2])
def test_one_after_the_verdict_changes_neither_it_nor_the_next(runner, process, times):
    def cancel(result):
        for _ in range(times):
            runner.cancel()

    for _ in range(5):
        assert runner.spectra([QUICK], lines=False, on_result=cancel).result.tests[QUICK].green
        assert runner.run([QUICK], sources={"it.py": "def one():\n    return 2\n"}).ended == "finished"


def test_one_between_two_tests_ends_the_rest(runner, process):
    spectra = runner.spectra(
        [QUICK, ASLEEP],
        apart=True,
        limits={ASLEEP: Limits(NEVER_REACHED_S, NEVER_REACHED_S)},
        on_result=lambda result: runner.cancel(),
    )
    assert (spectra.result.ended, list(spectra.result.tests)) == ("cancelled", [QUICK])


def test_one_while_warming_up_ends_the_call(tmp_path):
    def cancel(progress):
        if progress.stage == "starting":
            runner.cancel()

    runner = Runner(make_project(tmp_path, SNIPPET), on_progress=cancel)
    with runner:
        assert runner.run_from_start([QUICK]).ended == "cancelled"
        assert runner.run_from_start([QUICK]).ended == "cancelled"
