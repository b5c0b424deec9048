import pytest
from money import Money


def test_equal():
    assert Money(500) == Money(500, "EUR")
    assert Money(500) != Money(500, "USD")


def test_not_equal_to_a_number():
    assert Money(500) != 500


def test_order():
    assert Money(300) < Money(500) <= Money(500)


def test_currencies_have_no_order():
    with pytest.raises(TypeError):
        Money(1, "EUR") < Money(1, "USD")


def test_repr():
    assert repr(Money(1250)) == "12.50 EUR"
