import pytest
from tips import show, split, tip


def test_tip():
    assert tip(2000, 15) == 300


def test_split_without_tip():
    assert sum(split(1000, 3, percent=0)) == 1000


def test_somebody_must_pay():
    with pytest.raises(ValueError):
        split(100, 0)


def test_show():
    assert show(1205) == "12.05"
