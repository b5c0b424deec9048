import pytest

from bookshop.pricing import Coupon, apply_coupon, line_total, volume_discount


@pytest.mark.parametrize(
    "quantity, percent", [(1, 0), (9, 0), (10, 5), (49, 5), (50, 10), (51, 10), (500, 10)]
)
def test_volume_discount(quantity, percent):
    assert volume_discount(quantity) == percent


def test_line_total():
    assert line_total(1000, 1) == 1000
    assert line_total(1000, 10) == 9500


def test_coupon():
    spring = Coupon("SPRING", 10, minimum=2000)
    assert apply_coupon(1999, spring) == 1999
    assert apply_coupon(2000, spring) == 1800


def test_no_coupon():
    assert apply_coupon(2500, None) == 2500
    assert apply_coupon(0, None) == 0
