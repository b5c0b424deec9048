import pytest
from catalog import Catalog, Product
from orders import SHOP, Order


def test_each_product():
    for code, price in [("cup", 600), ("plate", 750), ("jug", 1800)]:
        order = Order()
        order.add(code)
        assert order.total() == price
        assert order.profit() == price - SHOP[code].cost


def test_adding_twice():
    order = Order()
    order.add("cup")
    order.add("cup", 3)
    order.add("plate")
    assert order.lines == {"cup": 4, "plate": 1}
    assert order.total() == 3150


def test_other_catalog():
    order = Order(Catalog([Product("gift", 700, 0), Product("sale", 500, 400)]))
    order.add("gift")
    assert order.total() == 0
    order.add("sale", 2)
    assert order.total() == 800
    assert order.profit() == -900
    with pytest.raises(KeyError):
        order.add("cup")
