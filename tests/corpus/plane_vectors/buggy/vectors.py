"""Vectors in the plane."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Vector:
    x: float
    y: float

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.x)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.x)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def turned_left(self):
        return Vector(-self.y, self.x)


def path_end(start, steps):
    """Where a walk ends."""
    for step in steps:
        start = start + step
    return start


def parallel(one, other):
    return one.dot(other.turned_left()) == 0
