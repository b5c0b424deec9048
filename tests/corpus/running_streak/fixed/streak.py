"""Training streaks from a list of day numbers on which somebody trained."""


def longest_streak(days):
    """Length of the longest run of consecutive days; the days come in any order."""
    best = 0
    length = 0
    previous = None
    for day in sorted(set(days)):
        if previous is not None and day == previous + 1:
            length += 1
        else:
            length = 1
        best = max(best, length)
        previous = day
    return best


def medal(days):
    """The medal for the longest streak."""
    streak = longest_streak(days)
    if streak >= 30:
        return "gold"
    if streak >= 7:
        return "silver"
    return "bronze" if streak >= 3 else None
