import pytest

from grids import apply, identity, multiply, shape, transpose, walks


def test_shape():
    assert shape([[1, 2, 3], [4, 5, 6]]) == (2, 3)


def test_transpose():
    assert transpose([[1, 2, 3], [4, 5, 6]]) == [[1, 4], [2, 5], [3, 6]]


def test_square_matrices():
    assert multiply([[1, 2], [3, 4]], [[0, 1], [1, 0]]) == [[2, 1], [4, 3]]


def test_narrow_right_matrix():
    assert multiply([[1, 2, 3], [4, 5, 6]], [[1], [0], [2]]) == [[7], [16]]


def test_apply():
    assert apply([[1, 1, 1]], [2, 3, 4]) == [9]
    assert apply(identity(2), [5, 6]) == [5, 6]


def test_walks():
    assert walks([[0, 1], [1, 0]], 0, 1, 3) == 1
    assert walks([[0, 1], [1, 0]], 0, 1, 2) == 0


def test_shapes_must_fit():
    with pytest.raises(ValueError):
        multiply([[1, 2]], [[1, 2]])
