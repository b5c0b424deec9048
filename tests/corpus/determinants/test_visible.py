from fractions import Fraction

import pytest

from determinants import determinant, triangle_area, turns_left


def test_identity():
    assert determinant([[1, 0], [0, 1]]) == 1


def test_two_rows():
    assert determinant([[1, 2], [3, 4]]) == -2


def test_dependent_rows():
    assert determinant([[1, 2, 3], [2, 4, 6], [0, 1, 5]]) == 0


def test_zero_in_the_corner():
    assert determinant([[0, 2], [3, 4]]) == -6


def test_area():
    assert triangle_area((0, 0), (4, 0), (0, 3)) == 6
    assert triangle_area((0, 3), (4, 0), (0, 0)) == 6


def test_turns():
    assert turns_left((1, 1), (2, 1), (2, 2))
    assert not turns_left((1, 1), (1, 2), (2, 2))


def test_not_square():
    with pytest.raises(ValueError):
        determinant([[1, 2, Fraction(1, 2)]])
