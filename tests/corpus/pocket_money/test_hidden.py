from paying import fewest, ways


def test_single_coin():
    assert ways(6, [2]) == 1
    assert ways(6, [1]) == 1
    assert ways(6, [4]) == 0
    assert ways(6, [6]) == 1


def test_order_of_coins_does_not_matter():
    assert ways(10, [1, 2, 5]) == 10
    assert ways(10, [5, 1, 2]) == 10
    assert ways(10, (2, 5, 1)) == 10


def test_larger_amounts():
    assert ways(20, [1, 5, 10]) == 9
    assert ways(50, [10, 20, 50]) == 4
    assert ways(7, [2, 3]) == 1
    assert ways(12, [2, 3]) == 3


def test_all_coins_too_large():
    assert ways(3, [5, 10]) == 0
    assert ways(-1, [1]) == 0


def test_fewest():
    assert fewest(0, [1]) == 0
    assert fewest(3, [2]) is None
