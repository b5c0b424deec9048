"""Summaries of height profiles in metres above sea level."""


def highest(profile):
    """(position, height) of the highest point, the first one if there are several."""
    if not profile:
        raise ValueError("empty profile")
    best_position = 0
    best_height = 0
    for position, height in enumerate(profile):
        if height > best_height:
            best_position, best_height = position, height
    return best_position, best_height


def climb(profile):
    """Sum of all ascents."""
    return sum(max(0, after - before) for before, after in zip(profile, profile[1:]))


def above_sea(profile):
    return [height for height in profile if height > 0]
