from datetime import date

from rent import add_months, due_dates, months_between


def test_february():
    assert add_months(date(2023, 1, 31), 1) == date(2023, 2, 28)
    assert add_months(date(2023, 1, 29), 1) == date(2023, 2, 28)
    assert add_months(date(2024, 1, 29), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 2, 29), 48) == date(2028, 2, 29)


def test_backwards():
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 31), -2) == date(2023, 11, 30)
    assert add_months(date(2024, 1, 5), 0) == date(2024, 1, 5)


def test_day_is_kept_otherwise():
    assert add_months(date(2024, 2, 29), 1) == date(2024, 3, 29)
    assert add_months(date(2024, 4, 30), 1) == date(2024, 5, 30)
    assert add_months(date(2024, 12, 31), 12) == date(2025, 12, 31)


def test_dates_of_a_year():
    days = [day.day for day in due_dates(date(2023, 1, 31), 12)]
    assert days == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_months_between():
    assert months_between(date(2024, 1, 31), date(2024, 2, 29)) == 1
    assert months_between(date(2024, 1, 31), date(2024, 2, 28)) == 0
    assert months_between(date(2024, 1, 31), date(2025, 1, 30)) == 11
