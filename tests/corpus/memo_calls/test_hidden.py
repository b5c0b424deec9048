import pytest
from memo import memo, price


@pytest.fixture
def total():
    @memo
    def total(*numbers, start=0, factor=1):
        return factor * sum(numbers, start)

    return total


def test_order_of_keywords_does_not_matter(total):
    assert total(1, start=1, factor=2) == total(1, factor=2, start=1) == 4
    assert total.calls == 1
    total.forget(1, factor=2, start=1)
    assert total(1, start=1, factor=2) == 4
    assert total.calls == 2


def test_name_and_value_of_a_keyword_count(total):
    assert total(1, start=2) == 3
    assert total(1, factor=2) == 2
    assert total(1) == 1
    assert total.calls == 3


def test_positional_calls(total):
    assert [total(), total(0), total(), total(0)] == [0, 0, 0, 0]
    assert total.calls == 2


def test_forget_positional(total):
    total(1)
    total.forget(1)
    total.forget(5)
    total(1)
    assert total.calls == 2


def test_forget_only_this(total):
    total(1)
    total(1, start=0)
    total.forget(1)
    total(1, start=0)
    assert total.calls == 2


def test_price():
    assert price(1000) == 1190
    assert price(1000, tax=7) == 1070
    assert price(1000, discount=50) == 595
    assert price(1000, 0) == 1000
    assert price.__doc__.startswith("Gross")
