from streak import longest_streak, medal


def test_no_training():
    assert longest_streak([]) == 0


def test_streak():
    assert longest_streak([4, 5, 6, 9]) == 3


def test_any_order():
    assert longest_streak([12, 3, 11, 2, 13]) == 3


def test_no_medal():
    assert medal([1, 3, 5, 7]) is None


def test_silver():
    assert medal(range(7)) == "silver"
