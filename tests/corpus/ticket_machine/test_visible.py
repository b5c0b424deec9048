import pytest
from fares import fare
from machine import group_fare, print_ticket


def test_fares():
    assert [fare(1, 30), fare(3, 30), fare(3, 10), fare(3, 5)] == [180, 360, 180, 0]


def test_family():
    assert group_fare([40, 38, 12, 4], 2) == 270 + 270 + 135


def test_nobody():
    assert group_fare([], 2) == 0


def test_no_zone():
    with pytest.raises(ValueError):
        fare(0, 30)


def test_ticket():
    assert print_ticket([30], 3) == "1 person, 3 zones: 3.60"
