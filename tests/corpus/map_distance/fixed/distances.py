"""Distances between places on a map grid and on the globe."""

import math

EARTH_RADIUS_KM = 6371


def grid_distance(a, b):
    """Blocks to walk between two crossings."""
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def straight_distance(a, b):
    return math.hypot(a[0] - b[0], a[1] - b[1])


def globe_distance(a, b):
    """Kilometres between two (latitude, longitude) pairs in degrees."""
    lat_a, lon_a, lat_b, lon_b = (math.radians(value) for value in (*a, *b))
    chord = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def nearest(place, others):
    """The place of `others` that is closest as the crow flies, None if there are none."""
    return min(others, key=lambda other: straight_distance(place, other), default=None)
