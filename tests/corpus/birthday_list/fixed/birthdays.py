"""Ages and birthdays of the members of a club."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Member:
    name: str
    born: date

    def age_on(self, day: date) -> int:
        """Completed years of life."""
        years = day.year - self.born.year
        if (day.month, day.day) < (self.born.month, self.born.day):
            years -= 1
        return years

    def next_birthday(self, today: date) -> date:
        """The birthday that comes next, possibly today; a leap day is celebrated on the first of March."""
        this_year = birthday_in(self.born, today.year)
        return this_year if this_year >= today else birthday_in(self.born, today.year + 1)


def birthday_in(born: date, year: int) -> date:
    """The birthday in a year."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def coming_birthdays(members: list[Member], today: date, days: int = 30) -> list[str]:
    """Who has a birthday during the next days and how old they become, the nearest first."""
    coming = []
    for member in members:
        birthday = member.next_birthday(today)
        if (birthday - today).days <= days:
            coming.append((birthday, member.name, birthday.year - member.born.year))
    return [f"{name} turns {age} on {birthday:%d.%m.}" for birthday, name, age in sorted(coming)]


def of_age(members: list[Member], today: date, age: int = 18) -> list[str]:
    """The names of those who are at least so old."""
    return [member.name for member in members if member.age_on(today) >= age]
