import pytest
from cinema import Hall


def test_index():
    assert Hall(3, 10).index("A1") == 0
    assert Hall(3, 10).index("B3") == 12


def test_name():
    assert Hall(3, 10).name(0) == "A1"
    assert Hall(3, 10).name(12) == "B3"


def test_take():
    hall = Hall(1, 3)
    assert hall.take("A2")
    assert not hall.take("A2")


def test_free_seats():
    hall = Hall(1, 3)
    hall.take("A2")
    assert hall.free_seats() == ["A1", "A3"]


def test_no_such_seat():
    with pytest.raises(ValueError):
        Hall(1, 3).take("A4")
    with pytest.raises(ValueError):
        Hall(1, 3).take("B1")
