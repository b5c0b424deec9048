from fractions import Fraction
from itertools import permutations

from determinants import determinant, triangle_area, turns_left


def test_permutations_have_alternating_signs():
    assert determinant([[0, 1, 0], [1, 0, 0], [0, 0, 1]]) == -1
    assert determinant([[0, 1, 0], [0, 0, 1], [1, 0, 0]]) == 1
    assert determinant([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) == -1


def test_agrees_with_the_definition():
    matrix = [[0, 2, 1, 3], [0, 0, 5, 1], [4, 1, 0, 2], [1, 7, 2, 0]]
    expected = 0
    for order in permutations(range(4)):
        inversions = sum(order[i] > order[j] for i in range(4) for j in range(i + 1, 4))
        term = (-1) ** inversions
        for row, column in enumerate(order):
            term *= matrix[row][column]
        expected += term
    assert determinant(matrix) == expected


def test_exchange_in_the_second_column():
    assert determinant([[1, 2, 3], [2, 4, 1], [1, 1, 1]]) == -5
    assert determinant([[2, 4, 1], [1, 2, 3], [1, 1, 1]]) == 5


def test_without_exchange():
    assert determinant([[2, 1], [1, 3]]) == 5
    assert determinant([[Fraction(1, 2)]]) == Fraction(1, 2)
    assert determinant([[0]]) == 0
    assert determinant([]) == 1


def test_matrix_is_left_alone():
    matrix = [[0, 1], [1, 0]]
    assert determinant(matrix) == -1
    assert matrix == [[0, 1], [1, 0]]


def test_turn_from_the_origin():
    assert turns_left((0, 0), (1, 0), (1, 1))
    assert not turns_left((0, 0), (0, 1), (1, 1))
    assert not turns_left((0, 0), (1, 1), (2, 2))


def test_area_without_extent():
    assert triangle_area((0, 0), (1, 1), (3, 3)) == 0
