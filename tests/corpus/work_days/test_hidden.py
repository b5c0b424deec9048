from datetime import date

from workdays import Calendar

HOLIDAYS = Calendar([date(2024, 12, 25), date(2024, 12, 26), date(2024, 12, 28)])


def test_kinds_of_days():
    assert HOLIDAYS.is_working_day(date(2024, 12, 24)) is True
    assert HOLIDAYS.is_working_day(date(2024, 12, 25)) is False
    assert HOLIDAYS.is_working_day(date(2024, 12, 28)) is False
    assert HOLIDAYS.is_working_day(date(2024, 12, 29)) is False
    assert HOLIDAYS.is_working_day(date(2024, 12, 30)) is True


def test_between():
    assert HOLIDAYS.working_days_between(date(2024, 12, 23), date(2024, 12, 29)) == 3
    assert Calendar().working_days_between(date(2024, 12, 23), date(2024, 12, 29)) == 5
    assert Calendar().working_days_between(date(2024, 12, 28), date(2024, 12, 28)) == 0
    assert Calendar().working_days_between(date(2024, 12, 30), date(2024, 12, 29)) == 0


def test_add():
    assert HOLIDAYS.add_working_days(date(2024, 12, 24), 1) == date(2024, 12, 27)
    assert HOLIDAYS.add_working_days(date(2024, 12, 24), 2) == date(2024, 12, 30)
    assert Calendar().add_working_days(date(2024, 12, 24), 10) == date(2025, 1, 7)
