"""Expands the fields of a cron table into the numbers that they stand for.

    *         every value
    7         one value
    10-20     all values from 10 to 20
    */15      every 15th value
    10-20/5   every 5th value from 10 to 20
    5/20      every 20th value from 5 to the end of the range
    1,2,9-11  all of these
"""


class FieldError(ValueError):
    """A field that cannot be understood."""


def expand(field, low, high):
    """The numbers of a field in ascending order; `low` and `high` bound the range, both included."""
    values = set()
    for part in field.split(","):
        values.update(expand_part(part, low, high))
    return sorted(values)


def expand_part(part, low, high):
    span, slash, step_text = part.partition("/")
    step = read_number(step_text) if slash else 1
    if step == 0:
        raise FieldError(f"{part}: a step of nothing")
    if span == "*":
        start, end = low, high
    elif "-" in span:
        first, _, last = span.partition("-")
        start, end = read_number(first), read_number(last)
    elif slash:
        start, end = read_number(span), high
    else:
        start = end = read_number(span)
    if not low <= start <= end <= high:
        raise FieldError(f"{part}: not within {low}-{high}")
    return range(start, end + 1, step)


def read_number(text):
    if not text.isdigit():
        raise FieldError(f"{text!r} is not a number")
    return int(text)


def daily_times(minutes, hours):
    """All times of a day as (hour, minute), given a field for the minutes and one for the hours."""
    return [(hour, minute) for hour in expand(hours, 0, 23) for minute in expand(minutes, 0, 59)]
