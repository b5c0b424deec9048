from distances import globe_distance, grid_distance, nearest, straight_distance


def test_grid():
    assert grid_distance((1, 2), (4, 0)) == 5


def test_straight():
    assert straight_distance((0, 0), (3, 4)) == 5


def test_quarter_of_the_equator():
    assert round(globe_distance((0, 0), (0, 90))) == 10008


def test_nobody_is_near():
    assert nearest((0, 0), []) is None
