from tips import split, tip


def test_rounding():
    assert tip(105, 10) == 11
    assert tip(104, 10) == 10
    assert tip(1, 10) == 0
    assert tip(5, 10) == 1
    assert tip(149, 1) == 1
    assert tip(150, 1) == 2


def test_no_tip():
    assert tip(1234, 0) == 0
    assert tip(0, 20) == 0


def test_whole_bill():
    assert tip(1234, 100) == 1234
    assert tip(1000, 1) == 10


def test_split():
    assert split(1000, 4) == [275, 275, 275, 275]
    assert split(1000, 3, percent=0) == [334, 333, 333]
    assert split(100, 3) == [37, 37, 36]
    assert split(0, 2) == [0, 0]
