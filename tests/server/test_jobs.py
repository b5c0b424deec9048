"""Jobs are cancelled, superseded and bounded; lanes keep the order."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from tracemend.server.jobs import Job, Jobs, Lane
from tracemend.server.problems import Cancelled

TIMEOUT_S = 120.0


class Ends:
    """Collects how jobs end, by name."""

    def __init__(self) -> None:
        self._ended: queue.SimpleQueue[tuple[str, Any, BaseException | None]] = queue.SimpleQueue()

    def of(self, name: str) -> Any:
        """Return a `done` callback for the job of that name."""
        return lambda result, error: self._ended.put((name, result, error))

    def next(self) -> tuple[str, Any, BaseException | None]:
        """Wait for the next end."""
        return self._ended.get(timeout=TIMEOUT_S)


@pytest.fixture
def ends() -> Ends:
    """Where this test's jobs tell how they ended."""
    return Ends()


def until_cancelled(job: Job) -> None:
    """Work that ends when it is asked to."""
    assert job.wait(TIMEOUT_S)
    job.raise_if_cancelled()


def test_result_and_error_reach_whoever_waits(ends: Ends) -> None:
    jobs = Jobs()
    jobs.start(Job("good"), lambda: 3, ends.of("good"))
    assert ends.next() == ("good", 3, None)
    jobs.start(Job("bad"), lambda: int("x"), ends.of("bad"))
    assert isinstance(ends.next()[2], ValueError)


def test_a_newer_job_supersedes_one_with_its_key(ends: Ends) -> None:
    jobs, old, new, other = Jobs(), Job("old"), Job("new"), Job("other")
    jobs.start(other, lambda: until_cancelled(other), ends.of("other"), key="b")
    jobs.start(old, lambda: until_cancelled(old), ends.of("old"), key="a")
    jobs.start(new, lambda: "done", ends.of("new"), key="a")
    ended = {name: error for name, _, error in (ends.next(), ends.next())}
    assert isinstance(ended["old"], Cancelled) and ended["new"] is None
    assert not other.cancelled()
    other.cancel()


def test_at_most_so_many_at_a_time_and_what_waits_can_be_cancelled(ends: Ends) -> None:
    jobs, begun = Jobs(max_workers=2), threading.Semaphore(0)
    all_jobs = [Job(str(number)) for number in range(5)]
    for job in all_jobs:
        jobs.start(job, lambda job=job: (begun.release(), until_cancelled(job)), ends.of(job.name))  # type: ignore[misc]
    assert begun.acquire(timeout=TIMEOUT_S) and begun.acquire(timeout=TIMEOUT_S)
    all_jobs[4].cancel()
    jobs.cancel_all()
    assert all(isinstance(ends.next()[2], Cancelled) for _ in all_jobs)
    assert not begun.acquire(blocking=False), "a job began that was cancelled before its turn"


def test_a_failing_callback_does_not_cost_a_worker(ends: Ends) -> None:
    jobs = Jobs(max_workers=1)
    jobs.start(Job("unheard"), lambda: 1, lambda result, error: int("x"))
    jobs.start(Job("next"), lambda: 2, ends.of("next"))
    assert ends.next()[1] == 2


def test_cancel_calls_back_once_even_when_too_late() -> None:
    job, called = Job("x"), []
    job.on_cancel(lambda: called.append("early"))
    job.cancel()
    job.cancel()
    job.on_cancel(lambda: called.append("late"))
    assert called == ["early", "late"]


def test_a_cancelled_job_reports_nothing() -> None:
    told: list[str] = []
    job = Job("x", lambda message, fraction: told.append(message))
    job.report("one")
    job.cancel()
    job.report("two")
    assert told == ["one"]


def test_a_lane_keeps_the_order_and_survives_a_failure() -> None:
    lane, done = Lane("test"), []
    lane.call(lambda: done.append(1))
    lane.call(lambda: int("x"))
    for number in range(2, 100):
        lane.call(lambda number=number: done.append(number))  # type: ignore[misc]
    lane.close()
    assert lane.join(TIMEOUT_S)
    assert done == list(range(1, 100))
