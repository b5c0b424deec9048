import pytest
from retrying import GaveUp, delays, retry


class Flaky:
    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError("line is busy")
        return "ok"


def test_delays():
    assert delays(4) == [1, 2, 4]


def test_success_after_failures():
    flaky = Flaky(2)
    assert retry(flaky) == "ok"
    assert flaky.calls == 3


def test_giving_up():
    with pytest.raises(GaveUp):
        retry(Flaky(5))


def test_other_errors_are_not_retried():
    with pytest.raises(ZeroDivisionError):
        retry(lambda: 1 / 0)


def test_pauses():
    slept = []
    retry(Flaky(2), sleep=slept.append)
    assert slept == [1, 2]
