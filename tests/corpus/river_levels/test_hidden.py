from levels import moving_averages, trend, warnings


def test_too_few_levels():
    assert moving_averages([], 2) == []
    assert moving_averages([5], 2) == []


def test_window_of_one():
    assert moving_averages([3, 1, 2], 1) == [3, 1, 2]


def test_agrees_with_adding_up():
    levels = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
    for window in range(1, 12):
        expected = [sum(levels[i : i + window]) / window for i in range(len(levels) - window + 1)]
        assert moving_averages(levels, window) == expected


def test_first_value_leaves():
    assert moving_averages([9, 0, 0, 0], 3) == [3, 0]
    assert moving_averages([0, 9, 0, 0, 0], 3) == [3, 3, 0]


def test_negative_levels():
    assert moving_averages([-2, 2, -4], 2) == [0, -1]


def test_two_warnings():
    levels = [0, 0, 8, 8, 0, 0, 8, 8]
    assert warnings(levels, 2, 5) == [3, 7]
    assert warnings(levels, 2, 3) == [2, 6]
    assert warnings(levels, 2, 8) == []


def test_trend_of_averages():
    assert trend(moving_averages([1, 2, 3, 4, 5, 6], 2)) == "rising"
    assert trend(moving_averages([6, 0, 0, 6], 2)) == "steady"
    assert trend([]) == trend([1]) == "steady"
