import pytest

from dispatcher import Dispatcher
from jobs import Job


def nothing():
    """An action that always succeeds."""


def fail():
    raise RuntimeError("broken")


def order(*jobs):
    """The names of jobs, given as (name, priority), in the order in which they are taken."""
    dispatcher = Dispatcher()
    for name, priority in jobs:
        dispatcher.add(Job(name, nothing, priority))
    return "".join(dispatcher.next_job().name for _ in jobs)


def test_orders():
    assert order(("a", 1)) == "a"
    assert order(("a", 3), ("b", 2), ("c", 1)) == "cba"
    assert order(("a", 2), ("b", 1), ("c", 2), ("d", 1)) == "bdac"
    assert order(*[(letter, 5) for letter in "hgfedcba"]) == "hgfedcba"
    assert order(("z", 0), ("y", -1), ("x", 0), ("w", -1)) == "ywzx"


def test_same_job_twice():
    dispatcher = Dispatcher()
    job = Job("a", nothing)
    dispatcher.add(job)
    dispatcher.add(job)
    assert dispatcher.next_job() is job
    assert len(dispatcher) == 1
    assert dispatcher.next_job() is job
    assert dispatcher.next_job() is None


def test_second_try_queues_up_behind():
    dispatcher = Dispatcher()
    dispatcher.add(Job("bad", fail))
    dispatcher.add(Job("good", nothing))
    dispatcher.run()
    assert dispatcher.log == ["bad failed: broken", "good done", "bad failed: broken"]
    assert dispatcher.added == 3


def test_other_errors_are_not_hidden():
    dispatcher = Dispatcher()
    dispatcher.add(Job("odd", lambda: {}["x"]))
    with pytest.raises(KeyError):
        dispatcher.run()


def test_added_later():
    dispatcher = Dispatcher()
    dispatcher.add(Job("a", nothing, 5))
    dispatcher.add(Job("b", nothing, 5))
    assert dispatcher.next_job().name == "a"
    dispatcher.add(Job("c", nothing, 5))
    dispatcher.add(Job("d", nothing, 4))
    assert [dispatcher.next_job().name for _ in range(3)] == ["d", "b", "c"]
    assert dispatcher.added == 4


def test_jobs_stay_comparable_by_value():
    assert Job("a", nothing) == Job("a", nothing)
    assert Job("a", nothing) != Job("b", nothing)
