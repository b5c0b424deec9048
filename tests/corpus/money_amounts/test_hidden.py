import pytest
from money import Money


class Anything:
    def __eq__(self, other):
        return True


def test_other_types():
    assert (Money(0) == 0) is False
    assert (Money(5) == "0.05 EUR") is False
    assert (Money(5) == None) is False  # noqa: E711
    assert Money(5) not in [1, "x", None]
    assert (Money(5) == (5, "EUR")) is False


def test_the_other_side_may_decide():
    assert Money(5) == Anything()
    assert Anything() == Money(5)


def test_sum():
    assert sum([Money(1), Money(2), Money(3)]) == Money(6)
    assert Money(1) + Money(2) == Money(3)
    with pytest.raises(ValueError):
        Money(1) + Money(1, "USD")


def test_sets():
    assert len({Money(1), Money(1), Money(1, "USD"), 1}) == 3


def test_order():
    assert sorted([Money(3), Money(1)]) == [Money(1), Money(3)]
    assert Money(2) > Money(1)
    with pytest.raises(TypeError):
        Money(1) < 1
