import pytest
from retrying import GaveUp, delays, retry


def test_cause_is_the_last_error():
    errors = [OSError("one"), ConnectionError("two"), TimeoutError("three")]

    def fail():
        raise remaining.pop(0)

    remaining = list(errors)
    with pytest.raises(GaveUp) as caught:
        retry(fail)
    assert caught.value.__cause__ is errors[-1]
    assert remaining == []


def test_single_attempt():
    def fail():
        raise OSError("no")

    slept = []
    with pytest.raises(GaveUp):
        retry(fail, attempts=1, sleep=slept.append)
    assert slept == []
    assert retry(lambda: 5, attempts=1) == 5


def test_number_of_calls_and_pauses():
    calls, slept = [], []

    def fail():
        calls.append(1)
        raise OSError("no")

    with pytest.raises(GaveUp):
        retry(fail, attempts=4, sleep=slept.append)
    assert len(calls) == 4
    assert slept == [1, 2, 4]


def test_none_is_a_fine_result():
    assert retry(lambda: None) is None


def test_delays():
    assert delays(1) == []
    assert delays(3, first=0.5, factor=3) == [0.5, 1.5]
