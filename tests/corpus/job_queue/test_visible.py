from dispatcher import Dispatcher
from jobs import Job


def nothing():
    """An action that always succeeds."""


def fail():
    raise RuntimeError("no paper")


def test_most_urgent_first():
    dispatcher = Dispatcher()
    dispatcher.add(Job("clean", nothing, priority=9))
    dispatcher.add(Job("alarm", nothing, priority=1))
    dispatcher.run()
    assert dispatcher.log == ["alarm done", "clean done"]


def test_equal_priorities():
    dispatcher = Dispatcher()
    for name in ("b", "a", "c"):
        dispatcher.add(Job(name, nothing))
    dispatcher.run()
    assert dispatcher.log == ["b done", "a done", "c done"]


def test_failed_job_is_tried_again():
    dispatcher = Dispatcher()
    dispatcher.add(Job("print", fail))
    dispatcher.run()
    assert dispatcher.log == ["print failed: no paper"] * 2
    assert dispatcher.added == 2


def test_empty():
    assert Dispatcher().next_job() is None
    assert len(Dispatcher()) == 0
