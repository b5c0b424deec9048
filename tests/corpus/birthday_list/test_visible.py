from datetime import date

from birthdays import Member, coming_birthdays, of_age

ADA = Member("Ada", date(1990, 5, 20))
BO = Member("Bo", date(2008, 11, 3))


def test_age_before_and_after_the_birthday():
    assert ADA.age_on(date(2026, 5, 19)) == 35
    assert ADA.age_on(date(2026, 5, 20)) == 36


def test_age_late_in_the_year():
    assert ADA.age_on(date(2026, 12, 1)) == 36


def test_age_early_in_the_year():
    assert ADA.age_on(date(2026, 1, 31)) == 35


def test_next_birthday():
    assert ADA.next_birthday(date(2026, 5, 20)) == date(2026, 5, 20)
    assert ADA.next_birthday(date(2026, 5, 21)) == date(2027, 5, 20)


def test_coming_birthdays():
    assert coming_birthdays([ADA, BO], date(2026, 10, 20)) == ["Bo turns 18 on 03.11."]


def test_of_age():
    assert of_age([ADA, BO], date(2026, 11, 2)) == ["Ada"]
