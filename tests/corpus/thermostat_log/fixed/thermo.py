"""Evaluates a thermostat log with gaps (None) in it."""


def known(readings):
    """The readings without the gaps."""
    return [value for value in readings if value is not None]


def coldest(readings):
    """The lowest reading, or None if there is none at all."""
    return min(known(readings), default=None)


def frost_minutes(readings, step=10):
    """Minutes at or below zero; one reading stands for `step` minutes."""
    return step * sum(1 for value in known(readings) if value <= 0)


def gap_share(readings):
    """Share of missing readings, from 0 to 1."""
    if not readings:
        return 0.0
    return 1 - len(known(readings)) / len(readings)
