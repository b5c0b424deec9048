from paying import fewest, ways


def test_nothing_to_pay():
    assert ways(0, [1, 2]) == 1


def test_no_coins():
    assert ways(5, []) == 0


def test_ways():
    assert ways(5, [1, 2, 5]) == 4


def test_impossible():
    assert ways(3, [2, 4]) == 0


def test_fewest():
    assert fewest(11, [1, 5, 6]) == 2
