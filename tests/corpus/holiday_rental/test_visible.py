import pytest
from rental import parse_day, price, rental_days


def test_parse():
    assert parse_day("3.2.2024").isoformat() == "2024-02-03"


def test_single_day():
    day = parse_day("3.2.2024")
    assert rental_days(day, day) == 1


def test_weekend_price():
    assert price(parse_day("3.2.2024"), parse_day("4.2.2024"), pairs=2) == 72


def test_wrong_order():
    with pytest.raises(ValueError):
        price(parse_day("4.2.2024"), parse_day("3.2.2024"))
