from plot import area, perimeter, signed_area

SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]


def test_perimeter_of_square():
    assert perimeter(SQUARE) == 16


def test_area_of_square():
    assert area(SQUARE) == 16


def test_area_of_triangle():
    assert area([(0, 0), (6, 0), (0, 5)]) == 15


def test_no_corners():
    assert area([]) == 0


def test_orientation():
    assert signed_area([(1, 1), (3, 1), (3, 2)]) == 1
