"""Smooths the levels of a river and warns when they rise."""


def moving_averages(levels, window):
    """The averages of each `window` neighbouring levels.

    The total is carried along instead of being added up afresh each time, because the windows are long.
    """
    if window < 1:
        raise ValueError("a window holds at least one level")
    averages = []
    total = 0
    for index, level in enumerate(levels):
        total += level
        if index >= window:
            total -= levels[index - window + 1]
        if index >= window - 1:
            averages.append(total / window)
    return averages


def trend(averages, tolerance=1):
    """Whether the last average is above, below or within `tolerance` of the first one."""
    if len(averages) < 2:
        return "steady"
    change = averages[-1] - averages[0]
    if abs(change) <= tolerance:
        return "steady"
    return "rising" if change > 0 else "falling"


def warnings(levels, window, limit):
    """The positions of the measurements at which the moving average rises above the limit."""
    averages = moving_averages(levels, window)
    positions = []
    above = False
    for offset, average in enumerate(averages):
        if average > limit and not above:
            positions.append(offset + window - 1)
        above = average > limit
    return positions
