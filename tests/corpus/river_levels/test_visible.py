import pytest

from levels import moving_averages, trend, warnings


def test_whole_series_is_one_window():
    assert moving_averages([1, 2, 6], 3) == [3]


def test_constant_level():
    assert moving_averages([4, 4, 4, 4], 2) == [4, 4, 4]


def test_rising_level():
    assert moving_averages([0, 2, 4, 6], 2) == [1, 3, 5]


def test_trend():
    assert trend([10, 12, 15]) == "rising"
    assert trend([10, 12, 10.5]) == "steady"
    assert trend([10, 3]) == "falling"


def test_warnings():
    assert warnings([1, 1, 1, 7, 1, 1, 1], 2, 3) == [3]


def test_window_of_nothing():
    with pytest.raises(ValueError):
        moving_averages([1], 0)
