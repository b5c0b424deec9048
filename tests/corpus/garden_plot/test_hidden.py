import pytest
from plot import area, perimeter, signed_area


def test_orientation_flips_the_sign():
    corners = [(2, 1), (5, 2), (6, 5), (1, 4)]
    assert signed_area(corners) == 12
    assert signed_area(corners[::-1]) == -12
    assert area(corners[::-1]) == 12


def test_position_does_not_matter():
    corners = [(0, 0), (3, 0), (3, 2), (0, 2)]
    moved = [(x - 10, y + 7) for x, y in corners]
    assert area(corners) == 6
    assert area(moved) == 6
    assert area(corners[2:] + corners[:2]) == 6


def test_degenerate():
    assert area([(1, 1), (2, 2), (3, 3)]) == 0
    assert area([(1, 1)]) == 0


def test_concave():
    assert area([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]) == 10


def test_perimeter():
    assert perimeter([(0, 0), (3, 4)]) == pytest.approx(10)
    assert perimeter([(0, 0), (3, 0), (0, 4)]) == pytest.approx(12)
