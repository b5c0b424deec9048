from datetime import date

from workdays import Calendar

PLAIN = Calendar()
MAY_DAY = Calendar([date(2024, 5, 1)])


def test_monday_is_a_working_day():
    assert PLAIN.is_working_day(date(2024, 4, 29))


def test_weekend_is_skipped():
    assert PLAIN.add_working_days(date(2024, 4, 26), 1) == date(2024, 4, 29)


def test_holiday_is_skipped():
    assert MAY_DAY.add_working_days(date(2024, 4, 30), 1) == date(2024, 5, 2)


def test_zero_days():
    assert PLAIN.add_working_days(date(2024, 4, 27), 0) == date(2024, 4, 27)
