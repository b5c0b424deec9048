from streak import longest_streak, medal


def test_single_days():
    assert longest_streak([5]) == 1
    assert longest_streak([5, 7, 9]) == 1


def test_doubled_days():
    assert longest_streak([1, 1, 2, 2]) == 2
    assert longest_streak([0, 0]) == 1


def test_first_or_last_streak_is_the_longest():
    assert longest_streak([1, 2, 3, 10, 11]) == 3
    assert longest_streak([1, 2, 10, 11, 12, 13]) == 4


def test_negative_days():
    assert longest_streak([-1, 0, 1]) == 3


def test_medals():
    assert medal([1, 2, 3]) == "bronze"
    assert medal([1, 2]) is None
    assert medal(range(6)) == "bronze"
    assert medal(range(29)) == "silver"
    assert medal(range(30)) == "gold"
