"""Turns points (0..100) into grades and messages."""


def grade(points):
    """'A' from 90 points, 'B' from 75, 'C' from 50, 'F' below."""
    if not 0 <= points <= 100:
        raise ValueError(f"{points} points are not possible")
    if points > 90:
        return "A"
    if points >= 75:
        return "B"
    if points > 50:
        return "C"
    return "F"


def missing_points(points):
    """Points to the next better grade; 0 for the best one."""
    for bound in (50, 75, 90):
        if points < bound:
            return bound - points
    return 0


def report(results):
    """{grade: names} in alphabetical order of both."""
    bands = {}
    for name, points in sorted(results.items()):
        bands.setdefault(grade(points), []).append(name)
    return dict(sorted(bands.items()))
