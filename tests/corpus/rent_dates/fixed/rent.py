"""Dates on which a rent is due: once a month on the same day."""

import calendar
from datetime import date


def add_months(day, months):
    """The same day some months later, or the last day of that month if it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last))


def due_dates(first, count):
    """The first `count` dates, all counted from the first one."""
    return [add_months(first, number) for number in range(count)]


def months_between(first, last):
    """Whole months from one date to a later one."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if add_months(first, months) > last:
        months -= 1
    return months
