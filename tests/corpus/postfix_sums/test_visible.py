import pytest

from postfix import PostfixError, calculate, table


def test_sum_and_product():
    assert calculate("1 2 + 4 *") == 12


def test_difference():
    assert calculate("7 2 -") == 5


def test_variable():
    assert calculate("x x *", x=3) == 9


def test_table():
    assert table("x 1 +", "x", [1, 2]) == [2, 3]


def test_too_few_values():
    with pytest.raises(PostfixError):
        calculate("1 +")


def test_too_many_values():
    with pytest.raises(PostfixError):
        calculate("1 2")
