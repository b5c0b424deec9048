from changes import jumps, smooth


def test_no_counts():
    assert jumps([], 5) == []


def test_jump():
    assert jumps([10, 12, 40, 41], 5) == [2]


def test_steady():
    assert jumps([10, 11, 12], 5) == []


def test_smooth():
    assert smooth([10, 12, 40, 13], 5) == [10, 12, 12, 13]
