import pytest
from vending import Vending


def machine(**coins):
    return Vending({"tea": 130, "nuts": 100}, {int(name[1:]): count for name, count in coins.items()})


def test_exact_price():
    vending = machine()
    vending.insert(100)
    assert vending.sell("nuts") == []


def test_change_is_given():
    vending = machine(c50=1, c20=2)
    vending.insert(200)
    assert vending.sell("tea") == [50, 20]


def test_too_little_credit():
    vending = machine()
    vending.insert(50)
    assert vending.sell("nuts") is None


def test_unknown_coin():
    with pytest.raises(ValueError):
        machine().insert(5)
