from histogram import bars, histogram


def test_every_value_is_counted():
    for bins in (1, 2, 3, 7):
        assert sum(histogram(list(range(-5, 15)), bins).counts) == 20


def test_one_bin():
    assert histogram([3, 9, 4], bins=1).counts == (3,)


def test_bounds():
    result = histogram([0, 5, 10, 15, 20], bins=4)
    assert result.counts == (1, 1, 1, 2)
    assert result.edges() == [0, 5, 10, 15, 20]


def test_largest_value_twice():
    assert histogram([0, 10, 10, 9.9], bins=5).counts == (1, 0, 0, 0, 3)
    assert histogram([0, 7.9, 8, 10], bins=5).counts == (1, 0, 0, 1, 2)


def test_negative_values():
    result = histogram([-4, -3, -1, 0], bins=2)
    assert result.counts == (2, 2)
    assert (result.low, result.width) == (-4, 2)


def test_single_value():
    result = histogram([2.5])
    assert result.counts == (1,) + (0,) * 9
    assert result.width == 1


def test_fullest_is_the_last_bin():
    assert histogram([0, 9, 10, 10], bins=2).fullest() == (5, 10)


def test_bars_of_values():
    assert bars(histogram([0, 1, 2], bins=2), "*") == ["    0.00 *", "    1.00 **"]
