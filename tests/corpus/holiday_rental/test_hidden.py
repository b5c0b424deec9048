from datetime import date

import pytest
from rental import price, rental_days


def test_days():
    assert rental_days(date(2024, 2, 1), date(2024, 2, 10)) == 10
    assert rental_days(date(2024, 2, 28), date(2024, 3, 1)) == 3
    assert rental_days(date(2023, 2, 28), date(2023, 3, 1)) == 2
    assert rental_days(date(2023, 12, 31), date(2024, 1, 1)) == 2


def test_discount_begins_with_the_sixth_day():
    assert price(date(2024, 2, 1), date(2024, 2, 5)) == 90
    assert price(date(2024, 2, 1), date(2024, 2, 6)) == 98
    assert price(date(2024, 2, 1), date(2024, 2, 7)) == 114


def test_pairs():
    assert price(date(2024, 2, 1), date(2024, 2, 1), pairs=3) == 54
    assert price(date(2024, 2, 1), date(2024, 2, 1)) == 18


def test_order():
    with pytest.raises(ValueError):
        rental_days(date(2024, 2, 2), date(2024, 2, 1))
