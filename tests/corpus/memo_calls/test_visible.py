import pytest
from memo import memo, price


@pytest.fixture
def total():
    @memo
    def total(*numbers, start=0, factor=1):
        return factor * sum(numbers, start)

    return total


def test_result(total):
    assert total(1, 2) == 3


def test_called_once(total):
    total(1, 2)
    total(1, 2)
    assert total.calls == 1


def test_keywords_are_noticed(total):
    assert total(1, start=10) == 11
    assert total(1, start=20) == 21


def test_forget_with_keywords(total):
    total(1, start=10)
    total(1, start=20)
    total.forget(1, start=10)
    total(1, start=10)
    total(1, start=20)
    assert total.calls == 3


def test_name():
    assert price.__name__ == "price"
