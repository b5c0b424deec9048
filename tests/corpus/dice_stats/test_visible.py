import pytest
from dice import median, modes, share_of


def test_odd():
    assert median([6, 1, 3]) == 3


def test_even():
    assert median([6, 1, 3, 4]) == 3.5


def test_no_throws():
    with pytest.raises(ValueError):
        median([])


def test_modes():
    assert modes([2, 6, 6, 2, 1]) == [2, 6]


def test_share():
    assert share_of([1, 2, 2, 3], 2) == 0.5
