from terrain import climb, highest


def test_first_point_is_the_highest():
    assert highest([-1, -2, -3]) == (0, -1)
    assert highest([5, 4]) == (0, 5)


def test_single_point():
    assert highest([-7]) == (0, -7)
    assert highest([0]) == (0, 0)
    assert highest([7]) == (0, 7)


def test_first_of_equal_points():
    assert highest([-5, -2, -2]) == (1, -2)
    assert highest([3, 3]) == (0, 3)


def test_mixed():
    assert highest([-5, 0, -1]) == (1, 0)
    assert highest([-5000, -4000, -3999.5]) == (2, -3999.5)


def test_climb():
    assert climb([-3, -1]) == 2
    assert climb([]) == 0
