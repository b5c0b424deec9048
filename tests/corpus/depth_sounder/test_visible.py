import pytest
from terrain import above_sea, climb, highest


def test_highest():
    assert highest([120, 340, 90]) == (1, 340)


def test_below_the_sea():
    assert highest([-30, -12, -25]) == (1, -12)


def test_climb():
    assert climb([1, 4, 2, 3]) == 4


def test_above_sea():
    assert above_sea([-3, 0, 2]) == [2]


def test_empty_profile():
    with pytest.raises(ValueError):
        highest([])
