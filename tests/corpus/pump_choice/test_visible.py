from pumps import hours_needed, smallest_pump


def test_hours():
    assert hours_needed([10, 25], 10) == 4


def test_as_fast_as_possible():
    assert smallest_pump([30, 11, 23, 4, 20], 5) == 30


def test_plenty_of_time():
    assert smallest_pump([3, 6, 7, 11], 8) == 4


def test_not_enough_time():
    assert smallest_pump([1, 1, 1], 2) is None


def test_dry_cellar():
    assert smallest_pump([], 3) == 0
