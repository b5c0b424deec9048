from weather import Extremes, summary


def test_single_reading():
    assert summary([7]) == "7..7 (0)"
    assert summary([-7]) == "-7..-7 (0)"
    assert summary([0]) == "0..0 (0)"


def test_far_values():
    assert summary([10**12, 10**12 + 1]) == f"{10**12}..{10**12 + 1} (1)"
    assert summary([-(10**12)]) == f"{-(10**12)}..{-(10**12)} (0)"


def test_zero_among_others():
    assert summary([0, 5]) == "0..5 (5)"
    assert summary([-5, 0]) == "-5..0 (5)"
    assert summary([3, 0, 3]) == "0..3 (3)"


def test_before_the_first_reading():
    extremes = Extremes()
    assert extremes.lowest is None
    assert extremes.highest is None
    assert extremes.count == 0


def test_count():
    extremes = Extremes()
    for reading in (5, 5, 5):
        extremes.add(reading)
    assert (extremes.lowest, extremes.highest, extremes.count) == (5, 5, 3)
