"""Reminds of watering plants. Days are whole numbers."""


class Diary:
    def __init__(self, intervals):
        """`intervals` maps each plant to the days between two waterings."""
        self.intervals = dict(intervals)
        self.watered = {}

    def water(self, plant, day):
        if plant not in self.intervals:
            raise KeyError(plant)
        self.watered[plant] = max(day, self.watered.get(plant, day))

    def needs_water(self, plant, day):
        """Whether the interval is over; a plant that was never watered always needs water."""
        last = self.watered.get(plant)
        return day - last >= self.intervals[plant]

    def to_do(self, day):
        """All plants that need water, in alphabetical order."""
        return sorted(plant for plant in self.intervals if self.needs_water(plant, day))
