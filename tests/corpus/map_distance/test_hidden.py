import pytest
from distances import globe_distance, grid_distance, nearest, straight_distance


def test_globe():
    assert globe_distance((0, 0), (0, 0)) == 0
    assert globe_distance((90, 0), (-90, 0)) == pytest.approx(20015.1, abs=0.1)
    assert globe_distance((52.52, 13.405), (48.137, 11.575)) == pytest.approx(504, abs=1)


def test_globe_is_symmetric():
    a, b = (10, 20), (-30, 40)
    assert globe_distance(a, b) == pytest.approx(globe_distance(b, a))


def test_straight():
    assert straight_distance((1, 1), (1, 1)) == 0
    assert straight_distance((-3, 0), (0, -4)) == 5
    assert straight_distance((0, 0), (1, 1)) == pytest.approx(1.41421, abs=1e-4)


def test_nearest():
    assert nearest((0, 0), [(5, 5), (1, 6), (3, 3)]) == (3, 3)
    assert nearest((0, 0), [(9, 9)]) == (9, 9)


def test_grid():
    assert grid_distance((0, 0), (0, 0)) == 0
