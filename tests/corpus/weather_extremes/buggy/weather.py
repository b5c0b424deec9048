"""Keeps track of the extremes of a weather station."""


class Extremes:
    """The lowest and the highest reading so far; both are None before the first one."""

    def __init__(self):
        self.lowest = 0
        self.count = 0
        self.highest = 0

    def add(self, reading):
        self.count += 1
        if self.lowest is None or reading < self.lowest:
            self.lowest = reading
        if self.highest is None or reading > self.highest:
            self.highest = reading

    def spread(self):
        """Difference of the extremes; 0 without readings."""
        if self.count == 0:
            return 0
        return self.highest - self.lowest


def summary(readings):
    """'-3..8 (11)' or 'no readings'."""
    extremes = Extremes()
    for reading in readings:
        extremes.add(reading)
    if extremes.count == 0:
        return "no readings"
    return f"{extremes.lowest}..{extremes.highest} ({extremes.spread()})"
