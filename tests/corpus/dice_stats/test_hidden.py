import pytest
from dice import median, modes, share_of


def test_small():
    assert median([4]) == 4
    assert median([4, 6]) == 5
    assert median((1, 2)) == 1.5


def test_larger():
    assert median([1, 2, 3, 4, 5]) == 3
    assert median([5, 4, 3, 2, 1, 6]) == 3.5
    assert median([1, 1, 1, 6]) == 1
    assert median([6] * 7) == 6


def test_throws_stay_in_order():
    throws = [3, 1, 2]
    median(throws)
    assert throws == [3, 1, 2]


def test_others():
    assert modes([]) == []
    assert modes([1, 2]) == [1, 2]
    assert share_of([], 1) == 0
    with pytest.raises(ValueError):
        median(())
