import pytest

from grids import apply, identity, multiply, power, shape, walks


def test_wide_right_matrix():
    assert multiply([[2], [3]], [[1, 2, 3, 4]]) == [[2, 4, 6, 8], [3, 6, 9, 12]]


def test_row_times_column():
    assert multiply([[1, 2, 3]], [[4], [5], [6]]) == [[32]]
    assert multiply([[4], [5]], [[1, 2]]) == [[4, 8], [5, 10]]


def test_shapes_of_products():
    for rows, inner, columns in ((1, 2, 3), (3, 1, 2), (2, 3, 1), (4, 4, 2), (1, 1, 5)):
        product = multiply([[1] * inner] * rows, [[1] * columns] * inner)
        assert shape(product) == (rows, columns)
        assert product == [[inner] * columns] * rows


def test_identity_on_both_sides():
    matrix = [[1, 2, 3], [4, 5, 6]]
    assert multiply(identity(2), matrix) == matrix
    assert multiply(matrix, identity(3)) == matrix


def test_rows_are_separate():
    product = multiply([[1, 0], [0, 1]], [[1, 2, 3], [4, 5, 6]])
    product[0][0] = 9
    assert product == [[9, 2, 3], [4, 5, 6]]


def test_power():
    assert power([[1, 1], [1, 0]], 10) == [[89, 55], [55, 34]]
    assert power([[2]], 0) == [[1]]


def test_apply_to_longer_and_shorter_vectors():
    assert apply([[1, 2], [3, 4], [5, 6]], [1, -1]) == [-1, -1, -1]
    assert apply([[1, 0, 2]], [3, 4, 5]) == [13]


def test_walks_in_a_triangle():
    triangle = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert [walks(triangle, 0, 0, steps) for steps in range(5)] == [1, 0, 2, 2, 6]


def test_wrong_shapes():
    with pytest.raises(ValueError):
        multiply([[1, 2, 3]], [[1, 2, 3]])
