import pytest
from cinema import Hall


def test_there_and_back():
    hall = Hall(4, 6)
    names = [hall.name(index) for index in range(24)]
    assert [hall.index(name) for name in names] == list(range(24))
    assert names[0] == "A1"
    assert names[5] == "A6"
    assert names[6] == "B1"
    assert names[23] == "D6"


def test_last_seats():
    hall = Hall(2, 2)
    assert hall.index("A2") == 1
    assert hall.index("B2") == 3
    assert hall.take("B2")
    assert hall.free_seats() == ["A1", "A2", "B1"]


def test_whole_hall():
    hall = Hall(2, 2)
    assert all(hall.take(seat) for seat in ("B1", "A2", "A1", "B2"))
    assert hall.free_seats() == []
    assert not any(hall.take(seat) for seat in ("A1", "A2", "B1", "B2"))


def test_wide_hall():
    assert Hall(1, 12).index("A12") == 11
    assert Hall(1, 12).name(9) == "A10"


def test_no_such_seats():
    for seat in ("A0", "A3", "C1"):
        with pytest.raises(ValueError):
            Hall(2, 2).index(seat)
