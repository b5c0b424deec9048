import pytest
from trend import direction, moving_average


def test_width_equals_length():
    assert moving_average([1, 2, 3], 3) == [2]
    assert moving_average([7], 1) == [7]


def test_width_one_returns_the_readings():
    assert moving_average([3, 1, 2], 1) == [3, 1, 2]


def test_number_of_averages():
    for width in range(1, 7):
        assert len(moving_average([0] * 6, width)) == 6 - width + 1
    assert moving_average([0] * 6, 7) == []


def test_empty():
    assert moving_average([], 1) == []
    assert direction([]) == "steady"


def test_direction_of_short_series():
    assert direction([1, 2, 3]) == "steady"
    assert direction([1, 1, 1, 4]) == "rising"
    assert direction([4, 1], width=1) == "falling"


def test_negative_width():
    with pytest.raises(ValueError):
        moving_average([1, 2], -1)
