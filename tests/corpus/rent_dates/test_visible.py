from datetime import date

from rent import add_months, due_dates, months_between


def test_next_month():
    assert add_months(date(2024, 3, 15), 1) == date(2024, 4, 15)


def test_next_year():
    assert add_months(date(2024, 11, 1), 3) == date(2025, 2, 1)


def test_end_of_month():
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


def test_due_dates():
    assert due_dates(date(2024, 8, 31), 3) == [date(2024, 8, 31), date(2024, 9, 30), date(2024, 10, 31)]


def test_months_between():
    assert months_between(date(2024, 1, 15), date(2024, 3, 14)) == 1
