import pytest
from orders import Order


def order(**quantities):
    order = Order()
    for code, quantity in quantities.items():
        order.add(code, quantity)
    return order


def test_total():
    assert order(cup=2, jug=1).total() == 3000


def test_profit():
    assert order(cup=2, jug=1).profit() == 1600


def test_empty_order():
    assert Order().total() == 0


def test_unknown_product():
    with pytest.raises(KeyError):
        order(fork=1)


def test_quantities_add_up():
    assert order(cup=2).lines == {"cup": 2}
