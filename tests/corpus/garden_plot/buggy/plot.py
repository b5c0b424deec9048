"""Measures garden plots given by the coordinates of their corners."""

import math


def perimeter(corners):
    """Length of the fence around the plot, closing the last side."""
    total = 0.0
    for index, (x, y) in enumerate(corners):
        next_x, next_y = corners[(index + 1) % len(corners)]
        total += math.hypot(next_x - x, next_y - y)
    return total


def signed_area(corners):
    """Positive when the corners run counter-clockwise."""
    twice = 0
    for index, (x, y) in enumerate(corners):
        next_x, next_y = corners[(index + 1) % len(corners)]
        twice += x * next_y + next_x * y
    return twice / 2


def area(corners):
    return abs(signed_area(corners))
