from datetime import date, timedelta

from birthdays import Member, coming_birthdays, of_age


def test_later_month_and_earlier_day():
    member = Member("M", date(2000, 6, 15))
    assert member.age_on(date(2020, 7, 1)) == 20
    assert member.age_on(date(2020, 7, 14)) == 20
    assert member.age_on(date(2020, 12, 1)) == 20


def test_earlier_month_and_later_day():
    member = Member("M", date(2000, 6, 15))
    assert member.age_on(date(2020, 5, 31)) == 19
    assert member.age_on(date(2020, 1, 15)) == 19
    assert member.age_on(date(2020, 5, 15)) == 19


def test_same_month():
    member = Member("M", date(2000, 6, 15))
    assert member.age_on(date(2020, 6, 14)) == 19
    assert member.age_on(date(2020, 6, 15)) == 20
    assert member.age_on(date(2020, 6, 16)) == 20


def test_age_goes_up_once_a_year():
    member = Member("M", date(2000, 12, 31))
    days = [date(2021, 1, 1) + timedelta(days=offset) for offset in range(365)]
    assert [member.age_on(day) for day in days] == [20] * 364 + [21]


def test_day_of_birth():
    assert Member("M", date(2000, 6, 15)).age_on(date(2000, 6, 15)) == 0
    assert Member("M", date(2000, 6, 15)).age_on(date(2000, 12, 1)) == 0


def test_leap_day():
    member = Member("L", date(2004, 2, 29))
    assert member.age_on(date(2023, 2, 28)) == 18
    assert member.age_on(date(2023, 3, 1)) == 19
    assert member.next_birthday(date(2023, 1, 1)) == date(2023, 3, 1)
    assert member.next_birthday(date(2024, 1, 1)) == date(2024, 2, 29)


def test_of_age_on_the_day():
    births = [date(2008, 3, 30), date(2008, 11, 20), date(2008, 11, 21)]
    members = [Member(name, born) for name, born in zip("ABC", births)]
    assert of_age(members, date(2026, 11, 20)) == ["A", "B"]
    assert of_age(members, date(2026, 11, 20), age=19) == []


def test_window_of_days():
    member = Member("A", date(2000, 1, 10))
    assert coming_birthdays([member], date(2025, 12, 31), days=10) == ["A turns 26 on 10.01."]
    assert coming_birthdays([member], date(2025, 12, 30), days=10) == []
