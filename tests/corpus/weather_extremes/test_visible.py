from weather import Extremes, summary


def test_mixed():
    assert summary([4, -3, 8]) == "-3..8 (11)"


def test_frost():
    assert summary([-4, -9]) == "-9..-4 (5)"


def test_summer():
    assert summary([21, 34, 27]) == "21..34 (13)"


def test_no_readings():
    assert summary([]) == "no readings"
    assert Extremes().spread() == 0
