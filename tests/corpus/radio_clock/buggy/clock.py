"""Splits and formats durations and times of day, all given in seconds."""

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 8640


def split(seconds):
    """(days, hours, minutes, seconds) of a duration."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    return days, hours, minutes, rest


def format_duration(seconds):
    """'1d 02:03:04', without the days if there are none."""
    days, hours, minutes, rest = split(seconds)
    clock = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{days}d {clock}" if days else clock


def time_after(start, seconds):
    """Time of day (in seconds since midnight) that many seconds later."""
    return (start + seconds) % DAY
