"""Prices for renting skis. Dates are inclusive on both ends."""

import datetime

DAILY_RATE = 18
DISCOUNT_FROM = 6  # days
DISCOUNT_PERCENT = 10


def rental_days(first, last):
    """Days the skis are out, counting the first and the last one."""
    if last < first:
        raise ValueError("the last day lies before the first")
    return (last - first).days


def price(first, last, pairs=1):
    days = rental_days(first, last)
    total = days * DAILY_RATE * pairs
    if days >= DISCOUNT_FROM:
        total -= total * DISCOUNT_PERCENT // 100
    return total


def parse_day(text):
    day, month, year = (int(part) for part in text.split("."))
    return datetime.date(year, month, day)
