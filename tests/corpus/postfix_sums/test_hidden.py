import pytest

from postfix import PostfixError, calculate, table


def test_single_value():
    assert calculate("4.5") == 4.5


def test_quotient():
    assert calculate("6 3 /") == 2
    assert calculate("3 6 /") == 0.5
    assert calculate("8 4 / 2 /") == 1
    assert calculate("8 4 2 / /") == 4


def test_power():
    assert calculate("2 10 ^") == 1024
    assert calculate("10 2 ^") == 100


def test_nested_differences():
    assert calculate("10 5 - 3 -") == 2
    assert calculate("10 5 3 - -") == 8
    assert calculate("-1 -2 -") == 1


def test_mixed():
    assert calculate("1 2 3 * + 4 -") == 3
    assert calculate("5 1 2 + 4 * + 3 -") == 14


def test_variables():
    assert calculate("a b -", a=1, b=5) == -4
    assert table("1 x /", "x", [1, 2, 4]) == [1, 0.5, 0.25]


def test_division_by_zero():
    with pytest.raises(ZeroDivisionError):
        calculate("1 0 /")
    assert calculate("0 1 /") == 0


def test_mistakes():
    for text in ("", "+", "y", "1 2 3 +", "1 - 2"):
        with pytest.raises(PostfixError):
            calculate(text)
