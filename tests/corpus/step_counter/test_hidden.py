from changes import jumps, smooth


def test_up_and_down():
    assert jumps([0, 10, 0], 5) == [1, 2]
    assert jumps([0, -10], 5) == [1]


def test_threshold_is_exclusive():
    assert jumps([0, 5], 5) == []
    assert jumps([0, 6], 5) == [1]


def test_first_count_is_no_jump():
    assert jumps([100], 5) == []
    assert jumps([100, 100], 5) == []


def test_slow_rise():
    assert jumps([0, 4, 8, 12], 5) == []
    assert jumps([0, 4, 8, 30], 5) == [3]


def test_zero_is_a_count():
    assert jumps([0, 0, 9], 5) == [2]
    assert jumps([9, 0], 0) == [1]


def test_smooth():
    assert smooth([], 1) == []
    assert smooth([0, 9, 9, 1], 5) == [0, 0, 0, 1]
