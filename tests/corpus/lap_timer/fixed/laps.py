"""Compares lap times with a target pace (all in seconds)."""


def deviations(laps, target):
    """How far each lap is from the target, faster or slower."""
    return [abs(lap - target) for lap in laps]


def most_even(runners, target):
    """The runner whose laps deviate least from the target in sum.

    `runners` maps names to lists of laps.
    """
    return min(runners, key=lambda name: sum(deviations(runners[name], target)))


def within(laps, target, tolerance):
    """Number of laps that are at most `tolerance` away from the target."""
    return sum(1 for deviation in deviations(laps, target) if deviation <= tolerance)
