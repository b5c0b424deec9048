"""Smooths sensor readings."""


def moving_average(readings, width):
    """Averages of all runs of `width` neighbouring readings, oldest first.

    There is no average for fewer readings than the width.
    """
    if width < 1:
        raise ValueError("width must be positive")
    averages = []
    for start in range(len(readings) - width):
        window = readings[start : start + width]
        averages.append(sum(window) / width)
    return averages


def direction(readings, width=3):
    """'rising', 'falling' or 'steady', comparing the first and the last average."""
    averages = moving_average(readings, width)
    if not averages or averages[0] == averages[-1]:
        return "steady"
    return "rising" if averages[-1] > averages[0] else "falling"
