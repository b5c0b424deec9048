"""Courses of a ship in whole degrees: 0 is north, 90 is east, always 0..359."""

POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]


def point_of(course):
    """The nearest of the eight points of the compass."""
    return POINTS[(course * 2 + 45) // 90 % 8]


def turn_between(course, target):
    """Degrees to turn, negative to port, in -179..180."""
    difference = (target - course) % 360
    return difference - 360 if difference > 180 else difference


class Ship:
    def __init__(self, course=0):
        self.course = course

    def turn(self, degrees):
        """Turn to starboard (positive) or to port (negative); returns the new course."""
        self.course = (self.course + degrees) % 360
        return self.course

    def turn_to(self, target):
        """Turn the short way round; returns the degrees turned."""
        degrees = turn_between(self.course, target)
        self.turn(degrees)
        return degrees
