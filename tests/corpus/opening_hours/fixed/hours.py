"""Combines the opening hours of several departments (in minutes since midnight)."""


def merge(intervals):
    """Disjoint intervals, ascending, that cover the same minutes.

    Intervals that overlap or touch become one.
    """
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def is_open(intervals, minute):
    return any(start <= minute < end for start, end in merge(intervals))


def open_minutes(intervals):
    return sum(end - start for start, end in merge(intervals))


def show(intervals):
    """'08:00-12:30, 14:00-18:00'."""

    def clock(minute):
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return ", ".join(f"{clock(start)}-{clock(end)}" for start, end in merge(intervals))
