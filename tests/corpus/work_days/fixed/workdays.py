"""Delivery dates in working days."""

import datetime

ONE_DAY = datetime.timedelta(days=1)


class Calendar:
    def __init__(self, holidays=()):
        self.holidays = frozenset(holidays)

    def is_working_day(self, day):
        """Monday to Friday, unless it is a holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def add_working_days(self, start, count):
        """The day that lies `count` working days after the start."""
        day = start
        while count > 0:
            day += ONE_DAY
            if self.is_working_day(day):
                count -= 1
        return day

    def working_days_between(self, first, last):
        """Number of working days from first to last, both included."""
        span = (last - first).days + 1
        return sum(1 for offset in range(span) if self.is_working_day(first + offset * ONE_DAY))
