import pytest

from histogram import Histogram, bars, histogram


def test_counts():
    assert histogram([0, 1, 2, 3, 4], bins=2).counts == (2, 3)


def test_equal_values():
    assert histogram([5, 5, 5], bins=3).counts == (3, 0, 0)


def test_edges():
    assert Histogram(0, 2.5, (1, 0)).edges() == [0, 2.5, 5.0]


def test_fullest():
    assert Histogram(10, 5, (1, 4, 4)).fullest() == (15, 20)


def test_bars():
    assert bars(Histogram(0, 0.5, (2, 0, 1))) == ["    0.00 ##", "    0.50", "    1.00 #"]


def test_no_values():
    with pytest.raises(ValueError):
        histogram([])
