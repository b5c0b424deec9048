import pytest

from bookshop.cart import Cart
from bookshop.pricing import Coupon


@pytest.fixture
def cart():
    cart = Cart()
    cart.add("Emma", 900, 3)
    cart.add("Ulysses", 1500)
    return cart


def test_add_again(cart):
    cart.add("Ulysses", 1500, 2)
    assert cart.lines["Ulysses"] == (1500, 3)


def test_remove(cart):
    cart.remove("Emma")
    assert cart.lines["Emma"] == (900, 2)
    cart.remove("Emma", 2)
    assert "Emma" not in cart.lines


def test_remove_several(cart):
    cart.add("Emma", 900, 4)
    cart.remove("Emma", 5)
    assert cart.lines["Emma"] == (900, 2)


def test_total_with_coupon(cart):
    assert cart.total(Coupon("TEN", 10)) == 3780


def test_total(cart):
    assert cart.total() == 4200
