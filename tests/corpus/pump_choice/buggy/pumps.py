"""Chooses the smallest pump that empties a cellar in time."""


def hours_needed(chambers, litres_per_hour):
    """A pump works on one chamber at a time and starts each one on the full hour."""
    return sum(-(-litres // litres_per_hour) for litres in chambers)


def smallest_pump(chambers, hours):
    """The lowest capacity (litres per hour) that finishes within the hours.

    None if not even one chamber an hour is fast enough.
    """
    if not chambers:
        return 0
    if hours < len(chambers):
        return None
    low, high = 1, max(chambers)
    while low < high:
        middle = (low + high) // 2
        if hours_needed(chambers, middle) <= hours:
            high = middle
        else:
            low = middle
    return low
