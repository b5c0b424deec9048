import pytest
from trend import direction, moving_average


def test_average_of_pairs():
    assert moving_average([2, 4, 6, 8], 2) == [3, 5, 7]


def test_too_few_readings():
    assert moving_average([1, 2], 3) == []


def test_width_must_be_positive():
    with pytest.raises(ValueError):
        moving_average([1], 0)


def test_rising():
    assert direction([1, 2, 3, 4, 5]) == "rising"


def test_late_drop_is_noticed():
    assert direction([5, 5, 5, 2]) == "falling"
