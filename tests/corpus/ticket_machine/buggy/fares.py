"""Fares of the local trains."""

CHILD_AGE = 14
FREE_AGE = 6


def fare(zones, age):
    """Cents for a single trip: 180 for the first zone, 90 for each further one.

    Children under 14 pay half, those under 6 nothing.
    """
    if zones < 1:
        raise ValueError("a trip has at least one zone")
    if age < FREE_AGE:
        return 0
    full = 180 + 90 * (zones - 1)
    return full // 2 if age < CHILD_AGE else full
