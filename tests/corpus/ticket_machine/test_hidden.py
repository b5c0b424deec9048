import pytest
from machine import group_fare, print_ticket


def test_single_travellers():
    assert group_fare([30], 1) == 180
    assert group_fare([13], 1) == 90
    assert group_fare([14], 1) == 180
    assert group_fare([6], 4) == 225
    assert group_fare([5], 20) == 0


def test_more_zones_than_years():
    assert group_fare([7], 15) == (180 + 90 * 14) // 2
    assert group_fare([14, 15], 14) == 2 * (180 + 90 * 13)


def test_groups():
    assert group_fare([20] * 4, 1) == 720
    assert group_fare([20] * 5, 1) == 810
    assert group_fare([1, 1, 1, 1, 20], 1) == 162


def test_tickets():
    assert print_ticket([30, 8], 2) == "2 persons, 2 zones: 4.05"
    assert print_ticket([3], 9) == "1 person, 9 zones: 0.00"


def test_zones_are_checked():
    with pytest.raises(ValueError):
        group_fare([30], 0)
    with pytest.raises(ValueError):
        group_fare([3], 0)
